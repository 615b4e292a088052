"""From what the rooms know to the entries of the gate snapshot: pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from tdpf.controlplane.access import rules
from tdpf.controlplane.access.types import ConnectedApi, ConnectedStream, HeaderPolicy
from tdpf.controlplane.catalog.types import ConnectedFacts, PublishedFileFacts, PublishedTableFacts
from tdpf.controlplane.exchange.types import Access, GrantFact, OfferFact
from tdpf.kit.clock import jst_date
from tdpf.wire.messages import (
    ANONYMOUS,
    ANY_KEY,
    Collection,
    GrantEntry,
    KeyEntry,
    PassThrough,
    PinnedVersion,
    PublishedFile,
    PublishedTable,
)
from tdpf.wire.sources import ApiOperation, ApiSource, HeaderLine, StreamSource, StreamView

Columns = tuple[str, ...]
Signed = Callable[[int, str], bool]
"""Says whether the warranty for a dataset's data of an identity is signed."""


def unix(instant: datetime | None) -> int:
    """Return Unix seconds, rounded down; 0 for no instant."""
    return 0 if instant is None else int(instant.timestamp())


def key_entry(sha256: str, application_row: int, expires_at: datetime | None) -> KeyEntry:
    """Return the entry of one key or token."""
    return KeyEntry(sha256, rules.application_number(application_row), unix(expires_at))


def agreed_grants(
    grants: Iterable[GrantFact], *, applications: Mapping[str, int], views: Mapping[tuple[int, str], int]
) -> list[GrantEntry]:
    """Return the grants of agreements whose application is there.

    `applications` maps the uid of each active application to its row, `views` a dataset and the hash of a set of
    columns to the view number.
    """
    return [
        GrantEntry(
            application=rules.application_number(applications[grant.application_uid]),
            dataset=grant.dataset_id,
            agreement=grant.agreement,
            view=views[grant.dataset_id, rules.columns_hash(grant.columns, grant.areas)],
            not_before=unix(grant.starts_at),
            not_after=unix(grant.ends_at),
            day_limit=grant.quota_day,
            month_limit=grant.quota_month,
            rate_plan=str(grant.rate_plan),
        )
        for grant in grants
        if grant.application_uid in applications
    ]


PORTAL_PLAN = "r100"


def open_grants(offers: Iterable[OfferFact], *, needs_account: bool, portal: int | None = None) -> list[GrantEntry]:
    """Return the grants of open data: to every key, and to callers without one unless the operator wants an account.

    `portal` is the number of the platform's own application: it asks for all visitors, so it gets the fastest plan.
    """
    principals = [ANY_KEY] if needs_account else [ANONYMOUS, ANY_KEY]
    if portal is not None:
        principals.append(portal)
    return [
        GrantEntry(
            application=principal,
            dataset=offer.dataset_id,
            not_after=unix(offer.ends_at),
            rate_plan=PORTAL_PLAN if principal == portal else str(offer.rate_plan),
        )
        for offer in offers
        if offer.access is Access.OPEN
        for principal in principals
    ]


def collections(
    offers: Sequence[OfferFact],
    tables: Sequence[PublishedTableFacts],
    files: Sequence[PublishedFileFacts],
    connected: Sequence[ConnectedFacts],
) -> list[Collection]:
    """Return the address of every dataset that something can be had of, with its end when all its offers end."""
    offered = by_dataset(offers)
    addresses: dict[int, tuple[str, Columns]] = {}
    addresses.update((place.dataset, (place.slug, place.aliases)) for place in connected)
    addresses.update((file.dataset, (file.slug, file.aliases)) for file in files)
    addresses.update((table.dataset, (table.slug, table.aliases)) for table in tables)
    entries = []
    for dataset, (slug, aliases) in sorted(addresses.items()):
        of_dataset = offered.get(dataset)
        if not of_dataset:
            continue
        ends = [offer.ends_at for offer in of_dataset if offer.ends_at is not None]
        noticed = [offer.noticed_at for offer in of_dataset if offer.noticed_at is not None]
        ending = len(ends) == len(of_dataset)
        entries.append(
            Collection(
                dataset=dataset,
                slug=slug,
                aliases=aliases,
                access="open" if open_offer_of(of_dataset) else "conditional",
                sunset=jst_date(max(ends)) if ending else None,
                deprecated_at=unix(max(noticed)) if ending and noticed else None,
            )
        )
    return entries


def published_tables(
    offers: Sequence[OfferFact],
    tables: Iterable[PublishedTableFacts],
    views: Mapping[int, Mapping[int, AbstractSet[str]]],
    signed: Signed,
) -> list[PublishedTable]:
    """Return the tables that delivery may serve: offered, and the warranty signed for these very data.

    `views` maps each dataset to its view numbers and their columns; a view has the table's own order.
    """
    offered = by_dataset(offers)
    entries = []
    for table in tables:
        of_dataset = offered.get(table.dataset)
        if not of_dataset or not signed(table.dataset, table.identity):
            continue
        open_offer = open_offer_of(of_dataset)
        entries.append(
            PublishedTable(
                dataset=table.dataset,
                slug=table.slug,
                table=table.table,
                identity=table.identity,
                version=table.version,
                title_ja=table.title.ja,
                title_en=table.title.en,
                description_ja=table.description_ja,
                licence=table.licence,
                attribution=(open_offer or of_dataset[0]).attribution_text or table.attribution,
                provider_ja=table.provider_ja,
                published_at=unix(table.published_at),
                access="open" if open_offer else "conditional",
                pinned=tuple(
                    PinnedVersion(n, identity) for n, identity in table.pinned if signed(table.dataset, identity)
                ),
                views={
                    number: tuple(name for name in table.columns if name in columns)
                    for number, columns in sorted(views.get(table.dataset, {}).items())
                },
                open_columns=open_columns(open_offer, table.columns),
            )
        )
    return entries


def published_files(
    offers: Sequence[OfferFact], files: Iterable[PublishedFileFacts], *, folder: str, signed: Signed
) -> list[PublishedFile]:
    """Return the whole files that delivery may serve; `folder` is where originals lie, seen from the home."""
    offered = by_dataset(offers)
    return [
        PublishedFile(
            dataset=file.dataset, slug=file.slug, name=file.name, path=f"{folder}/{file.path}",
            media_type=file.media_type, bytes=file.size, sha256=file.sha256,
        )
        for file in files
        if file.dataset in offered and signed(file.dataset, file.identity)
    ]  # fmt: skip


def pass_throughs(
    offers: Sequence[OfferFact],
    connected: Iterable[ConnectedFacts],
    *,
    identity_of: Callable[[str], str],
    signed: Signed,
) -> list[PassThrough]:
    """Return the connected distributions whose bytes the gateway fetches; a link is only shown.

    `identity_of` gives the identity under which the warranty for an address is signed.
    """
    offered = by_dataset(offers)
    return [
        PassThrough(place.dataset, place.slug, place.name, place.url)
        for place in connected
        if place.dataset in offered and place.kind == "file" and signed(place.dataset, identity_of(place.url))
    ]


def api_sources(
    offers: Sequence[OfferFact],
    connected: Iterable[ConnectedFacts],
    apis: Mapping[str, ConnectedApi],
    *,
    identity_of: Callable[[str], str],
    signed: Signed,
) -> list[ApiSource]:
    """Return the providers' APIs that may be called: offered, described, and the warranty signed for their address.

    `apis` maps the uid of a distribution to how it is connected.
    """
    offered = by_dataset(offers)
    return [
        _api_source(place, apis[place.uid])
        for place in connected
        if place.kind == "api"
        and place.uid in apis
        and place.dataset in offered
        and signed(place.dataset, identity_of(place.url))
    ]


def stream_sources(
    offers: Sequence[OfferFact],
    connected: Iterable[ConnectedFacts],
    streams: Mapping[str, ConnectedStream],
    views: Mapping[int, Mapping[int, tuple[AbstractSet[str], Columns]]],
    *,
    identity_of: Callable[[str], str],
    signed: Signed,
) -> list[StreamSource]:
    """Return the streams that may be pushed into and followed: offered, described, the warranty signed for them.

    `views` maps each dataset to its view numbers with columns and areas; a view has the stream's own order.
    """
    offered = by_dataset(offers)
    return [
        _stream_source(place, streams[place.uid], offered[place.dataset], views.get(place.dataset, {}))
        for place in connected
        if place.kind == "stream"
        and place.uid in streams
        and place.dataset in offered
        and signed(place.dataset, identity_of(place.uid))
    ]


def _stream_source(
    place: ConnectedFacts,
    stream: ConnectedStream,
    offers: Sequence[OfferFact],
    views: Mapping[int, tuple[AbstractSet[str], Columns]],
) -> StreamSource:
    document, names = stream.document, tuple(column.name for column in stream.document.columns)
    open_offer = open_offer_of(offers)
    return StreamSource(
        dataset=place.dataset,
        slug=place.slug,
        name=place.name,
        source=stream.source_uid,
        columns=document.columns,
        key_columns=document.key_columns,
        area_column=document.area_column,
        tokens=stream.tokens,
        views={
            number: StreamView(tuple(name for name in names if name in columns), areas)
            for number, (columns, areas) in sorted(views.items())
        },
        access="open" if open_offer else "conditional",
        open_columns=open_columns(open_offer, names),
        title_ja=stream.title,
        window_events=document.window_events,
        most_streams=document.most_streams,
        per_second=document.per_second,
        mqtt=document.mqtt,
        feed=document.feed,
        payload=document.payload,
        credential=stream.secret,
    )


def _api_source(place: ConnectedFacts, api: ConnectedApi) -> ApiSource:
    document, limits = api.document, api.document.limits
    return ApiSource(
        dataset=place.dataset,
        slug=place.slug,
        name=place.name,
        source=api.source_uid,
        url=place.url,
        operations=tuple(ApiOperation(operation.method, operation.path) for operation in document.operations),
        credential=api.secret,
        token_url=document.credential.token_url if document.credential else "",
        set_request_headers=_header_lines(document.request_headers),
        remove_request_headers=document.request_headers.remove,
        set_response_headers=_header_lines(document.response_headers),
        remove_response_headers=document.response_headers.remove,
        timeout_seconds=limits.timeout_seconds,
        retries=limits.retries,
        most_connections=limits.most_connections,
        most_waiting=limits.most_waiting,
        errors_to_rest=limits.errors_to_rest,
        rest_seconds=limits.rest_seconds,
        per_second=limits.per_second,
        most_streams=limits.most_streams,
        stream_idle_seconds=limits.stream_idle_seconds,
        authority=document.authority,
    )


def _header_lines(policy: HeaderPolicy) -> tuple[HeaderLine, ...]:
    return tuple(HeaderLine(name, value) for name, value in sorted(policy.set.items()))


def by_dataset(offers: Iterable[OfferFact]) -> dict[int, list[OfferFact]]:
    """Return the offers of each dataset."""
    result: dict[int, list[OfferFact]] = {}
    for offer in offers:
        result.setdefault(offer.dataset_id, []).append(offer)
    return result


def open_offer_of(offers: Iterable[OfferFact]) -> OfferFact | None:
    """Return the offer to everybody, if there is one."""
    return next((offer for offer in offers if offer.access is Access.OPEN), None)


def open_columns(offer: OfferFact | None, columns: Columns) -> Columns | None:
    """Return the columns that everybody may see; None for all."""
    if offer is None:
        return ()
    return tuple(name for name in columns if name in offer.columns) if offer.columns else None
