"""Where tables stand in real sheets, against a list made by eye from dumps of the cells; and nothing is lost on the way.

`table_truth.tsv` was drafted from what the reader found and corrected against the raw cells around every table's edges. One half
was in view while the reader was mended, the other was only counted. The sheet of attribute definitions (many small lists one
below another) is known to be read as one table.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from engine_files import Read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdpf.controlplane.preparation.engine.errors import SeveralTables
from tdpf.controlplane.preparation.engine.reading import read_file
from tdpf.controlplane.preparation.engine.types import TableFound

TRUTH = Path(__file__).with_name("table_truth.tsv")
ENOUGH = 0.98


def truth_of(half: str) -> list[dict[str, str]]:
    """Return the rows of one half of the list."""
    with TRUTH.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["half"] == half]


@pytest.mark.parametrize("half", ["building", "measuring"])
def test_tables_stand_where_a_person_sees_them(corpus: Path, half: str) -> None:
    seen = truth_of(half)
    wrong = [f"{row['file']}[{row['sheet']}]" for row in seen if not is_right(corpus, row)]
    known = [name for name in wrong if "attribute_definition" in name]
    assert len(seen) >= 30
    assert (len(seen) - len(wrong) + len(known)) / len(seen) >= ENOUGH, wrong
    assert (len(seen) - len(wrong)) / len(seen) >= (ENOUGH if half == "measuring" else 0.97), wrong


def is_right(corpus: Path, row: dict[str, str]) -> bool:
    """Say whether a table is read where the list has it."""
    table = _read(corpus / row["file"], row["sheet"], row["first_column"])
    if table is None:
        return False
    places = list(table.iter_places())
    return (
        ",".join(map(str, table.header_rows)) == row["header_rows"]
        and bool(places)
        and str(places[0]) == row["first_row"]
        and str(places[-1]) == row["last_row"]
        and str(table.row_count) == row["rows"]
        and (table.column_places[0], table.column_places[-1]) == (row["first_column"], row["last_column"])
    )


def _read(path: Path, sheet: str, column: str) -> TableFound | None:
    try:
        return read_file(path, path.name).table
    except SeveralTables as several:
        choices: Any = several.data["choices"]
        fitting = [
            choice["id"] for choice in choices if choice["sheet"] == sheet and choice["range"].startswith(column)
        ]
        return read_file(path, path.name, choice=fitting[0]).table if fitting else None


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12), min_size=3, max_size=3),
        min_size=1,
        max_size=12,
    )
)
def test_no_value_is_lost_or_altered_by_reading(read: Read, rows: list[list[str]]) -> None:
    """Whatever stands in the cells of a made table comes out: as a value, or among the words set apart."""
    kept_rows = [["番号", "名称", "備考"], *([f"{n}", *row[1:]] for n, row in enumerate(rows, start=1))]
    out = io.StringIO()
    csv.writer(out).writerows(kept_rows)
    result = read(out.getvalue())
    said = " ".join(note.text for note in (*result.notes, *result.table.notes))
    values = {cell for row in result.table.iter_rows() for cell in row if cell}
    for row in kept_rows[1:]:
        for cell in row:
            assert not cell.strip() or cell in values or cell.strip() in said
