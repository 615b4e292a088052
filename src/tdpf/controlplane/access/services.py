"""Writes of access. What concerns the gate moves the stamp in the same transaction."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from tdpf.controlplane.access import queries, rules
from tdpf.controlplane.access.errors import KeyOfGathering, UnknownApplication, UnknownKey
from tdpf.controlplane.access.events import (
    ApplicationClosed,
    ApplicationEdited,
    ApplicationRegistered,
    KeyIssued,
    KeyRevoked,
    KeyRotated,
    SettingChanged,
)
from tdpf.controlplane.access.models import ApiKey, Application, GateNode, OperatorSetting
from tdpf.controlplane.access.snapshot import current_manifest as current_manifest
from tdpf.controlplane.access.snapshot import snapshot_shard as snapshot_shard
from tdpf.controlplane.access.stamping import GATE_EVENTS as GATE_EVENTS
from tdpf.controlplane.access.stamping import begin_day as begin_day
from tdpf.controlplane.access.stamping import bump_stamp as bump_stamp
from tdpf.controlplane.access.stamping import note_change as note_change
from tdpf.controlplane.access.stamping import note_sharing as note_sharing
from tdpf.controlplane.access.types import DEFAULT_SCOPES, ApplicationFacts, IssuedKey, KeyFacts, MintedToken
from tdpf.controlplane.access.verbs.forgetting import forget_secrets as forget_secrets
from tdpf.controlplane.access.verbs.gathering import gathering_of
from tdpf.controlplane.access.verbs.secrets import sealing_key as sealing_key
from tdpf.controlplane.access.verbs.sources import connect_source as connect_source
from tdpf.controlplane.access.verbs.sources import import_openapi as import_openapi
from tdpf.controlplane.access.verbs.sources import try_source as try_source
from tdpf.controlplane.access.verbs.streams import issue_device_token as issue_device_token
from tdpf.controlplane.access.verbs.streams import revoke_device_token as revoke_device_token
from tdpf.controlplane.access.verbs.tables import read_columns as read_columns
from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.exchange import services as exchange
from tdpf.controlplane.exchange.types import RequestView
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit import clock
from tdpf.kit.home import home
from tdpf.kit.ids import new_uid
from tdpf.wire.codec import to_plain
from tdpf.wire.messages import NodeHealth

PORTAL_NAME = "portal"


def register_application(*, actor: Standing, owner_party_id: int, name: str, description: str = "") -> ApplicationFacts:
    """Register a program of a party; raises ApplicationInvalid, and as `members.may_edit`."""
    name, description = name.strip(), description.strip()
    with transaction.atomic():
        members.may_edit(actor, owner_party_id)
        rules.check_application(name=name, description=description, names_in_use=_names_in_use(owner_party_id))
        row = Application.objects.create(
            uid=new_uid(), owner_id=owner_party_id, name=name, description=description,
            created_by_id=actor.member_id, created_at=clock.now(),
        )  # fmt: skip
        row = Application.objects.select_related("owner").get(pk=row.pk)
        facts = queries.application_facts(row)
        announce(
            ApplicationRegistered(
                actor=actor.actor, subject=f"application:{row.uid}", application=row.uid, owner=facts.owner_uid
            )
        )
        return facts


def edit_application(*, actor: Standing, application_uid: str, name: str, description: str) -> ApplicationFacts:
    """Change name and description; raises UnknownApplication, ApplicationInvalid."""
    name, description = name.strip(), description.strip()
    with transaction.atomic():
        row = _locked_application(actor, application_uid)
        others = _names_in_use(row.owner_id or 0, but=row.pk)
        rules.check_application(name=name, description=description, names_in_use=others)
        row.name, row.description = name, description
        row.save(update_fields=["name", "description"])
        announce(ApplicationEdited(actor=actor.actor, subject=f"application:{row.uid}", application=row.uid))
        return queries.application_facts(row)


def close_application(*, actor: Standing, application_uid: str, reason: str = "") -> ApplicationFacts:
    """Close an application for good: its keys and tokens stop at once; its agreements are the consumer's to end."""
    with transaction.atomic():
        row = _locked_application(actor, application_uid)
        rules.check_active(name=row.name, state=row.state)
        instant = clock.now()
        ApiKey.objects.filter(queries.live_at(instant), application=row).update(revoked_at=instant)
        row.state, row.closed_at = "closed", instant
        row.save(update_fields=["state", "closed_at"])
        announce(
            ApplicationClosed(actor=actor.actor, subject=f"application:{row.uid}", reason=reason, application=row.uid)
        )
        bump_stamp("keys", "grants")
        return queries.application_facts(row)


def issue_key(
    *,
    actor: Standing,
    application_uid: str,
    name: str,
    scopes: Sequence[str] = DEFAULT_SCOPES,
    expires_at: datetime | None = None,
) -> IssuedKey:
    """Issue a key and return it, this once, in plain; one that may write needs a second factor.

    Live keys of an application have different names, so that a form sent twice makes one key. Raises UnknownApplication, ApplicationNotActive, KeyInvalid, and as `members.may_edit`.
    """
    name = name.strip()
    with transaction.atomic():
        application = _locked_application(actor, application_uid)
        rules.check_active(name=application.name, state=application.state)
        live = ApiKey.objects.filter(queries.live_at(clock.now()), application=application, kind="key")
        row, plaintext = _new_key(
            actor, application, name=name, scopes=scopes, expires_at=expires_at,
            names_in_use=live.values_list("name", flat=True),
        )  # fmt: skip
        announce(
            KeyIssued(
                actor=actor.actor, subject=f"application:{application.uid}", application=application.uid, key=row.uid,
                prefix=row.prefix, scopes=tuple(row.scopes),
            )
        )  # fmt: skip
        bump_stamp(_shard(row))
        return IssuedKey(queries.key_facts(row, clock.now()), plaintext)


def revoke_key(*, actor: Standing, key_uid: str, reason: str = "") -> KeyFacts:
    """Revoke one key and the tokens minted from it, at once; raises UnknownKey, KeyNotLive, KeyOfGathering."""
    with transaction.atomic():
        row = _locked_key(actor, key_uid)
        _must_be_ones_own(row)
        instant = clock.now()
        facts = queries.key_facts(row, instant)
        rules.check_live(name=row.name, state=facts.state)
        shards = [_shard(row), *_end_tokens(row, instant)]
        row.revoked_at = instant
        row.save(update_fields=["revoked_at"])
        announce(
            KeyRevoked(
                actor=actor.actor, subject=f"application:{row.application.uid}", reason=reason,
                application=row.application.uid, key=row.uid, prefix=row.prefix,
            )
        )  # fmt: skip
        bump_stamp(*shards)
        return queries.key_facts(row, instant)


def rotate_key(*, actor: Standing, key_uid: str, overlap: timedelta = timedelta(days=7)) -> IssuedKey:
    """Issue a successor of the same name and scopes, and let the old key end after `overlap` (0 to 90 days).

    The successor lives as long as the old key was given when it was issued. Raises as `revoke_key`; KeyInvalid.
    """
    with transaction.atomic():
        old = _locked_key(actor, key_uid)
        _must_be_ones_own(old)
        rules.check_active(name=old.application.name, state=old.application.state)
        instant = clock.now()
        rules.check_live(name=old.name, state=queries.key_facts(old, instant).state)
        ends_at = rules.end_of_rotated(expires_at=old.expires_at, overlap=overlap, now=instant)
        life = old.expires_at - old.created_at if old.expires_at else None
        row, plaintext = _new_key(
            actor, old.application, name=old.name, scopes=old.scopes, expires_at=instant + life if life else None
        )
        shards = [_shard(row), _shard(old), *_end_tokens(old, ends_at)]
        old.expires_at = ends_at
        old.save(update_fields=["expires_at"])
        announce(
            KeyRotated(
                actor=actor.actor, subject=f"application:{old.application.uid}", application=old.application.uid,
                key=old.uid, successor=row.uid, ends_at=ends_at.isoformat(),
            )
        )  # fmt: skip
        bump_stamp(*shards)
        return IssuedKey(queries.key_facts(row, instant), plaintext)


def mint_token(*, client_id: str, client_secret: str, scope: str | None = None) -> MintedToken:
    """Mint an access token for an application by one of its live keys (RFC 6749 §4.4); raises OAuthRefused."""
    with transaction.atomic():
        instant = clock.now()
        key = (
            ApiKey.objects.select_for_update(of=("self",))
            .select_related("application")
            .filter(
                queries.live_at(instant), kind="key", sha256=rules.key_hash(client_secret),
                application__uid=client_id, application__state="active",
            )
            .first()
        )  # fmt: skip
        if key is None or key.application.owner_id in queries.stopped_party_ids(instant):
            raise rules.invalid_client()
        scopes = rules.granted_scopes(scope, key.scopes)
        live = ApiKey.objects.filter(queries.live_at(instant), application=key.application, kind="token").count()
        rules.check_token_count(live)
        expires_at = min(filter(None, (instant + rules.TOKEN_LIFE, key.expires_at)))
        plaintext = _plaintext()
        row = ApiKey.objects.create(
            uid=new_uid(), application=key.application, name=key.name, sha256=rules.key_hash(plaintext),
            prefix=rules.shown_part(plaintext), kind="token", parent=key, scopes=list(scopes),
            reads_data=rules.reads_data(scopes), created_by_id=key.created_by_id, created_at=instant, expires_at=expires_at,
        )  # fmt: skip
        stamp = bump_stamp(_shard(row))
        return MintedToken(plaintext, int((expires_at - instant).total_seconds()), scopes, stamp)


def purge_expired_tokens() -> int:
    """Delete tokens that no longer work; the gate has forgotten them by their own expiry. Return how many."""
    instant = clock.now()
    deleted, _ = ApiKey.objects.filter(Q(expires_at__lte=instant) | Q(revoked_at__lte=instant), kind="token").delete()
    return deleted


def apply_for_offer(
    *,
    actor: Standing,
    offer_uid: str,
    application_uid: str,
    purpose: str,
    purpose_statement: str,
    information_management: str = "",
    terms_sha256: str = "",
) -> RequestView:
    """Ask for an offer in the name of an application that the member manages; raises as exchange does besides."""
    with transaction.atomic():
        application = _locked_application(actor, application_uid)
        rules.check_active(name=application.name, state=application.state)
        return exchange.request_agreement(
            actor=actor,
            offer_uid=offer_uid,
            application_uid=application.uid,
            consumer_party_id=application.owner_id or 0,
            purpose=purpose,
            purpose_statement=purpose_statement,
            information_management=information_management,
            terms_sha256=terms_sha256,
        )


def change_setting(*, actor: Standing, name: str, value: bool) -> None:
    """Change one of the operator's settings; raises UnknownSetting, and as `members.may_operate`."""
    with transaction.atomic():
        members.may_operate(actor)
        rules.check_setting(name, value)
        OperatorSetting.objects.update_or_create(
            name=name, defaults={"value": value, "changed_by": actor.actor, "changed_at": clock.now()}
        )
        announce(SettingChanged(actor=actor.actor, subject=f"setting:{name}", setting=name, value=str(value)))
        bump_stamp("settings", "grants")


def report_node(*, health: NodeHealth) -> None:
    """Keep what a node of the data plane says of itself."""
    seen_at = clock.now()
    plain = {
        "state": health.state, "sent_at": health.sent_at, "started_at": health.started_at,
        "snapshot_created_at": health.snapshot_created_at, "snapshot_not_after": health.snapshot_not_after,
        "notes": list(health.notes), "damaged": list(health.damaged), "figures": dict(health.figures),
        "inlets": to_plain(list(health.inlets)),
        "upstreams": to_plain(list(health.upstreams)),
    }  # fmt: skip
    row = {"kind": health.kind, "applied_stamp": health.stamp, "seen_at": seen_at, "health": plain}
    if health.kind != "gateway":
        GateNode.objects.update_or_create(name=health.name, defaults=row)
        for identity in health.damaged:
            catalog.ask_to_mend(identity=identity, now=seen_at)
        return
    with transaction.atomic():
        GateNode.objects.update_or_create(name=health.name, defaults=row)
        note_sharing()


def note_applied(*, gateway: str, stamp: int) -> None:
    """Keep that a gateway acts by a stamp: it says so before it waits for the next, sooner than it reports."""
    GateNode.objects.filter(name=gateway, kind="gateway").exclude(applied_stamp=stamp).update(applied_stamp=stamp)


def ensure_portal_application() -> str:
    """Make sure that the application `portal` and its key exist, and return the key; for set-up."""
    path = home().secrets / "portal.key"
    with transaction.atomic():
        application, _ = Application.objects.get_or_create(
            is_portal=True, defaults={"uid": new_uid(), "name": PORTAL_NAME, "created_at": clock.now()}
        )
        known = path.read_text().strip() if path.exists() else ""
        keys = ApiKey.objects.filter(queries.live_at(clock.now()), application=application, kind="key")
        if known and keys.filter(sha256=rules.key_hash(known)).exists():
            return known
        keys.update(revoked_at=clock.now())
        plaintext = _plaintext()
        ApiKey.objects.create(
            uid=new_uid(), application=application, name=PORTAL_NAME, sha256=rules.key_hash(plaintext),
            prefix=rules.shown_part(plaintext), scopes=list(DEFAULT_SCOPES), reads_data=True, created_at=clock.now(),
        )  # fmt: skip
        bump_stamp("keys")
        fresh = path.with_name(f".portal.key.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.write(plaintext)
        fresh.replace(path)
        return plaintext


def _plaintext() -> str:
    return rules.KEY_PREFIX + secrets.token_urlsafe(32)


def _shard(row: ApiKey) -> str:
    return f"keys:{row.sha256[:2]}"


def _names_in_use(owner_party_id: int, but: int = 0) -> Iterable[str]:
    rows = Application.objects.filter(owner_id=owner_party_id).exclude(state="closed").exclude(pk=but)
    return rows.values_list("name", flat=True)


def _locked_application(actor: Standing, uid: str) -> Application:
    row = Application.objects.select_for_update(of=("self",)).select_related("owner").filter(uid=uid).first()
    if row is None or not rules.may_see(actor, row.owner_id or 0):
        raise UnknownApplication(application=uid)
    members.may_edit(actor, row.owner_id or 0)
    return row


def _locked_key(actor: Standing, uid: str) -> ApiKey:
    row = (
        ApiKey.objects.select_for_update(of=("self",)).select_related("application").filter(uid=uid, kind="key").first()
    )
    if row is None or not rules.may_see(actor, row.application.owner_id or 0):
        raise UnknownKey(key=uid)
    members.may_edit(actor, row.application.owner_id or 0)
    return row


def _must_be_ones_own(key: ApiKey) -> None:
    """Raise KeyOfGathering for a live key that a gathered table asks its parts with."""
    collection = gathering_of(key) if key.revoked_at is None else ""
    if collection:
        raise KeyOfGathering(name=key.name, collection=collection)


def _new_key(
    actor: Standing,
    application: Application,
    *,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None,
    names_in_use: Iterable[str] = (),
) -> tuple[ApiKey, str]:
    instant = clock.now()
    live = ApiKey.objects.filter(queries.live_at(instant), application=application, kind="key").count()
    rules.check_key(
        name=name, scopes=scopes, expires_at=expires_at, live_keys=live, now=instant, names_in_use=names_in_use
    )
    if rules.writes(scopes):
        members.must_have_mfa(actor)
    plaintext = _plaintext()
    row = ApiKey.objects.create(
        uid=new_uid(), application=application, name=name, sha256=rules.key_hash(plaintext),
        prefix=rules.shown_part(plaintext), scopes=list(dict.fromkeys(scopes)),
        reads_data=rules.reads_data(scopes), created_by_id=actor.member_id,
        created_at=instant, expires_at=expires_at,
    )  # fmt: skip
    return row, plaintext


def _end_tokens(key: ApiKey, at: datetime) -> list[str]:
    """End the tokens minted from a key no later than `at`, and return the shards they lie in."""
    tokens = ApiKey.objects.filter(parent=key, revoked_at__isnull=True, expires_at__gt=at)
    shards = [f"keys:{sha256[:2]}" for sha256 in tokens.values_list("sha256", flat=True)]
    tokens.update(expires_at=at)
    return shards
