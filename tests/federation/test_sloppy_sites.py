"""Sites that are sloppy or mean well in strange ways: what is wrong costs itself only, and the run's page says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from federation_kinds import (
    DAY,
    OWN_MACHINE,
    PLATEAU_ROWS,
    codes_of,
    csw,
    iso,
    nested,
    packed,
    read,
    records_of,
    titles_of,
    to,
)
from federation_runs import run, shown, site_at
from federation_sites import Answering, Asked, FakeCkan, Reply, Site, as_json, made_up_package

from tdpf.controlplane.catalog.models import Dataset, Distribution
from tdpf.controlplane.federation.errors import AnswerNotUnderstood
from tdpf.controlplane.federation.models import Record, RunFault
from tdpf.controlplane.federation.reading import guarding
from tdpf.controlplane.federation.reading.taking import Taking

# -- what no kind of record may do -------------------------------------------------------------------------------------


def test_a_value_nested_beyond_reason_says_nothing() -> None:
    assert Taking("x").text(nested(15), "title") == "底"
    assert Taking("x").text(nested(900), "title") == ""


def test_what_breaks_or_never_ends_is_left_out_under_its_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks() -> Any:
        raise ZeroDivisionError

    def never_ends() -> Any:
        while True:
            pass

    assert guarding.guarded(lambda: (1, []), None, where="x") == (1, [])
    for read_one, code in ((breaks, "malformed"), (never_ends, "took-too-long")):
        nothing, [left] = guarding.guarded(read_one, None, where="x", key="a\x00b", seconds=0.1)
        assert (nothing, left.code, left.record_id) == (None, code, "ab")


# -- CKAN --------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_hostile_ckan_costs_its_hostile_records_only() -> None:
    """Depth, half characters, dates that are none, no addresses, our own machine's address, two of one id, a count without end."""
    good = [made_up_package(number, DAY) for number in range(12)]
    half = json.dumps(
        {**good[3], "owner_org": "\ud83d", "organization": None, "metadata_modified": DAY[:19] + "\ud83d"}
    )
    without = {
        **good[6],
        "resources": [{"name": "住所なし", "format": "CSV"}, {"url": OWN_MACHINE}, None, {"url": ["x"]}],
    }
    with FakeCkan(packages=good) as web:
        web.spoiled = {
            0: packed({**good[0], "id": nested(600)}),
            1: packed({**good[1], "title": nested(600), "name": nested(600)}),
            2: packed({**good[2], "extras": [{"key": "a\x00\x1fb", "value": "1"}, {"key": "更新頻度", "value": nested(700)}]}),
            3: half.encode(),
            4: packed({**good[4], "metadata_modified": "2025-99-99T99:99:99"}),
            5: packed({**good[5], "metadata_modified": "令和6年4月31日", "metadata_created": "令和6年4月31日"}),
            6: packed(without),
            7: packed({**good[7], "id": good[8]["id"]}),
            9: packed({**good[9], "title": "長" * 3_000_000, "notes": None, "tags": None, "groups": None, "resources": None}),
        }  # fmt: skip
        web.miscount = 10**25
        done = run(site_at(web.url))
    assert (done.state, done.problem) == ("done", None)
    assert done.announced == 2**31 - 1
    assert len(shown()) == done.added == 10
    codes = sorted(RunFault.objects.filter(run=done, part="").values_list("code", flat=True))
    assert codes == ["no-title", "same-key"]
    assert RunFault.objects.filter(run=done, code="no-address", part="resources[0].url").count() == 1
    kept = Distribution.objects.filter(dataset__title_ja=good[6]["title"])
    assert set(kept.values_list("url", flat=True)) == {OWN_MACHINE, f"{web.url}/x"}
    dated = Dataset.objects.get(title_ja=good[5]["title"])
    assert dated.stated["modified"] == "令和6年4月31日"
    assert dated.modified_at.date() >= done.started_at.date()
    assert Record.objects.count() == 10


def test_a_ckan_whose_page_is_empty_in_the_middle_hides_nothing_behind_it() -> None:
    with FakeCkan(40) as web:
        usual = web.answer

        def hiding(asked: Asked) -> Reply:
            if asked.query.get("start") in ("10", "20"):
                return as_json({"success": True, "result": {"count": 40, "results": []}})
            return usual(asked)

        web.answer = hiding  # type: ignore[method-assign]
        pages = read("ckan", web.url, options={"rows": "10"})
    assert len(records_of(pages)) == 20
    assert titles_of(pages)[-1].endswith(" 39")


def test_a_ckan_that_refuses_what_lies_deep_is_read_as_far_as_it_lets_us() -> None:
    with FakeCkan(60) as web:
        usual = web.answer
        web.answer = lambda asked: (  # type: ignore[method-assign]
            as_json({"success": False}, 400) if int(asked.query.get("start", 0)) >= 40 else usual(asked)
        )
        pages = read("ckan", web.url, options={"rows": "20"})
    assert (len(records_of(pages)), pages[-1].coverage) == (40, "part")
    assert codes_of(pages) == ["paging"]


def test_a_page_of_ckan_that_leads_elsewhere_costs_its_records_only() -> None:
    """To the machine's own address, or round in a circle; only for what holds one of the records."""
    with FakeCkan(30) as web:
        usual = web.answer

        def leading(asked: Asked) -> Reply:
            start, rows = int(asked.query.get("start", 0)), int(asked.query.get("rows", 0))
            if "package_search" in asked.path and start <= 13 < start + rows:
                return to(OWN_MACHINE)
            if "package_search" in asked.path and start <= 17 < start + rows:
                return to(f"{web.url}{asked.path}?start={start}&rows={rows}")
            return usual(asked)

        web.answer = leading  # type: ignore[method-assign]
        pages = read("ckan", web.url)
    assert len(records_of(pages)) == 28
    assert codes_of(pages) == ["unreadable-page"] * 2


def test_a_record_larger_than_an_answer_may_be_costs_itself_only() -> None:
    with FakeCkan(30) as web:
        web.spoiled = {13: packed({**made_up_package(13, DAY), "notes": "長" * 7_000_000})}
        pages = read("ckan", web.url)
    assert len(records_of(pages)) == 29
    assert codes_of(pages) == ["unreadable-page"]


# -- CSW ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [1, 7, 250])
def test_a_broken_record_of_csw_costs_itself_only(bad: int) -> None:
    """The first one, one within, the last one."""
    with Site({"/csw": csw(250, speaks_iso=True, spoiled={bad: "<gmd:MD_Metadata><broken"})}) as site:
        pages = read("csw", f"{site.url}/csw")
    assert len(records_of(pages)) == 249
    assert titles_of(pages)[0].startswith("数値地図")
    assert codes_of(pages) == ["unreadable-page"]


def changed(usual: Callable[[Asked], Reply], *pairs: tuple[bytes, bytes]) -> Answering:
    def answer(asked: Asked) -> Reply:
        reply = usual(asked)
        for old, new in pairs:
            reply.body = reply.body.replace(old, new)
        return reply

    return answer


def test_a_csw_without_a_count_ends_where_it_says_so() -> None:
    """It answers what lies behind its end with an error; its next record is said to be far away."""
    usual = changed(csw(130, speaks_iso=True), (b'numberOfRecordsMatched="130"', b""), (b'"101"', b'"999999"'))

    def answer(asked: Asked) -> Reply:
        start = asked.query.get("startPosition", "")
        return Reply(b"no", 400) if start.isdigit() and int(start) > 130 else usual(asked)  # type: ignore[operator, return-value]

    with Site({"/csw": answer}) as site:
        pages = read("csw", f"{site.url}/csw")
    assert (len(records_of(pages)), codes_of(pages), pages[-1].coverage) == (130, [], "pages")


def test_a_csw_that_promises_more_than_it_gives_is_read_as_far_as_it_goes() -> None:
    """900 announced; an error from 121 on."""
    usual = changed(csw(120, speaks_iso=True), (b'Matched="120"', b'Matched="900"'))
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><x>&c;</x>'

    def answer(asked: Asked) -> Reply:
        start = asked.query.get("startPosition", "")
        return Reply(evil) if start.isdigit() and int(start) > 120 else usual(asked)  # type: ignore[operator, return-value]

    with Site({"/csw": answer}) as site:
        pages = read("csw", f"{site.url}/csw")
    assert (len(records_of(pages)), pages[-1].coverage) == (120, "part")
    assert set(codes_of(pages)) == {"unreadable-page", "paging"}


def test_iso_records_of_empty_elements_and_of_thousands_of_links_are_read() -> None:
    empty = "<gmd:MD_Metadata><gmd:fileIdentifier><gco:CharacterString>e</gco:CharacterString></gmd:fileIdentifier><gmd:dateStamp/><gmd:contact/><gmd:identificationInfo><gmd:citation><gmd:title><gco:CharacterString>空の記録</gco:CharacterString></gmd:title><gmd:date/></gmd:citation><gmd:abstract/><gmd:extent><gmd:EX_GeographicBoundingBox><gmd:westBoundLongitude/></gmd:EX_GeographicBoundingBox></gmd:extent></gmd:identificationInfo><gmd:onLine/></gmd:MD_Metadata>"
    link = "<gmd:onLine><gmd:CI_OnlineResource><gmd:linkage><gmd:URL>https://g.example/x.zip</gmd:URL></gmd:linkage></gmd:CI_OnlineResource></gmd:onLine>"
    heavy = iso(2).replace("</gmd:MD_Metadata>", link * 2100 + "<gmd:x/>" * 60_000 + "</gmd:MD_Metadata>")
    with Site({"/csw": csw(3, speaks_iso=True, spoiled={1: empty, 2: heavy})}) as site:
        pages = read("csw", f"{site.url}/csw")
    assert titles_of(pages) == ["空の記録", "数値地図2", "数値地図3"]
    assert len(records_of(pages)[1].stated.distributions) == 2000
    assert codes_of(pages) == []


# -- PLATEAU -----------------------------------------------------------------------------------------------------------


def test_bad_rows_of_plateau_cost_themselves_wherever_they_stand() -> None:
    """Sixty of them in front, keys that are no keys, a value nested beyond reason; what has no key may be one of before."""
    odd = [
        {**PLATEAU_ROWS[0], "dataset_id": "長" * 10_000},
        {**PLATEAU_ROWS[0], "dataset_id": ["a\x00b"]},
        {**PLATEAU_ROWS[2], "year": nested(700)},
        {**PLATEAU_ROWS[0], "layers": nested(700), "name": nested(700), "city_code": "13101", "ward_code": None},
    ]
    rows = [*[None] * 60, *odd, *PLATEAU_ROWS[:3]]
    with Site({"/datacatalog/plateau-datasets": Reply(packed({"datasets": rows}))}) as site:
        pages = read("plateau", site.url)
    keys = [record.stated.record_id for record in records_of(pages)]
    assert len(keys) >= 5
    assert max(map(len, keys)) <= 500
    assert all(letter >= " " for key in keys for letter in key)
    assert "plateau-13104-bldg-2023" in keys
    assert codes_of(pages).count("malformed") >= 60
    assert pages[-1].coverage == "pages"
    none = as_json({"datasets": [None, {"a": 1}]})
    with Site({"/datacatalog/plateau-datasets": none}) as site, pytest.raises(AnswerNotUnderstood):
        read("plateau", site.url)
