"""What changed between two versions, as pages show it and as a file for a spreadsheet."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog import errors
from tdpf.controlplane.catalog.types import DifferenceWords

PATIENCE_SECONDS = 2.0
_RETRY_AFTER_SECONDS = 10
# Two large tables are compared by the whole processor in hundreds of megabytes, and anybody may ask.
_one_at_a_time = threading.BoundedSemaphore(1)

Cells = Sequence[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class RowsQuoted:
    """Some of the rows that came or went: the first of `total`."""

    total: int
    columns: Sequence[str]
    rows: Sequence[Sequence[str | None]]


@dataclass(frozen=True, slots=True)
class ChangesQuoted:
    """Some of the rows that changed, each by its key, with (column, before, after) of every cell that differs."""

    total: int
    rows: Sequence[tuple[Cells, Sequence[tuple[str, str | None, str | None]]]]


@dataclass(frozen=True, slots=True)
class DifferenceShown:
    """A difference in words and rows; `keyed` if rows could be told apart, so that a changed one is not one gone and one come."""

    added: RowsQuoted
    removed: RowsQuoted
    changed: ChangesQuoted
    keyed: bool

    @property
    def is_nothing(self) -> bool:
        """Say whether not one row differs."""
        return not (self.added.total or self.removed.total or self.changed.total)


def shown(diff: Mapping[str, Any], key_columns: Sequence[str]) -> DifferenceShown | None:
    """Return a difference as its page shows it; None for a version that nothing was compared with."""
    if "added" not in diff:
        return None
    samples = diff.get("samples") or {}
    return DifferenceShown(
        _rows(diff["added"], samples.get("added", ())),
        _rows(diff["removed"], samples.get("removed", ())),
        ChangesQuoted(int(diff["changed"]), [_change(one) for one in samples.get("changed", ())]),
        bool(key_columns),
    )


def _rows(total: int, samples: Sequence[Mapping[str, Any]]) -> RowsQuoted:
    columns = list(samples[0]) if samples else []
    return RowsQuoted(int(total), columns, [[row.get(name) for name in columns] for row in samples])


def _change(change: Mapping[str, Any]) -> tuple[Cells, Sequence[tuple[str, str | None, str | None]]]:
    before, after = change["before"], change["after"]
    return list(change["key"].items()), [(name, before.get(name), after[name]) for name in after]


def as_file(write: Callable[[Path, DifferenceWords], bool], name: str) -> FileResponse | None:
    """Return all differences as a CSV file for a spreadsheet, or None where they cannot be told.

    One at a time is written in a process. Raises DifferencesBusy after a short wait.
    """
    words = DifferenceWords(_("違い"), _("追加"), _("削除"), _("変更前"), _("変更後"))
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        if not _one_at_a_time.acquire(timeout=PATIENCE_SECONDS):
            raise errors.DifferencesBusy(retry_after_seconds=_RETRY_AFTER_SECONDS)
        try:
            is_told = write(Path(file.name), words)
        finally:
            _one_at_a_time.release()
        if not is_told:
            return None
        # The open file outlives its name.
        return FileResponse(Path(file.name).open("rb"), as_attachment=True, filename=f"{name}.csv", content_type="text/csv; charset=utf-8")  # fmt: skip
