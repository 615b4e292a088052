"""The sample data's other sites: a made-up city's catalogue and one that gathers, collected by a run like any other.

While the sample data are made nothing of the platform listens yet, so that the files are served here for as long as the
runs take; afterwards the same files stand at `/demo/site`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.conf import settings

from tdpf.controlplane.catalog import queries as catalog_queries
from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.types import LinkFact
from tdpf.controlplane.community import queries as community_queries
from tdpf.controlplane.community import services as community
from tdpf.controlplane.federation import queries as federation_queries
from tdpf.controlplane.federation import services as federation
from tdpf.controlplane.federation.types import SiteFacts
from tdpf.controlplane.members.types import Standing
from tdpf.faces.portal.views.sample_site import sample_bytes
from tdpf.kit.clock import now
from tdpf.kit.text import Text

_SITES = (
    SiteFacts(
        name_ja="こもれび市（架空）オープンデータ", name_en="Komorebi City (made up) open data", slug="komorebi",
        kind="data_json", url="data.json", pause_seconds=0.0, allow_private=True,
    ),
    SiteFacts(
        name_ja="みどり圏（架空）データカタログ", name_en="Midori region (made up) catalogue", slug="midori",
        kind="data_json", url="gathered.json", standing="gathered", pause_seconds=0.0, allow_private=True,
    ),
)  # fmt: skip
_LOOKS = {
    "waste-calendar.csv": ("broken", 404, Text("ファイルがありません", "the file is not there")),
    "spots.csv": ("moved", 301, Text("移転しています", "it has moved")),
}
_WELL = ("ok", 200, Text("", ""))


def collect_sample_sites(operator: Standing) -> None:
    """Collect the made-up sites as a run does, look at their links, and leave them paused; done once."""
    known = {line.site.slug for line in federation_queries.list_sites()}
    with _served() as base:
        for facts in _SITES:
            if facts.slug in known:
                continue
            site = federation.add_site(actor=operator, facts=replace(facts, url=f"{base}/{facts.url}"))
            federation.perform_run(run_uid=federation.begin_run(site=site).uid)
            lasting = replace(facts, url=f"{_lasting()}/{facts.url}", allow_private=False, pause_seconds=1.0)
            federation.edit_site(actor=operator, site_uid=site.uid, facts=lasting)
            federation.set_site_state(actor=operator, site_uid=site.uid, state="paused")
    _look_at_links()


def say_sample_words(member: Standing, provider: Standing) -> None:
    """Let the sample people ask, answer and wish, so that the pages show how it looks; done once."""
    asked = "夜間の街灯の場所"
    if any(view.title == asked for view in community_queries.data_requests_by(member).items):
        return
    toilets = catalog_queries.dataset_page("sample-public-toilet", member)
    question = community.submit_feedback(
        actor=member, dataset_uid=toilets.uid, kind="question", text="オストメイト対応の設備はいつ確かめたものですか。"
    )
    community.answer_feedback(
        actor=provider,
        feedback_uid=question,
        answer="answered",
        text="毎年4月に職員が現地で確かめています（見本の回答です）。",
    )
    community.rate_dataset(actor=member, dataset_uid=toilets.uid, points=4, word="車椅子で使える場所がすぐ分かりました")
    wish = community.request_data(
        actor=member, kind="missing", title=asked, use="夜に歩く人のための地図", holder_name="こもれび市（架空）",
        text="夜でも明るい道を選べるように、街灯の場所のデータがほしいです（見本のリクエストです）。",
    )  # fmt: skip
    community.vote(actor=provider, request_uid=wish)


def _look_at_links() -> None:
    instant = now()
    links = catalog_queries.links_to_look_at(
        good_before=instant - timedelta(days=365), other_before=instant - timedelta(days=365), limit=100
    )
    facts = []
    for link in links:
        name = link.url.rsplit("/", 1)[-1]
        if not link.url.startswith(_lasting()):
            continue
        state, status, note = _LOOKS.get(name, _WELL)
        facts.append(
            LinkFact(
                distribution_uid=link.distribution_uid, state=state, checked_at=instant, status=status, note=note,
            )
        )  # fmt: skip
    catalog.note_links(facts=facts)


def _lasting() -> str:
    return f"{settings.PUBLIC_URL}/demo/site"


@contextmanager
def _served() -> Iterator[str]:
    """Serve the sample site's files on a free port of this machine, which this process alone may read for that long."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = sample_bytes(self.path.lstrip("/"), _lasting())
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
            """Say nothing: the run has its own log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    before, settings.ALLOW_PRIVATE_FETCH = settings.ALLOW_PRIVATE_FETCH, True
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        settings.ALLOW_PRIVATE_FETCH = before
        server.shutdown()
        server.server_close()
