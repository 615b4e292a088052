"""What of the snapshot must be made anew, and making it: whole kinds, single shards of keys, single slots of grants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from tdpf.controlplane.access import connected_entries, entries, queries, rules
from tdpf.controlplane.access.gathering import withheld_parts
from tdpf.controlplane.access.models import Application, View
from tdpf.controlplane.access.reads.sources import connected_apis, connected_streams
from tdpf.controlplane.access.reads.tables import connected_tables
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange.types import GrantFact
from tdpf.kit import clock
from tdpf.kit.home import home
from tdpf.wire.messages import GrantEntry, KeyEntry, ShardKind, encode_shards, shard_name

MOST_SLOTS = 300
"""With more changed slots than this, all grants are compiled."""

Slot = tuple[int, int]
"""An application's number and a dataset's."""
Known = Callable[[ShardKind, str], list[Any]]
"""Returns the entries of a shard as it was compiled last."""


@dataclass(frozen=True)
class Remade:
    """New shards of one kind, by name; `names` are those they stand for, None is all of the kind."""

    kind: ShardKind
    names: AbstractSet[str] | None
    shards: Mapping[str, bytes]


def remake(changed: AbstractSet[str], known: Known) -> Iterator[Remade]:
    """Make the changed parts anew. `changed` names them as `Stamp.part` does."""
    instant = clock.now()
    yield from _remade_keys(changed, instant)
    views_before = _view_count()
    yield from _remade_grants(changed, known, instant)
    more_views = _view_count() > views_before
    wanted = changed | {"tables", "streams", "connected"} if more_views else changed
    if wanted & {"collections", "tables", "files", "passthroughs", "apis", "streams", "connected"}:
        yield from _remade_addresses(wanted, instant)


def _remade_keys(changed: AbstractSet[str], instant: datetime) -> Iterator[Remade]:
    if "keys" in changed:
        yield Remade("keys", None, encode_shards("keys", _keys(None, instant)))
    elif names := {part.removeprefix("keys:") for part in changed if part.startswith("keys:")}:
        yield Remade("keys", names, encode_shards("keys", _keys(names, instant)))


def _keys(shards: AbstractSet[str] | None, instant: datetime) -> Iterator[KeyEntry]:
    rows = queries.live_keys(instant, shards=shards).values_list("sha256", "application_id", "expires_at")
    for sha256, application, expires_at in rows.iterator(chunk_size=5000):
        yield entries.key_entry(sha256, application, expires_at)


def _remade_grants(changed: AbstractSet[str], known: Known, instant: datetime) -> Iterator[Remade]:
    slots = {queries.slot_of(part) for part in changed if part.startswith(queries.SLOT)}
    if "grants" in changed or len(slots) > MOST_SLOTS:
        active = dict(Application.objects.filter(state="active").values_list("uid", "id"))
        portal = Application.objects.filter(is_portal=True, state="active").values_list("id", flat=True).first()
        opened = entries.open_grants(
            exchange.open_offers(instant),
            needs_account=queries.open_data_needs_account(),
            portal=None if portal is None else rules.application_number(portal),
        )
        agreed = _agreed(exchange.live_grants_facts(instant), active, instant)
        yield Remade("grants", None, encode_shards("grants", [*opened, *agreed]))
    elif slots:
        yield _remade_slots(slots, known, instant)


def _remade_slots(slots: AbstractSet[Slot], known: Known, instant: datetime) -> Remade:
    """Take the slots out of their shards and put in what holds for them now."""
    rows = [rules.application_row(application) for application, _ in slots]
    active = dict(Application.objects.filter(pk__in=rows, state="active").values_list("uid", "id"))
    facts = exchange.live_grants_facts(instant, active)
    fresh = [entry for entry in _agreed(facts, active, instant) if (entry.application, entry.dataset) in slots]
    names = {shard_name("grants", GrantEntry(application, dataset)) for application, dataset in slots}
    kept = [
        entry
        for name in sorted(names)
        for entry in known("grants", name)
        if (entry.application, entry.dataset) not in slots
    ]
    return Remade("grants", names, encode_shards("grants", [*kept, *fresh]))


def _agreed(facts: Iterable[GrantFact], active: Mapping[str, int], instant: datetime) -> list[GrantEntry]:
    grants = exchange.one_agreement_each(facts, instant)
    return entries.agreed_grants(grants, applications=active, views=_view_numbers(grants))


def _remade_addresses(wanted: AbstractSet[str], instant: datetime) -> Iterator[Remade]:
    offers = exchange.live_offers(instant)
    warranted = exchange.warranted_identities()

    def signed(dataset: int, identity: str) -> bool:
        return (dataset, identity) in warranted

    tables, files, connected = catalog.published_tables(), catalog.published_files(), catalog.connected_distributions()
    folder = home().originals.relative_to(home().root).as_posix()
    made: dict[ShardKind, Callable[[], list[Any]]] = {
        "collections": lambda: entries.collections(offers, tables, files, connected),
        "tables": lambda: entries.published_tables(offers, tables, _views_by_dataset(), signed),
        "streams": lambda: entries.stream_sources(
            offers,
            connected,
            connected_streams(),
            _views_with_areas(),
            identity_of=exchange.stream_identity,
            signed=signed,
        ),
        "connected": lambda: connected_entries.connected_tables(
            offers,
            connected,
            connected_tables(),
            _views_with_areas(),
            identity_of=exchange.place_identity,
            signed=signed,
            withheld=lambda place: {name: why.ja for name, why in withheld_parts(place, connected, instant).items()},
        ),
        "files": lambda: entries.published_files(offers, files, folder=folder, signed=signed),
        "passthroughs": lambda: entries.pass_throughs(
            offers, connected, identity_of=exchange.link_identity, signed=signed
        ),
        "apis": lambda: entries.api_sources(
            offers, connected, connected_apis(), identity_of=exchange.link_identity, signed=signed
        ),
    }
    for kind, make in made.items():
        if kind in wanted:
            yield Remade(kind, None, encode_shards(kind, make()))


def _view_count() -> int:
    return View.objects.count()


def _view_numbers(grants: Iterable[GrantFact]) -> dict[tuple[int, str], int]:
    """Return the number of each view that an agreement needs, numbering those that are new."""
    wanted = {
        (grant.dataset_id, rules.columns_hash(grant.columns, grant.areas)): (grant.columns, grant.areas)
        for grant in grants
    }
    datasets = {dataset for dataset, _ in wanted}
    known = _known_views(datasets)
    if missing := wanted.keys() - known.keys():
        with transaction.atomic():
            View.objects.bulk_create(
                [
                    View(
                        dataset_id=dataset,
                        columns_sha256=digest,
                        columns=sorted(set(wanted[dataset, digest][0])),
                        areas=sorted(set(wanted[dataset, digest][1])),
                    )
                    for dataset, digest in sorted(missing)
                ],
                ignore_conflicts=True,
            )
        known = _known_views(datasets)
    return {place: known[place] for place in wanted}


def _known_views(datasets: AbstractSet[int]) -> dict[tuple[int, str], int]:
    rows = View.objects.all() if len(datasets) > MOST_SLOTS else View.objects.filter(dataset__in=datasets)
    return {(d, digest): number for d, digest, number in rows.values_list("dataset_id", "columns_sha256", "id")}


def _views_by_dataset() -> dict[int, dict[int, AbstractSet[str]]]:
    """Return every view ever numbered: which of them is in use, the grants say.

    One that is limited to areas opens no table: rows of tables are not parted by area.
    """
    views = _views_with_areas()
    return {
        dataset: {number: columns for number, (columns, areas) in numbered.items() if not areas}
        for dataset, numbered in views.items()
    }


def _views_with_areas() -> dict[int, dict[int, tuple[AbstractSet[str], tuple[str, ...]]]]:
    result: dict[int, dict[int, tuple[AbstractSet[str], tuple[str, ...]]]] = {}
    for dataset, number, columns, areas in View.objects.values_list("dataset_id", "id", "columns", "areas"):
        result.setdefault(dataset, {})[number] = frozenset(columns), tuple(areas)
    return result
