"""What a place that events are fetched from is asked, and what it gives: the one interface of all kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tdpf.dataplane.delivery.rings import StreamEvent
from tdpf.kit.text import Text

Row = dict[str, Any]


@dataclass(slots=True)
class Batch:
    """Rows that fit the stream's columns, how many did not, and what was wrong with the last of those.

    `again` marks rows that were sent before and count only where they say something new. `receipt` is the kind's own.
    """

    rows: list[Row] = field(default_factory=list)
    again: list[Row] = field(default_factory=list)
    refused: int = 0
    why: Text | None = None
    receipt: Any = None


class Inlet(Protocol):
    """A place that events are fetched from; belongs to one thread."""

    def open(self, last: Sequence[StreamEvent]) -> None:
        """Begin, or begin again after it was closed; `last` are the stream's last values. Raises a Problem that says why it cannot be."""
        ...

    def take(self, seconds: float) -> Batch:
        """Return what came, waiting up to `seconds`; raises a Problem when the place is lost."""
        ...

    def keep(self, batch: Batch) -> None:
        """Note that a batch is in safe hands."""
        ...

    def close(self) -> None:
        """Let go of it; may be called twice."""
        ...
