"""Offering a stream, trying where its events are fetched, and the tokens that devices push with."""

from __future__ import annotations

import hashlib
import secrets
import time

import orjson
from django.conf import settings
from django.db import transaction

from tdpf.controlplane.access.documents import error
from tdpf.controlplane.access.errors import SourceInvalid, UnknownSource
from tdpf.controlplane.access.events import DeviceTokenIssued, DeviceTokenRevoked
from tdpf.controlplane.access.inlet_documents import read_stream_document, same_inlet_receiver
from tdpf.controlplane.access.models import DeviceToken, SourceConnection
from tdpf.controlplane.access.reads.sources import source_of, token_facts
from tdpf.controlplane.access.stamping import bump_stamp
from tdpf.controlplane.access.types import DeviceTokenFacts, IssuedDeviceToken, SourceFacts
from tdpf.controlplane.access.verbs.connections import connection_of, keep_connection, must_be_elsewhere
from tdpf.controlplane.access.verbs.looking import feed_seen
from tdpf.controlplane.access.verbs.secrets import opened_secret, sealed_secret
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.types import DatasetPage, DistributionDetails, DistributionPage
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit import clock
from tdpf.kit.ids import new_uid
from tdpf.kit.mqtt import BrokerAddress, listen
from tdpf.wire.codec import from_plain, to_plain
from tdpf.wire.sources import ApiCredential

TOKEN_PREFIX = "tdpfp_"  # noqa: S105 - how a token begins is no secret
MOST_TOKENS = 100
_SHOWN = 8
_TRY_SECONDS = 10.0
_LISTEN_SECONDS = 2.0
_REASON = "機器から届くデータを、直近の決まった件数だけ預かり、つながっている利用者へすぐに渡します。"


def connect_stream(
    *, actor: Standing, dataset_uid: str, name: str, document: object, secret: str | None = None
) -> SourceFacts:
    """Offer a stream as the distribution `name` of a dataset, or change what it says of itself.

    `secret` (of the place its events are fetched from) None keeps the one that is kept. Raises SourceInvalid, and as `members.may_provide` and the catalog's distributions do.
    """
    known = read_stream_document(document)
    if known.feed is not None:
        must_be_elsewhere("feed.url", known.feed.url)
        if not known.key_columns:
            # Without, all of a feed would be news whenever a worker begins.
            said = "フィードの行を見分ける列を選んでください（例: vehicle_id）。"
            raise SourceInvalid(
                errors=[error("key_columns", said, "Name the columns that tell the feed's rows apart (vehicle_id).")]
            )
    with transaction.atomic():
        page = catalog.dataset_page(dataset_uid, actor)
        members.may_provide(actor, page.provider.party_id)
        distribution = _stream_distribution(actor, page, name)
        catalog_services.set_source_columns(
            actor=actor, distribution_uid=distribution.uid, columns=[column.name for column in known.columns],
            area_column=known.area_column,
        )  # fmt: skip
        row = connection_of(distribution, known.kind)
        sealed = sealed_secret(
            row, known.credential, secret,
            may_keep=lambda: same_inlet_receiver(read_stream_document(row.document), known),
        )  # fmt: skip
        return keep_connection(
            row, actor=actor, page=page, distribution=distribution, document=to_plain(known), secret=sealed, shard="streams"
        )  # fmt: skip


def is_fetched(row: SourceConnection) -> bool:
    """Say whether a stream's events are fetched from a place that can be asked."""
    return bool(row.document.get("mqtt") or row.document.get("feed"))


def try_stream(row: SourceConnection) -> dict[str, object]:
    """Ask once where a stream's events are fetched, and return what may be kept of the answer; raises what the place says."""
    document = read_stream_document(row.document)
    begun = time.monotonic()
    opened = from_plain(ApiCredential, orjson.loads(opened_secret(row))) if row.secret else None
    if document.feed is not None:
        size = feed_seen(document, document.feed, opened.value if opened else "")
        took = int((time.monotonic() - begun) * 1000)
        return {"status": 200, "milliseconds": took, "media_type": document.feed.feed, "size": size}
    assert document.mqtt is not None, "the caller looked"
    place = document.mqtt
    # A broker lets the older of two with one id go: the one that is at work stays.
    name = f"{place.client_id}-try" if place.client_id else f"tdpf-try-{secrets.token_hex(4)}"
    address = BrokerAddress(
        place.host, place.port, name, opened.name if opened else "",
        opened.password if opened else "", place.tls, place.certificate, shown=opened.shown if opened else "",
    )  # fmt: skip
    listening = listen(address, place.topics, seconds=_TRY_SECONDS, allow_private=settings.ALLOW_PRIVATE_FETCH)
    took = int((time.monotonic() - begun) * 1000)
    try:
        came = listening.take(_LISTEN_SECONDS)
    finally:
        listening.close()
    return {
        "status": 200, "milliseconds": took, "media_type": "mqtt", "size": sum(len(one.payload) for one in came),
        "note_ja": f"{_LISTEN_SECONDS:.0f}秒のあいだに、メッセージが{len(came)}件届きました。",
        "note_en": f"{len(came)} messages came within {_LISTEN_SECONDS:.0f} seconds.",
    }  # fmt: skip


def _stream_distribution(actor: Standing, page: DatasetPage, name: str) -> DistributionPage:
    found = next((entry for entry in page.distributions if entry.name == name), None)
    if found is None:
        details = DistributionDetails(
            name=name, kind="stream", holding="held", holding_reason=_REASON, storage_place="TDPF", format="API",
            title_ja="ストリーム", title_en="Stream",
        )  # fmt: skip
        catalog_services.add_distribution(actor=actor, dataset_uid=page.uid, details=details)
        fresh = catalog.dataset_page(page.uid, actor)
        return next(entry for entry in fresh.distributions if entry.name == name)
    if found.kind != "stream":
        raise SourceInvalid(
            errors=[error("name", "この名前の配布はストリームではありません。", "The distribution is not a stream.")]
        )
    return found


def issue_device_token(*, actor: Standing, dataset_uid: str, name: str, token_name: str) -> IssuedDeviceToken:
    """Issue a token to push into a stream with, and return it, this once, in plain.

    Raises UnknownSource, SourceInvalid (nameless, too many), and as `members.may_provide`.
    """
    said = token_name.strip()
    with transaction.atomic():
        row = _locked(actor, dataset_uid, name)
        live = DeviceToken.objects.filter(source=row, revoked_at__isnull=True).count()
        if not 1 <= len(said) <= 120 or not said.isprintable():
            raise SourceInvalid(
                errors=[error("token_name", "名前は1〜120文字で入力してください。", "Give a name of 1-120 characters.")]
            )
        if live >= MOST_TOKENS:
            raise SourceInvalid(
                errors=[error("token_name", f"{MOST_TOKENS}本までです。", f"At most {MOST_TOKENS} tokens.")]
            )
        plaintext = TOKEN_PREFIX + secrets.token_urlsafe(32)
        token = DeviceToken.objects.create(
            uid=new_uid(), source=row, name=said, sha256=hashlib.sha256(plaintext.encode()).hexdigest(),
            prefix=plaintext[len(TOKEN_PREFIX) :][:_SHOWN], created_by_id=actor.member_id, created_at=clock.now(),
        )  # fmt: skip
        announce(
            DeviceTokenIssued(
                actor=actor.actor, subject=f"source:{row.uid}", source=row.uid, token=token.uid, prefix=token.prefix
            )
        )
        catalog_services.set_connected(distribution_uid=row.distribution.uid, connected=True)
        bump_stamp("streams")
        return IssuedDeviceToken(token_facts(token), plaintext)


def revoke_device_token(*, actor: Standing, dataset_uid: str, name: str, token_uid: str) -> DeviceTokenFacts:
    """Take a device's token back, at once; doing it again changes nothing. Raises UnknownSource."""
    with transaction.atomic():
        row = _locked(actor, dataset_uid, name)
        token = DeviceToken.objects.select_for_update().filter(source=row, uid=token_uid).first()
        if token is None:
            raise UnknownSource(dataset=dataset_uid, name=name)
        if token.revoked_at is None:
            token.revoked_at = clock.now()
            token.save(update_fields=["revoked_at"])
            announce(
                DeviceTokenRevoked(
                    actor=actor.actor, subject=f"source:{row.uid}", source=row.uid, token=token.uid, prefix=token.prefix
                )
            )
            bump_stamp("streams")
        return token_facts(token)


def _locked(actor: Standing, dataset_uid: str, name: str) -> SourceConnection:
    facts = source_of(dataset_uid, name, actor)
    page = catalog.dataset_page(dataset_uid, actor)
    members.may_provide(actor, page.provider.party_id)
    row = SourceConnection.objects.select_for_update().filter(uid=facts.uid, kind="stream").first()
    if row is None:
        raise UnknownSource(dataset=page.slug, name=name)
    return row
