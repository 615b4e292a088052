"""What stands on a page: letters and rules, in points from the top left corner of the page as it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tdpf.controlplane.preparation.engine.types import Note


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return (self.top + self.bottom) / 2

    @property
    def centre(self) -> float:
        """The middle between left and right."""
        return (self.left + self.right) / 2

    @property
    def height(self) -> float:
        """How high it is."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.right - self.left


def enclosing(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around boxes, of which there is at least one."""
    return Box(
        min([box.left for box in boxes]),
        min([box.top for box in boxes]),
        max([box.right for box in boxes]),
        max([box.bottom for box in boxes]),
    )


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter (or, from a picture, one run of letters) with the size of its type and how sure the reading is.

    `within` is the rectangle it is cut off at, where its middle lies outside of that: what overflows its cell is not shown.
    """

    text: str
    box: Box
    size: float
    turned: bool = False
    confidence: float | None = None
    within: Box | None = None

    @property
    def home(self) -> tuple[float, float]:
        """The point that says where it belongs."""
        x, y = self.box.centre, self.box.middle
        if self.within is None:
            return x, y
        return min(max(x, self.within.left + 1), self.within.right - 1), min(
            max(y, self.within.top + 1), self.within.bottom - 1
        )


@dataclass(frozen=True, slots=True)
class Across:
    """A rule from left to right."""

    y: float
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Down:
    """A rule from top to bottom."""

    x: float
    top: float
    bottom: float


@dataclass(slots=True)
class Page:
    """One page; `number` counts from 1. Of a picture too coarse to be read `coarse` is how high its letters are, in pixels."""

    number: int
    width: float
    height: float
    letters: list[Letter] = field(default_factory=list)
    across: list[Across] = field(default_factory=list)
    down: list[Down] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    has_picture: bool = False
    unreadable: int = 0
    coarse: float | None = None
