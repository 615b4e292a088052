"""`tdpf search --json`, `/api/v1/search` and the search page give the same answers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from django.test import Client

from tdpf.controlplane.catalog.search.documents import IndexDocument
from tdpf.controlplane.catalog.search.index import rebuild
from tdpf.controlplane.catalog.storage import index_folder
from tdpf.kit.home import home
from tdpf.processes.bench.made_metadata import made_documents
from tdpf.processes.searching import print_search

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three hundred made-up datasets, and one whose date nobody could read."""
    monkeypatch.setenv("TDPF_HOME", str(tmp_path))
    home().prepare()
    undated = IndexDocument(
        uid="undated", slug="undated", title_ja="公園の遊具", modified_at=datetime(2030, 1, 1, tzinfo=UTC), dated=False
    )
    rebuild(index_folder(), [*made_documents(300), undated])


@pytest.mark.parametrize(
    "query", ["公園", "新宿区 トイレ", "toilets", "決算 令和5年度", '"避難所" -港区', "", "👀\u202e\x00"]
)
def test_terminal_api_and_page_agree(query: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = print_search(query, limit=20, as_json=True)
    printed = orjson.loads(capsys.readouterr().out)
    answered = Client().get("/api/v1/search", {"q": query, "limit": 20}).json()
    for shown in (printed, answered):
        shown["next"] = shown["next"] and sorted(shown["next"].partition("?")[2].split("&"))
    assert printed == answered
    page = Client().get("/search", {"q": query}).content.decode()
    listed = re.findall(r'dads-resource-list__title" href="/datasets/([^"]+)"', page)
    assert listed == [item["slug"] for item in printed["items"]]
    assert code == (0 if listed else 1)


def test_signs_that_are_no_words_find_nothing_and_say_so() -> None:
    told = Client().get("/api/v1/search", {"q": "\u202e\u200b😀"}).json()
    assert (told["total"], told["understood"], told["items"]) == (0, False, [])
    page = Client().get("/search", {"q": "\u202e\u200b😀"}).content.decode()
    assert "読み取れることばがありませんでした" in page
    everything = Client().get("/api/v1/search", {"q": "　"}).json()
    assert (everything["total"], everything["understood"]) == (301, True)


def test_what_has_no_readable_date_is_last_among_the_newest_and_not_fresh() -> None:
    parks = Client().get("/api/v1/search", {"q": "公園", "sort": "newest", "limit": 100}).json()["items"]
    assert [(item["slug"], item["dated"]) for item in parks][-1] == ("undated", False)
    assert all(item["dated"] for item in parks[:-1])
    recent = Client().get("/api/v1/search", {"q": "遊具", "modified_from": "1900-01-01"}).json()["items"]
    assert "undated" not in {item["slug"] for item in recent}
    assert "記載なし" in Client().get("/search", {"q": "公園の遊具"}).content.decode()


def test_the_front_page_offers_words_that_find_something(tmp_path: Path) -> None:
    from django.core.cache import caches

    caches["frame"].clear()
    page = Client().get("/").content.decode()
    offered = re.findall(r'href="/search\?q=([^"]+)"', page)
    assert offered
    for word in offered:
        assert "読み取れる" not in page
        assert Client().get(f"/search?q={word}").content.decode().count("dads-resource-list__title") > 0
    rebuild(index_folder(), [])
    caches["frame"].clear()
    assert not re.findall(r'href="/search\?q=([^"]+)"', Client().get("/").content.decode())
