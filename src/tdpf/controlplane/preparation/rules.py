"""Pure decisions about uploads, dictionaries and screenings: each returns what is meant, or raises why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from tdpf.controlplane.members.errors import ReasonNeeded
from tdpf.controlplane.preparation import errors
from tdpf.controlplane.preparation.types import ScreeningDecision, ScreeningOutcome, UploadState
from tdpf.kit.text import Text
from tdpf.tables.types import FIELD_TYPES

READER = 1
"""Version of how the engine reads; part of every recipe, so a better reader makes new versions and not silent changes."""

MAX_UPLOAD_BYTES = 512 * 1024 * 1024
MAX_OPEN_UPLOADS = 50
MAX_OPEN_BYTES = 5 * 1024 * 1024 * 1024
KEPT_UNFINISHED = timedelta(days=2)
KEPT_UNUSED = timedelta(days=14)
KEPT_USED = timedelta(days=1)
READING_GIVEN_UP = timedelta(minutes=12)
WHOLE = frozenset(
    (
        UploadState.RECEIVED,
        UploadState.READING,
        UploadState.CHOOSING,
        UploadState.READ,
        UploadState.FAILED,
        UploadState.USED,
    )
)
STATE_JA = {
    UploadState.RECEIVING: "受信中",
    UploadState.RECEIVED: "受信済み",
    UploadState.READING: "読み取り中",
    UploadState.CHOOSING: "表の選択待ち",
    UploadState.READ: "読み取り済み",
    UploadState.FAILED: "読み取り不可",
    UploadState.USED: "公開済み",
    UploadState.DISCARDED: "破棄",
}
_EDITABLE = ("type", "title", "title_en", "unit", "description", "codes")
_LONGEST = {"title": 300, "title_en": 300, "unit": 50, "description": 5_000}
_MAX_CODES = 2_000


def tidy_file_name(name: str) -> str:
    """Return the last part of a file name without control characters, at most 200 long."""
    last = PurePosixPath(name.replace("\\", "/")).name.replace("\x00", "")
    kept = "".join(character for character in last if character.isprintable()).strip(" .")
    if len(kept) > 200:
        stem, dot, suffix = kept.rpartition(".")
        kept = f"{stem[: 199 - len(suffix)]}.{suffix}" if dot and len(suffix) <= 10 else kept[:200]
    return kept or "upload"


def must_fit(file_name: str, size: int, open_count: int, open_bytes: int) -> None:
    """Refuse what is too large, or too much at once. Raises UploadTooLarge, TooManyUploads."""
    if size > MAX_UPLOAD_BYTES:
        raise errors.UploadTooLarge(file=file_name, size=size, limit_bytes=MAX_UPLOAD_BYTES)
    if open_count >= MAX_OPEN_UPLOADS or open_bytes + size > MAX_OPEN_BYTES:
        raise errors.TooManyUploads(
            count=open_count, bytes=open_bytes, limit=MAX_OPEN_UPLOADS, limit_bytes=MAX_OPEN_BYTES
        )


def must_follow_on(upload_uid: str, state: str, received: int, size: int, offset: int, length: int) -> None:
    """Check a part before it is written. Raises UploadWrongState, OffsetMismatch, TooManyBytes."""
    must_stand(upload_uid, state, {UploadState.RECEIVING})
    if offset != received:
        raise errors.OffsetMismatch(upload=upload_uid, expected=received, given=offset)
    if received + length > size:
        raise errors.TooManyBytes(upload=upload_uid, size=size)


def must_stand(upload_uid: str, state: str, among: Iterable[UploadState]) -> None:
    """Refuse an upload that does not stand where it must. Raises UploadWrongState."""
    if state not in set(among):
        raise errors.UploadWrongState(
            upload=upload_uid, state=state, state_ja=STATE_JA.get(UploadState(state), str(state))
        )


def must_be_whole(upload_uid: str, received: int, size: int) -> None:
    """Refuse to finish before the last byte. Raises UploadIncomplete."""
    if received != size:
        raise errors.UploadIncomplete(upload=upload_uid, received=received, size=size)


def has_expired(state: str, touched_at: datetime, now: datetime) -> bool:
    """Say whether nobody came back to an upload for so long that its bytes go."""
    if state == UploadState.DISCARDED:
        return False
    kept = {UploadState.RECEIVING: KEPT_UNFINISHED, UploadState.USED: KEPT_USED}.get(UploadState(state), KEPT_UNUSED)
    return now - touched_at >= kept


def merged_dictionary(
    proposed: Sequence[Mapping[str, Any]], *editions: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Lay editions over the proposed dictionary, later ones on top, column by column; unknown columns are left out."""
    merged = [dict(entry) for entry in proposed]
    for edition in editions:
        edited = {str(entry.get("name", "")): entry for entry in edition}
        for entry in merged:
            changes = edited.get(str(entry["name"]))
            if changes is not None:
                entry.update({key: changes[key] for key in _EDITABLE if key in changes and changes[key] is not None})
    return merged


def carried_dictionary(latest: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what a latest version's dictionary says for the next one: where it describes no column at all, nothing of descriptions.

    An empty description among written ones was meant; none at all only says that nobody described the table.
    """
    if any(entry.get("description") for entry in latest):
        return [dict(entry) for entry in latest]
    return [{key: value for key, value in entry.items() if key != "description"} for entry in latest]


def must_be_dictionary(entries: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[dict[str, Any]]:
    """Return edited entries, checked and reduced to what may be edited. Raises DictionaryInvalid with every fault."""
    faults: list[dict[str, str]] = []
    tidy: list[dict[str, Any]] = []
    known = set(columns)
    for place, entry in enumerate(entries):
        name = str(entry.get("name", ""))
        field = f"dictionary.{place}"
        if name not in known:
            faults.append(_fault(f"{field}.name", f"「{name}」という列はありません。", f"There is no column “{name}”."))
            continue
        kept: dict[str, Any] = {"name": name}
        for key in _EDITABLE:
            if entry.get(key) is not None:
                kept[key] = _checked(key, entry[key], f"{field}.{key}", faults)
        tidy.append(kept)
    if faults:
        raise errors.DictionaryInvalid(count=len(faults), errors=faults)
    return tidy


def must_be_keys(key_columns: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    """Return the key columns, each once. Raises DictionaryInvalid when one is not a column."""
    unknown = [name for name in key_columns if name not in set(columns)]
    if unknown:
        raise errors.DictionaryInvalid(
            count=len(unknown),
            errors=[
                _fault("key_columns", f"「{name}」という列はありません。", f"There is no column “{name}”.")
                for name in unknown
            ],
        )
    return tuple(dict.fromkeys(key_columns))


@dataclass(frozen=True, slots=True)
class ScreeningFacts:
    """What a publication is judged by: the outcome, the operator's decision, and the columns concerned."""

    outcome: str
    decision: str
    reason: str
    columns: tuple[str, ...]


def must_be_publishable(facts: ScreeningFacts, *, dataset_is_public: bool) -> None:
    """Refuse personal data; let doubtful data wait where they would be public at once.

    Raises PersonalDataFound, ScreeningRefused, ScreeningWaits.
    """
    columns = "・".join(f"「{name}」" for name in facts.columns)
    if facts.decision == ScreeningDecision.REFUSED:
        raise errors.ScreeningRefused(reason=facts.reason)
    if facts.outcome == ScreeningOutcome.CONFIRMED and facts.decision != ScreeningDecision.ACCEPTED:
        raise errors.PersonalDataFound(columns=columns)
    waits = facts.outcome == ScreeningOutcome.DOUBTFUL and facts.decision == ScreeningDecision.WAITING
    if waits and dataset_is_public:
        raise errors.ScreeningWaits(columns=columns)


def outcome_word(outcome: str, decision: str) -> str:
    """Return the one word other rooms go by: clear, doubtful, confirmed, accepted or refused."""
    if decision != ScreeningDecision.WAITING:
        return decision
    return outcome


def must_be_open(outcome: str, decision: str) -> None:
    """Refuse to decide about what is clear or was decided. Raises ScreeningNotOpen."""
    if outcome == ScreeningOutcome.CLEAR or decision != ScreeningDecision.WAITING:
        raise errors.ScreeningNotOpen(state=outcome_word(outcome, decision))


def why_not_as_it_is(problem: str, *, size: int, is_program: bool) -> Text | None:
    """Return why a file may not be offered as it is; `problem` is what its reading met, by code, if it was read."""
    if is_program:
        return Text("プログラムで、データではありません", "it is a program, and not data")
    if size == 0 or problem == "preparation/empty-file":
        return Text("中身が空です", "there is nothing in it")
    if problem == "preparation/damaged":
        return Text("壊れていて、だれにも開けません", "it is damaged, and nobody could open it")
    return None


def must_give_reason(reason: str) -> str:
    """Return the reason of a judgement without outer spaces. Raises members' ReasonNeeded when there is none."""
    if not reason.strip():
        raise ReasonNeeded
    return reason.strip()


def _checked(key: str, value: Any, field: str, faults: list[dict[str, str]]) -> Any:
    if key == "type":
        if value not in FIELD_TYPES:
            faults.append(_fault(field, f"「{value}」という型はありません。", f"There is no type “{value}”."))
        return str(value)
    if key == "codes":
        if not isinstance(value, Mapping) or len(value) > _MAX_CODES:
            faults.append(
                _fault(field, "コードは「値: 意味」の組で入れてください。", "Codes are pairs of value and meaning.")
            )
            return {}
        return {str(code): str(meaning) for code, meaning in value.items()}
    text = str(value).strip()
    if len(text) > _LONGEST[key]:
        faults.append(
            _fault(field, f"{_LONGEST[key]} 文字までにしてください。", f"Keep it within {_LONGEST[key]} characters.")
        )
    return text


def _fault(field: str, ja: str, en: str) -> dict[str, str]:
    return {"field": field, "message_ja": ja, "message_en": en}
