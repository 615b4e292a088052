"""What a search asks and answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from tdpf.kit.text import Text

SortOrder = Literal["relevance", "newest", "title"]


@dataclass(frozen=True, kw_only=True)
class SearchFilters:
    """What a result must be; several values of one filter mean any of them, several filters mean all."""

    themes: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    frequencies: tuple[str, ...] = ()
    located: bool | None = None


@dataclass(frozen=True, kw_only=True)
class SearchHit:
    """One result: the card's facts as they stand in the index, and where the words were found.

    `title_html` and `snippet_html` are escaped text in which only `<mark>` is markup.
    """

    uid: str
    slug: str
    score: float
    title: Text
    description: Text
    title_html: str
    snippet_html: str
    provider: str
    provider_name: Text
    access: str
    themes: tuple[str, ...]
    licence: str
    area_codes: tuple[str, ...]
    formats: tuple[str, ...]
    located: bool
    update_frequency: str
    modified_at: datetime
    matched_fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FacetValue:
    """One value of a facet: its code, what people call it, and how many results have it."""

    code: str
    label: Text
    count: int
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Facet:
    """One facet of the results."""

    name: str
    label: Text
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, kw_only=True)
class SearchPage:
    """One page of results with facets.

    `understood_areas` are areas read out of the words themselves; `relaxed` says that no dataset has all the words, so
    these have some; `suggestion` is another spelling worth trying ("" for none).
    """

    query: str
    total: int
    offset: int
    limit: int
    hits: tuple[SearchHit, ...]
    facets: tuple[Facet, ...]
    suggestion: str = ""
    understood_areas: tuple[str, ...] = ()
    relaxed: bool = False
    filters: SearchFilters = field(default_factory=SearchFilters)
    milliseconds: float = 0.0
