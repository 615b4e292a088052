"""What a search would find if the table of administrative words were changed: for the operator, before it is kept."""

from __future__ import annotations

from collections.abc import Sequence

from tdpf.controlplane.catalog import errors
from tdpf.controlplane.catalog.reads.synonyms import current_synonyms, synonyms_with
from tdpf.controlplane.catalog.search.parsing import parse
from tdpf.controlplane.catalog.search.reader import IndexMissing, reader_of
from tdpf.controlplane.catalog.search.synonyms import Synonyms, tidy_group
from tdpf.controlplane.catalog.search.types import SearchFilters, SynonymsPreview
from tdpf.controlplane.catalog.storage import index_folder

_SHOWN = 10
_COMPARED = 100


def preview_synonyms(query: str, *, words: Sequence[str], wide: str = "", uid: str = "") -> SynonymsPreview:
    """Say what a query finds with a group added, or put in the place of the one of that uid.

    Raises SynonymsInvalid, SearchNotReady.
    """
    tidy_wide, tidy_words, fault = tidy_group(wide, words)
    if fault is not None:
        raise errors.SynonymsInvalid(what_ja=fault.ja, what_en=fault.en)
    now, then = current_synonyms(), synonyms_with(tidy_wide, tidy_words, uid=uid)
    try:
        reader = reader_of(index_folder())
        before = reader.search(query, filters=SearchFilters(), limit=_COMPARED, synonyms=now)
        after = reader.search(query, filters=SearchFilters(), limit=_SHOWN, synonyms=then)
    except IndexMissing:
        raise errors.SearchNotReady from None
    known = {hit.slug for hit in before.hits}
    return SynonymsPreview(
        query=query,
        before=before.total,
        after=after.total,
        words_before=_words(query, now),
        words_after=_words(query, then),
        hits=after.hits,
        new=frozenset(hit.slug for hit in after.hits if hit.slug not in known) if before.total <= _COMPARED else None,
    )


def words_searched_with(query: str) -> tuple[str, ...]:
    """Return the words that a search for this one looks for as well, those that came with the platform included."""
    return _words(query, current_synonyms())


def _words(query: str, table: Synonyms) -> tuple[str, ...]:
    others = (other for unit in parse(query, table).units for other in unit.others)
    return tuple(dict.fromkeys(_written(tuple(token.surface for token in other)) for other in others))


def _written(parts: tuple[str, ...]) -> str:
    return (" " if all(part.isascii() for part in parts) else "").join(parts)
