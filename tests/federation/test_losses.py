"""What a reading by pages does not see is gone only when the next one does not see it either; what is shown anew is no news."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from federation_runs import run, shown, site_at
from federation_sites import Asked, FakeCkan, Reply, as_json
from federation_sites import Site as Web

from tdpf.controlplane.catalog.models import Place
from tdpf.controlplane.federation import queries, services
from tdpf.controlplane.federation.models import Record, RecordChange, Run
from tdpf.controlplane.federation.types import SiteFacts
from tdpf.controlplane.members.types import Standing

pytestmark = pytest.mark.django_db(transaction=True)
_PREFIXES = (
    "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . "
    "@prefix hydra: <http://www.w3.org/ns/hydra/core#> .\n"
)


class _Shrinking(Web):
    """A catalogue of `numbers` in pages of four; when a page after the first is asked for, `leaving` is withdrawn."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.numbers = list(range(12))
        self.leaving: int | None = None

    def answer(self, asked: Asked) -> Reply:
        """Answer in DCAT, OGC API Records, or as a CKAN without a list of names."""
        start = int(asked.query.get("start", 0))
        if start and self.leaving in self.numbers:
            self.numbers.remove(self.leaving)
        if asked.path == "/catalog":
            return self._dcat(start)
        if asked.path.endswith("/items"):
            return self._records(start)
        if asked.path.endswith("package_search"):
            return self._ckan(start, int(asked.query.get("rows", 0)))
        return Reply(b"", 404)

    def _dcat(self, start: int) -> Reply:
        part = "\n".join(
            f'<{self.url}/d{n}> a dcat:Dataset ; dct:title "題 {n}" .' for n in self.numbers[start : start + 4]
        )
        further = start + 4 < len(self.numbers)
        after = f"<{self.url}/catalog> hydra:next <{self.url}/catalog?start={start + 4}> ." if further else ""
        total = f"<{self.url}/catalog> a dcat:Catalog ; hydra:totalItems {len(self.numbers)} .\n"
        return Reply(f"{_PREFIXES}{total}{after}\n{part}".encode(), headers={"Content-Type": "text/turtle"})

    def _records(self, start: int) -> Reply:
        features: list[dict[str, Any]] = [
            {"id": f"d{n}", "type": "Feature", "geometry": None, "properties": {"title": f"題 {n}", "type": "dataset"}}
            for n in self.numbers[start : start + 4]
        ]
        further = start + 4 < len(self.numbers)
        after = [{"rel": "next", "href": f"{self.url}/collections/c/items?start={start + 4}"}] if further else []
        return as_json({"features": features, "numberMatched": len(self.numbers), "links": after})

    def _ckan(self, start: int, rows: int) -> Reply:
        found = [{"id": f"d{n:02}", "name": f"d{n:02}", "title": f"題 {n}"} for n in self.numbers[start : start + rows]]
        return as_json({"success": True, "result": {"count": len(self.numbers), "results": found}})


@pytest.fixture(params=["dcat", "ogc_records", "ckan"])
def shrinking(request: pytest.FixtureRequest) -> Iterator[_Shrinking]:
    """A catalogue of each kind that is read by pages."""
    with _Shrinking(request.param) as web:
        yield web


def test_a_record_that_moves_to_a_page_that_was_read_is_not_gone(shrinking: _Shrinking) -> None:
    """The withdrawn one is gone with the second reading that does not see it, and nothing else ever."""
    path = {"dcat": "/catalog", "ogc_records": "/collections/c", "ckan": ""}[shrinking.kind]
    options = {"rows": "4"} if shrinking.kind == "ckan" else {}
    site = site_at(f"{shrinking.url}{path}", kind=shrinking.kind, options=options)
    run(site, is_full=True)
    assert len(shown()) == 12
    shrinking.leaving = 1
    done = run(site, is_full=True)
    assert (done.gone, len(shown())) == (0, 12)
    # The count that OGC API Records gives at the beginning tells already that one is missing: nothing follows from that.
    assert ("1" in done.log[-1][1]) is (shrinking.kind != "ogc_records"), "the log says how many were not seen"
    # One moved and was not seen in that reading, the withdrawn one is not seen from this one on.
    assert run(site, is_full=True).gone == 0
    assert run(site, is_full=True).gone == 1
    assert "題 1" not in shown().values()
    assert len(shown()) == 11
    assert not Record.objects.filter(gone_at__isnull=True, missing_since__isnull=False).exists()


def test_what_is_shown_anew_is_no_news(operator: Standing) -> None:
    """Another name of the site is written with all its records; that nothing changed at the site stays true."""
    with FakeCkan(3) as ckan:
        site = site_at(ckan.url)
        first = run(site)
        when = set(Record.objects.values_list("changed_at", flat=True))
        facts = SiteFacts(name_ja="新しい名前", kind="ckan", url=ckan.url, pause_seconds=0.0, allow_private=True)
        services.edit_site(actor=operator, site_uid=site.uid, facts=facts)
        second = run(site, is_full=True)
    assert (second.changed, second.unchanged) == (0, 3)
    assert set(Place.objects.values_list("site_name_ja", flat=True)) == {"新しい名前"}
    assert not RecordChange.objects.exists()
    assert set(Record.objects.values_list("changed_at", flat=True)) == when
    record = Record.objects.first()
    assert record is not None
    assert record.last_run_id == second.pk
    [source] = queries.sources_of(record.dataset_uid)
    assert source.run_uid == first.uid, "the run that made it what it is, not the one that saw it last"
    services.forget_old(runs_before=second.asked_at, faults_before=second.asked_at, links_before=second.asked_at)
    assert Run.objects.filter(pk=first.pk).exists()


def test_each_original_has_an_address_of_its_own() -> None:
    """Two records of one site at one dataset, as when the first is gone and the second was joined, are two entities."""
    with FakeCkan(2) as ckan:
        run(site_at(ckan.url))
    first, second = Record.objects.order_by("pk")
    Record.objects.filter(pk=second.pk).update(dataset_uid=first.dataset_uid)
    whole = queries.provenance_of(first.dataset_uid, dataset_url="https://t.example/d", base_url="https://t.example")
    assert whole is not None
    entities = [node["@id"] for node in whole["@graph"] if "spdx:checksum" in node]
    assert len(set(entities)) == 2
    found = {queries.original_record(first.dataset_uid, "ward", row.record_id) for row in (first, second)}
    assert len(found) == 2


def test_a_web_page_that_drops_one_of_its_datasets_drops_it_here() -> None:
    """One that shows none at all may only be built anew: what it had stays until it leaves the sitemap."""

    def page(*names: str) -> bytes:
        told = [{"@type": "Dataset", "@id": f"#{name}", "name": name} for name in names]
        return f'<script type="application/ld+json">{json.dumps(told)}</script>'.encode()

    with Web() as web:
        web.answers["/sitemap.xml"] = (
            f"<urlset><url><loc>{web.url}/dataset/1</loc></url><url><loc>{web.url}/dataset/2</loc></url></urlset>".encode()
        )
        web.answers |= {"/dataset/1": page("A", "B"), "/dataset/2": page("C")}
        site = site_at(web.url, kind="schema_org")
        run(site)
        web.answers |= {"/dataset/1": page("A"), "/dataset/2": page()}
        done = run(site)
    assert (done.state, done.gone) == ("done", 1)
    assert sorted(shown().values()) == ["A", "C"]
