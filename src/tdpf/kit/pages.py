"""One page of a longer list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items `offset … offset + len(items)` of `total`, of which only the first `reachable` can be paged to, if it is given."""

    items: Sequence[T]
    total: int
    offset: int
    limit: int
    reachable: int | None = None

    @property
    def next_offset(self) -> int | None:
        """Where the next page begins, or None on the last page."""
        end = self.offset + len(self.items)
        last = self.total if self.reachable is None else min(self.total, self.reachable)
        return end if end < last and self.items else None

    @property
    def is_cut(self) -> bool:
        """Say whether there is more behind this page that cannot be paged to."""
        return self.next_offset is None and self.reachable is not None and self.reachable < self.total

    @property
    def previous_offset(self) -> int | None:
        """Where the page before begins, or None on the first page."""
        if self.offset <= 0:
            return None
        # Behind the end, the page before is the last one that holds anything.
        last = max(0, (self.total - 1) // self.limit * self.limit) if self.limit else 0
        return max(0, min(self.offset - self.limit, last))
