"""Reads through the search index, and what the index is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import repeat

from tdpf.controlplane.catalog import errors
from tdpf.controlplane.catalog.keeping import is_dated
from tdpf.controlplane.catalog.models import Dataset, Distribution, Place, Version
from tdpf.controlplane.catalog.rate_bands import BANDS
from tdpf.controlplane.catalog.reads.datasets import (
    cards_of,
    inferred_fields,
    list_datasets,
    published_rows,
)
from tdpf.controlplane.catalog.reads.offered import formats_of, offered_facts
from tdpf.controlplane.catalog.reads.provider_names import provider_names
from tdpf.controlplane.catalog.reads.rates import rate_bands
from tdpf.controlplane.catalog.reads.synonyms import current_synonyms
from tdpf.controlplane.catalog.search.documents import IndexDocument
from tdpf.controlplane.catalog.search.index import needs_rebuild
from tdpf.controlplane.catalog.search.reader import IndexMissing, deepest, reader_of
from tdpf.controlplane.catalog.storage import index_folder
from tdpf.controlplane.catalog.types import (
    DatasetCard,
    Explanation,
    Facet,
    FacetValue,
    SearchFilters,
    SearchPage,
    SortOrder,
    Suggestion,
)
from tdpf.controlplane.catalog.vocabularies.areas import area_label, areas
from tdpf.controlplane.catalog.vocabularies.choices import ACCESS, label_of
from tdpf.controlplane.catalog.vocabularies.frequencies import FREQUENCIES
from tdpf.controlplane.catalog.vocabularies.themes import THEMES
from tdpf.djangokit.jobs import waiting_since
from tdpf.kit.clock import now
from tdpf.kit.text import Text

_BATCH = 500
_WORST = ("broken", "suspect", "moved", "unknown", "ok")
_MOST_COLUMNS = 2_000
_MOST_LABELS, _LONGEST_CODE = 20_000, 100
# A batch dates its datasets when it begins, and asks for the index when it ends.
_LONGEST_WRITING = timedelta(seconds=150)
FACETS: dict[str, tuple[str, Text]] = {
    "theme": ("themes", Text("分野", "Theme")),
    "area": ("areas", Text("地域", "Area")),
    "access": ("access", Text("利用条件", "Terms")),
    "purpose": ("purposes", Text("認められる使い方", "What is allowed")),
    "format": ("formats", Text("形式", "Format")),
    "provider": ("providers", Text("提供者", "Provider")),
    "origin": ("origins", Text("登録・収集の別", "Origin")),
    "site": ("sites", Text("掲載サイト", "Site")),
    "licence": ("licences", Text("ライセンス", "Licence")),
    "frequency": ("frequencies", Text("更新頻度", "Update frequency")),
    "located": ("located", Text("位置情報", "Location")),
    "stars": ("stars", Text("オープンデータの星", "Open data stars")),
    "mqa": ("mqa_bands", Text("メタデータの品質", "Metadata quality")),
    "rate_band": ("rate_bands", Text("データレート", "Data rating")),
    "link_state": ("link_states", Text("リンクの状態", "Links")),
}
_NAMED: dict[str, dict[str, Text]] = {
    "access": ACCESS,
    "located": {"yes": Text("位置情報あり", "Located"), "no": Text("位置情報なし", "Not located")},
    "origin": {"registered": Text("登録されたもの", "Registered here"), "harvested": Text("収集したもの", "Collected")},
    "stars": {str(stars): Text("★" * stars or "星なし", f"{stars} stars") for stars in range(6)},
    "mqa": {
        "excellent": Text("優良（351点以上）", "Excellent (351 or more)"),
        "good": Text("良（221〜350点）", "Good (221–350)"),
        "sufficient": Text("可（121〜220点）", "Sufficient (121–220)"),
        "poor": Text("不足（120点以下）", "Poor (120 or less)"),
    },
    "purpose": {
        "commercial": Text("商用利用", "Commercial use"),
        "secondary-use": Text("二次利用", "Secondary use"),
        "redistribution": Text("再配布", "Redistribution"),
        "attribution": Text("出典の表示", "Attribution"),
        "automatic": Text("すぐに約定", "Agreed at once"),
        "reviewed": Text("審査あり", "Reviewed"),
        "manual": Text("審査あり", "Reviewed"),
    },
    "link_state": {
        "ok": Text("開けます", "Working"),
        "moved": Text("移転しています", "Moved"),
        "suspect": Text("要確認", "Doubtful"),
        "broken": Text("切れています", "Broken"),
        "unknown": Text("未確認", "Not checked"),
    },
}


def search(
    query: str,
    *,
    filters: SearchFilters | None = None,
    sort: SortOrder = "relevance",
    offset: int = 0,
    limit: int = 20,
    facets: bool = True,
) -> SearchPage:
    """Search the published datasets; an empty query lists them, newest first. Raises SearchNotReady.

    Words in quotes are a phrase, a minus before a word excludes it; `limit` ends at 100. By
    title the first 10,000 results can be paged to, in the other orders the first million; behind them pages are empty.
    Without `facets` the page has none, and is there sooner.
    """
    chosen = filters or SearchFilters()
    reader = reader_of(index_folder())
    try:
        found = reader.search(
            query,
            filters=chosen,
            sort=sort,
            offset=offset,
            limit=limit,
            synonyms=current_synonyms(),
            facets=facets,
        )
    except IndexMissing:
        raise errors.SearchNotReady from None
    return SearchPage(
        query=query,
        total=found.total,
        reachable=min(found.total, deepest(sort)),
        offset=offset,
        limit=limit,
        hits=found.hits,
        facets=_facets(found.facets, chosen, partial(reader.values, "provider")) if facets else (),
        suggestion=found.suggestion,
        understood_areas=found.places,
        understood=found.understood,
        relaxed=found.relaxed,
        facets_exact=found.facets_exact,
        filters=chosen,
        milliseconds=found.milliseconds,
    )


def known_codes(facet: str) -> frozenset[str] | None:
    """Return the codes that a filter can have, by the name of its facet in FACETS; None where they are without number."""
    if facet in _NAMED:
        return frozenset(_NAMED[facet])
    if facet == "rate_band":
        return frozenset(BANDS)
    if facet == "theme":
        return frozenset(THEMES)
    if facet == "area":
        return frozenset(areas())
    return frozenset((*FREQUENCIES, "UNKNOWN")) if facet == "frequency" else None


def newest_datasets(*, limit: int) -> tuple[DatasetCard, ...]:
    """Return the datasets that were changed last, as far as that is known; one query beyond what the index knows."""
    if not search_is_ready():
        return tuple(list_datasets(limit=limit).items)
    order = {hit.uid: at for at, hit in enumerate(search("", limit=limit, facets=False).hits)}
    rows = Dataset.objects.filter(uid__in=order, state=Dataset.State.PUBLISHED).select_related("provider")
    return tuple(cards_of(sorted(rows, key=lambda row: order[row.uid])))


def finds(words: str) -> bool:
    """Say whether some words find a dataset as they stand."""
    if not search_is_ready():
        return False
    found = search(words, limit=1, facets=False)
    return found.total > 0 and not found.relaxed


def suggest(typed: str, *, limit: int = 8) -> tuple[Suggestion, ...]:
    """Return what somebody who has typed so far may want to search for. Raises SearchNotReady."""
    try:
        return reader_of(index_folder()).suggest(typed, limit=limit)
    except IndexMissing:
        raise errors.SearchNotReady from None


def explain_hit(query: str, *, dataset_uid: str) -> Explanation | None:
    """Say why a dataset stands where it does for a query, for the operator. Raises SearchNotReady."""
    try:
        return reader_of(index_folder()).explain(query, dataset_uid, synonyms=current_synonyms())
    except IndexMissing:
        raise errors.SearchNotReady from None


def search_is_ready() -> bool:
    """Say whether there is an index that this program can read."""
    return not needs_rebuild(index_folder())


def indexed_until(moment: datetime) -> datetime | None:
    """Return how far, up to a moment, the index knows of everything that was stored; None when it cannot be asked."""
    if not search_is_ready():
        return None
    waiting = waiting_since("catalog.tasks.index_")
    return moment if waiting is None else min(moment, waiting - _LONGEST_WRITING)


def indexed_count() -> int:
    """Return how many datasets the index holds. Raises SearchNotReady."""
    try:
        return reader_of(index_folder()).count()
    except IndexMissing:
        raise errors.SearchNotReady from None


def documents() -> Iterator[IndexDocument]:
    """Yield every published dataset as the index keeps it, in batches of few queries."""
    batch: list[Dataset] = []
    for dataset in published_rows().iterator(chunk_size=_BATCH):
        batch.append(dataset)
        if len(batch) == _BATCH:
            yield from documents_of(batch)
            batch = []
    yield from documents_of(batch)


def documents_of(datasets: list[Dataset]) -> list[IndexDocument]:
    """Return rows (with their providers) as the index keeps them; the published ones only."""
    published = [dataset for dataset in datasets if dataset.state == Dataset.State.PUBLISHED]
    numbers = [dataset.pk for dataset in published]
    offered, columns = offered_facts(numbers), _columns(numbers)
    links, sites, bands = _link_states(numbers), _sites(numbers), rate_bands(numbers)
    return [
        _document(
            row,
            offered.get(row.pk, []),
            columns=columns.get(row.pk, ()),
            link_state=links.get(row.pk, ""),
            sites=sites.get(row.pk, ()),
            rate_band=bands.get(row.pk, ""),
        )
        for row in published
    ]


def _columns(numbers: list[int]) -> dict[int, tuple[str, ...]]:
    """Names and titles of the columns of each dataset's latest versions, and of what other sites list."""
    found: dict[int, dict[str, None]] = {}
    active = Distribution.objects.filter(dataset__in=numbers, state=Distribution.State.ACTIVE)
    latest = Version.objects.filter(distribution__in=active, state=Version.State.LATEST)
    for dataset, dictionary in latest.values_list("distribution__dataset_id", "dictionary"):
        names = found.setdefault(dataset, {})
        for entry in dictionary:
            for word in (str(entry.get("name") or ""), str(entry.get("title") or "")):
                if word and len(names) < _MOST_COLUMNS:
                    names[word] = None
    for dataset, listed in active.exclude(columns=[]).values_list("dataset_id", "columns"):
        names = found.setdefault(dataset, {})
        names.update(dict.fromkeys(str(word) for word in listed[: _MOST_COLUMNS - len(names)]))
    return {dataset: tuple(names) for dataset, names in found.items()}


def _link_states(numbers: list[int]) -> dict[int, str]:
    """The worst state among each dataset's links."""
    found: dict[int, str] = {}
    links = Distribution.objects.filter(
        dataset__in=numbers, state=Distribution.State.ACTIVE, kind=Distribution.Kind.LINK
    )
    for dataset, state in links.values_list("dataset_id", "link_state"):
        if dataset not in found or _WORST.index(state) < _WORST.index(found[dataset]):
            found[dataset] = state
    return found


def _sites(numbers: list[int]) -> dict[int, tuple[str, ...]]:
    """The sites at which each dataset is listed now."""
    found: dict[int, dict[str, None]] = {}
    places = Place.objects.filter(dataset__in=numbers, gone_at=None).order_by("-is_primary", "pk")
    for dataset, site in places.values_list("dataset_id", "site"):
        found.setdefault(dataset, {})[site] = None
    return {dataset: tuple(sites) for dataset, sites in found.items()}


def _document(
    dataset: Dataset,
    offered: list[tuple[str, str, bool | None]],
    *,
    columns: tuple[str, ...],
    link_state: str,
    sites: tuple[str, ...],
    rate_band: str,
) -> IndexDocument:
    measured = bool(dataset.mqa_points or dataset.stars)
    return IndexDocument(
        uid=dataset.uid,
        slug=dataset.slug,
        title_ja=dataset.title_ja,
        title_en=dataset.title_en,
        description_ja=dataset.description_ja,
        description_en=dataset.description_en,
        keywords=tuple(dataset.keywords),
        columns=columns,
        provider=dataset.provider.uid,
        provider_name_ja=dataset.provider.name_ja,
        provider_name_en=dataset.provider.name_en,
        themes=tuple(dataset.themes),
        theme_names=tuple(THEMES[code].label.ja for code in dataset.themes if code in THEMES),
        area_codes=tuple(dataset.area_codes),
        area_names=tuple(area_label(code).ja for code in dataset.area_codes[:100]),
        formats=formats_of(offered),
        access=dataset.access,
        purposes=tuple(dataset.terms_badges),
        licence=dataset.licence,
        update_frequency=dataset.update_frequency,
        located=any(located for _, _, located in offered),
        modified_at=dataset.modified_at,
        dated=is_dated(dataset.stated, dataset.modified_at, now=now()),
        period_start=dataset.period_start,
        period_end=dataset.period_end,
        origin=dataset.origin,
        sites=sites,
        stars=dataset.stars if measured else None,
        mqa_points=dataset.mqa_points if measured else None,
        link_state=link_state,
        rate_band=rate_band,
        inferred_fields=inferred_fields(dataset),
    )


def _facets(
    counts: Mapping[str, Mapping[str, int]], filters: SearchFilters, beside: Callable[[], Iterable[str]]
) -> tuple[Facet, ...]:
    facets: list[Facet] = []
    for field, (name, label) in FACETS.items():
        picked = _picked(filters, name)
        found: Mapping[str, int] = counts.get(field, {})
        if picked:
            # Counted values come most frequent first; chosen ones that nothing has are last.
            found = {**found, **{code: 0 for code in picked if code not in found}}
        labels: Iterable[Text] = map(_labels[field].__getitem__, found)
        if field == "provider" and (names := provider_names(found, beside=beside)):
            labels = [names.get(code) or told for code, told in zip(found, labels, strict=True)]
        chosen = [code in picked for code in found] if picked else repeat(False)
        # An answer has hundreds of values: they are put together without a step of Python for each.
        values = map(_value, zip(found, labels, found.values(), chosen, strict=False))
        facets.append(Facet(name=name, label=label, values=tuple(values)))
    return tuple(facets)


def _picked(filters: SearchFilters, name: str) -> tuple[str, ...]:
    if name == "located":
        return () if filters.located is None else ("yes" if filters.located else "no",)
    picked: tuple[str, ...] = getattr(filters, name)
    return picked


class _Labels(dict[str, Text]):
    """What the codes of one facet are called, made when first asked for."""

    def __init__(self, field: str) -> None:
        super().__init__()
        self._field = field

    def __missing__(self, code: str) -> Text:
        label = _label(self._field, code)
        # Whoever asks may choose any code: what is longer than codes are is not kept.
        if len(code) <= _LONGEST_CODE:
            if len(self) >= _MOST_LABELS:
                self.clear()
            self[code] = label
        return label


_labels = {field: _Labels(field) for field in FACETS}
_value: Callable[[tuple[str, Text, int, bool]], FacetValue] = partial(tuple.__new__, FacetValue)


def _label(field: str, code: str) -> Text:
    if field in _NAMED:
        return _NAMED[field].get(code, Text(code, code))
    if field == "rate_band":
        return BANDS[code][1] if code in BANDS else Text(code, code)
    if field in ("site", "provider"):
        return Text(code, code)
    return label_of(FACETS[field][0], code)
