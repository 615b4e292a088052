"""What the worker does to workpieces: the orders themselves, and what nobody came back to."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from tdpf.controlplane.preparation import errors, events, workpiece_rules
from tdpf.controlplane.preparation.engine.workpieces.work_sandbox import answer_in, work_in_sandbox
from tdpf.controlplane.preparation.models import ConfirmedColumn, Workpiece
from tdpf.controlplane.preparation.reads.workpieces import (
    workpiece_folder,
)
from tdpf.controlplane.preparation.types import WorkpieceState
from tdpf.controlplane.preparation.verbs.sources import source_names
from tdpf.djangokit.jobs import enqueue
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.errors import Problem
from tdpf.kit.ids import new_uid

WORK_JOB = "preparation.tasks.work_on"
FINISH_JOB = "preparation.tasks.finish"
CONCLUDE_JOB = "preparation.tasks.conclude_renewal"


def perform_work(row: Workpiece) -> Workpiece:
    """Do what a workpiece waits for; never call it in a transaction, it may take minutes. Follows a given recipe to its end."""
    state = WorkpieceState(row.state)
    do = workpiece_rules.BUSY.get(state)
    if do is None:
        return row
    Workpiece.objects.filter(pk=row.pk).update(touched_at=now())
    problem: Problem | None = None
    try:
        work_in_sandbox(
            _order(row, do),
            workpiece_folder(row.uid),
            limits=workpiece_rules.limits_for(visitor=row.party_id is None),
        )
    except (errors.NotReadable, errors.NotPreparable, errors.SchemaUnknown) as met:
        problem = met
    with transaction.atomic():
        _settle(row, state, problem)
    row.refresh_from_db()
    return row


def give_up_work(*, instant: datetime) -> int:
    """Give workpieces back whose work never ended because its process was killed."""
    stuck = Workpiece.objects.filter(
        state__in=list(workpiece_rules.BUSY), touched_at__lte=instant - workpiece_rules.GIVEN_UP
    )
    freed = 0
    for row in stuck:
        back = workpiece_rules.BACK[WorkpieceState(row.state)]
        freed += Workpiece.objects.filter(pk=row.pk, state=row.state).update(state=back, reached=back)
    return freed


def expire_workpieces(*, instant: datetime) -> int:
    """Erase what nobody came back to, and folders that belong to nothing; return how many workpieces."""
    rows = Workpiece.objects.exclude(state=WorkpieceState.ERASED).filter(
        touched_at__lte=instant - workpiece_rules.KEPT_FOR_VISITORS
    )
    expired = [
        row
        for row in rows
        if workpiece_rules.has_expired(visitor=row.party_id is None, touched_at=row.touched_at, now=instant)
    ]
    for row in expired:
        erase_files(row)
    known = set(Workpiece.objects.exclude(state=WorkpieceState.ERASED).values_list("uid", flat=True))
    for folder in _folders(before=instant.timestamp() - 24 * 3600):
        if folder.name not in known:
            shutil.rmtree(folder, ignore_errors=True)
    return len(expired)


def enqueue_work(row: Workpiece) -> None:
    """Have the worker do what a workpiece waits for, in the present transaction."""
    job = FINISH_JOB if row.state == WorkpieceState.FINISHING else WORK_JOB
    enqueue(job, {"workpiece_uid": row.uid, "state": str(row.state)}, key=f"{job}:{row.uid}:{row.state}")


def erase_files(row: Workpiece) -> None:
    """Erase everything a workpiece holds; that there was one stays."""
    Workpiece.objects.filter(pk=row.pk).update(
        state=WorkpieceState.ERASED, files=[], answers={}, decisions={}, problem=None, given_recipe="", touched_at=now()
    )
    shutil.rmtree(workpiece_folder(row.uid), ignore_errors=True)


def _settle(row: Workpiece, state: WorkpieceState, problem: Problem | None) -> None:
    reached = workpiece_rules.BACK[state] if problem else workpiece_rules.AFTER[state]
    following = reached
    if not problem and row.given_recipe and state in (WorkpieceState.LOOKING, WorkpieceState.PLANNING):
        following = WorkpieceState.PLANNING if state == WorkpieceState.LOOKING else WorkpieceState.TRYING
    if row.merge_id and row.given_recipe:
        # Nobody looks at the first rows of a renewal: the whole waits for its provider.
        if problem and state == WorkpieceState.FINISHING:
            following = reached = WorkpieceState.PLANNED
        elif not problem and state == WorkpieceState.PLANNING:
            following = WorkpieceState.FINISHING
    changed = Workpiece.objects.filter(pk=row.pk, state=state).update(
        state=following, reached=reached, problem=stored_problem(problem), touched_at=now()
    )
    if not changed:
        return
    row.state = following
    if following in workpiece_rules.BUSY:
        enqueue_work(row)
    if row.merge_id and (problem or following == WorkpieceState.FINISHED):
        enqueue(CONCLUDE_JOB, {"workpiece_uid": row.uid}, key=f"{CONCLUDE_JOB}:{row.uid}")
    if following == WorkpieceState.FINISHED and row.party_id is not None:
        told = answer_in(workpiece_folder(row.uid), "finish") or {}
        announce(
            events.WorkpieceFinished(
                actor=f"member:{row.member.uid}" if row.member else "system",
                subject=f"workpiece:{row.uid}",
                workpiece_uid=row.uid,
                party_id=row.party_id,
                schema=row.schema,
                recipe_sha256=str(told.get("recipe_sha256", "")),
                rows_in=int(told.get("rows_in", 0)),
                rows_out=int(told.get("rows_out", 0)),
            )
        )


def _order(row: Workpiece, do: str) -> dict[str, Any]:
    folder = workpiece_folder(row.uid)
    overrides: dict[str, list[Any]] = {"values": [], "cells": [], "pairs": []}
    for answer in row.answers.values():
        if answer["kind"] != "conflicts":
            overrides[answer["kind"]].append(answer["entry"])
    for answer in row.answers.values():
        if answer["kind"] == "conflicts":
            overrides["cells"] += answer["entry"]
    said = ConfirmedColumn.objects.filter(schema=row.schema).values_list("party_id", "schema", "column", "field")
    return {
        "do": do,
        "files": [str(folder / f"f{place}" / entry["name"]) for place, entry in enumerate(row.files)],
        "schema": row.schema,
        "choices": row.choices,
        "decisions": row.decisions,
        "overrides": overrides,
        "recipe": row.given_recipe,
        "confirmed": workpiece_rules.shared_confirmations(said, row.party_id),
        "answered": sorted(row.answers),
        "folds": row.folds,
        "unattended": row.merge_id is not None,
        "names": source_names(row.files),
    }


def stored_problem(problem: Problem | None) -> dict[str, Any] | None:
    """Return a problem as it is kept with a row, to be shown in both languages."""
    if problem is None:
        return None
    return {"code": problem.code, "ja": problem.as_dict("ja"), "en": problem.as_dict("en"), "data": problem.data}


def _folders(*, before: float) -> list[Path]:
    root = workpiece_folder(new_uid()).parent
    if not root.is_dir():
        return []
    return [entry for entry in root.iterdir() if entry.is_dir() and entry.stat().st_mtime < before]
