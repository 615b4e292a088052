"""One page of a longer list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items `offset … offset + len(items)` of `total`."""

    items: Sequence[T]
    total: int
    offset: int
    limit: int

    @property
    def next_offset(self) -> int | None:
        """Where the next page begins, or None on the last page."""
        end = self.offset + len(self.items)
        return end if end < self.total and self.items else None

    @property
    def previous_offset(self) -> int | None:
        """Where the page before begins, or None on the first page."""
        return max(0, self.offset - self.limit) if self.offset > 0 else None
