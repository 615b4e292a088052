"""What stands right of all names: values that commas outside quotes pushed there, or a remark someone left."""

from __future__ import annotations

from tdpf.controlplane.preparation.engine.rating.pieces import Store
from tdpf.controlplane.preparation.engine.rating.subject import Column, Subject, Table


def names_end(table: Table) -> int:
    """Return the place right of the last column that has a name, 0 when none has."""
    return max((column.index for column in table.columns if column.parts), default=-1) + 1


def header_end(table: Table) -> int:
    """Return how many fields the header's line has as it is written, empty ones included."""
    cells = table.sheet.cells
    rows = [row for row in table.block.header_rows if row < len(cells)]
    if isinstance(cells, Store):
        return max((cells.widths[row] for row in rows), default=0)
    return max((len(cells[row]) for row in rows), default=0)


def is_spill(subject: Subject, table: Table, column: Column) -> bool:
    """Say whether a column right of all names only holds what commas outside quotes pushed there (L1-15)."""
    if subject.kind != "delimited" or not 0 < names_end(table) <= column.index:
        return False
    return column.index >= header_end(table) and column.filled * 2 <= len(table.rows)


def is_memo(subject: Subject, table: Table, column: Column) -> bool:
    """Say whether a nameless column right of all names holds a remark on a few rows, not a column of the table (L1-04)."""
    if column.parts or not column.filled or not 0 < names_end(table) <= column.index:
        return False
    return column.filled * 5 <= len(table.rows) and not is_spill(subject, table, column)
