"""Reads of access."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from types import MappingProxyType

from django.db import connection
from django.db.models import Q, QuerySet

from tdpf.controlplane.access import rules
from tdpf.controlplane.access.asking import ask_rows as ask_rows
from tdpf.controlplane.access.asking import portal_key as portal_key
from tdpf.controlplane.access.errors import CredentialRefused, UnknownApplication, UnknownKey
from tdpf.controlplane.access.models import ApiKey, Application, GateNode, OperatorSetting, Stamp
from tdpf.controlplane.access.reads.sources import device_tokens as device_tokens
from tdpf.controlplane.access.reads.sources import inlet_of as inlet_of
from tdpf.controlplane.access.reads.sources import operations_of as operations_of
from tdpf.controlplane.access.reads.sources import source_of as source_of
from tdpf.controlplane.access.reads.sources import streams_of as streams_of
from tdpf.controlplane.access.reads.tables import columns_not_coming as columns_not_coming
from tdpf.controlplane.access.table_documents import source_document_schema as source_document_schema
from tdpf.controlplane.access.types import ApplicationFacts, Caller, GateNodeFacts, KeyFacts, UpstreamFacts
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Role, Standing
from tdpf.kit import clock

GATE = "gate"
ORIGIN = "origin"
SHARING = "sharing"
DAY = "day"
SLOT = "slot:"
NODE_IS_GONE = timedelta(seconds=60)
NODE_IS_SILENT = timedelta(seconds=15)
GATEWAY_HAS_GIVEN_UP = timedelta(hours=25)
_POLL_SECONDS = 0.1
_SHORT_POLL_SECONDS = 0.02


def list_applications(standing: Standing) -> list[ApplicationFacts]:
    """Return the applications of every party the member speaks for, newest first."""
    rows = _applications().filter(owner__in=list(standing.roles)).order_by("-id")
    return [application_facts(row) for row in rows]


def get_application(uid: str, standing: Standing) -> ApplicationFacts:
    """Return one application to those who may know of it; raises UnknownApplication."""
    row = _applications().filter(uid=uid).first()
    if row is None or not rules.may_see(standing, row.owner_id or 0):
        raise UnknownApplication(application=uid)
    return application_facts(row)


def applications_by_uid(uids: Collection[str]) -> dict[str, ApplicationFacts]:
    """Return applications by uid, for pages that name them to the other side; the caller has checked who asks."""
    return {row.uid: application_facts(row) for row in _applications().filter(uid__in=list(uids))}


def applications_by_number(numbers: Collection[int]) -> dict[int, ApplicationFacts]:
    """Return applications by their number in the ledger; the caller has checked who asks."""
    rows = _applications().filter(id__in=[rules.application_row(number) for number in numbers])
    return {rules.application_number(row.pk): application_facts(row) for row in rows}


def keys_of_application(uid: str, standing: Standing, *, with_ended: bool = True) -> list[KeyFacts]:
    """Return the keys of an application, newest first, tokens left out; raises UnknownApplication."""
    application = get_application(uid, standing)
    instant = clock.now()
    rows = ApiKey.objects.filter(application_id=application.id, kind="key").order_by("-id")
    if not with_ended:
        rows = rows.filter(live_at(instant))
    return [key_facts(row, instant) for row in rows]


def get_key(uid: str, standing: Standing) -> tuple[KeyFacts, ApplicationFacts]:
    """Return one key and its application; raises UnknownKey."""
    row = ApiKey.objects.select_related("application__owner").filter(uid=uid, kind="key").first()
    if row is None or not rules.may_see(standing, row.application.owner_id or 0):
        raise UnknownKey(key=uid)
    return key_facts(row, clock.now()), application_facts(row.application)


def authenticate(plaintext: str) -> Caller:
    """Return who stands behind a key or token; raises CredentialRefused, the same for every reason."""
    instant = clock.now()
    if not rules.has_key_shape(plaintext):
        raise CredentialRefused
    rows = ApiKey.objects.select_related("application__owner").filter(
        live_at(instant), sha256=rules.key_hash(plaintext), application__state="active"
    )
    row = rows.first()
    if row is None or row.application.owner_id in stopped_party_ids(instant):
        raise CredentialRefused
    return Caller(row.uid, row.kind, application_facts(row.application), tuple(row.scopes), row.created_by_id)


def standing_behind(caller: Caller) -> Standing:
    """Return the standing of the member who issued the key, narrowed to the application's owner.

    Raises CredentialRefused when nobody stands behind it or the member may no longer speak for the owner, and as
    `members.must_have_mfa` when the member is suspended or has no second factor any more.
    """
    row = ApiKey.objects.select_related("created_by").filter(uid=caller.key_uid).first()
    if row is None or row.created_by is None:
        raise CredentialRefused
    standing = members.standing_of(row.created_by)
    owner = caller.application.owner_party_id
    if owner not in standing.roles:
        raise CredentialRefused
    members.must_have_mfa(standing)
    return dataclasses.replace(
        standing, is_operator=False, roles=MappingProxyType({owner: standing.roles[owner]}),
        pending_roles=MappingProxyType({}),
    )  # fmt: skip


def reading_standing(caller: Caller) -> Standing:
    """Return the standing a key reads with: a viewer of the application's owner, and of nothing else."""
    owner = caller.application.owner_party_id
    row = ApiKey.objects.select_related("created_by").filter(uid=caller.key_uid).first()
    if not owner or row is None or row.created_by is None:
        return members.anonymous_standing()
    return dataclasses.replace(
        members.standing_of(row.created_by), is_operator=False, roles=MappingProxyType({owner: Role.VIEWER.value}),
        pending_roles=MappingProxyType({}),
    )  # fmt: skip


def stopped_party_ids(now: datetime) -> frozenset[int]:
    """Return the parties whose keys are stopped by a suspension in force."""
    return members.parties_with_stopped_keys(now)


def live_at(now: datetime) -> Q:
    """Return the condition that a key works at `now`; the same decision as `rules.key_state`."""
    return (Q(expires_at__isnull=True) | Q(expires_at__gt=now)) & (Q(revoked_at__isnull=True) | Q(revoked_at__gt=now))


def current_stamp() -> int:
    """Return how often anything that concerns the gate has changed."""
    return Stamp.objects.filter(part=GATE).values_list("value", flat=True).first() or 0


def wait_for_stamp(after: int, timeout: float) -> int:
    """Return the stamp as soon as it differs from `after`, at the latest after `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        seen = _writes()
        if (stamp := current_stamp()) != after or time.monotonic() >= end:
            return stamp
        if seen is None:
            time.sleep(_POLL_SECONDS)
        while seen is not None and _writes() == seen and time.monotonic() < end:
            time.sleep(_SHORT_POLL_SECONDS)


def _writes() -> int | None:
    """Return a number that is another one when others have written to the database; None where none can be had so cheaply."""
    if connection.vendor != "sqlite":
        return None
    with connection.cursor() as cursor:
        return int(cursor.execute("PRAGMA data_version").fetchone()[0])


def wait_until_applied(stamp: int, timeout: float) -> bool:
    """Return whether every gateway that serves acts by a stamp, as soon as all do, at the latest after `timeout` seconds.

    One that has been silent for some reports is not waited for.
    """
    end = time.monotonic() + timeout
    while not (all_act := _all_act_by(stamp)) and time.monotonic() < end:
        time.sleep(_SHORT_POLL_SECONDS)
    return all_act


def _all_act_by(stamp: int) -> bool:
    rows = GateNode.objects.filter(kind="gateway", seen_at__gte=clock.now() - NODE_IS_SILENT, applied_stamp__lt=stamp)
    return all(row.health.get("state") == "stopping" for row in rows)


def stamp_and_origin() -> tuple[int, int]:
    """Return the stamp and the number that tells this database from another."""
    found = dict(Stamp.objects.filter(part__in=(GATE, ORIGIN)).values_list("part", "value"))
    return found.get(GATE, 0), found.get(ORIGIN, 0)


def parts_changed_since(stamp: int) -> set[str]:
    """Return the parts of the snapshot that changed after a stamp."""
    return set(
        Stamp.objects.filter(value__gt=stamp)
        .exclude(part__in=(GATE, ORIGIN, DAY, SHARING))
        .values_list("part", flat=True)
    )


def slot_part(application: int, dataset: int) -> str:
    """Return the name of the part that is one application's slot for one dataset."""
    return f"{SLOT}{application}:{dataset}"


def slot_of(part: str) -> tuple[int, int]:
    """Return application and dataset of a slot's name."""
    application, _, dataset = part.removeprefix(SLOT).partition(":")
    return int(application), int(dataset)


def setting(name: str, default: bool = False) -> bool:
    """Return one of the operator's yes-or-no settings."""
    value = OperatorSetting.objects.filter(name=name).values_list("value", flat=True).first()
    return default if value is None else bool(value)


def open_data_needs_account() -> bool:
    """Say whether the operator wants a key even for open data (default: no)."""
    return setting("open_data_needs_account")


def gate_nodes() -> list[GateNodeFacts]:
    """Return the nodes of the data plane as they last reported; one that is behind or silent is not current."""
    stamp, instant = current_stamp(), clock.now()
    return [
        GateNodeFacts(
            row.name, row.kind, row.applied_stamp, row.seen_at, row.health,
            row.applied_stamp == stamp and instant - row.seen_at < NODE_IS_GONE,
        )
        for row in GateNode.objects.order_by("kind", "name")
    ]  # fmt: skip


def upstreams_now() -> list[UpstreamFacts]:
    """Return how providers' servers are doing for each gateway that is there, those with trouble first."""
    found = [
        UpstreamFacts(gateway=row.name, told_at=row.seen_at, **plain)
        for row in GateNode.objects.filter(kind="gateway", seen_at__gte=clock.now() - NODE_IS_GONE)
        for plain in row.health.get("upstreams", ())
    ]
    return sorted(found, key=lambda one: (-one.resting, -(one.errors > 0), one.name, one.gateway))


def sharing_gateways() -> tuple[tuple[str, ...], int]:
    """Return the names of all gateways heard of since the month began in Japan (and within a day, when it has just begun),
    and how many of them serve now.

    All of them may hold a part of a quota; the speed of a caller is shared by those that serve.
    """
    instant = clock.now()
    first = min(clock.jst_midnight(clock.jst_date(instant).replace(day=1)), instant - timedelta(days=1))
    rows = GateNode.objects.filter(kind="gateway", seen_at__gte=first).order_by("name")
    found = [(row.name, instant - row.seen_at < NODE_IS_GONE and row.health.get("state") != "stopping") for row in rows]
    return tuple(name for name, _ in found), max(1, sum(serves for _, serves in found))


def given_up_gateways() -> tuple[str, ...]:
    """Return the gateways that have been silent for longer than a snapshot lives (``snapshot.LIFE``) and an hour: they
    admit nothing, and begin anew when they return.
    """
    rows = GateNode.objects.filter(kind="gateway", seen_at__lt=clock.now() - GATEWAY_HAS_GIVEN_UP)
    return tuple(rows.values_list("name", flat=True))


def application_facts(row: Application) -> ApplicationFacts:
    """Return the facts of a row whose owner has been loaded."""
    owner = row.owner
    return ApplicationFacts(
        id=row.pk, uid=row.uid, number=rules.application_number(row.pk), name=row.name, description=row.description,
        state=row.state, owner_party_id=owner.pk if owner else 0, owner_uid=owner.uid if owner else "",
        owner_name_ja=owner.name_ja if owner else "運営者", owner_name_en=owner.name_en if owner else "The operator",
        is_portal=row.is_portal, created_at=row.created_at,
    )  # fmt: skip


def key_facts(row: ApiKey, now: datetime) -> KeyFacts:
    """Return what may be shown of a key."""
    return KeyFacts(
        uid=row.uid, name=row.name, prefix=row.prefix, kind=row.kind, scopes=tuple(row.scopes),
        created_at=row.created_at, expires_at=row.expires_at, revoked_at=row.revoked_at,
        state=rules.key_state(expires_at=row.expires_at, revoked_at=row.revoked_at, now=now),
    )  # fmt: skip


def live_keys(now: datetime, *, shards: Iterable[str] | None = None) -> QuerySet[ApiKey]:
    """Return the keys and tokens that may read data at `now`; of some shards (two hexadecimal digits) or of all."""
    rows = ApiKey.objects.filter(live_at(now), application__state="active", reads_data=True).exclude(
        application__owner__in=list(stopped_party_ids(now))
    )
    if shards is not None:
        which = Q(pk__in=[])
        for shard in shards:
            which |= Q(sha256__gte=shard, sha256__lt=shard + "g")
        rows = rows.filter(which)
    return rows


def _applications() -> QuerySet[Application]:
    return Application.objects.select_related("owner")
