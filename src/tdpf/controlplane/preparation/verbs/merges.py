"""Writes about tables that renew themselves: keep, look at the sources, conclude what a run brought, stop."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction

from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, events, merge_rules, workpiece_rules
from tdpf.controlplane.preparation.engine.merging.changes import TableChanges, signs_of, table_changes
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.controlplane.preparation.engine.workpieces.work_sandbox import answer_in
from tdpf.controlplane.preparation.models import KeptMerge, Workpiece
from tdpf.controlplane.preparation.reads.merges import kept_merge, merge_folder, renewal_was_lost, rows_of
from tdpf.controlplane.preparation.reads.workpieces import result_file, workpiece_at, workpiece_folder
from tdpf.controlplane.preparation.types import UploadState, WorkpieceState
from tdpf.controlplane.preparation.verbs.conflicts import with_answers
from tdpf.controlplane.preparation.verbs.handing import hand_on_workpiece
from tdpf.controlplane.preparation.verbs.receiving import discard_upload
from tdpf.controlplane.preparation.verbs.sources import fetch_sources
from tdpf.controlplane.preparation.verbs.working import enqueue_work, erase_files, stored_problem
from tdpf.djangokit.jobs import enqueue
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.errors import Problem
from tdpf.kit.ids import new_uid

_RENEW_JOB = "preparation.tasks.renew_merge"
_BASE, _NEXT = "rows.csv", "next.csv"


def keep_merge(*, actor: Standing, address: str, title: str = "") -> KeptMerge:
    """Have a finished table renew itself from now on; every file of it must be one that the program may fetch again.

    Raises WorkpieceUnknown, WorkpieceBusy, SourcesMissing, TooManySources. Announces MergeKept.
    """
    row = workpiece_at(address, actor)
    workpiece_rules.must_be_idle(row.state, least=WorkpieceState.FINISHED, reached=row.reached)
    if row.party_id is None:
        raise errors.WorkpieceUnknown
    members.may_edit(actor, row.party_id)
    merge_rules.must_renew_itself(row.files, KeptMerge.objects.filter(party_id=row.party_id).count())
    if row.merge is not None:
        return row.merge
    uid = new_uid()
    _keep_result(row, uid, _BASE)
    with transaction.atomic():
        merge = KeptMerge.objects.create(
            uid=uid,
            party_id=row.party_id,
            member_id=actor.member_id,
            title=(title.strip() or load_schema(row.schema).title)[:200],
            schema=row.schema,
            document=result_file(row, "recipe.yaml").read_text(encoding="utf-8"),
            sources=_sources(row),
            upload=row.upload,
            distribution_uid=str(((row.upload.prepared if row.upload else None) or {}).get("distribution", "")),
        )
        Workpiece.objects.filter(pk=row.pk).update(merge=merge)
        announce(
            events.MergeKept(
                actor=actor.actor,
                subject=f"merge:{uid}",
                merge_uid=uid,
                party_id=row.party_id,
                schema=row.schema,
                sources=len(merge.sources),
            )
        )
    return merge


@transaction.atomic
def stop_merge(*, actor: Standing, merge_uid: str) -> None:
    """Have a table renew itself no more; what was made of it stays. Raises KeptMergeUnknown. Announces MergeStopped."""
    row = kept_merge(merge_uid, actor)
    members.may_edit(actor, row.party_id)
    announce(
        events.MergeStopped(actor=actor.actor, subject=f"merge:{row.uid}", merge_uid=row.uid, party_id=row.party_id)
    )
    folder = merge_folder(row.uid)
    row.workpieces.update(merge=None)
    row.delete()
    transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))


def ask_to_renew(*, actor: Standing, merge_uid: str) -> None:
    """Have the sources looked at now. Raises KeptMergeUnknown."""
    row = kept_merge(merge_uid, actor)
    members.may_edit(actor, row.party_id)
    enqueue(_RENEW_JOB, {"merge_uid": row.uid, "asked": True}, key=f"{_RENEW_JOB}:{row.uid}:asked")


def renew_due(*, instant: datetime) -> int:
    """Have the sources of every table looked at that nobody looked at for a day; return how many."""
    rows = KeptMerge.objects.filter(checked_at__lte=instant - merge_rules.LOOKED_AT_EVERY)
    for row in rows:
        _enqueue(row)
    return len(rows)


def renew_fed_by(*, distribution_uid: str) -> int:
    """Have the tables renewed that a distribution is a source of; return how many."""
    rows = [
        row
        for row in KeptMerge.objects.all()
        if any(source["at"] == distribution_uid for source in row.sources if source["kind"] == "dataset")
    ]
    for row in rows:
        _enqueue(row)
    return len(rows)


def renew_merge(merge: KeptMerge, *, asked: bool = False) -> Workpiece | None:
    """Fetch the sources and, when one changed, begin a workpiece that follows the recipe to its end; else return None.

    When a person `asked`, also when the last renewal was discarded before anybody signed it. What stands in the way is stored and told once (MergeHindered). Never call it in a transaction.
    """
    busy = [str(state) for state in workpiece_rules.BUSY]
    if merge.workpieces.filter(state__in=busy).exists():
        return None
    actor = members.standing_of(merge.member)
    uid = new_uid()
    folder = workpiece_folder(uid)
    folder.mkdir(mode=0o700, parents=True)
    try:
        members.may_edit(actor, merge.party_id)
        files = fetch_sources(merge.sources, folder, actor=actor)
        size = workpiece_rules.must_take([entry["size"] for entry in files], visitor=False)
    except Problem as problem:
        shutil.rmtree(folder, ignore_errors=True)
        _hinder(merge, problem)
        return None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    same = [entry["sha256"] for entry in files] == [source["sha256"] for source in merge.sources]
    if same and not (asked and renewal_was_lost(merge)):
        shutil.rmtree(folder, ignore_errors=True)
        KeptMerge.objects.filter(pk=merge.pk).update(checked_at=now(), problem=None)
        return None
    document, answers = with_answers(merge.document)
    with transaction.atomic():
        row = Workpiece.objects.create(
            uid=uid,
            party_id=merge.party_id,
            member_id=merge.member_id,
            files=files,
            size=size,
            schema=merge.schema,
            state=WorkpieceState.PLANNING,
            reached=WorkpieceState.FOUND,
            given_recipe=document,
            answers=answers,
            merge=merge,
        )
        KeptMerge.objects.filter(pk=merge.pk).update(checked_at=now())
        enqueue_work(row)
    return row


def conclude_renewal(row: Workpiece) -> TableChanges | None:
    """Compare a renewed table with the last one that was published and hand it in; the provider signs, or does not.

    An older renewal that still waits is replaced. Announces MergeRenewed, or MergeHindered with what stood in the way.
    """
    merge = row.merge
    if merge is None:
        return None
    if row.state != WorkpieceState.FINISHED:
        if row.problem:
            _hinder(merge, None, row.problem)
        return None
    schema = load_schema(row.schema)
    told = answer_in(workpiece_folder(row.uid), "finish") or {}
    before = rows_of(merge_folder(merge.uid) / _BASE)
    changes = _with_signs(merge, told, table_changes(before, rows_of(result_file(row, f"{row.schema}.csv")), schema))
    actor = members.standing_of(merge.member)
    document = result_file(row, "recipe.yaml").read_text(encoding="utf-8")
    older = merge.upload
    waits = older is not None and older.state not in (UploadState.USED, UploadState.DISCARDED)
    if not changes.any and not (waits and row.upload_id):
        KeptMerge.objects.filter(pk=merge.pk).update(sources=_sources(row), document=document, problem=None)
        if document == merge.document:
            erase_files(row)
        return changes
    try:
        upload = hand_on_workpiece(actor=actor, address=row.uid)
        if older is not None and waits:
            discard_upload(actor=actor, upload_uid=older.uid)
    except Problem as problem:
        _hinder(merge, problem)
        return None
    _keep_result(row, merge.uid, _NEXT)
    with transaction.atomic():
        KeptMerge.objects.filter(pk=merge.pk).update(
            sources=_sources(row),
            document=document,
            upload=upload,
            changes=changes.as_dict(),
            problem=None,
            renewed_at=now(),
        )
        announce(
            events.MergeRenewed(
                actor="system",
                subject=f"merge:{merge.uid}",
                merge_uid=merge.uid,
                party_id=merge.party_id,
                upload_uid=upload.uid,
                added=changes.added,
                changed=changes.changed,
                gone=changes.gone,
                new_duplicates=changes.new_duplicates,
                new_conflicts=changes.new_conflicts,
            )
        )
    return changes


def note_used(*, upload_uid: str, distribution_uid: str) -> None:
    """Remember which dataset a renewed table belongs to; from now on changes are told against what was published."""
    merge = KeptMerge.objects.filter(upload__uid=upload_uid).first()
    if merge is None:
        return
    KeptMerge.objects.filter(pk=merge.pk).update(distribution_uid=distribution_uid)
    folder = merge_folder(merge.uid)
    for name in (_NEXT, f"{_NEXT}.signs"):
        if (folder / name).exists():
            (folder / name).replace(folder / name.replace(_NEXT, _BASE))


def _enqueue(row: KeptMerge) -> None:
    enqueue(_RENEW_JOB, {"merge_uid": row.uid}, key=f"{_RENEW_JOB}:{row.uid}")


def _sources(row: Workpiece) -> list[dict[str, Any]]:
    return [{**entry["source"], "name": entry["name"], "sha256": entry["sha256"]} for entry in row.files]


def _keep_result(row: Workpiece, uid: str, name: str) -> None:
    folder = merge_folder(uid)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(result_file(row, f"{row.schema}.csv"), folder / name)
    told = answer_in(workpiece_folder(row.uid), "finish") or {"duplicates": [], "conflicts": []}
    (folder / f"{name}.signs").write_bytes(orjson.dumps(signs_of(told)))


def _with_signs(merge: KeptMerge, told: dict[str, Any], changes: TableChanges) -> TableChanges:
    path = merge_folder(merge.uid) / f"{_BASE}.signs"
    known = orjson.loads(path.read_bytes()) if path.exists() else {"duplicates": [], "conflicts": []}
    found = signs_of(told)
    return replace(
        changes,
        new_duplicates=len(set(found["duplicates"]) - set(known["duplicates"])),
        new_conflicts=len(set(found["conflicts"]) - set(known["conflicts"])),
    )


def _hinder(merge: KeptMerge, problem: Problem | None, plain: dict[str, Any] | None = None) -> None:
    stored = stored_problem(problem) if problem is not None else plain
    code = str((stored or {}).get("code", ""))
    with transaction.atomic():
        known = KeptMerge.objects.select_for_update().get(pk=merge.pk)
        again = (known.problem or {}).get("code") == code
        known.problem = stored
        known.checked_at = now()
        known.save(update_fields=["problem", "checked_at"])
        if not again:
            announce(
                events.MergeHindered(
                    actor="system",
                    subject=f"merge:{merge.uid}",
                    merge_uid=merge.uid,
                    party_id=merge.party_id,
                    problem=code,
                )
            )
