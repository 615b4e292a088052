"""From a stored card to a result as it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import tantivy

from tdpf.controlplane.catalog.search.analyzer import sound_term
from tdpf.controlplane.catalog.search.documents import unpacked
from tdpf.controlplane.catalog.search.highlight import Highlighter
from tdpf.controlplane.catalog.search.narrowing import any_of
from tdpf.controlplane.catalog.search.schema import build_schema
from tdpf.controlplane.catalog.search.types import SearchHit
from tdpf.kit.text import Text

Place = tuple[int, int]


def card(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> dict[str, Any]:
    """Return the stored card of a document."""
    return unpacked(bytes(searcher.doc(address)["card"][0]))


def place(address: tantivy.DocAddress) -> Place:
    """Return a document's address as what can be looked up."""
    return address.segment_ord, address.doc


def in_other_forms(
    searcher: tantivy.Searcher, highlighter: Highlighter, cards: Iterable[dict[str, Any]]
) -> frozenset[Place]:
    """Return where those cards stand in which a word may have another form than was typed: only they are analysed for marks."""
    lacking = [told["uid"] for told in cards if not all(map(highlighter.has_all, filter(None, told["title"])))]
    if not lacking or not highlighter.forms:
        return frozenset()
    schema = build_schema()
    alone = [terms[0] for terms in highlighter.forms if len(terms) == 1]
    ways = [any_of(schema, "all_m", alone)]
    for parts in highlighter.forms:
        if len(parts) > 1:
            each = [(tantivy.Occur.Must, tantivy.Query.term_query(schema, "all_m", part, "basic")) for part in parts]
            ways.append(tantivy.Query.boolean_query(each))
    if highlighter.sounds:
        terms = [sound_term(sound, with_kana=kana) for sound in highlighter.sounds for kana in (True, False)]
        ways.append(any_of(schema, "readings", terms))
    words = tantivy.Query.boolean_query([(tantivy.Occur.Should, way) for way in ways])
    among = any_of(schema, "uid", lacking)
    both = tantivy.Query.boolean_query([(tantivy.Occur.Must, among), (tantivy.Occur.Must, words)])
    found = searcher.search(both, len(lacking), count=False).hits
    return frozenset(place(address) for _, address in found)


def hit(
    found: dict[str, Any], score: float, highlighter: Highlighter, *, analysed: bool, by_meaning: bool = False
) -> SearchHit:
    """Return a card as a result, with marks where the words were found; what is not `analysed` has them as they were typed."""
    title_ja, title_en = found["title"]
    description_ja, description_en = found["description"]
    provider, name_ja, name_en = found["provider"]
    start, end = found["period"]
    title, description = title_ja or title_en, description_ja or description_en
    named = not analysed or highlighter.has_all(title)
    title_html = highlighter.marked(title, literally=named)
    snippet_html = highlighter.snippet(description, literally=named)
    title_html_en, snippet_html_en = title_html, snippet_html
    if title_ja and title_en not in ("", title_ja):
        named = not analysed or highlighter.has_all(title_en)
        title_html_en = highlighter.marked(title_en, literally=named)
    if description_ja and description_en not in ("", description_ja):
        snippet_html_en = highlighter.snippet(description_en, literally=named)
    places: list[str] = []
    if "<mark>" in title_html or "<mark>" in title_html_en:
        places.append("title")
    if highlighter.finds(*found["keywords"]):
        places.append("keywords")
    if highlighter.finds(*found["columns"]):
        places.append("columns")
    if highlighter.finds(name_ja):
        places.append("publisher")
    if "<mark>" in snippet_html or "<mark>" in snippet_html_en:
        places.append("description")
    if by_meaning:
        places.append("meaning")
    return SearchHit(
        uid=found["uid"],
        slug=found["slug"],
        score=score,
        title=Text(title_ja, title_en),
        description=Text(description_ja, description_en),
        title_html=title_html,
        snippet_html=snippet_html,
        title_html_en=title_html_en,
        snippet_html_en=snippet_html_en,
        provider=provider,
        provider_name=_name(name_ja, name_en or name_ja),
        access=found["access"],
        themes=tuple(found["themes"]),
        licence=found["licence"],
        area_codes=tuple(found["areas"]),
        formats=tuple(found["formats"]),
        located=found["located"],
        update_frequency=found["frequency"],
        modified_at=datetime.fromisoformat(found["modified"]),
        matched_fields=tuple(places),
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
        inferred_fields=tuple(found["inferred_fields"]),
    )


_name = lru_cache(maxsize=5_000)(Text)
