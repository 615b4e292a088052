"""What a search asks and answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

from tdpf.kit.text import Text

FILTER_ALIASES = {
    "theme": "themes", "area": "areas", "format": "formats", "purpose": "purposes", "publisher": "providers",
    "site": "sites", "origin": "origins", "licence": "licences", "frequency": "frequencies", "mqa": "mqa_bands",
    "rating": "rate_bands", "link": "link_states",
}  # fmt: skip
"""What the API calls the filters of which it takes several; addresses of pages, follows and feeds take either name."""
SortOrder = Literal["relevance", "newest", "title", "quality"]


@dataclass(frozen=True, kw_only=True)
class SearchFilters:
    """What a result must be; several values of one filter mean any of them, several filters mean all.

    `modified_from` and `modified_to` are moments, `period_from` and `period_to` days: the dataset's period overlaps them.
    `mqa_at_least` is a number of points, 0 to 405; `mqa_bands` are names of bands. With `uids` only these datasets
    are asked of.
    """

    themes: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    frequencies: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    stars: tuple[str, ...] = ()
    mqa_bands: tuple[str, ...] = ()
    rate_bands: tuple[str, ...] = ()
    link_states: tuple[str, ...] = ()
    located: bool | None = None
    modified_from: datetime | None = None
    modified_to: datetime | None = None
    period_from: date | None = None
    period_to: date | None = None
    mqa_at_least: int = 0
    uids: frozenset[str] = frozenset()


class SearchHit(NamedTuple):
    """One result: the card's facts as they stand in the index, and where the words were found; a page has twenty.

    `title_html` and `snippet_html`, and those in English where there is any, are escaped text in which only `<mark>` is
    markup; without `dated`, `modified_at` is
    when the dataset was collected, since its holder does not say when it was changed. `inferred_fields` name what no
    source stated.
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
    dated: bool = True
    origin: str = "registered"
    sites: tuple[str, ...] = ()
    stars: int | None = None
    mqa_points: int | None = None
    rate_band: str = ""
    purposes: tuple[str, ...] = ()
    period_start: date | None = None
    period_end: date | None = None
    columns: tuple[str, ...] = ()
    link_state: str = ""
    title_html_en: str = ""
    snippet_html_en: str = ""
    inferred_fields: tuple[str, ...] = ()


class FacetValue(NamedTuple):
    """One value of a facet: its code, what people call it, and how many results have it; an answer has hundreds."""

    code: str
    label: Text
    count: int  # type: ignore[assignment]  # a tuple's own count is of no use here
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

    Of the `total` the first `reachable` can be paged to. `understood_areas` are areas read out of the words themselves; without `understood` no word could be read in what was
    typed; `relaxed` says that no dataset has all the words, so these have some; `suggestion` is another spelling worth
    trying ("" for none). `facets_exact` is false where the counts of a very broad search were reckoned from a sample.
    """

    query: str
    total: int
    reachable: int
    offset: int
    limit: int
    hits: tuple[SearchHit, ...]
    facets: tuple[Facet, ...]
    suggestion: str = ""
    understood_areas: tuple[str, ...] = ()
    understood: bool = True
    relaxed: bool = False
    filters: SearchFilters = field(default_factory=SearchFilters)
    facets_exact: bool = True
    milliseconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """Something worth searching for, offered while somebody types: a `title`, `keyword`, `publisher` or `place`.

    `slug` names the dataset of a title; `count` is how many datasets have it.
    """

    text: str
    kind: str
    slug: str = ""
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """Why a result stands where it does: one word of the query, how it was found, and what it added to the score."""

    word: str
    way: str
    points: float


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """How one dataset's score came about for one query; `missing` are words that it lacks."""

    slug: str
    score: float
    contributions: tuple[Contribution, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SynonymEntry:
    """A group of words that operators let stand for each other; with `wide`, that word leads to the others only."""

    uid: str
    wide: str
    words: tuple[str, ...]
    note: str
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class SynonymsPreview:
    """What a search finds now and would find with a group: totals, words searched along with it, and the first results.

    `new` are the slugs of those results that are not found now; None when too many are found now to tell.
    """

    query: str
    before: int
    after: int
    words_before: tuple[str, ...]
    words_after: tuple[str, ...]
    hits: tuple[SearchHit, ...]
    new: frozenset[str] | None
