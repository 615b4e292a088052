"""Writes about values that differ between the files of one thing: answer them, take an answer back, carry answers to a new edition."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, events, workpiece_rules
from tdpf.controlplane.preparation.engine.recipes.document import from_yaml, to_yaml
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.controlplane.preparation.engine.workpieces.conflicting import conflict_answers, conflict_overrides
from tdpf.controlplane.preparation.models import Workpiece
from tdpf.controlplane.preparation.reads.conflicts import conflict_found
from tdpf.controlplane.preparation.reads.workpieces import workpiece_at
from tdpf.controlplane.preparation.types import WorkpieceState
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now

KIND = "conflicts"


def answer_conflict(
    *, actor: Standing, address: str, key: str, action: str, value: str = "", by: str = ""
) -> Workpiece:
    """Say what is right where files differ: `value` (put it into every row of the thing) or `keep` (each keeps its own).

    The answer goes into the recipe with who and when, and holds while the files say what they said. Raises WorkpieceUnknown,
    WorkpieceBusy, ChoiceNotOffered, AnswerNotRead, and what `members.may_edit` raises. Announces ConflictAnswered.
    """
    with transaction.atomic():
        row = _locked(actor, address)
        entry = conflict_found(row, key)
        if entry is None or action not in ("value", "keep"):
            raise errors.ChoiceNotOffered(given=key if entry is None else action)
        said = workpiece_rules.must_be_answer(action, value, len(row.answers))
        if said is not None and said not in {own for *_, own in entry["values"]}:
            said = workpiece_rules.must_be_value(said, load_schema(row.schema).field(entry["column"])) or ""
        cells = conflict_overrides(entry, said, by=by or "担当者", at=now().isoformat(timespec="seconds"))
        row.answers = {**row.answers, key: _answer(cells)}
        row.touched_at = now()
        row.save(update_fields=["answers", "touched_at"])
        _announce(actor, row, str(entry["column"]), action)
    return row


def take_back_conflict(*, actor: Standing, address: str, key: str) -> Workpiece:
    """Have a conflict asked again. Raises WorkpieceUnknown, WorkpieceBusy, ChoiceNotOffered, and what `members.may_edit` raises.

    Announces ConflictAnswered.
    """
    with transaction.atomic():
        row = _locked(actor, address)
        answer = row.answers.get(key)
        if answer is None or answer["kind"] != KIND:
            raise errors.ChoiceNotOffered(given=key)
        row.answers = {known: other for known, other in row.answers.items() if known != key}
        row.touched_at = now()
        row.save(update_fields=["answers", "touched_at"])
        _announce(actor, row, str(answer["entry"][0]["column"]), "open")
    return row


def with_answers(document: str) -> tuple[str, dict[str, Any]]:
    """Return a recipe without its answers about conflicts, and these as a workpiece holds them: to be shown and taken back."""
    recipe, found = conflict_answers(from_yaml(document))
    if not found:
        return document, {}
    return to_yaml(recipe), {key: _answer(cells) for key, cells in found.items()}


def _answer(cells: list[dict[str, Any]]) -> dict[str, Any]:
    values = {cell["value"] for cell in cells}
    one = len(values) == 1
    return {
        "action": "value" if one else "keep",
        "value": values.pop() if one else None,
        "kind": KIND,
        "entry": cells,
    }


def _locked(actor: Standing, address: str) -> Workpiece:
    found = workpiece_at(address, actor)
    if found.party_id is not None:
        members.may_edit(actor, found.party_id)
    row = Workpiece.objects.select_for_update().get(pk=found.pk)
    workpiece_rules.must_be_idle(row.state, least=WorkpieceState.TRIED, reached=row.reached)
    return row


def _announce(actor: Standing, row: Workpiece, column: str, action: str) -> None:
    # What a visitor does to a file of their own is nobody's record.
    if row.party_id is not None:
        announce(
            events.ConflictAnswered(
                actor=actor.actor,
                subject=f"workpiece:{row.uid}",
                workpiece_uid=row.uid,
                party_id=row.party_id,
                column=column,
                action=action,
            )
        )
