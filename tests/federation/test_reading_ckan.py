"""CKAN read as it really answers: whole, changed only, resumed, and with everything that goes wrong."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import orjson
import pytest
from federation_sites import (
    Asked,
    FakeCkan,
    Reply,
    as_json,
    bomb,
    deep_json,
    hurried,
    made_up_package,
    with_lone_surrogate,
)

from tdpf.controlplane.federation.errors import AnswerNotUnderstood, SourceBusy, SourceRefuses
from tdpf.controlplane.federation.reading.kinds.ckan import READER, root_of
from tdpf.controlplane.federation.types import ReadingOrder, ReadPage, ReadRecord
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import FetchFailed, TooSlow
from tdpf.kit.sites import Answer


def read(site: FakeCkan, **order: Any) -> list[ReadPage]:
    """Read a site to its end."""
    with Visitor(hurried(max_bytes=20_000_000)) as visitor:
        return list(READER.read(visitor, ReadingOrder(url=order.pop("url", site.url), **order)))


def records_of(pages: list[ReadPage]) -> list[ReadRecord]:
    """Return the records of all pages."""
    return [record for page in pages for record in page.records]


def codes_of(pages: list[ReadPage]) -> list[str]:
    """Return the codes of what was left out."""
    return [fault.code for page in pages for fault in page.left_out]


def test_every_package_arrives_with_what_it_states() -> None:
    """Titles, publisher, licence, resources, the original, and the end that says all was seen."""
    with FakeCkan(1234) as site:
        pages = read(site)
    records = records_of(pages)
    assert len({record.stated.record_id for record in records}) == 1234
    stated = records[3].stated
    assert (stated.title, stated.publisher_name, stated.publisher_id) == ("新宿区教育一覧 3", "新宿区", "org-3")
    assert (stated.licence, stated.frequency, stated.languages) == ("cc-by", "年1回", ("ja",))
    assert stated.keywords == ("新宿区", "教育")
    assert stated.themes == ("教育",)
    assert [d.format for d in stated.distributions] == ["CSV", "XLSX"]
    assert stated.distributions[0].size == 1003
    assert records[3].url == f"{site.url}/dataset/made-up-000003"
    assert records[3].alias == "made-up-000003"
    assert orjson.loads(records[3].original)["title"] == stated.title
    assert pages[-1].is_last
    assert pages[-1].listed is not None
    assert len(pages[-1].listed) == 1234
    assert not codes_of(pages)


def test_the_second_time_only_changes_are_read_and_deletions_seen() -> None:
    """Few requests, and the list of names tells what is gone."""
    with FakeCkan(1200) as site:
        mark = read(site)[-1].mark
        site.change(7, title="改まった題")
        site.delete(8, 9)
        before = len(site.asked)
        pages = read(site, since=mark)
        assert len(site.asked) - before < 8
        changed = [record for record in records_of(pages) if record.stated.title == "改まった題"]
        assert len(changed) == 1
        assert pages[-1].coverage == "changes"
        assert pages[-1].listed is not None
        assert "made-up-000008" not in pages[-1].listed
        assert "made-up-000007" in pages[-1].listed
        assert str(pages[-1].mark["modified"]).startswith("2026-10-01")


def test_a_stopped_reading_goes_on_where_it_was() -> None:
    """The cursor is plain JSON; together both parts are the whole."""
    with FakeCkan(1500) as site, Visitor(hurried()) as visitor:
        reading = READER.read(visitor, ReadingOrder(url=site.url))
        first = next(reading)
        reading.close()
        cursor = json.loads(json.dumps(first.cursor))
        rest = read(site, cursor=cursor)
    keys = [record.stated.record_id for record in (*first.records, *records_of(rest))]
    assert len(keys) == len(set(keys)) == 1500


@pytest.mark.parametrize("miscount", [-700, -1, 1, 100_000])
def test_wrong_counts_are_tolerated_and_said(miscount: int) -> None:
    """All records arrive whatever the count says."""
    with FakeCkan(700) as site:
        site.miscount = miscount
        pages = read(site)
    assert len(records_of(pages)) == 700
    assert any("700" in remark.en and "announced" in remark.en for remark in pages[-1].remarks)


def test_a_server_that_caps_its_pages_is_read_to_the_end() -> None:
    """A short page is not the end."""
    with FakeCkan(730) as site:
        site.page_limit = 100
        assert len(records_of(read(site))) == 730


@pytest.mark.parametrize("switch", ["stuck", "endless"])
def test_paging_without_an_end_is_seen(switch: str) -> None:
    """The run ends, says why, and concludes nothing from it."""
    with FakeCkan(1600) as site:
        setattr(site, switch, True)
        pages = read(site)
        assert len(site.asked) < 40
    assert codes_of(pages)[-1] == "paging"
    assert pages[-1].is_last
    assert pages[-1].coverage == "part"
    assert len(records_of(pages)) >= 500


def test_a_record_that_breaks_its_page_is_found_and_left_out() -> None:
    """A server error, broken JSON and JSON nested beyond reason cost one record each."""
    with FakeCkan(900) as site:
        site.failing = {100}
        site.spoiled = {333: b'{"id": "broken', 700: deep_json()}
        pages = read(site)
    assert len(records_of(pages)) == 897
    assert codes_of(pages) == ["unreadable-page"] * 3
    assert pages[-1].coverage == "changes"


class _Unlucky(Visitor):
    """To whom answers with one of these packages never come."""

    def __init__(self, fault: Problem, *numbers: int) -> None:
        super().__init__(hurried())
        self.fault = fault
        self.keys = [str(made_up_package(number, "")["id"]).encode() for number in numbers]

    def get(self, url: str, **how: Any) -> Answer:
        answer = super().get(url, **how)
        if "package_list" not in url and any(key in answer.body for key in self.keys):
            raise self.fault
        return answer


@pytest.mark.parametrize("by_list", [False, True])
@pytest.mark.parametrize(
    "fault", [TooSlow(url="x", limit_seconds=1), FetchFailed(url="x", why_ja="切れました", why_en="broken off")]
)
def test_a_record_that_never_comes_costs_only_itself(fault: Problem, by_list: bool) -> None:
    """Time after time it is left out, and the rest is read, as long as the site itself answers."""
    with FakeCkan(70) as site, _Unlucky(fault, 7, 65) as visitor:
        site.without_search = by_list
        pages = list(READER.read(visitor, ReadingOrder(url=site.url)))
    assert len(records_of(pages)) == 68
    assert codes_of(pages) == ["unreadable-page"] * 2
    assert pages[-1].coverage == "changes"
    assert pages[-1].listed is not None
    assert len(pages[-1].listed) == 70


def test_a_list_whose_packages_all_fail_ends_and_goes_on_later() -> None:
    """What was read before is given, and the next run begins behind what failed."""
    fault = TooSlow(url="x", limit_seconds=1)
    with FakeCkan(70) as site, _Unlucky(fault, *range(5, 60)) as visitor:
        site.without_search = True
        reading = READER.read(visitor, ReadingOrder(url=site.url))
        pages = [next(reading)]
        with pytest.raises(TooSlow):
            next(reading)
    assert len(records_of(pages)) == 5
    assert pages[-1].cursor["after"] == "made-up-000025"


def test_a_server_that_fails_in_the_middle_costs_no_record() -> None:
    """The run ends with a problem, the cursor stands before what was not read, and the next run has the rest."""
    with FakeCkan(1500) as site, Visitor(hurried()) as visitor:
        seen: list[ReadPage] = []
        with pytest.raises(AnswerNotUnderstood):
            for page in READER.read(visitor, ReadingOrder(url=site.url)):
                seen.append(page)
                site.answers["/api/3/action/package_search"] = Reply(b"<html>maintenance</html>")
        del site.answers["/api/3/action/package_search"]
        rest = read(site, cursor=seen[-1].cursor)
    keys = [record.stated.record_id for record in (*records_of(seen), *records_of(rest))]
    assert len(keys) == len(set(keys)) == 1500
    assert not codes_of(seen) + codes_of(rest)


def test_bad_records_are_left_out_one_by_one() -> None:
    """Not an object, without a key, private, a draft, two with one key: the others stand."""
    good = [made_up_package(number, "2025-01-01T00:00:00.000000") for number in range(12)]
    good[9]["id"] = good[8]["id"]
    with FakeCkan(packages=good) as site:
        site.spoiled = {
            0: b"null",
            1: b'"text"',
            2: orjson.dumps({"title": "鍵がない"}),
            3: orjson.dumps({**good[3], "private": True}),
            4: orjson.dumps({**good[4], "state": "draft"}),
            5: orjson.dumps({**good[5], "type": "harvest"}),
            6: orjson.dumps({**good[6], "state": "deleted"}),
        }
        pages = read(site)
    assert [r.stated.title for r in records_of(pages)] == [good[n]["title"] for n in (7, 8, 10, 11)]
    assert sorted(codes_of(pages)) == [
        "malformed", "malformed", "no-key", "not-public", "not-public", "not-public", "same-key",
    ]  # fmt: skip
    assert pages[0].gone == (good[6]["id"],)


def test_odd_values_never_hurt_and_are_said() -> None:
    """Control characters, half characters, ten megabytes of title, wrong types, dates that are none."""
    package = made_up_package(0, "いつか")
    odd = {
        **package,
        "title": "題\x00\x1f\u202e名",
        "notes": None,
        "tags": "[]",
        "extras": {
            "issued": "9999-99-99",
            "frequency": ["年1回"],
            "spatial": '{"type":"Polygon","coordinates":"broken"}',
        },
        "resources": [
            None,
            "x",
            {"url": "javascript:alert(1)", "size": "たくさん"},
            {"url": "/file.csv", "size": "12"},
        ],
        "organization": None,
        "groups": {"a": 1},
        "license_url": ["x"],
        "maintainer": {"name": "広報課"},
    }
    long = {**made_up_package(1, ""), "title": "長" * 10_000_000}
    packages = [package, long, made_up_package(2, "9999-12-31T00:00:00")]
    with FakeCkan(packages=packages) as site:
        site.spoiled = {0: orjson.dumps(odd), 2: with_lone_surrogate(packages[2])}
        with Visitor(hurried()) as visitor:
            pages = list(READER.read(visitor, ReadingOrder(url=site.url)))
    first, second, third = (record.stated for record in records_of(pages))
    assert first.title == "題名"
    assert (first.keywords, first.issued, first.frequency, first.bbox) == ((), "9999-99-99", "年1回", None)
    assert [d.url for d in first.distributions] == ["", f"{site.url}/file.csv"]
    assert (first.contact_name, first.modified) == ("広報課", "いつか")
    assert len(second.title) == 500
    assert third.title.startswith("半分")
    assert {"bad-text", "bad-value", "malformed", "too-long", "too-deep"} <= set(codes_of(pages))
    assert pages[-1].mark["modified"] == ""
    json.dumps([fault.why.ja for page in pages for fault in page.left_out]).encode()


def test_lists_alone_are_enough() -> None:
    """Servers without package_search are read name by name, and go on after a stop."""
    with FakeCkan(120) as site:
        site.without_search = True
        site.spoiled = {5: b"[]"}
        pages = read(site)
        assert len(records_of(pages)) == 119
        assert pages[-1].coverage == "changes"
        again = read(site, cursor=pages[0].cursor)
        assert len(records_of(again)) == 70


def test_titles_of_organisations_are_asked_for_once() -> None:
    """Some servers give the key only."""
    packages = [{**made_up_package(n, ""), "organization": None, "owner_org": f"o{n % 2}"} for n in range(6)]
    with FakeCkan(packages=packages) as site:
        site.answers["/api/3/action/organization_show"] = lambda asked: (
            as_json({"success": True, "result": {"id": "o0", "title": "港区"}})
            if asked.query["id"] == "o0"
            else as_json({"success": False}, 404)
        )
        stated = [record.stated for record in records_of(read(site))]
        assert [one.publisher_name for one in stated] == ["港区", ""] * 3
        assert [one.publisher_id for one in stated] == ["o0", "o1"] * 3
        assert site.paths().count("/api/3/action/organization_show") == 2


@pytest.mark.parametrize("counts", [True, False], ids=["still counts", "answers nothing"])
def test_an_overloaded_server_is_left_alone(counts: bool) -> None:
    """The first page comes, then 503 for every other: what came is kept, the run ends soon and says when it comes back."""
    with FakeCkan(60) as site:
        usual = site.answer

        def overloaded(asked: Asked) -> Reply:
            within = "package_search" in asked.path and asked.query.get("start", "0") != "0"
            begun = any(other.query.get("start") == "20" for other in site.asked)
            return Reply(b"busy", 503) if within or (begun and not counts) else usual(asked)

        site.answer = overloaded  # type: ignore[method-assign]
        taken: list[ReadRecord] = []
        with Visitor(hurried()) as visitor, pytest.raises(SourceBusy) as busy:
            for page in READER.read(visitor, ReadingOrder(url=site.url, options={"rows": "20"})):
                taken += page.records
        assert len(taken) == 20
        assert busy.value.data["retry_after_seconds"] == 900
        assert len(site.asked) < 25


def test_of_too_many_resources_the_first_are_taken_and_that_is_said() -> None:
    """Not that the record is malformed."""
    package = made_up_package(1, "2026-01-01T00:00:00.000000") | {
        "resources": [{"url": f"http://x.example/{n}.csv"} for n in range(2001)]
    }
    with FakeCkan(packages=[package]) as site:
        pages = read(site)
    assert len(records_of(pages)[0].stated.distributions) == 2000
    assert ["2001" in fault.why.en for page in pages for fault in page.left_out if fault.code == "too-long"] == [True]


def test_dkan_nests_its_answers() -> None:
    """A package in a list of one is a package."""
    package = {"id": "a", "name": "a", "title": "入れ子", "tags": [], "resources": [{"url": "http://x.example/a.csv"}]}
    with FakeCkan(packages=[package]) as site:
        site.without_search = True
        site.spoiled = {0: orjson.dumps([package])}
        assert [r.stated.title for r in records_of(read(site))] == ["入れ子"]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Reply(b"<html>maintenance</html>", 200, {"Content-Type": "text/html"}), AnswerNotUnderstood),
        (Reply(b"", 200), AnswerNotUnderstood),
        (as_json({"success": False, "error": {}}, 200), AnswerNotUnderstood),
        (as_json({"no": "envelope"}), AnswerNotUnderstood),
        (Reply(b"no", 403), SourceRefuses),
        (Reply(b"no", 500), SourceRefuses),
        (Reply(b'{"help":"x","succ', 200, claims=9999), Problem),
        (Reply(bomb(), 200, {"Content-Encoding": "gzip"}), Problem),
    ],
)
def test_what_is_no_ckan_is_a_clear_problem(answer: Reply, problem: type[Problem]) -> None:
    """HTML, nothing, errors, half an answer, a bomb: a problem with its cure, soon."""
    with FakeCkan(3) as site:
        site.answers["/api/3/action/package_search"] = answer
        site.answers["/api/3/action/package_list"] = answer
        with pytest.raises(problem):
            read(site)
        assert len(site.asked) < 20


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/dataset",
        "/dataset/abc?x=1",
        "/api/3",
        "/api/3/action/package_search?q=x",
        "/api/action/package_list",
        "/organization/x",
    ],
)
def test_any_address_within_the_site_will_do(path: str) -> None:
    """The root is found from whatever an operator copied."""
    assert root_of(f"https://data.example/ckan{path}") == "https://data.example/ckan"


def test_the_real_packages_of_a_prefecture(corpus: Path) -> None:
    """93 real packages of Yamaguchi, with titles and files as published."""
    summary = json.loads((corpus / "catalog/yamaguchi_ckan_summary_20250611.json").read_text())
    packages = {
        p["id"]: p for group in summary.values() if isinstance(group, list) for p in group if isinstance(p, dict)
    }
    with FakeCkan(packages=list(packages.values())) as site:
        pages = read(site)
    records = {record.stated.record_id: record for record in records_of(pages)}
    assert records.keys() == packages.keys()
    for key, package in packages.items():
        stated = records[key].stated
        assert stated.title == package["title"].strip()
        assert [d.url for d in stated.distributions] == [
            r["url"].replace(" ", "%20") for r in package.get("resources", [])
        ]
    assert not codes_of(pages)


def test_pages_are_read_in_bounded_memory() -> None:
    """Nothing of a page is kept when the next one is read."""
    with FakeCkan(6000) as site, Visitor(hurried()) as visitor:
        tracemalloc.start()
        sizes = []
        for page in READER.read(visitor, ReadingOrder(url=site.url)):
            del page
            sizes.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
    assert sizes[-1] - sizes[3] < 6_000_000
