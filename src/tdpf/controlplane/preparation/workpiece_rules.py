"""Pure decisions about workpieces: how much may come, what may be chosen when, what others' confirmations are worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tdpf.controlplane.preparation import errors
from tdpf.controlplane.preparation.engine.normalising.outcome import REASONS
from tdpf.controlplane.preparation.engine.normalising.registry import NORMALISERS, outcomes
from tdpf.controlplane.preparation.engine.schemas.types import SchemaField
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.controlplane.preparation.types import WorkpieceState

MEMBERS_BYTES = 200 * 1024 * 1024
MEMBERS_FILES = 30
MEMBERS_OPEN = 40
VISITORS_BYTES = 10 * 1024 * 1024
VISITORS_FILES = 5
VISITORS_PER_HOUR = 10
VISITORS_TOGETHER_PER_HOUR = 300
KEPT_FOR_VISITORS = timedelta(hours=24)
KEPT_FOR_MEMBERS = timedelta(days=30)
GIVEN_UP = timedelta(minutes=20)
BUSY: Mapping[WorkpieceState, str] = {
    WorkpieceState.LOOKING: "look",
    WorkpieceState.PLANNING: "plan",
    WorkpieceState.TRYING: "try",
    WorkpieceState.FINISHING: "finish",
}
AFTER: Mapping[WorkpieceState, WorkpieceState] = {
    WorkpieceState.LOOKING: WorkpieceState.FOUND,
    WorkpieceState.PLANNING: WorkpieceState.PLANNED,
    WorkpieceState.TRYING: WorkpieceState.TRIED,
    WorkpieceState.FINISHING: WorkpieceState.FINISHED,
}
BACK: Mapping[WorkpieceState, WorkpieceState] = {
    WorkpieceState.LOOKING: WorkpieceState.FOUND,
    WorkpieceState.PLANNING: WorkpieceState.FOUND,
    WorkpieceState.TRYING: WorkpieceState.PLANNED,
    WorkpieceState.FINISHING: WorkpieceState.TRIED,
}
ORDERED = (WorkpieceState.FOUND, WorkpieceState.PLANNED, WorkpieceState.TRIED, WorkpieceState.FINISHED)
STATE_JA: Mapping[WorkpieceState, str] = {
    WorkpieceState.LOOKING: "読み取り中",
    WorkpieceState.FOUND: "表の種類の選択待ち",
    WorkpieceState.PLANNING: "項目の対応付け中",
    WorkpieceState.PLANNED: "項目の確認待ち",
    WorkpieceState.TRYING: "試し整備中",
    WorkpieceState.TRIED: "見比べ待ち",
    WorkpieceState.FINISHING: "仕上げ中",
    WorkpieceState.FINISHED: "できあがり",
    WorkpieceState.ERASED: "消去済み",
}
_MOST_ANSWERS = 2_000
_LONGEST_ANSWER = 2_000
_FOR_VISITORS = Limits(
    max_bytes=VISITORS_BYTES,
    max_unzipped_bytes=300 * 1024 * 1024,
    max_cells=5_000_000,
    memory_bytes=1536 * 1024 * 1024,
    cpu_seconds=60,
    wall_seconds=90,
    max_output_bytes=512 * 1024 * 1024,
)


def limits_for(*, visitor: bool) -> Limits:
    """Return how much the reading of one file may cost."""
    return _FOR_VISITORS if visitor else Limits(max_bytes=MEMBERS_BYTES)


def must_take(sizes: Sequence[int], *, visitor: bool) -> int:
    """Return the bytes of files that may come together. Raises NoFiles, WorkpieceTooLarge."""
    limit, limit_bytes = (VISITORS_FILES, VISITORS_BYTES) if visitor else (MEMBERS_FILES, MEMBERS_BYTES)
    if not sizes or not any(sizes):
        raise errors.NoFiles
    if len(sizes) > limit or sum(sizes) > limit_bytes:
        raise errors.WorkpieceTooLarge(count=len(sizes), size=sum(sizes), limit=limit, limit_bytes=limit_bytes)
    return sum(sizes)


def must_not_flood(*, visitor: bool, own: int, together: int) -> None:
    """Refuse more than a fair share: a visitor's last hour, all visitors' last hour, a party's open ones. Raises TooManyWorkpieces."""
    limit = VISITORS_PER_HOUR if visitor else MEMBERS_OPEN
    if own >= limit:
        raise errors.TooManyWorkpieces(limit=limit)
    if visitor and together >= VISITORS_TOGETHER_PER_HOUR:
        raise errors.TooManyWorkpieces(limit=VISITORS_TOGETHER_PER_HOUR)


def must_be_idle(state: str, *, least: WorkpieceState, reached: str) -> None:
    """Refuse what is worked on now or has not come so far. Raises WorkpieceBusy."""
    present = WorkpieceState(state)
    if present in BUSY or present == WorkpieceState.ERASED or not has_reached(reached, least):
        raise errors.WorkpieceBusy(state=state, state_ja=STATE_JA[present])


def must_hold_no_persons(columns: Sequence[str]) -> None:
    """Refuse a table into which columns with confirmed personal data went. Raises PersonalDataFound."""
    if columns:
        raise errors.PersonalDataFound(columns="、".join(columns))


def has_reached(reached: str, least: WorkpieceState) -> bool:
    """Say whether a workpiece came as far as `least`, one of `ORDERED`."""
    return bool(reached) and ORDERED.index(WorkpieceState(reached)) >= ORDERED.index(least)


def distinct_names(names: Iterable[str]) -> list[str]:
    """Return file names that differ: a second one of the same name has its number before the ending; bounded for every disk."""
    found: list[str] = []
    for name in names:
        stem, dot, ending = name.rpartition(".")
        stem, ending = (stem, f".{ending}") if dot else (name, "")
        while len(f"{stem}{ending}".encode()) > 220:
            stem = stem[:-1]
        candidate, number = f"{stem}{ending}", 2
        while candidate in found:
            candidate, number = f"{stem}（{number}）{ending}", number + 1
        found.append(candidate)
    return found


def must_be_columns(
    decisions: Mapping[str, Mapping[str, str]], columns: Sequence[Mapping[str, Any]], fields: Iterable[str]
) -> dict[str, dict[str, str]]:
    """Return the choices of columns, checked: every column and field is known and no field is given twice in one input.

    Raises ChoiceNotOffered, FieldChosenTwice.
    """
    known = {(str(entry["input"]), str(entry["column"])) for entry in columns}
    allowed = {*fields, ""}
    tidy: dict[str, dict[str, str]] = {}
    for source, chosen in decisions.items():
        taken: dict[str, str] = {}
        for column, field in chosen.items():
            if (source, column) not in known or field not in allowed:
                raise errors.ChoiceNotOffered(given=field or column)
            if field and field in taken:
                raise errors.FieldChosenTwice(field=field, columns=f"{taken[field]}」「{column}")
            if field:
                taken[field] = column
            tidy.setdefault(source, {})[column] = field
    return tidy


def must_be_answer(action: str, value: str, count: int) -> str | None:
    """Return the value of an answer, None for an empty cell. Raises ChoiceNotOffered."""
    if action not in ("value", "empty", "keep") or count >= _MOST_ANSWERS or len(value) > _LONGEST_ANSWER:
        raise errors.ChoiceNotOffered(given=action)
    if action == "value" and not value.strip():
        raise errors.ChoiceNotOffered(given="（空）")
    return value.strip() if action == "value" else None


def must_be_value(value: str, field: SchemaField | None) -> str | None:
    """Return an answer as the column's kind writes it; None where that is an empty cell (× where only a yes is marked).

    Raises AnswerNotRead.
    """
    if field is None or field.normaliser not in NORMALISERS:
        return value
    found = outcomes(field.normaliser, [value])[value]
    if found.value is None and found.reason and found.reason != "missing":
        why = REASONS.get(found.reason, REASONS["missing"])
        raise errors.AnswerNotRead(given=value, column=field.name, why_ja=why.ja, why_en=why.en)
    return found.value


def has_expired(*, visitor: bool, touched_at: datetime, now: datetime) -> bool:
    """Say whether nobody came back for so long that the files go."""
    return now - touched_at >= (KEPT_FOR_VISITORS if visitor else KEPT_FOR_MEMBERS)


def shared_confirmations(
    said: Iterable[tuple[int, str, str, str]], own_party: int | None
) -> list[tuple[str, str, str, str]]:
    """Return (schema, column, "", field) of what is known by confirmation, given (party, schema, column, field).

    A party's own word counts for itself. Others' counts when two parties at least say the same and none says otherwise, so that
    nobody can teach the others something wrong alone.
    """
    words: dict[tuple[str, str], dict[int, str]] = {}
    for party, schema, column, field in said:
        words.setdefault((schema, column), {})[party] = field
    found = []
    for (schema, column), by_party in sorted(words.items()):
        if own_party is not None and own_party in by_party:
            found.append((schema, column, "", by_party[own_party]))
        elif len(by_party) >= 2 and len(set(by_party.values())) == 1:
            found.append((schema, column, "", next(iter(by_party.values()))))
    return found
