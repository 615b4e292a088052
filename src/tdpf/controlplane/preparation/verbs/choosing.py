"""Writes about workpieces: begin, choose, answer, finish, hand on, keep the recipe, erase. Work itself is done by the worker."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.errors import SignInNeeded
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, events, rules, workpiece_rules
from tdpf.controlplane.preparation.engine.mapping.nameless import is_made_name
from tdpf.controlplane.preparation.engine.mapping.names import fold
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema, schema_names
from tdpf.controlplane.preparation.engine.workpieces.types import Waiting
from tdpf.controlplane.preparation.engine.workpieces.waiting import override_of, pair_overrides
from tdpf.controlplane.preparation.engine.workpieces.work_sandbox import answer_in
from tdpf.controlplane.preparation.models import ConfirmedColumn, StoredRecipe, Workpiece
from tdpf.controlplane.preparation.reads.recipes import stored_recipe
from tdpf.controlplane.preparation.reads.workpieces import (
    duplicate_marks,
    waiting_entry,
    workpiece_at,
    workpiece_folder,
)
from tdpf.controlplane.preparation.types import WorkpieceState
from tdpf.controlplane.preparation.verbs.conflicts import with_answers
from tdpf.controlplane.preparation.verbs.sources import fetch_sources, named_sources
from tdpf.controlplane.preparation.verbs.working import enqueue_work, erase_files
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.hashing import sha256_file
from tdpf.kit.ids import new_uid


def start_workpiece(
    *,
    actor: Standing,
    files: Sequence[tuple[str, int, Iterable[bytes]]],
    party_id: int | None = None,
    trace: str = "",
    recipe_uid: str = "",
    sources: Sequence[str] = (),
    begun_from: Mapping[str, str] | None = None,
) -> Workpiece:
    """Take files (name, size, pieces) to be prepared together and have them read; a visitor gives a `trace` and no party.

    A member may name `sources` beside or instead: addresses, and datasets of this platform; they are fetched now. `begun_from` says on which page of
    providing it was begun. With a recipe of the party's, everything up to before-and-after is done at once. Raises NoFiles, WorkpieceTooLarge,
    TooManyWorkpieces, RecipeUnknown, SourceNotUnderstood, SourceNotOpen, TooManySources, and what `members.may_edit` and
    `kit.fetching` raise.
    """
    visitor = party_id is None
    if party_id is not None:
        members.may_edit(actor, party_id)
    elif sources:
        raise SignInNeeded
    named = named_sources(actor, sources)
    recipe = stored_recipe(recipe_uid, actor) if recipe_uid else None
    if files or not named:
        workpiece_rules.must_take([entry[1] for entry in files], visitor=visitor)
    _must_not_flood(party_id, trace)
    uid = new_uid()
    folder = workpiece_folder(uid)
    folder.mkdir(mode=0o700, parents=True)
    try:
        names = workpiece_rules.distinct_names(rules.tidy_file_name(entry[0]) for entry in files)
        kept = [_keep(folder, place, name, files[place][2]) for place, name in enumerate(names)]
        kept += fetch_sources(named, folder, actor=actor, first=len(kept))
        if begun_from:
            kept[0]["begun_from"] = dict(begun_from)
        size = workpiece_rules.must_take([entry["size"] for entry in kept], visitor=visitor)
        with transaction.atomic():
            document, answers = with_answers(recipe.document) if recipe else ("", {})
            row = Workpiece.objects.create(
                uid=uid,
                party_id=party_id,
                member_id=None if visitor else actor.member_id,
                trace=trace if visitor else "",
                files=kept,
                size=size,
                schema=recipe.schema if recipe else "",
                given_recipe=document,
                answers=answers,
            )
            if recipe is not None:
                StoredRecipe.objects.filter(pk=recipe.pk).update(used_at=now())
            _ask(row)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return row


@transaction.atomic
def adopt_workpiece(*, actor: Standing, address: str, party_id: int) -> Workpiece:
    """Make a visitor's workpiece a party's, with all that was chosen; its secret address is good for nothing any more.

    Whoever has the address and an account may. One that is a party's already stays as it is. Raises WorkpieceUnknown, WorkpieceBusy,
    TooManyWorkpieces, and what `members.may_edit` raises. Announces WorkpieceAdopted.
    """
    members.may_edit(actor, party_id)
    found = workpiece_at(address, actor)
    row = Workpiece.objects.select_for_update().get(pk=found.pk)
    if row.party_id is not None:
        return row
    workpiece_rules.must_be_idle(row.state, least=WorkpieceState.FOUND, reached=row.reached)
    _must_not_flood(party_id, "")
    row.party_id, row.member_id, row.trace, row.touched_at = party_id, actor.member_id, "", now()
    row.save(update_fields=["party", "member", "trace", "touched_at"])
    announce(
        events.WorkpieceAdopted(
            actor=actor.actor, subject=f"workpiece:{row.uid}", workpiece_uid=row.uid, party_id=party_id
        )
    )
    return row


def choose_schema(*, actor: Standing, address: str, schema: str, choices: Mapping[int, str]) -> Workpiece:
    """Choose the standard table, and one table of each file that has several; columns are matched next.

    Earlier choices of columns and answers stay where the same table is chosen again; those for another go.
    Raises WorkpieceUnknown, WorkpieceBusy, ChoiceNotOffered.
    """
    if schema not in schema_names():
        raise errors.ChoiceNotOffered(given=schema)
    with transaction.atomic():
        row = _locked(actor, address, WorkpieceState.FOUND)
        looked = answer_in(workpiece_folder(row.uid), "look") or {"files": []}
        for place, choice in choices.items():
            offered = looked["files"][place]["tables"] if 0 <= place < len(looked["files"]) else []
            if choice and choice not in {str(entry["id"]) for entry in offered}:
                raise errors.ChoiceNotOffered(given=choice)
        chosen = {str(place): choice for place, choice in choices.items() if choice}
        if (schema, chosen) != (row.schema, row.choices):
            row.decisions, row.answers = {}, {}
        row.schema, row.choices, row.given_recipe = schema, chosen, ""
        row.state = WorkpieceState.PLANNING
        _ask(row)
    return row


def choose_columns(*, actor: Standing, address: str, decisions: Mapping[str, Mapping[str, str]]) -> Workpiece:
    """Confirm what each column is; the first rows are prepared next. A member's choices are remembered for the next file.

    Raises WorkpieceUnknown, WorkpieceBusy, ChoiceNotOffered, FieldChosenTwice.
    """
    with transaction.atomic():
        row = _locked(actor, address, WorkpieceState.PLANNED)
        plan = answer_in(workpiece_folder(row.uid), "plan") or {"columns": []}
        fields = [field.name for field in load_schema(row.schema).targets]
        tidy = workpiece_rules.must_be_columns(decisions, plan["columns"], fields)
        if row.given_recipe == "":
            row.decisions = _changed(tidy, plan["columns"])
            if row.party_id is not None:
                _remember(row.party_id, row.schema, tidy)
        row.state = WorkpieceState.TRYING
        _ask(row)
    return row


def leave_recipe(*, actor: Standing, address: str) -> Workpiece:
    """Match the columns anew instead of following the recipe that was given. Raises WorkpieceUnknown, WorkpieceBusy."""
    with transaction.atomic():
        row = _locked(actor, address, WorkpieceState.FOUND)
        row.given_recipe, row.decisions = "", {}
        row.state = WorkpieceState.PLANNING if row.schema else WorkpieceState.FOUND
        row.reached = WorkpieceState.FOUND
        _ask(row)
    return row


def answer_waiting(*, actor: Standing, address: str, key: str, action: str, value: str = "", by: str = "") -> Workpiece:
    """Answer one entry that waits: `value` (put it in), `empty` (leave the cell empty), `keep` (what stands there is right).

    Raises WorkpieceUnknown, WorkpieceBusy, ChoiceNotOffered, AnswerNotRead.
    """
    with transaction.atomic():
        row = _locked(actor, address, WorkpieceState.TRIED)
        entry = waiting_entry(row, key)
        if entry is None:
            raise errors.ChoiceNotOffered(given=key)
        said = workpiece_rules.must_be_answer(action, value, len(row.answers))
        said = workpiece_rules.must_be_value(said, load_schema(row.schema).field(entry["column"])) if said else None
        given = said if action == "value" else (entry["proposed"] if action == "keep" else None)
        places = tuple((str(name), int(number)) for name, number in entry["places"])
        more = {part: tuple(entry.get(part, ())) for part in ("cell", "known")}
        waiting = Waiting(**{**entry, "places": places, **more})
        kind, override = override_of(waiting, given, by=by or "担当者")
        row.answers = {**row.answers, key: {"action": action, "value": given, "kind": kind, "entry": override}}
        row.touched_at = now()
        row.save(update_fields=["answers", "touched_at"])
    return row


def judge_pair(*, actor: Standing, address: str, row: int, member: int | None = None, by: str = "") -> Workpiece:
    """Say of the group of likely duplicates that stands in `row` that it is one thing, or that its `member` (from 0) is another.

    The answer goes into the recipe, so that next year's run knows. Raises WorkpieceUnknown, WorkpieceBusy, ChoiceNotOffered.
    """
    with transaction.atomic():
        piece = _locked(actor, address, WorkpieceState.TRIED)
        marks = duplicate_marks(piece, row)
        if len(marks) < 2 or (member is not None and not 0 <= member < len(marks)):
            raise errors.ChoiceNotOffered(given=str(row))
        answers = dict(piece.answers)
        for key, entry in pair_overrides(marks, member, by=by or "担当者"):
            workpiece_rules.must_be_answer("keep", "", len(answers))
            answers[key] = {"action": "keep", "value": None, "kind": "pairs", "entry": entry}
        piece.answers = answers
        piece.touched_at = now()
        piece.save(update_fields=["answers", "touched_at"])
    return piece


def take_back_answer(*, actor: Standing, address: str, key: str) -> Workpiece:
    """Open an answered entry again. Raises WorkpieceUnknown, WorkpieceBusy."""
    with transaction.atomic():
        row = _locked(actor, address, WorkpieceState.TRIED)
        row.answers = {known: answer for known, answer in row.answers.items() if known != key}
        row.touched_at = now()
        row.save(update_fields=["answers", "touched_at"])
    return row


def try_again(*, actor: Standing, address: str) -> Workpiece:
    """Prepare the first rows once more, with the answers given since. Raises WorkpieceUnknown, WorkpieceBusy."""
    return _step(actor, address, WorkpieceState.TRIED, WorkpieceState.TRYING)


def fold_duplicates(*, actor: Standing, address: str, folds: bool) -> Workpiece:
    """Have rows of the same thing become one, or stay apart; the first rows are prepared anew. Raises WorkpieceUnknown, WorkpieceBusy."""
    with transaction.atomic():
        row = _locked(actor, address, WorkpieceState.TRIED)
        row.folds = folds
        row.state = WorkpieceState.TRYING
        _ask(row)
    return row


def finish_workpiece(*, actor: Standing, address: str) -> Workpiece:
    """Have the whole prepared and written in every format. Raises WorkpieceUnknown, WorkpieceBusy."""
    return _step(actor, address, WorkpieceState.TRIED, WorkpieceState.FINISHING)


def erase_workpiece(*, actor: Standing, address: str) -> None:
    """Erase a workpiece's files and results. Raises WorkpieceUnknown."""
    row = workpiece_at(address, actor)
    if row.party_id is not None:
        members.may_edit(actor, row.party_id)
    erase_files(row)


def _step(actor: Standing, address: str, least: WorkpieceState, into: WorkpieceState) -> Workpiece:
    with transaction.atomic():
        row = _locked(actor, address, least)
        row.state = into
        _ask(row)
    return row


def _locked(actor: Standing, address: str, least: WorkpieceState) -> Workpiece:
    found = workpiece_at(address, actor)
    if found.party_id is not None:
        members.may_edit(actor, found.party_id)
    row = Workpiece.objects.select_for_update().get(pk=found.pk)
    workpiece_rules.must_be_idle(row.state, least=least, reached=row.reached)
    return row


def _ask(row: Workpiece) -> None:
    row.problem = None
    row.touched_at = now()
    row.save()
    if WorkpieceState(row.state) in workpiece_rules.BUSY:
        (workpiece_folder(row.uid) / "progress.json").unlink(missing_ok=True)
        enqueue_work(row)


def _keep(folder: Path, place: int, name: str, pieces: Iterable[bytes]) -> dict[str, Any]:
    own = folder / f"f{place}"
    own.mkdir(mode=0o700)
    path = own / name
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return {"name": name, "size": path.stat().st_size, "sha256": sha256_file(path)}


def _must_not_flood(party_id: int | None, trace: str) -> None:
    if party_id is not None:
        own = Workpiece.objects.filter(party_id=party_id).exclude(state=WorkpieceState.ERASED).count()
        workpiece_rules.must_not_flood(visitor=False, own=own, together=0)
        return
    lately = Workpiece.objects.filter(party__isnull=True, created_at__gte=now() - timedelta(hours=1))
    workpiece_rules.must_not_flood(visitor=True, own=lately.filter(trace=trace).count(), together=lately.count())


def _changed(tidy: Mapping[str, Mapping[str, str]], columns: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Return the choices that differ from what was proposed, or were open: the rest may follow a better engine."""
    proposed = {
        (str(entry["input"]), str(entry["column"])): str(entry["target"])
        for entry in columns
        if entry["method"] in ("automatic", "reshape")
    }
    found: dict[str, dict[str, str]] = {}
    for source, chosen in tidy.items():
        for column, field in chosen.items():
            if proposed.get((source, column)) != field:
                found.setdefault(source, {})[column] = field
    return found


def _remember(party_id: int, schema: str, tidy: Mapping[str, Mapping[str, str]]) -> None:
    for chosen in tidy.values():
        for column, field in chosen.items():
            if field and len(fold(column)) <= 300 and not is_made_name(column):
                ConfirmedColumn.objects.update_or_create(
                    party_id=party_id,
                    schema=schema,
                    column=fold(column),
                    defaults={"field": field, "confirmed_at": now()},
                )
