"""What every kind of source looks like from outside, and what they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from tdpf.controlplane.federation.types import Coverage, KindGuess, LeftOut, ReadingOrder, ReadPage, SourceKind
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.text import Text


class Reader(Protocol):
    """Reads one kind of source. A bad record is a `LeftOut` of its page; only a source that does not answer raises."""

    kind: SourceKind

    def read(self, visitor: Visitor, order: ReadingOrder) -> Iterator[ReadPage]:
        """Yield pages until one with `is_last`. Raises a Problem when the source as a whole cannot be read on."""
        ...

    def guess(self, visitor: Visitor, url: str) -> KindGuess | None:
        """Return what speaks for this kind at or near the address, None when nothing does."""
        ...


def broken_off(where: str, why: Text, *, since: Mapping[str, object], announced: int | None = None) -> ReadPage:
    """Return the last page of a reading that had to stop: nothing follows from what was not seen."""
    fault = LeftOut(record_id="", where=where, code="paging", why=why)
    return ReadPage(left_out=(fault,), announced=announced, is_last=True, coverage="part", mark=since)


def is_short(announced: int | None, taken: int) -> bool:
    """Say whether fewer records came than the source says it has: then what was not seen may well be there."""
    return announced is not None and taken < announced


def seen_by(*, pages: int) -> Coverage:
    """Return what a whole reading by so many pages has seen: records move between pages when others are added or withdrawn."""
    return "all" if pages <= 1 else "pages"


def miscounted(announced: int, taken: int) -> Text:
    """Return the remark for a count that was not true."""
    return Text(
        f"件数は {announced} 件のはずですが、{taken} 件でした", f"{announced} records were announced, {taken} came"
    )


def goes_on_at(cursor: Mapping[str, object], *, digest: str) -> int:
    """Return the place at which reading a list goes on: the cursor's `at` in the very same list, the beginning in another.

    Places move when entries are added or withdrawn: going on in another list would pass over some of them.
    """
    at = cursor.get("at", 0)
    return at if isinstance(at, int) and cursor.get("digest") == digest else 0


def unchanged(since: Mapping[str, object]) -> ReadPage:
    """Return the only page of a source that did not change since the last run."""
    remark = Text("前回から変わっていません", "nothing changed since the last run")
    return ReadPage(is_last=True, coverage="changes", mark=since, remarks=(remark,))
