"""From a stored card to a result as it is shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import tantivy

from tdpf.controlplane.catalog.search.documents import unpacked
from tdpf.controlplane.catalog.search.highlight import Highlighter
from tdpf.controlplane.catalog.search.types import SearchHit
from tdpf.kit.text import Text


def card(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> dict[str, Any]:
    """Return the stored card of a document."""
    return unpacked(bytes(searcher.doc(address)["card"][0]))


def hit(found: dict[str, Any], score: float, highlighter: Highlighter, *, by_meaning: bool = False) -> SearchHit:
    """Return a card as a result, with marks where the words were found."""
    title, description = Text(*found["title"]), Text(*found["description"])
    provider, name_ja, name_en = found["provider"]
    start, end = found["period"]
    named = highlighter.has_all(title.ja or title.en)
    title_html = highlighter.marked(title.ja or title.en, literally=named)
    snippet_html = highlighter.snippet(description.ja or description.en, literally=named)
    title_html_en, snippet_html_en = title_html, snippet_html
    if title.ja and title.en not in ("", title.ja):
        named = highlighter.has_all(title.en)
        title_html_en = highlighter.marked(title.en, literally=named)
    if description.ja and description.en not in ("", description.ja):
        snippet_html_en = highlighter.snippet(description.en, literally=named)
    places = {
        "title": "<mark>" in title_html or "<mark>" in title_html_en,
        "keywords": any(highlighter.finds(word) for word in found["keywords"]),
        "columns": any(highlighter.finds(word) for word in found["columns"]),
        "publisher": highlighter.finds(name_ja),
        "description": "<mark>" in snippet_html or "<mark>" in snippet_html_en,
        "meaning": by_meaning,
    }
    return SearchHit(
        uid=found["uid"],
        slug=found["slug"],
        score=score,
        title=title,
        description=description,
        title_html=title_html,
        snippet_html=snippet_html,
        title_html_en=title_html_en,
        snippet_html_en=snippet_html_en,
        provider=provider,
        provider_name=Text(name_ja, name_en or name_ja),
        access=found["access"],
        themes=tuple(found["themes"]),
        licence=found["licence"],
        area_codes=tuple(found["areas"]),
        formats=tuple(found["formats"]),
        located=found["located"],
        update_frequency=found["frequency"],
        modified_at=datetime.fromisoformat(found["modified"]),
        matched_fields=tuple(name for name, there in places.items() if there),
        dated=found["dated"],
        origin=found["origin"],
        sites=tuple(found["sites"]),
        stars=found["stars"],
        mqa_points=found["mqa_points"],
        rate_band=found["rate_band"],
        purposes=tuple(found["purposes"]),
        period_start=date.fromisoformat(start) if start else None,
        period_end=date.fromisoformat(end) if end else None,
        columns=tuple(found["columns"]),
        link_state=found["link_state"],
    )
