"""The one shape in which every field's reader answers: a value, and how it came about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from tdpf.controlplane.catalog.enriching.types import Note
from tdpf.controlplane.catalog.stated import Inferred
from tdpf.kit.text import Text

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Reading(Generic[Value]):
    """A field's value; `reason` and `method` are given when it was inferred, `notes` when stated words were not understood."""

    value: Value
    reason: Text | None = None
    method: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def inferred(self) -> Inferred | None:
        """The mark to keep beside the value, when it was worked out and not stated."""
        return (
            None if self.reason is None else Inferred(value=_plain(self.value), reason=self.reason, method=self.method)
        )


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
