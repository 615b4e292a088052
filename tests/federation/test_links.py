"""Looking at links: what answers, what it means, how it is kept, and who is told."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from federation_runs import run, site_at
from federation_sites import Asked, FakeCkan, Reply, Site, hurried, made_up_package

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.models import Dataset, Distribution
from tdpf.controlplane.federation import services
from tdpf.controlplane.federation.deadlines import at_most
from tdpf.controlplane.federation.models import LinkLook
from tdpf.controlplane.federation.verbs import columns, digests, links, looking
from tdpf.controlplane.federation.verbs.columns import read_due_columns
from tdpf.controlplane.federation.visiting.looking import Look, judge, look_at, settled
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.models import Party, Publisher
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.jobs import run_pending
from tdpf.kit import clock
from tdpf.kit.sites import Answer
from tdpf.kit.text import Text

HTML = {"Content-Type": "text/html; charset=utf-8"}
CSV = Reply("名称,住所\n公園,港区\n".encode(), 200, {"Content-Type": "text/csv"})
MISSING = "<html><head><title>ページが見つかりません | 港区</title></head><body></body></html>".encode()


@pytest.fixture
def place() -> Iterator[Site]:
    """A site with files, good and bad."""
    with Site() as site:
        yield site


def see(site: Site, answer: Reply, declared: str = "CSV", path: str = "/file", retries: int = 2) -> Look:
    """Look at one answer."""
    site.answers[path] = answer
    with Visitor(hurried(retries=retries)) as visitor:
        return look_at(visitor, site.url + path, declared=declared)


@pytest.mark.parametrize(
    ("answer", "declared", "state"),
    [
        (CSV, "CSV", "ok"),
        (Reply(b"%PDF-1.7 ...", 200, {"Content-Type": "application/octet-stream"}), "PDF", "ok"),
        (Reply(b"PK\x03\x04....", 200, {}), "XLSX", "ok"),
        (Reply(b'{"type":"FeatureCollection"}', 200, {}), "GeoJSON", "ok"),
        (Reply(b"PK\x03\x04....", 200, {"Content-Type": "text/csv"}), "CSV", "suspect"),
        (Reply(b"nothing like it", 200, {"Content-Type": "application/pdf"}), "PDF", "suspect"),
        (Reply(MISSING, 200, HTML), "CSV", "suspect"),
        (Reply(MISSING, 200, HTML), "HTML", "suspect"),
        (Reply(b"<!doctype html><title>\xe5\x85\xac\xe5\x9c\x92</title>", 200, HTML), "CSV", "suspect"),
        (Reply(b"<!doctype html><title>API</title>", 200, HTML), "API", "ok"),
        (Reply(b"", 200, {"Content-Type": "text/csv"}), "CSV", "suspect"),
        (Reply(b"gone", 404, HTML), "CSV", "failed"),
        (Reply(b"gone", 410, HTML), "CSV", "failed"),
        (Reply(b"no", 403, HTML), "CSV", "failed"),
        (Reply(b"down", 503, HTML), "CSV", "failed"),
        (Reply(b"slow down", 429, HTML), "CSV", "unknown"),
    ],
)
def test_what_an_answer_means(place: Site, answer: Reply, declared: str, state: str) -> None:
    """Status, page in place of a file, words of absence, first bytes against the declared format."""
    assert see(place, answer, declared, retries=1).state == state


def test_redirects_are_followed_and_permanent_ones_noted(place: Site) -> None:
    """A permanent move is told with the new address, a passing one is just good, a circle is a failure."""
    place.answers["/new.csv"] = CSV
    moved = see(place, Reply(b"", 301, {"Location": "/new.csv"}))
    assert (moved.state, moved.final_url) == ("moved", place.url + "/new.csv")
    assert see(place, Reply(b"", 302, {"Location": "/new.csv"})).state == "ok"
    assert see(place, Reply(b"", 301, {"Location": "/file"})).state == "failed"


def test_a_server_that_knows_no_head_is_asked_with_get(place: Site) -> None:
    """HEAD is a courtesy; what GET says decides."""
    assert see(place, lambda asked: Reply(b"", 405) if asked.method == "HEAD" else CSV).state == "ok"  # type: ignore[arg-type]


def test_a_passing_error_is_asked_again(place: Site) -> None:
    """One bad moment is no dead link."""
    answers = iter([Reply(b"", 200), Reply(b"", 503), CSV])
    assert see(place, lambda _asked: next(answers)).state == "ok"  # type: ignore[arg-type]


@pytest.mark.parametrize("piece", [b"<h1>", b"<h1", b"<title ", b"<h1></title>"])
def test_a_page_of_nothing_but_headings_costs_no_time(piece: bytes) -> None:
    """What is never closed is passed over; a closed heading is read wherever it stands."""
    page = b"<!doctype html>" + piece * (60_000 // len(piece))
    with at_most(2.0) as alarm:
        look = judge(Answer(url="u", status=200, headers=HTML, body=page, chain=()), asked="u", declared="", length=1)
    assert (look.state, alarm.rang) == ("ok", False)


def test_a_large_file_is_not_fetched(place: Site) -> None:
    """The first bytes are enough."""
    pieces = (b"a,b\n" * 20_000 for _ in range(1000))
    look = see(place, lambda asked: Reply(pieces=iter([]) if asked.method == "HEAD" else pieces))  # type: ignore[arg-type]
    assert look.state == "ok"


@pytest.mark.django_db(transaction=True)
def test_an_unchanged_file_costs_one_short_answer(place: Site) -> None:
    """Its validators are shown again; when it changed, or they are forgotten, it is judged as ever."""
    site, shown = place, list[str]()

    def file(asked: Asked) -> Reply:
        shown.append(asked.headers.get("if-none-match", ""))
        validators = {"ETag": '"v1"', "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
        if shown[-1] == '"v1"':
            return Reply(b"", 304, validators)
        return Reply(CSV.body, 200, {"Content-Type": "text/csv", **validators})

    with FakeCkan(packages=[{**made_up_package(1, "2025-01-01T00:00:00")}]) as ckan:
        assert ckan.packages is not None
        ckan.packages[0]["resources"] = ckan.packages[0]["resources"][:1]
        ckan.packages[0]["resources"][0]["url"] = f"{site.url}/file.csv"
        run(site_at(ckan.url))
    site.answers["/file.csv"] = file
    for _ in range(3):
        services.look_at_due_links(manners=hurried())
        week_ago = clock.now() - timedelta(days=8)
        Distribution.objects.update(link_checked_at=week_ago, link_asked_at=week_ago)
    assert shown.count("") == 2 + 1, "HEAD and GET once, and once for the columns"
    assert shown.count('"v1"') == 2
    row = LinkLook.objects.get()
    assert (row.state, row.status, row.times) == ("ok", 200, 3)
    site.answers["/file.csv"] = Reply(MISSING, 200, HTML)
    services.look_at_due_links(manners=hurried())
    assert LinkLook.objects.order_by("pk").last().state == "suspect"  # type: ignore[union-attr]  # there are two


def test_private_addresses_are_not_looked_at() -> None:
    """A link that points inside fails, and says why."""
    with Visitor(hurried(allow_private=False, robots_permission="x", permitted_host="127.0.0.1")) as visitor:
        look = look_at(visitor, "http://127.0.0.1:9/secret.csv", declared="CSV")
    assert look.state == "failed"
    assert look.note.ja


def test_a_failure_is_broken_on_the_second_day_only() -> None:
    """One bad day is suspect."""
    failed = Look("failed", 404, see_note())
    assert settled(failed, failed_days=1) == "suspect"
    assert settled(failed, failed_days=2) == "broken"


def see_note() -> Any:
    """Return any words."""
    from tdpf.kit.text import Text

    return Text("ない", "none")


@pytest.mark.django_db(transaction=True)
def test_from_harvest_to_letter(place: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links of collected data are looked at, suspect at once, broken on the second day; the owner gets one letter a week."""
    place.answers["/good.csv"] = CSV
    packages = [made_up_package(number, "2025-01-01T00:00:00") for number in range(2)]
    for package, name in zip(packages, ("good", "dead"), strict=True):
        package["resources"] = package["resources"][:1]
        package["resources"][0]["url"] = f"{place.url}/{name}.csv"
    with FakeCkan(packages=packages) as ckan:
        run(site_at(ckan.url, contact_email="owner@example.jp"))
    assert services.look_at_due_links(manners=hurried(retries=1)) == 2
    assert services.look_at_due_links(manners=hurried(retries=1)) == 0
    states = dict(Distribution.objects.values_list("url", "link_state"))
    assert states == {f"{place.url}/good.csv": "ok", f"{place.url}/dead.csv": "suspect"}
    assert Distribution.objects.get(url=f"{place.url}/good.csv").columns == ["名称", "住所"]
    assert Distribution.objects.get(url=f"{place.url}/dead.csv").columns == []
    rated = Distribution.objects.get(url=f"{place.url}/good.csv")
    assert set(rated.rating) == {"ruleset", "score", "levels", "broken"}
    assert Distribution.objects.get(url=f"{place.url}/dead.csv").rating is None
    # Another file behind the same link is rated anew; the same one is not.
    first = rated.rating["score"]
    look = LinkLook.objects.get(url=rated.url)
    place.answers["/good.csv"] = Reply(
        "一覧,,\n,名 称,住所\n,１館,港区\n,,\n合計,1,\n".encode(), 200, {"Content-Type": "text/csv"}
    )
    for size, renewed in ((3_000, True), (3_000, False)):
        seen = Look("ok", 200, Text(look.note_ja, look.note_en), size=size)
        links.keep_looks(looked=[links.Looked(rated.uid, look.dataset_uid, rated.url, seen)])
        assert LinkLook.objects.get(pk=look.pk).rating_tried is not renewed
        read_due_columns(manners=hurried(retries=1))
    rated.refresh_from_db()
    assert rated.rating["score"] < first
    [card] = [card for card in catalog.list_datasets().items if card.number == rated.dataset_id]
    assert card.rate_band in ("A", "B", "C", "D")
    assert services.send_link_digests() == 0
    _later(monkeypatch, timedelta(days=1, hours=1))
    assert services.look_at_due_links(manners=hurried(retries=1)) == 1
    dead = Distribution.objects.get(url=f"{place.url}/dead.csv")
    assert dead.link_state == "broken"
    assert dead.link_note["ja"]
    assert [look.failed_days for look in LinkLook.objects.filter(distribution_uid=dead.uid).order_by("pk")] == [1, 2]
    assert services.send_link_digests() == 1
    assert services.send_link_digests() == 0
    run_pending()
    assert mail.outbox[0].to == ["owner@example.jp"]
    assert Dataset.objects.get(pk=dead.dataset_id).title_ja in mail.outbox[0].body
    place.answers["/dead.csv"] = CSV
    _later(monkeypatch, timedelta(days=9))
    services.look_at_due_links(manners=hurried(retries=1))
    dead.refresh_from_db()
    assert dead.link_state == "ok"
    assert services.send_link_digests() == 0


@pytest.mark.django_db(transaction=True)
def test_each_address_gets_one_letter_about_all_its_links(operator: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    """What sites state as contacts gets nothing, the operators are told of all of it at once; a bad address costs only itself.

    However many dead links there are, those of the last publisher are told of as well.
    """
    monkeypatch.setattr(digests, "_AT_ONCE", 1)
    with FakeCkan(4) as ckan:
        run(site_at(ckan.url))
    Distribution.objects.update(link_state="broken")
    Publisher.objects.update(contact_email="harvested@example.jp")
    confirmed = list(Party.objects.filter(kind="publisher").order_by("pk")[:2])
    for party, address in zip(confirmed, ("bad@example.jp", "given@example.jp"), strict=True):
        member_services.set_publisher_contact(actor=operator, party_uid=party.uid, website="", contact_email=address)
    assert services.send_link_digests() == 3

    def refusing(connection: object, messages: list[Any]) -> int:
        if messages[0].to == ["bad@example.jp"]:
            raise OSError("no such mailbox")
        mail.outbox.extend(messages)
        return len(messages)

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refusing)
    run_pending()
    told = {message.to[0]: message.body for message in mail.outbox}
    assert told.keys() == {"given@example.jp", "operator@example.jp"}
    others = Dataset.objects.exclude(provider__in=confirmed)
    assert others.count() == 2
    assert all(dataset.title_ja in told["operator@example.jp"] for dataset in others)


@pytest.mark.django_db(transaction=True)
def test_links_that_may_not_be_looked_at_keep_no_other_waiting(place: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are tried once a day like all others, whatever their number; what was known of them stays."""
    place.answers["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /closed/\n")
    place.answers["/open.csv"] = CSV
    packages = [made_up_package(number, "2025-01-01T00:00:00") for number in range(3)]
    for package, name in zip(packages, ("closed/1", "closed/2", "open"), strict=True):
        package["resources"] = package["resources"][:1]
        package["resources"][0]["url"] = f"{place.url}/{name}.csv"
    with FakeCkan(packages=packages) as ckan:
        run(site_at(ckan.url))
    assert [services.look_at_due_links(manners=hurried(), limit=1) for _ in range(4)] == [1, 1, 1, 0]
    by_url = dict(Distribution.objects.values_list("url", "link_state"))
    assert [by_url[f"{place.url}/{name}.csv"] for name in ("closed/1", "closed/2", "open")] == [
        "unknown",
        "unknown",
        "ok",
    ]
    place.answers["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /\n")
    _later(monkeypatch, timedelta(days=8))
    assert services.look_at_due_links(manners=hurried()) == 3
    assert services.look_at_due_links(manners=hurried()) == 0
    assert Distribution.objects.get(url=f"{place.url}/open.csv").link_state == "ok"


@pytest.mark.django_db(transaction=True)
def test_a_look_that_saw_nothing_is_no_good_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failed on two days is broken, whatever could not be looked at between; a good look begins the count anew."""
    with FakeCkan(1) as ckan:
        run(site_at(ckan.url))
    link = Distribution.objects.order_by("pk").first()
    assert link is not None
    known = []
    for day, state in enumerate(["failed", "unknown", "failed", "ok", "unknown", "failed"]):
        _later(monkeypatch, timedelta(days=day))
        look = Look(state, None, see_note())
        links.keep_looks(looked=[links.Looked(link.uid, link.dataset.uid, link.url, look)])
        link.refresh_from_db()
        known.append(link.link_state)
    assert known == ["suspect", "suspect", "broken", "ok", "ok", "suspect"]


def test_hands_that_do_not_end_cost_nothing_that_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits to be kept when the time is over is kept."""
    kept: list[str] = []
    monkeypatch.setattr(looking, "keep_looks", lambda *, looked: kept.extend(item.url for item in looked))
    results: queue.Queue[links.Looked | None] = queue.Queue()
    for url in ("a", "b"):
        results.put(links.Looked("x", "y", url, Look("ok", 200, see_note())))
    assert looking._keep_all(results, 4, -120.0) == 2
    assert kept == ["a", "b"]


def _later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Let time pass for the looks."""
    for module in (links, looking, digests):
        monkeypatch.setattr(module, "now", lambda: clock.now() + by)


@pytest.mark.django_db
def test_a_busy_server_is_asked_for_its_columns_another_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """And keeps no other file waiting meanwhile; what was really read is tried off."""
    instant = clock.now()
    for number in (1, 2):
        LinkLook.objects.create(
            distribution_uid=f"f{number}", dataset_uid="d", url="u", state="ok", first_at=instant, last_at=instant
        )
    asked: list[str] = []

    def read(_visitor: object, look: LinkLook) -> object:
        asked.append(look.distribution_uid)
        if look.distribution_uid == "f1":
            raise columns._Later
        return (), None

    monkeypatch.setattr(columns, "_read", read)
    for _ in range(3):
        columns.read_due_columns(manners=hurried(), limit=1)
    assert asked == ["f1", "f2"]
    LinkLook.objects.update(put_off_at=instant - timedelta(days=2))
    columns.read_due_columns(manners=hurried(), limit=1)
    assert asked == ["f1", "f2", "f1"]
