"""A small library to search in, and how tests ask it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tdpf.controlplane.catalog.search.documents import IndexDocument
from tdpf.controlplane.catalog.search.reader import Found, Reader
from tdpf.controlplane.catalog.search.types import SearchFilters

DAY = datetime(2026, 11, 1, tzinfo=UTC)


def document(number: int, title: str, **more: Any) -> IndexDocument:
    return IndexDocument(
        uid=f"uid{number}", slug=f"set-{number}", title_ja=title, modified_at=DAY + timedelta(days=number), **more
    )


LIBRARY = [
    document(
        1,
        "公衆便所一覧",
        description_ja="新宿区の公衆便所です。",
        columns=("名称", "オストメイト設備の有無"),
        area_codes=("131041",),
        formats=("CSV", "GEOJSON"),
        themes=("welfare",),
        located=True,
        provider="p1",
        provider_name_ja="新宿区",
        licence="CC-BY-4.0",
        title_en="Public toilets",
    ),
    document(
        2,
        "港区の公園・トイレ",
        area_codes=("131032",),
        formats=("CSV",),
        themes=("land",),
        provider="p2",
        provider_name_ja="港区",
        licence="CC0-1.0",
        access="conditional",
    ),
    document(3, "指定緊急避難場所一覧", keywords=("防災",), area_codes=("131041",), provider="p1", themes=("safety",)),
    document(
        4, "東京都の人口", title_en="Population of Tokyo", area_codes=("130001",), description_ja="<b>総数</b>&内訳"
    ),
    document(5, "令和五年度歳出決算", themes=("government",)),
    document(6, "介護サービス事業所一覧"),
    document(7, "空港区域図"),
    document(8, "車椅子使用者対応設備一覧"),
    document(
        9, "Noise measurements", title_en="Noise measurements", description_en="Measured noise levels at stations."
    ),
]


def find(reader: Reader, query: str, **more: Any) -> Found:
    filters = SearchFilters(**{name: more.pop(name) for name in list(more) if hasattr(SearchFilters(), name)})
    return reader.search(query, filters=filters, **more)


def numbers(found: Found) -> list[int]:
    return [int(hit.uid[3:]) for hit in found.hits]
