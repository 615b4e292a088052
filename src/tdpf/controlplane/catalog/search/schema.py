"""The fields of the index, and how a dataset becomes their values.

`title_m` and `all_m` hold words in their one form, `columns_m` those of column names, `pairs` the pairs of characters
of all short texts. `meaning` is the key of the text whose vector
serves results by meaning; `hint` holds keywords and publishers whole, for suggestions while somebody types.
"""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from typing import Any
from zlib import crc32

import tantivy

from tdpf.controlplane.catalog.search.analyzer import (
    indexed,
    indexed_list,
    indexed_list_pairs,
    indexed_pairs,
    indexed_sentences,
    reading_of,
)
from tdpf.controlplane.catalog.search.documents import IndexDocument, packed
from tdpf.controlplane.catalog.search.folding import fold, to_katakana
from tdpf.controlplane.catalog.search.meaning import meaning_key, meaning_text
from tdpf.controlplane.catalog.search.numbering import FACET_FIELDS, Numbering
from tdpf.controlplane.catalog.vocabularies.areas import with_ancestors

SCHEMA = 7
MQA_BANDS = (("excellent", 351), ("good", 221), ("sufficient", 121), ("poor", 0))
"""Bands of the European data portal's metadata quality assessment, with the points at which each begins."""
HINT_PARTS = "\x1f"
SAMPLES = 64
UNDATED = -(10**11)
"""Stands where a moment is unknown: older than anything, so that it is last among the newest and never fresh."""
_LONGEST_HINT = 40
_NOTHING = ("",)
_MOST_COLUMNS = 2_000
_LONGEST = 200_000


@cache
def build_schema() -> tantivy.Schema:
    """Return the fields of the index."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("uid", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("exact", tokenizer_name="raw", index_option="basic")
    for name in ("title_m", "all_m", "columns_m", "pairs"):
        builder.add_text_field(name, tokenizer_name="whitespace")
    builder.add_text_field("readings", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("meaning", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("hint", tokenizer_name="raw", index_option="basic")
    for name in FACET_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("title_key", tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("modified", "period_start", "period_end", "quality", "chance", "row"):
        builder.add_integer_field(name, fast=True)
    builder.add_integer_field("sample", indexed=True)
    builder.add_bytes_field("card", stored=True)
    return builder.build()


def mqa_band(points: int | None) -> str:
    """Return the band of a number of points, "" when it was not measured."""
    if points is None:
        return ""
    return next(band for band, least in MQA_BANDS if points >= least)


def days(day: date) -> int:
    """Return a date as a number that grows by one each day."""
    return day.toordinal()


def tantivy_document(document: IndexDocument, numbering: Numbering, *, row: int | None = None) -> tantivy.Document:
    """Return the values of all fields for one dataset, ready for the writer; `row` is that of its facets if it has one."""
    values, facets = field_values(document), facet_values(document)
    values.update({name: list(codes) for name, codes in facets.items()})
    values["row"], values["card"] = numbering.row(facets, known=row), packed(document)
    return tantivy.Document.from_dict(values, build_schema())


def field_values(document: IndexDocument) -> dict[str, Any]:
    """Return the values of all fields but the facets and the card for one dataset."""
    titles = [title for title in (document.title_ja, document.title_en) if title]
    title_m = [indexed(title).words for title in titles]
    all_m = list(title_m)
    grams = [indexed_pairs(title) for title in titles]
    sounds: dict[str, None] = {sound: None for title in titles for sound in indexed(title).readings}
    publisher = tuple(name for name in (document.provider_name_ja, document.provider_name_en) if name)
    for texts in (document.keywords, document.theme_names, publisher, document.area_names[:20], document.formats):
        if texts:
            found = indexed_list(texts)
            all_m.append(found.words)
            sounds.update(dict.fromkeys(found.readings))
    grams.extend(indexed_list_pairs(texts) for texts in (document.keywords, publisher) if texts)
    columns_m: list[str] = []
    if document.columns:
        columns = document.columns[:_MOST_COLUMNS]
        found = indexed_list(columns)
        columns_m.append(found.words)
        grams.append(indexed_list_pairs(columns))
        sounds.update(dict.fromkeys(found.readings))
    for description in (document.description_ja, document.description_en):
        all_m.extend(indexed_sentences(description[:_LONGEST]))
    return {
        "uid": document.uid,
        "exact": [found for found in {document.slug, *(fold(title)[:500] for title in titles)} if found],
        "title_m": title_m,
        "all_m": all_m,
        "columns_m": columns_m,
        "pairs": grams,
        "readings": " ".join(sounds),
        "meaning": meaning_key(meaning_text(titles, document.keywords)),
        "hint": [term for hint in (*document.keywords, *publisher) for term in hint_terms(hint)],
        "title_key": reading_of(document.title_ja or document.title_en)[:60] or "~",
        **_numbers(document),
    }


@lru_cache(maxsize=20_000)
def hint_terms(text: str) -> tuple[str, ...]:
    """Return what a keyword or name is found by while somebody types: as it is written and as it is read."""
    shown = " ".join(text.split())
    if not shown or len(shown) > _LONGEST_HINT:
        return ()
    ways = dict.fromkeys((to_katakana(fold(shown)), reading_of(shown)))
    return tuple(f"{way}{HINT_PARTS}{shown}" for way in ways if way)


def facet_values(document: IndexDocument) -> dict[str, tuple[str, ...]]:
    """Return the values of each facet that a dataset has any of."""
    facets = {
        "theme": document.themes,
        "area": with_ancestors(document.area_codes),
        "format": document.formats,
        "access": (document.access,),
        "purpose": document.purposes,
        "provider": (document.provider,),
        "licence": (document.licence,),
        "frequency": (document.update_frequency,),
        "located": ("yes" if document.located else "no",),
        "origin": (document.origin,),
        "site": document.sites,
        "stars": () if document.stars is None else (str(document.stars),),
        "mqa": (mqa_band(document.mqa_points),),
        "rate_band": (document.rate_band,),
        "link_state": (document.link_state,),
    }
    return {
        name: codes if all(codes) else tuple(filter(None, codes))
        for name, codes in facets.items()
        if codes and codes != _NOTHING
    }


def _numbers(document: IndexDocument) -> dict[str, int]:
    values = {"modified": int(document.modified_at.timestamp()) if document.dated else UNDATED}
    if document.period_start or document.period_end:
        values["period_start"] = days(document.period_start or date.min)
        values["period_end"] = days(document.period_end or date.max)
    values["quality"] = document.mqa_points or 0
    chance = crc32(document.uid.encode())
    values["sample"], values["chance"] = chance % SAMPLES, (chance // SAMPLES) & 0xFFFF
    return values
