"""An operator pastes any address: what answers there is found, with the evidence; and nothing hostile stops the search."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from federation_kinds import DATASET, PLATEAU_ROWS, US_1_1, csw, page, records_api, sitemap
from federation_sites import FakeCkan, Reply, Site, as_json, bomb, endless, hurried
from test_reading_dcat import TURTLE

from tdpf.controlplane.federation.errors import RobotsForbid
from tdpf.controlplane.federation.reading.finding import guess_kind, tidy_address
from tdpf.controlplane.federation.types import KindGuess
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import AddressRefused, FetchFailed, TooLarge, TooSlow

LIST = "データ名,URL,形式\n題,https://w.example/1,CSV\n甲,https://w.example/2,CSV\n".encode()


def guess(url: str) -> list[KindGuess]:
    """Return what is found at an address."""
    with Visitor(hurried(max_bytes=5_000_000, request_seconds=5.0)) as visitor:
        return guess_kind(visitor, url)


@pytest.mark.parametrize("path", ["", "/", "/dataset", "/dataset/abc", "/api/3/action/package_list"])
def test_ckan_is_found_from_any_of_its_pages(path: str) -> None:
    """With the number of its records."""
    with FakeCkan(321) as site:
        found = guess(site.url + path)
        assert (found[0].kind, found[0].url, found[0].count) == ("ckan", site.url, 321)
        assert "321" in found[0].evidence.ja


def _alternate(site: Site) -> None:
    site.answers["/portal"] = Reply(
        b'<!doctype html><html><head><link rel="alternate" type="text/turtle" href="/c.ttl"></head></html>',
        headers={"Content-Type": "text/html"},
    )
    site.answers["/c.ttl"] = Reply(TURTLE.encode(), headers={"Content-Type": "text/turtle"})


def _linked_list(site: Site) -> None:
    site.answers["/portal"] = (
        '<!doctype html><html><a href="/files/ichiran.csv">オープンデータ一覧（CSV）</a></html>'.encode()
    )
    site.answers["/files/ichiran.csv"] = LIST


def _by_sitemap(site: Site) -> None:
    site.answers |= {"/sitemap.xml": sitemap(site, {"/datasets/1": ""}), "/datasets/1": page(DATASET)}


CASES: dict[str, tuple[str, Callable[[Site], None]]] = {
    "data_json": ("", lambda site: site.answers.update({"/data.json": as_json(US_1_1)})),
    "dcat": ("/catalog.ttl", lambda site: site.answers.update({"/catalog.ttl": Reply(TURTLE.encode(), headers={"Content-Type": "text/turtle"})})),
    "dcat by link": ("/portal", _alternate),
    "csw": ("", lambda site: site.answers.update({"/csw": csw(9, speaks_iso=True)})),
    "ogc_records": ("", lambda site: site.answers.update(records_api(9))),
    "list_table": ("/l.csv", lambda site: site.answers.update({"/l.csv": LIST})),
    "list_table by link": ("/portal", _linked_list),
    "schema_org": ("", _by_sitemap),
    "plateau": ("", lambda site: site.answers.update({"/datacatalog/plateau-datasets": as_json({"datasets": PLATEAU_ROWS[:3]})})),
}  # fmt: skip


@pytest.mark.parametrize("name", list(CASES))
def test_each_kind_is_found(name: str) -> None:
    """And said why."""
    path, prepare = CASES[name]
    with Site() as site:
        prepare(site)
        found = guess(site.url + path)
        assert found
        best = found[0]
        assert best.kind == name.split(" ")[0]
        assert best.evidence.ja != best.evidence.en
        assert best.url.startswith(site.url)


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/list/own.csv", LIST, "list_table"),
        ("/dcat/c.ttl", TURTLE.encode(), "dcat"),
        ("/dj/data.json", as_json(US_1_1), "data_json"),
    ],
)
def test_what_the_very_address_answers_wins_over_a_neighbour(path: str, body: bytes, kind: str) -> None:
    """A ward with a CKAN, a CSW and a list of its own on one host: what was asked for is taken, the others are proposed."""
    with FakeCkan(5) as site:
        site.answers |= {path: body, "/csw": csw(9, speaks_iso=True)}
        found = guess(site.url + path)
        assert (found[0].kind, found[0].url, found[0].place) == (kind, site.url + path, "here")
        assert ("ckan", "near") in [(other.kind, other.place) for other in found]
        assert guess(f"{site.url}/nowhere")[0].place == "near"
        assert guess(site.url)[0].place == "within"


def test_the_entrance_of_an_api_is_no_list_of_datasets() -> None:
    """Its links to collections and conformance have titles and addresses too."""
    parts = [
        {"rel": rel, "href": f"/{rel}", "title": rel, "type": "application/json"}
        for rel in ("self", "data", "conformance")
    ]
    with Site({}) as site:
        site.answers.update(records_api(9))
        site.answers["/"] = as_json({"title": "OGC", "links": parts})
        assert [found.kind for found in guess(f"{site.url}/")] == ["ogc_records"]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(status=404), "404"),
        (Reply(bomb(), headers={"Content-Encoding": "gzip"}), "limit"),
        (Reply(status=302, headers={"Location": "/x"}), "circle"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "entities"),
        (b"just some words", "no form of catalogue"),
    ],
)
def test_why_nothing_can_be_read_is_said(reply: Reply | bytes, words: str) -> None:
    """Too large, in a circle, hostile, not there, something else."""
    with Site({"/x": reply}) as site, pytest.raises(Problem) as hindered:
        guess(f"{site.url}/x")
    assert words in hindered.value.detail_in("en")


def test_nothing_there_is_an_empty_answer_and_a_dead_site_a_problem() -> None:
    """Two different things to an operator."""
    with Site({"/": b"<html>hello</html>"}) as site:
        assert guess(site.url) == []
    with pytest.raises(FetchFailed):
        guess("http://127.0.0.1:9/")


def test_what_robots_keep_us_from_is_said() -> None:
    """A CKAN as it is installed forbids its API to robots: the operator learns that, and whom to ask."""
    with FakeCkan(5) as site:
        site.robots = b"User-agent: *\nDisallow: /api/\n"
        with pytest.raises(RobotsForbid) as refused:
            guess(site.url)
        assert "/api/3/action" in str(refused.value.data["url"])
        with Visitor(hurried(robots_permission="2026-10-01 の文書", permitted_host="127.0.0.1")) as visitor:
            assert guess_kind(visitor, site.url)[0].kind == "ckan"


def test_a_hostile_site_does_not_stop_the_search() -> None:
    """Bombs, gigabytes and circles at every address: one of them is told, soon."""
    with Site() as site:
        site.answer = lambda asked: (  # type: ignore[method-assign]
            Reply(status=404)
            if asked.path == "/robots.txt"
            else Reply(bomb(), headers={"Content-Encoding": "gzip"})
            if len(asked.path) % 3 == 0
            else Reply(pieces=endless())
            if len(asked.path) % 3 == 1
            else Reply(status=302, headers={"Location": asked.path})
        )
        with pytest.raises((TooLarge, TooSlow, FetchFailed)):
            guess(site.url)


def test_private_addresses_are_refused() -> None:
    """The search is no way to look at our own network."""
    with Visitor(hurried(allow_private=False)) as visitor:
        for url in ("http://127.0.0.1/", "http://169.254.169.254/latest", "localhost"):
            with pytest.raises((AddressRefused, FetchFailed)):
                guess_kind(visitor, url)


@pytest.mark.parametrize(
    ("typed", "address"),
    [("data.example.jp", "https://data.example.jp"), (" http://x.example/a b ", "http://x.example/ab")],
)
def test_what_is_typed_becomes_an_address(typed: str, address: str) -> None:
    """Without scheme, with blanks."""
    assert tidy_address(typed) == address
    for wrong in ("ftp://x.example", "javascript:alert(1)", "https://", "http://[broken"):
        with pytest.raises(AddressRefused):
            tidy_address(wrong)
