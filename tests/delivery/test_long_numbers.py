"""Whole numbers of more digits than a floating-point number holds are compared and sorted as numbers, not as texts."""

from __future__ import annotations

import operator
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.dataplane.delivery.filters import Scope, parse_filter
from tdpf.dataplane.delivery.sights import sight_of
from tdpf.tables.build import build_table
from tdpf.tables.from_files import columns_of
from tdpf.tables.identity import table_folder
from tdpf.tables.read import RowsFile, Selection
from tdpf.tables.types import Field

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
EDGES = [
    0,
    5,
    42,
    10**14,
    10**15 - 1,
    10**15,
    10**15 + 1,
    2**53,
    2**53 + 1,
    2**53 + 2,
    2**62,
    2**63,
    2**63 + 1,
    10**19 + 7,
    10**30,
    10**30 + 1,
]
NUMBERS = [*EDGES, *(-one for one in EDGES[1:])]
CELLS: list[str | None] = [
    *map(str, NUMBERS),
    None,
    "約5",
    "9007199254740993件",
    "-",
    "0012345678901234567",
    "-x9007199254740993",
]
VALUES = {number + 1: value for number, value in enumerate(NUMBERS)}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> RowsFile:
    root: Path = tmp_path_factory.mktemp("tables")
    build_table([[cell] for cell in CELLS], (Field("n", "integer"),), out_root=root, identity="ab" * 32)
    opened = RowsFile(table_folder(root, "ab" * 32))
    opened.allow()
    return opened


def found(table: RowsFile, text: str) -> set[int]:
    scope = Scope("t", table.manifest, table.grid, sight_of(table.manifest, None))
    return set(table.numbers(Selection(parse_filter(text, scope))))


@given(
    number=st.sampled_from(NUMBERS) | st.integers(-(10**31), 10**31) | st.integers(-(2**54), 2**54),
    name=st.sampled_from(sorted(OPERATORS)),
)
def test_comparisons_are_those_of_numbers(table: RowsFile, number: int, name: str) -> None:
    """Whatever the number of digits; what is no number is neither less nor more."""
    wanted = {row for row, value in VALUES.items() if OPERATORS[name](value, number)}
    assert found(table, f"n {name} {number}") == wanted


@given(st.lists(st.sampled_from(NUMBERS), min_size=2, max_size=2).map(sorted))
def test_between_is_exact(table: RowsFile, ends: list[int]) -> None:
    low, high = ends
    assert found(table, f"n BETWEEN {low} AND {high}") == {row for row, value in VALUES.items() if low <= value <= high}


def test_halves_lie_between_whole_numbers(table: RowsFile) -> None:
    assert found(table, "n > 41.5 AND n <= 42.5") == {row for row, value in VALUES.items() if value == 42}
    assert found(table, "n < -41.5 AND n >= -42.5") == {row for row, value in VALUES.items() if value == -42}


@pytest.mark.parametrize("descending", [False, True])
def test_an_order_is_that_of_numbers(table: RowsFile, descending: bool) -> None:
    """Empty cells come first and other texts last, as everywhere; the other way round when descending."""
    chosen = table.numbers(Selection(order=((table.columns["n"], descending),)))
    if descending:
        chosen.reverse()
    assert CELLS[chosen[0] - 1] is None
    assert [VALUES[row] for row in chosen[1 : len(NUMBERS) + 1]] == sorted(NUMBERS)
    assert not set(chosen[len(NUMBERS) + 1 :]) & set(VALUES)


def test_a_file_of_such_numbers_keeps_them_as_they_are(tmp_path: Path) -> None:
    """As a number a floating-point column would round them."""
    file = tmp_path / "long.csv"
    file.write_text("id,n\n9007199254740993,1\n9007199254740995,2\n")
    assert dict(columns_of(file, "csv")) == {"id": "string", "n": "integer"}
