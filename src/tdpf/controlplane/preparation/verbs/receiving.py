"""Writes about bytes on their way in: begin, append, finish, fetch, discard, expire."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import unquote

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum

from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, events, queries, rules
from tdpf.controlplane.preparation.models import Upload
from tdpf.controlplane.preparation.reads.folders import (
    erase_folder,
    erase_leftovers,
    make_folder,
    stray_folders,
    upload_file,
    upload_folder,
)
from tdpf.controlplane.preparation.types import UploadSource, UploadState
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.fetching import fetch
from tdpf.kit.hashing import sha256_file
from tdpf.kit.ids import new_uid
from tdpf.kit.writing import settle

FETCH_SECONDS = 40.0
_STRAY_SECONDS = 24 * 3600


@transaction.atomic
def start_upload(
    *,
    actor: Standing,
    party_id: int,
    file_name: str,
    size: int,
    source: UploadSource = UploadSource.UPLOAD,
    media_type: str = "",
) -> Upload:
    """Announce a file of `size` bytes that will come in parts.

    Raises UploadTooLarge, TooManyUploads, and what `members.may_provide` raises.
    """
    members.may_provide(actor, party_id)
    name = rules.tidy_file_name(file_name)
    _must_fit(party_id, name, size)
    uid = new_uid()
    make_folder(uid)
    return Upload.objects.create(
        uid=uid,
        party_id=party_id,
        member_id=actor.member_id,
        source=source.value,
        file_name=name,
        media_type=media_type[:150],
        size=size,
    )


def append_bytes(*, actor: Standing, upload_uid: str, offset: int, data: bytes) -> Upload:
    """Add a part that begins at `offset`; when this returns, its bytes are on the disk.

    Raises UploadUnknown, UploadWrongState, OffsetMismatch (says where to go on), TooManyBytes.
    """
    upload = _own(upload_uid, actor)
    path = upload_file(upload.uid)
    if not path.exists():
        raise errors.UploadUnknown(upload=upload_uid)
    with path.open("r+b") as file:
        # One writer at a time, whatever the database: two parts for the same place must not mix.
        fcntl.flock(file, fcntl.LOCK_EX)
        upload.refresh_from_db(fields=["state", "received_bytes"])
        rules.must_follow_on(upload.uid, upload.state, upload.received_bytes, upload.size, offset, len(data))
        file.truncate(offset)
        file.seek(offset)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        written = Upload.objects.filter(pk=upload.pk, state=UploadState.RECEIVING, received_bytes=offset).update(
            received_bytes=offset + len(data), touched_at=now()
        )
    if not written:
        raise errors.UploadUnknown(upload=upload_uid)
    upload.refresh_from_db()
    return upload


def finish_upload(*, actor: Standing, upload_uid: str, sha256: str = "") -> Upload:
    """Close a file of which every byte is there; `sha256`, if stated, must be right.

    Finishing twice is no fault. Raises UploadUnknown, UploadWrongState, UploadIncomplete, ChecksumMismatch.
    Announces UploadReceived.
    """
    upload = _own(upload_uid, actor)
    if upload.state in rules.WHOLE:
        return upload
    rules.must_stand(upload.uid, upload.state, {UploadState.RECEIVING})
    rules.must_be_whole(upload.uid, upload.received_bytes, upload.size)
    path = upload_file(upload.uid)
    os.truncate(path, upload.size)
    computed = sha256_file(path)
    if sha256 and sha256.lower() != computed:
        raise errors.ChecksumMismatch(upload=upload_uid, computed=computed, given=sha256)
    settle(upload_folder(upload.uid))
    with transaction.atomic():
        changed = Upload.objects.filter(pk=upload.pk, state=UploadState.RECEIVING).update(
            state=UploadState.RECEIVED, sha256=computed, touched_at=now()
        )
        upload.refresh_from_db()
        if changed:
            _announce_received(upload, actor)
    return upload


def upload_file_whole(
    *,
    actor: Standing,
    party_id: int,
    file_name: str,
    size: int,
    pieces: Iterable[bytes],
    source: UploadSource = UploadSource.UPLOAD,
    media_type: str = "",
) -> Upload:
    """Take a file in one go, piece by piece; raises as `start_upload`, `append_bytes` and `finish_upload`."""
    upload = start_upload(
        actor=actor, party_id=party_id, file_name=file_name, size=size, source=source, media_type=media_type
    )
    for piece in pieces:
        upload = append_bytes(actor=actor, upload_uid=upload.uid, offset=upload.received_bytes, data=piece)
    return finish_upload(actor=actor, upload_uid=upload.uid)


def upload_from_url(*, actor: Standing, party_id: int, url: str) -> Upload:
    """Fetch a public http(s) address and take what it gives as an upload.

    Raises the problems of `kit.fetching` (address refused, too large, too slow, failed) and those of `start_upload`.
    """
    members.may_provide(actor, party_id)
    _must_fit(party_id, url, 0)
    uid = new_uid()
    folder = make_folder(uid)
    try:
        fetched = fetch(
            url,
            into=upload_file(uid),
            max_bytes=rules.MAX_UPLOAD_BYTES,
            timeout=FETCH_SECONDS,
            allow_private=bool(getattr(settings, "ALLOW_PRIVATE_FETCH", False)),
        )
        with upload_file(uid).open("rb+") as file:
            os.fsync(file.fileno())
        settle(folder)
        digest = sha256_file(upload_file(uid))
        with transaction.atomic():
            upload = Upload.objects.create(
                uid=uid,
                party_id=party_id,
                member_id=actor.member_id,
                source=UploadSource.URL.value,
                url=url[:2000],
                file_name=rules.tidy_file_name(unquote(fetched.file_name)),
                media_type=fetched.media_type[:150],
                size=fetched.size,
                received_bytes=fetched.size,
                sha256=digest,
                state=UploadState.RECEIVED,
            )
            _announce_received(upload, actor)
    except BaseException:
        erase_folder(uid)
        raise
    return upload


def discard_upload(*, actor: Standing, upload_uid: str) -> None:
    """Erase an upload's bytes and readings; versions made of it stay. Announces UploadDiscarded."""
    upload = _own(upload_uid, actor)
    _discard(upload, actor.actor)


def expire_uploads(*, instant: datetime) -> int:
    """Erase what nobody came back to, and files that belong to no upload; return how many uploads."""
    candidates = Upload.objects.exclude(state=UploadState.DISCARDED).filter(
        touched_at__lte=instant - min(rules.KEPT_UNFINISHED, rules.KEPT_USED)
    )
    expired = [row for row in candidates if rules.has_expired(row.state, row.touched_at, instant)]
    for row in expired:
        _discard(row, "system")
    known = set(Upload.objects.exclude(state=UploadState.DISCARDED).values_list("uid", flat=True))
    before = instant.timestamp() - _STRAY_SECONDS
    for uid in list(stray_folders(known, before)):
        erase_folder(uid)
    erase_leftovers(before)
    return len(expired)


def _discard(upload: Upload, actor: str) -> None:
    with transaction.atomic():
        changed = (
            Upload.objects.filter(pk=upload.pk)
            .exclude(state=UploadState.DISCARDED)
            .update(state=UploadState.DISCARDED, problem=None, touched_at=now())
        )
        if changed:
            announce(
                events.UploadDiscarded(
                    actor=actor, subject=f"upload:{upload.uid}", upload_uid=upload.uid, party_id=upload.party_id
                )
            )
        transaction.on_commit(lambda: erase_folder(upload.uid))


def _own(upload_uid: str, actor: Standing) -> Upload:
    upload = queries.get_upload(upload_uid, actor)
    members.may_edit(actor, upload.party_id)
    return upload


def _must_fit(party_id: int, name: str, size: int) -> None:
    under_way = (
        Upload.objects.filter(party_id=party_id)
        .exclude(state__in=[UploadState.DISCARDED, UploadState.USED])
        .aggregate(count=Count("id"), total=Sum("size"))
    )
    rules.must_fit(name, size, under_way["count"], under_way["total"] or 0)


def _announce_received(upload: Upload, actor: Standing) -> None:
    announce(
        events.UploadReceived(
            actor=actor.actor,
            subject=f"upload:{upload.uid}",
            upload_uid=upload.uid,
            party_id=upload.party_id,
            sha256=upload.sha256,
            size=upload.size,
            source=upload.source,
        )
    )
