"""Reads of datasets: one page, lists, versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django.db.models import Prefetch, Q, QuerySet

from tdpf.controlplane.catalog import errors
from tdpf.controlplane.catalog.keeping import is_dated, unpacked_corrected, unpacked_inferred, unpacked_stated
from tdpf.controlplane.catalog.models import Dataset, Distribution, SlugAlias, Version
from tdpf.controlplane.catalog.models import Place as PlaceRow
from tdpf.controlplane.catalog.part_types import parts_from_stored
from tdpf.controlplane.catalog.reads.offered import formats_of, offered_fact, offered_facts
from tdpf.controlplane.catalog.reads.rates import rate_bands
from tdpf.controlplane.catalog.types import (
    Access,
    DataClass,
    DatasetCard,
    DatasetPage,
    DatasetState,
    DistributionKind,
    DistributionPage,
    Holding,
    LinkState,
    MadeBy,
    Origin,
    Place,
    ProviderFacts,
    VersionPage,
    VersionState,
)
from tdpf.controlplane.catalog.vocabularies.formats import format_of
from tdpf.controlplane.catalog.vocabularies.licences import LICENCES
from tdpf.controlplane.members.types import Standing
from tdpf.kit.clock import now
from tdpf.kit.ids import is_uid
from tdpf.kit.pages import Page
from tdpf.kit.text import Text

MAX_LIMIT = 200


def get_dataset(slug_or_uid: str) -> Dataset:
    """Return the row by its current slug, any older slug, or its uid. Raises DatasetUnknown."""
    found = Dataset.objects.select_related("provider")
    if is_uid(slug_or_uid):
        dataset = found.filter(uid=slug_or_uid).first()
    else:
        dataset = found.filter(slug=slug_or_uid).first()
        if dataset is None:
            alias = SlugAlias.objects.filter(slug=slug_or_uid).select_related("dataset__provider").first()
            dataset = alias.dataset if alias is not None else None
    if dataset is None:
        raise errors.DatasetUnknown(dataset=slug_or_uid)
    return dataset


def may_see(dataset: Dataset, standing: Standing | None) -> bool:
    """Say whether a dataset's page may be shown: drafts only to their provider's members and the operator."""
    if dataset.state != Dataset.State.DRAFT:
        return True
    return standing is not None and (standing.is_operator or dataset.provider_id in standing.roles)


def dataset_page(slug_or_uid: str, standing: Standing | None = None) -> DatasetPage:
    """Return all that a dataset's page shows. Raises DatasetUnknown, also for drafts that the reader may not see."""
    dataset = get_dataset(slug_or_uid)
    if not may_see(dataset, standing):
        raise errors.DatasetUnknown(dataset=slug_or_uid)
    return page_of(dataset, standing)


def page_of(dataset: Dataset, standing: Standing | None = None) -> DatasetPage:
    """Return the page of a row; what quotes its data is for its provider only."""
    return pages_of([dataset], standing)[0]


def pages_of(datasets: Iterable[Dataset], standing: Standing | None = None) -> list[DatasetPage]:
    """Return the pages of rows (with their providers), in their order; five queries whatever their number."""
    rows = list(datasets)
    keys = [row.pk for row in rows]
    latest = Version.objects.filter(state=Version.State.LATEST).select_related("published_by")
    with_latest = Prefetch("versions", queryset=latest, to_attr="latest_versions")
    active = Distribution.objects.filter(dataset__in=keys, state=Distribution.State.ACTIVE)
    found = active.prefetch_related(with_latest).order_by("id")
    offered: dict[int, list[Distribution]] = {}
    for distribution in found:
        offered.setdefault(distribution.dataset_id, []).append(distribution)
    aliases: dict[int, list[str]] = {}
    for dataset_id, slug in SlugAlias.objects.filter(dataset__in=keys).order_by("id").values_list("dataset_id", "slug"):
        aliases.setdefault(dataset_id, []).append(slug)
    places = _places(keys)
    return [
        _page(row, offered.get(row.pk, []), aliases.get(row.pk, []), places.get(row.pk, []), standing) for row in rows
    ]


def _page(
    dataset: Dataset,
    offered: Iterable[Distribution],
    slugs: Iterable[str],
    places: Iterable[Place],
    standing: Standing | None,
) -> DatasetPage:
    quoting = _may_quote(dataset, standing)
    distributions = tuple(_distribution_page(row, quoting=quoting) for row in offered)
    licence = LICENCES.get(dataset.licence)
    return DatasetPage(
        number=dataset.pk,
        uid=dataset.uid,
        slug=dataset.slug,
        aliases=tuple(slug for slug in slugs if slug != dataset.slug),
        state=cast(DatasetState, dataset.state),
        access=cast(Access, dataset.access),
        terms_badges=tuple(dataset.terms_badges),
        provider=provider_of(dataset),
        title=title_of(dataset),
        description=Text(dataset.description_ja, dataset.description_en or dataset.description_ja),
        themes=tuple(dataset.themes),
        keywords=tuple(dataset.keywords),
        licence=dataset.licence,
        licence_name=Text(dataset.licence_name, dataset.licence_name)
        if dataset.licence_name or licence is None
        else licence.label,
        licence_url=dataset.licence_url or (licence.url if licence else ""),
        licence_text=dataset.licence_text,
        attribution=dataset.attribution,
        area_codes=tuple(dataset.area_codes),
        period_start=dataset.period_start,
        period_end=dataset.period_end,
        update_frequency=dataset.update_frequency,
        languages=tuple(dataset.languages),
        contact_name=dataset.contact_name,
        contact_email=dataset.contact_email,
        contact_url=dataset.contact_url,
        landing_url=dataset.landing_url,
        data_class=cast(DataClass, dataset.data_class),
        retention_days=dataset.retention_days,
        originals_days=dataset.originals_days,
        created_at=dataset.created_at,
        modified_at=dataset.modified_at,
        published_at=dataset.published_at,
        withdrawn_at=dataset.withdrawn_at,
        withdrawn_reason=dataset.withdrawn_reason,
        distributions=distributions,
        formats=formats_of(
            offered_fact(d.kind, d.format, d.place_mark, d.latest.located if d.latest else None, d.located)
            for d in distributions
        ),
        located=any(d.located for d in distributions),
        origin=cast(Origin, dataset.origin),
        places=tuple(places),
        stated=unpacked_stated(dataset.stated),
        publisher_area=dataset.publisher_area,
        inferred=unpacked_inferred(dataset.inferred),
        corrected=unpacked_corrected(dataset.corrected),
        not_understood=tuple(_not_understood(*words[-3:]) for words in dataset.not_understood),
        source_issued_at=dataset.source_issued_at,
        recorded_at=dataset.recorded_at,
        mqa_points=dataset.mqa_points,
        stars=dataset.stars,
    )


def _places(keys: Iterable[int]) -> dict[int, list[Place]]:
    """Return the sites that list each dataset or did, the primary one first."""
    found: dict[int, list[Place]] = {}
    for row in PlaceRow.objects.filter(dataset__in=list(keys)).order_by("-is_primary", "gone_at", "id"):
        place = Place(
            site=row.site,
            site_name=Text(row.site_name_ja, row.site_name_en or row.site_name_ja),
            url=row.url,
            record_id=row.record_id,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            gone_at=row.gone_at,
            is_primary=row.is_primary,
        )
        found.setdefault(row.dataset_id, []).append(place)
    return found


def _not_understood(stated: str, ja: str, en: str) -> Text:
    return Text(f"「{stated[:120]}」 — {ja}", f"“{stated[:120]}” — {en}")


def list_datasets(
    *,
    standing: Standing | None = None,
    provider_party_ids: Sequence[int] | None = None,
    states: Sequence[str] = ("published",),
    offset: int = 0,
    limit: int = 20,
) -> Page[DatasetCard]:
    """Return datasets, last modified first; drafts only of parties the standing has a role in, or for an operator."""
    found = Dataset.objects.filter(state__in=states)
    if not (standing is not None and standing.is_operator):
        own = list(standing.roles) if standing is not None else []
        found = found.filter(~Q(state=Dataset.State.DRAFT) | Q(provider__in=own))
    if provider_party_ids is not None:
        found = found.filter(provider__in=list(provider_party_ids))
    first, limit = max(0, offset), max(1, min(limit, MAX_LIMIT))
    cards = cards_of(found.select_related("provider").order_by("-modified_at", "-id")[first : first + limit])
    return Page(items=cards, total=found.count(), offset=first, limit=limit)


def cards_of(datasets: Iterable[Dataset]) -> list[DatasetCard]:
    """Return rows as lines of a list, in their order, repeated ones too; a fixed number of queries."""
    rows = list(datasets)
    numbers = list({row.pk: row for row in rows})
    facts, bands = offered_facts(numbers), rate_bands(numbers)
    return [_card(row, facts.get(row.pk, []), bands.get(row.pk, "")) for row in rows]


def get_distribution(uid: str) -> Distribution:
    """Return a distribution with its dataset. Raises DistributionUnknown."""
    found = Distribution.objects.select_related("dataset__provider").filter(uid=uid).first()
    if found is None:
        raise errors.DistributionUnknown(distribution=uid)
    return found


def get_version(uid: str) -> Version:
    """Return a version with its distribution and dataset. Raises VersionUnknown."""
    found = Version.objects.select_related("distribution__dataset", "published_by").filter(uid=uid).first()
    if found is None:
        raise errors.VersionUnknown(version=uid)
    return found


def latest_version(distribution_uid: str) -> Version | None:
    """Return the latest version of a distribution, or None before the first or after a purge."""
    found = Version.objects.filter(distribution__uid=distribution_uid, state=Version.State.LATEST)
    return found.select_related("distribution__dataset", "published_by").first()


def versions_of(distribution_uid: str, standing: Standing | None = None) -> tuple[VersionPage, ...]:
    """Return the history of a distribution, newest first, purged versions included. Raises DistributionUnknown.

    Rows quoted in differences and reports are for the provider and the operator: even an open offer may leave columns out.
    """
    quoting = _may_quote((distribution := get_distribution(distribution_uid)).dataset, standing)
    found = Version.objects.filter(distribution=distribution).select_related("published_by").order_by("-number")
    return tuple(version_page(version, quoting=quoting) for version in found)


def version_page(version: Version, *, quoting: bool = True) -> VersionPage:
    """Return a version as it is shown, with or without what quotes its rows."""
    return VersionPage(
        uid=version.uid,
        number=version.number,
        identity=version.identity,
        state=cast(VersionState, version.state),
        pinned=version.pinned,
        published_at=version.published_at,
        published_by=version.published_by.display_name,
        rows=version.rows,
        located=version.located,
        key_columns=tuple(version.key_columns),
        dictionary=tuple(cast(Sequence[Mapping[str, object]], version.dictionary)),
        original_name=version.original_name,
        original_sha256=version.original_sha256,
        original_bytes=version.original_bytes,
        original_media_type=version.original_media_type,
        original_available=version.original_removed_at is None,
        files=version.files,
        read_report=version.read_report if quoting else {},
        diff=version.diff if quoting else {name: part for name, part in version.diff.items() if name != "samples"},
        made_by=_made_by((version.read_report or {}).get("prepared")),
    )


def _made_by(plain: Mapping[str, Any] | None) -> MadeBy | None:
    if not plain or not plain.get("recipe_sha256"):
        return None
    return MadeBy(
        recipe_sha256=str(plain["recipe_sha256"]),
        engine=str(plain.get("engine", "")),
        schema=str(plain.get("schema", "")),
        inputs=tuple(str(entry["sha256"]) for entry in plain.get("inputs", ())),
    )


def published_rows() -> QuerySet[Dataset]:
    """Return the published datasets with their providers, in the order they were begun."""
    return Dataset.objects.filter(state=Dataset.State.PUBLISHED).select_related("provider").order_by("id")


def provider_of(dataset: Dataset) -> ProviderFacts:
    """Return the side that offers a dataset; the row's provider should be loaded with it."""
    return facts_of_party(dataset.provider)


def _may_quote(dataset: Dataset, standing: Standing | None) -> bool:
    return standing is not None and (standing.is_operator or dataset.provider_id in standing.roles)


def facts_of_party(party: Any) -> ProviderFacts:
    """Return a party as the side that offers a dataset."""
    return ProviderFacts(
        party_id=party.pk,
        uid=party.uid,
        slug=party.slug,
        name=Text(party.name_ja, party.name_en or party.name_ja),
        kind=party.kind,
    )


def title_of(dataset: Dataset) -> Text:
    """Return the title; the Japanese one stands in for a missing English one."""
    return Text(dataset.title_ja, dataset.title_en or dataset.title_ja)


def inferred_fields(dataset: Dataset) -> tuple[str, ...]:
    """Return the names of what was inferred about a dataset and put right by nobody."""
    return tuple(name for name in dataset.inferred if name not in dataset.corrected)


def _card(dataset: Dataset, offered: list[tuple[str, str, bool | None]], band: str) -> DatasetCard:
    return DatasetCard(
        number=dataset.pk,
        uid=dataset.uid,
        slug=dataset.slug,
        state=cast(DatasetState, dataset.state),
        access=cast(Access, dataset.access),
        title=title_of(dataset),
        description=Text(dataset.description_ja, dataset.description_en or dataset.description_ja),
        provider=provider_of(dataset),
        themes=tuple(dataset.themes),
        licence=dataset.licence,
        area_codes=tuple(dataset.area_codes),
        formats=formats_of(offered),
        located=any(located for _, _, located in offered),
        update_frequency=dataset.update_frequency,
        modified_at=dataset.modified_at,
        dated=is_dated(dataset.stated, dataset.modified_at, now=now()),
        published_at=dataset.published_at,
        origin=cast(Origin, dataset.origin),
        mqa_points=dataset.mqa_points,
        stars=dataset.stars,
        rate_band=band,
        inferred_fields=inferred_fields(dataset),
    )


def to_be_connected_anew(dataset_uid: str) -> list[str]:
    """Return the names of a dataset's distributions whose source cannot be asked until its secret is given anew."""
    rows = Distribution.objects.filter(dataset__uid=dataset_uid, state=Distribution.State.ACTIVE, connect_anew=True)
    return list(rows.order_by("id").values_list("name", flat=True))


def _distribution_page(row: Distribution, *, quoting: bool) -> DistributionPage:
    latest: list[Version] = getattr(row, "latest_versions", [])
    return DistributionPage(
        uid=row.uid,
        name=row.name,
        title=Text(row.title_ja or row.name, row.title_en or row.title_ja or row.name),
        description=Text(row.description_ja, row.description_ja),
        kind=cast(DistributionKind, row.kind),
        holding=cast(Holding, row.holding),
        holding_reason=row.holding_reason,
        storage_place=row.storage_place,
        retention_days=row.retention_days,
        # Where a provider's API is may be an inner address; others call it through the gateway.
        url=row.url if quoting or row.kind != Distribution.Kind.API else "",
        media_type=row.media_type or (latest[0].original_media_type if latest and row.kind == "file" else ""),
        format=row.format or (format_of(latest[0].original_name) if latest and row.kind == "file" else ""),
        latest=version_page(latest[0], quoting=quoting) if latest else None,
        record_id=row.record_id,
        access_url=row.access_url,
        size=row.size if row.size is not None else (latest[0].original_bytes if latest else None),
        stated_format=row.stated_format,
        licence=row.licence,
        columns=tuple(row.columns),
        dictionary=tuple(latest[0].dictionary if latest else row.dictionary),
        located=latest[0].located if latest else row.located,
        area_column=row.area_column,
        place_mark=row.place_mark,
        parts=parts_from_stored(row.parts),
        source_modified_at=row.source_modified_at,
        link_state=cast(LinkState, row.link_state),
        link_checked_at=row.link_checked_at,
        link_status=row.link_status,
        link_note=Text(row.link_note.get("ja", ""), row.link_note.get("en", "")),
        rating=row.rating or ((latest[0].read_report or {}).get("rating") if latest else None),
    )
