"""Reads for the gate snapshot: what of which published dataset can be got, in a few queries whatever their number."""

from __future__ import annotations

from collections import defaultdict
from typing import cast

from django.db.models import F, Q

from tdpf.controlplane.catalog.models import Dataset, Distribution, SlugAlias, Version
from tdpf.controlplane.catalog.part_types import parts_from_stored
from tdpf.controlplane.catalog.reads.datasets import title_of
from tdpf.controlplane.catalog.reads.differences import versions_in_reach
from tdpf.controlplane.catalog.types import (
    Access,
    ConnectedFacts,
    DistributionKind,
    PublishedFileFacts,
    PublishedTableFacts,
)
from tdpf.controlplane.catalog.vocabularies.formats import FORMATS, file_name, format_of
from tdpf.controlplane.catalog.vocabularies.licences import LICENCES

# What other sites stated of a dataset can be large, and the gateway asks nothing of it.
_OTHERS_WORDS = ("stated", "inferred", "corrected", "not_understood")


def published_tables() -> list[PublishedTableFacts]:
    """Return every table of a published dataset that has a latest version, with the older versions that can be asked for."""
    aliases = _aliases()
    older = _in_reach()
    found = (
        Version.objects.filter(
            state=Version.State.LATEST,
            distribution__kind=Distribution.Kind.TABLE,
            distribution__state=Distribution.State.ACTIVE,
            distribution__dataset__state=Dataset.State.PUBLISHED,
        )
        .select_related("distribution__dataset__provider")
        .defer("read_report", "diff", "files", *(f"distribution__dataset__{name}" for name in _OTHERS_WORDS))
        .order_by("distribution__dataset_id", "distribution_id")
    )
    facts: list[PublishedTableFacts] = []
    for version in found:
        distribution, dataset = version.distribution, version.distribution.dataset
        facts.append(
            PublishedTableFacts(
                dataset=dataset.pk,
                dataset_uid=dataset.uid,
                provider_party_id=dataset.provider_id,
                slug=dataset.slug,
                aliases=aliases[dataset.pk],
                table=distribution.name,
                identity=version.identity,
                version=version.number,
                columns=tuple(str(entry["name"]) for entry in version.dictionary),
                rows=version.rows,
                located=version.located,
                pinned=tuple(older[distribution.pk]),
                title=title_of(dataset),
                description_ja=dataset.description_ja,
                licence=_licence(dataset),
                attribution=dataset.attribution or dataset.provider.name_ja,
                provider_ja=dataset.provider.name_ja,
                published_at=version.published_at,
                access=cast(Access, dataset.access),
            )
        )
    return facts


def published_files() -> list[PublishedFileFacts]:
    """Return every held file of a published dataset; its name is the distribution's with the original's suffix."""
    found = (
        Version.objects.filter(
            state=Version.State.LATEST,
            original_removed_at__isnull=True,
            distribution__kind=Distribution.Kind.FILE,
            distribution__state=Distribution.State.ACTIVE,
            distribution__dataset__state=Dataset.State.PUBLISHED,
        )
        .select_related("distribution__dataset")
        .defer("read_report", "diff", "files", *(f"distribution__dataset__{name}" for name in _OTHERS_WORDS))
        .order_by("distribution__dataset_id", "distribution_id")
    )
    aliases = _aliases()
    return [
        PublishedFileFacts(
            dataset=version.distribution.dataset_id,
            dataset_uid=version.distribution.dataset.uid,
            slug=version.distribution.dataset.slug,
            aliases=aliases[version.distribution.dataset_id],
            identity=version.identity,
            name=file_name(version.distribution.name, version.original_name),
            path=f"{version.original_sha256[:2]}/{version.original_sha256}",
            media_type=_media_type(version),
            size=version.original_bytes,
            sha256=version.original_sha256,
            access=cast(Access, version.distribution.dataset.access),
        )
        for version in found
    ]


def connected_distributions() -> list[ConnectedFacts]:
    """Return what of published datasets is not kept here: links, files passed through, APIs; and streams."""
    found = (
        Distribution.objects.filter(
            Q(holding=Distribution.Holding.CONNECTED) | Q(kind=Distribution.Kind.STREAM),
            state=Distribution.State.ACTIVE,
            dataset__state=Dataset.State.PUBLISHED,
        )
        .select_related("dataset__provider")
        .defer(*(f"dataset__{name}" for name in _OTHERS_WORDS))
        .order_by("dataset_id", "id")
    )
    aliases = _aliases()
    return [
        ConnectedFacts(
            uid=row.uid,
            dataset=row.dataset_id,
            dataset_uid=row.dataset.uid,
            slug=row.dataset.slug,
            aliases=aliases[row.dataset_id],
            name=row.name,
            kind=cast(DistributionKind, row.kind),
            url=row.url,
            access=cast(Access, row.dataset.access),
            place_mark=row.place_mark,
            parts=parts_from_stored(row.parts),
            provider_party_id=row.dataset.provider_id,
            title=title_of(row.dataset),
            description_ja=row.dataset.description_ja,
            licence=_licence(row.dataset),
            attribution=row.dataset.attribution or row.dataset.provider.name_ja,
            provider_ja=row.dataset.provider.name_ja,
        )
        for row in found
    ]


def _media_type(version: Version) -> str:
    stated = version.distribution.media_type or version.original_media_type
    if stated and stated != "application/octet-stream":
        return stated
    return FORMATS[format_of(version.original_name)].media_type


def _licence(dataset: Dataset) -> str:
    if dataset.licence == "custom":
        return dataset.licence_url or dataset.licence_name
    return LICENCES[dataset.licence].url if dataset.licence in LICENCES else dataset.licence


def _aliases() -> defaultdict[int, tuple[str, ...]]:
    """Return the former slugs of published datasets; the one in use stands among the rows too, and most have no other."""
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    former = SlugAlias.objects.filter(dataset__state=Dataset.State.PUBLISHED).exclude(slug=F("dataset__slug"))
    for dataset, slug in former.order_by("id").values_list("dataset_id", "slug"):
        found[dataset] = (*found[dataset], slug)
    return found


def _in_reach() -> defaultdict[int, list[tuple[int, str]]]:
    found: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for _key, distribution, number, identity in versions_in_reach():
        found[distribution].append((number, identity))
    return found
