"""Writes about reading: have a file read in the sandbox, keep what came of it, edit the dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, events, queries, rules
from tdpf.controlplane.preparation.engine.personal.screening import outcome
from tdpf.controlplane.preparation.engine.sandbox import Reading, read_in_sandbox
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.controlplane.preparation.models import Screening, Upload
from tdpf.controlplane.preparation.reads.folders import upload_file, upload_folder
from tdpf.controlplane.preparation.reads.planning import reading_of
from tdpf.controlplane.preparation.types import ScreeningOutcome, UploadState
from tdpf.djangokit.jobs import enqueue
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.errors import Problem

READ_JOB = "preparation.tasks.read_upload"
_READABLE = rules.WHOLE - {UploadState.READING}


def read_upload(*, actor: Standing, upload_uid: str, choice: str | None = None) -> Upload:
    """Read a whole upload now and return it: `read`, `choosing` (several tables) or `failed`, with the problem as JSON.

    `choice` is the id of one of several tables. Raises UploadUnknown, UploadWrongState; what is wrong with the file is in
    `problem`, not raised. Announces UploadRead, and PersonalDataSuspected when the screen finds something.
    """
    upload = _own(upload_uid, actor)
    before = upload.state
    _begin(upload)
    try:
        return perform_reading(upload, choice=choice, actor=actor.actor)
    except BaseException:
        Upload.objects.filter(pk=upload.pk, state=UploadState.READING).update(state=before)
        raise


@transaction.atomic
def ask_to_read(*, actor: Standing, upload_uid: str, choice: str | None = None) -> Upload:
    """Have the worker read an upload; it is `reading` until the worker is done. Raises as `read_upload`."""
    upload = _own(upload_uid, actor)
    _begin(upload)
    enqueue(
        READ_JOB,
        {"upload_uid": upload.uid, "choice": choice, "actor": actor.actor},
        key=f"{READ_JOB}:{upload.uid}",
    )
    return upload


def give_up_readings(*, instant: datetime) -> int:
    """Give uploads back whose reading never ended because its process was killed; they can be read again."""
    stuck = Upload.objects.filter(state=UploadState.READING, touched_at__lte=instant - rules.READING_GIVEN_UP)
    return stuck.update(state=UploadState.RECEIVED)


def perform_reading(upload: Upload, *, choice: str | None, actor: str) -> Upload:
    """Read an upload for whoever was allowed to ask; never call it in a transaction, it may take minutes."""
    Upload.objects.filter(pk=upload.pk).update(touched_at=now())
    reading: Reading | None = None
    problem: Problem | None = None
    try:
        reading = read_in_sandbox(
            upload_file(upload.uid),
            upload.file_name,
            folder=upload_folder(upload.uid),
            limits=Limits(max_bytes=rules.MAX_UPLOAD_BYTES),
            choice=choice or None,
        )
    except errors.NotReadable as met:
        problem = met
    state = _state_after(problem)
    with transaction.atomic():
        Upload.objects.filter(pk=upload.pk).exclude(state=UploadState.DISCARDED).update(
            state=state,
            choice=(choice or "")[:400],
            problem=_stored(problem),
            dictionary=[],
            key_columns=None,
            touched_at=now(),
        )
        upload.refresh_from_db()
        _announce_read(upload, problem, actor)
        if reading is not None:
            _keep_screening(upload, reading, actor)
    return upload


@transaction.atomic
def edit_dictionary(
    *,
    actor: Standing,
    upload_uid: str,
    dictionary: Sequence[Mapping[str, Any]] = (),
    key_columns: Sequence[str] | None = None,
) -> Upload:
    """Save edits of the proposed dictionary: type, title, title_en, unit, description, codes by column name.

    `key_columns` None leaves the keys as they are, an empty list declares that there are none.
    Raises UploadUnknown, UploadWrongState, DictionaryInvalid.
    """
    upload = _own(upload_uid, actor)
    names = reading_of(upload).result.table.column_names
    edits = {entry["name"]: entry for entry in upload.dictionary}
    for entry in rules.must_be_dictionary(dictionary, names):
        edits[entry["name"]] = {**edits.get(entry["name"], {}), **entry}
    upload.dictionary = list(edits.values())
    if key_columns is not None:
        upload.key_columns = list(rules.must_be_keys(key_columns, names))
    upload.touched_at = now()
    upload.save(update_fields=["dictionary", "key_columns", "touched_at"])
    return upload


def _own(upload_uid: str, actor: Standing) -> Upload:
    upload = queries.get_upload(upload_uid, actor)
    members.may_edit(actor, upload.party_id)
    return upload


def _begin(upload: Upload) -> None:
    """Take the upload for one reading; two at a time would write into the same folder."""
    rules.must_stand(upload.uid, upload.state, _READABLE)
    taken = Upload.objects.filter(pk=upload.pk, state__in=_READABLE).update(
        state=UploadState.READING, problem=None, touched_at=now()
    )
    upload.refresh_from_db()
    if not taken:
        rules.must_stand(upload.uid, upload.state, _READABLE)


def _state_after(problem: Problem | None) -> UploadState:
    if problem is None:
        return UploadState.READ
    return UploadState.CHOOSING if isinstance(problem, errors.SeveralTables) else UploadState.FAILED


def _stored(problem: Problem | None) -> dict[str, Any] | None:
    """Return a problem as the page and the API show it, in both languages."""
    if problem is None:
        return None
    return {"code": problem.code, "ja": problem.as_dict("ja"), "en": problem.as_dict("en"), "data": problem.data}


def _keep_screening(upload: Upload, reading: Reading, actor: str) -> None:
    judged = ScreeningOutcome(outcome(reading.findings))
    screening = Screening.objects.create(
        upload=upload,
        original_sha256=upload.sha256,
        table_id=reading.result.table.id[:400],
        findings=[asdict(finding) for finding in reading.findings],
        outcome=judged.value,
    )
    if judged is not ScreeningOutcome.CLEAR:
        announce(
            events.PersonalDataSuspected(
                actor=actor,
                subject=f"upload:{upload.uid}",
                upload_uid=upload.uid,
                party_id=upload.party_id,
                screening_uid=screening.uid,
                outcome=judged.value,
            )
        )


def _announce_read(upload: Upload, problem: Problem | None, actor: str) -> None:
    announce(
        events.UploadRead(
            actor=actor,
            subject=f"upload:{upload.uid}",
            upload_uid=upload.uid,
            party_id=upload.party_id,
            state=upload.state,
            problem=problem.code if problem else "",
        )
    )
