"""Whatever a stranger's record does to whoever reads it, it costs itself only."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from tdpf.controlplane.federation.deadlines import TookTooLong, at_most
from tdpf.controlplane.federation.errors import AnswerNotUnderstood, RobotsForbid, SourceRefuses
from tdpf.controlplane.federation.reading.taking import MALFORMED, clean, short_key
from tdpf.controlplane.federation.types import Coverage, LeftOut
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import AddressRefused, FetchFailed, TooLarge, TooSlow
from tdpf.kit.text import Text

log = logging.getLogger("tdpf.federation")

SECONDS = 10.0
UNREAD: Final = (AnswerNotUnderstood, SourceRefuses, TooLarge, FetchFailed, TooSlow, AddressRefused, RobotsForbid)
"""What one address may end with while others of the site are still read; a busy site and time that is over end the run."""
_SLOW = Text("この記録を読み解くのに時間がかかりすぎました", "reading this record took too long")

Found = TypeVar("Found")


def guarded(
    read: Callable[[], tuple[Found, list[LeftOut]]],
    nothing: Found,
    *,
    where: str,
    key: object = "",
    seconds: float | None = None,
) -> tuple[Found, list[LeftOut]]:
    """Return what reading a piece gives, and `nothing` with the reason when it takes too long or breaks.

    `key` is the record's own, where it is known before it is read: what cannot be read is still listed. Not one within another.
    """
    try:
        with at_most(SECONDS if seconds is None else seconds):
            return read()
    except TookTooLong:
        code, why = "took-too-long", _SLOW
    except Exception:
        log.warning("what stands at %s could not be read", where, exc_info=True)
        code, why = "malformed", MALFORMED
    own = short_key(clean(key).strip()) if isinstance(key, str) else ""
    return nothing, [LeftOut(record_id=own, where=where, code=code, why=why)]


def unread(fault: Problem, *, where: str, record_id: str = "") -> LeftOut:
    """Return the fault of an address that could not be read."""
    why = Text(fault.detail_in("ja")[:300], fault.detail_in("en")[:300])
    return LeftOut(record_id=record_id, where=where, code="unreadable-page", why=why)


def is_refusal(fault: Problem) -> bool:
    """Say whether a server answered that it will not (4xx); anything else may be the fault of one record in what was asked for."""
    status = fault.data.get("answer_status", 500)
    return isinstance(status, int) and 400 <= status < 500


def seen_by_list(left_out: Iterable[LeftOut]) -> Coverage:
    """Return what reading one list saw: all of it, unless something without a key may be a record of before."""
    return "pages" if any(not fault.record_id and not fault.part for fault in left_out) else "all"
