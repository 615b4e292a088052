"""The stamp that the gate watches: it moves in the transaction that decides."""

from __future__ import annotations

import secrets
import zlib

from django.db import transaction
from django.db.models import F

from tdpf.controlplane.access import queries, rules
from tdpf.controlplane.access.models import ApiKey, Application, SourceConnection, Stamp
from tdpf.controlplane.catalog import events as catalog
from tdpf.controlplane.exchange import events as exchange
from tdpf.controlplane.members import events as members
from tdpf.kit.events import Event
from tdpf.wire.messages import SHARD_KINDS

GATE_EVENTS: tuple[type[Event], ...] = (
    exchange.OfferPublished,
    exchange.TermsRevised,
    exchange.OfferSuspended,
    exchange.OfferSuspensionLifted,
    exchange.WarrantySigned,
    exchange.WithdrawalNoticed,
    exchange.WithdrawalTakenBack,
    exchange.OfferEnded,
    exchange.AgreementSealed,
    exchange.AgreementSuspended,
    exchange.AgreementSuspensionLifted,
    exchange.AgreementEnded,
    catalog.MetadataEdited,
    catalog.SlugChanged,
    catalog.DistributionChanged,
    catalog.VersionPublished,
    catalog.VersionPinned,
    catalog.VersionRetired,
    catalog.OriginalRemoved,
    catalog.VersionPurged,
    catalog.DatasetPublished,
    catalog.DatasetWithdrawn,
    catalog.DatasetPurged,
    catalog.TermsFacetsSet,
    members.PartySuspended,
    members.SuspensionEnded,
)
"""The events of the rooms below that change what the gate may let through; each is to call `note_change`."""

_AGREEMENT_STOPS = exchange.AgreementSuspended | exchange.AgreementSuspensionLifted
_ADDRESSES = ("collections", "tables", "files", "passthroughs", "apis", "streams", "connected")


def bump_stamp(*parts: str) -> int:
    """Move the stamp that the gate watches, in the present transaction, and return it.

    `parts` name what changed: a shard kind ("grants"), one shard of it ("keys:3f"), or "settings"; none means all.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("the stamp moves only inside the transaction that decides")
    changed = parts or (*SHARD_KINDS, "settings")
    fresh = [Stamp(part=part) for part in (queries.GATE, *changed)]
    # A database made anew counts from one again; the origin tells a snapshot of the one before apart.
    fresh.append(Stamp(part=queries.ORIGIN, value=secrets.randbits(62)))
    Stamp.objects.bulk_create(fresh, ignore_conflicts=True)
    Stamp.objects.filter(part=queries.GATE).update(value=F("value") + 1)
    stamp = Stamp.objects.get(part=queries.GATE).value
    Stamp.objects.filter(part__in=changed).update(value=stamp)
    return stamp


def begin_day(*, day: int) -> bool:
    """Move the stamp once on each new day in Japan, so that what begins or ends at midnight is compiled anew.

    `day` counts from 1970-01-01 (JST). Return whether the stamp moved.
    """
    with transaction.atomic():
        Stamp.objects.bulk_create([Stamp(part=queries.DAY)], ignore_conflicts=True)
        if not Stamp.objects.filter(part=queries.DAY, value__lt=day).update(value=day):
            return False
        Stamp.objects.filter(part__startswith=queries.SLOT).delete()
        bump_stamp("grants", *_ADDRESSES)
        return True


def note_sharing() -> bool:
    """Move the stamp when other gateways share quotas and speeds than the snapshot says; return whether it moved."""
    found = queries.sharing_gateways()
    # The only one shares nothing; its coming and going is no news.
    told = zlib.crc32(repr(found).encode()) if len(found[0]) > 1 else 0
    Stamp.objects.bulk_create([Stamp(part=queries.SHARING)], ignore_conflicts=True)
    if not Stamp.objects.filter(part=queries.SHARING).exclude(value=told).update(value=told):
        return False
    bump_stamp("settings")
    return True


def note_change(event: Event) -> None:
    """Move the stamp for an event of a room below; the hook that runs in the announcing transaction."""
    room = event.name.partition(".")[0]
    if isinstance(event, exchange.AgreementSealed | exchange.AgreementEnded | _AGREEMENT_STOPS):
        gathers = SourceConnection.objects.filter(kind="gathered", document__application=event.application_uid).exists()
        bump_stamp(*_slots_of(event.application_uid, event.dataset_id), *(["connected"] if gathers else []))
    elif isinstance(event, exchange.WarrantySigned) or room == "catalog":
        bump_stamp(*_ADDRESSES)
    elif room == "exchange":
        bump_stamp("grants", *_ADDRESSES)
    elif isinstance(event, members.PartySuspended | members.SuspensionEnded):
        bump_stamp("grants", *_ADDRESSES, *_shards_of_party(event.party_id))
    else:
        bump_stamp()


def _slots_of(application_uid: str, dataset: int) -> list[str]:
    rows = Application.objects.filter(uid=application_uid).values_list("id", flat=True)
    return [queries.slot_part(rules.application_number(row), dataset) for row in rows] or ["grants"]


def _shards_of_party(party_id: int) -> list[str]:
    """Return the shards in which keys of the party's applications lie or would lie."""
    hashes = ApiKey.objects.filter(application__owner=party_id).values_list("sha256", flat=True)
    return sorted({f"keys:{sha256[:2]}" for sha256 in hashes})
