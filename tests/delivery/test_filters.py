"""CQL2 means what it says: the same rows as a plain Python reading of the filter."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import cql2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdpf.dataplane.delivery.filters import Scope, parse_filter
from tdpf.dataplane.delivery.sights import sight_of
from tdpf.kit.errors import Problem
from tdpf.tables.build import build_table
from tdpf.tables.identity import table_folder
from tdpf.tables.read import RowsFile, Selection
from tdpf.tables.types import Field

FIELDS = (
    Field("名称"),
    Field("a b", "integer"),
    Field("x", "number"),
    Field("日", "date"),
    Field("開", "boolean"),
    Field("緯度", "number"),
    Field("経度", "number"),
)
WORDS = ["", "あ", "あい", "い%", "a_b", "A", "'", "*", "[x]", "\\"]
Row = dict[str, Any]
Test = Callable[[Row], bool | None]


def some_rows() -> list[Row]:
    rows = []
    for number in range(120):
        rows.append(
            {
                "名称": WORDS[number % len(WORDS)] or None,
                "a b": None if number % 7 == 0 else number % 13 - 4,
                "x": None if number % 11 == 0 else (number % 9) / 4,
                "日": None if number % 5 == 0 else date(2024, 1, 1) + timedelta(days=number % 40),
                "開": None if number % 3 == 0 else number % 2 == 0,
                "緯度": None if number % 8 == 0 else 35 + (number % 10) / 10,
                "経度": 139 + (number % 6) / 10,
            }
        )
    return rows


def text_of(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)


ROWS = some_rows()


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> RowsFile:
    root: Path = tmp_path_factory.mktemp("tables")
    texts = [[text_of(row[field.name]) for field in FIELDS] for row in ROWS]
    build_table(texts, FIELDS, out_root=root, identity="ab" * 32)
    rows = RowsFile(table_folder(root, "ab" * 32))
    rows.allow()
    return rows


def found(table: RowsFile, text: str, language: str = "cql2-text") -> list[int]:
    scope = Scope("t", table.manifest, table.grid, sight_of(table.manifest, None))
    return [number - 1 for number in table.numbers(Selection(parse_filter(text, scope, language)))]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def compared(name: str, operator: str, value: Any) -> Test:
    def test(row: Row) -> bool | None:
        left = row[name]
        if left is None:
            return None
        return {
            "=": left == value,
            "<>": left != value,
            "<": left < value,
            "<=": left <= value,
            ">": left > value,
            ">=": left >= value,
        }[operator]

    return test


def negation(test: Test) -> Test:
    def negated(row: Row) -> bool | None:
        value = test(row)
        return None if value is None else not value

    return negated


def junction(tests: list[Test], decisive: bool) -> Test:
    def joined(row: Row) -> bool | None:
        values = [test(row) for test in tests]
        if decisive in values:
            return decisive
        return None if None in values else not decisive

    return joined


operators = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
columns = {"名称": "名称", "a b": '"a b"', "x": "x", "日": "日"}


@st.composite
def terms(draw: st.DrawFn) -> tuple[str, Test]:
    kind = draw(st.sampled_from(["text", "integer", "number", "date", "null", "in", "between", "boolean", "box"]))
    operator = draw(operators)
    match kind:
        case "text":
            word = draw(st.sampled_from([*WORDS, "zz"]))
            return f"名称 {operator} {quoted(word)}", compared("名称", operator, word)
        case "integer":
            number = draw(st.integers(-6, 12))
            return f'"a b" {operator} {number}', compared("a b", operator, number)
        case "number":
            value = draw(st.sampled_from([-1.5, 0.0, 0.25, 0.5, 1.0, 2.0, 9.75]))
            return f"x {operator} {value}", compared("x", operator, value)
        case "date":
            day = date(2024, 1, 1) + timedelta(days=draw(st.integers(-2, 45)))
            return f"日 {operator} DATE('{day}')", compared("日", operator, day)
        case "null":
            name = draw(st.sampled_from(list(columns)))
            return f"{columns[name]} IS NULL", lambda row: row[name] is None
        case "in":
            words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))
            listed = ",".join(quoted(word) for word in words)
            return f"名称 IN ({listed})", lambda row: None if row["名称"] is None else row["名称"] in words
        case "between":
            low, high = draw(st.integers(-6, 12)), draw(st.integers(-6, 12))
            return (
                f'"a b" BETWEEN {low} AND {high}',
                lambda row: None if row["a b"] is None else low <= row["a b"] <= high,
            )
        case "boolean":
            value = draw(st.booleans())
            return f"開 = {str(value).upper()}", compared("開", "=", value)
        case _:
            west, south = draw(st.integers(0, 6)), draw(st.integers(0, 10))
            east, north = west + draw(st.integers(0, 3)), south + draw(st.integers(0, 4))
            box = [139 + west / 10 - 0.01, 35 + south / 10 - 0.01, 139 + east / 10 + 0.01, 35 + north / 10 + 0.01]

            def inside(row: Row) -> bool | None:
                if row["緯度"] is None:
                    return None
                return box[0] <= row["経度"] <= box[2] and box[1] <= row["緯度"] <= box[3]

            return f"S_INTERSECTS(geometry, BBOX({','.join(map(str, box))}))", inside


def joined(inner: st.SearchStrategy[tuple[str, Test]]) -> st.SearchStrategy[tuple[str, Test]]:
    return st.one_of(
        inner.map(lambda part: (f"NOT ({part[0]})", negation(part[1]))),
        st.lists(inner, min_size=2, max_size=3).map(
            lambda parts: (" AND ".join(f"({text})" for text, _ in parts), junction([t for _, t in parts], False))
        ),
        st.lists(inner, min_size=2, max_size=3).map(
            lambda parts: (" OR ".join(f"({text})" for text, _ in parts), junction([t for _, t in parts], True))
        ),
    )


@settings(max_examples=400, deadline=None)
@given(st.recursive(terms(), joined, max_leaves=6))
def test_a_filter_means_what_it_says(table: RowsFile, case: tuple[str, Test]) -> None:
    text, test = case
    wanted = [number for number, row in enumerate(ROWS) if test(row) is True]
    assert found(table, text) == wanted, text
    assert found(table, json.dumps(cql2.parse_text(text).to_json()), "cql2-json") == wanted, text


@pytest.mark.parametrize(
    ("text", "test"),
    [
        ("5 < \"a b\"", lambda row: row["a b"] is not None and row["a b"] > 5),
        ("開", lambda row: row["開"] is True),
        ("NOT 開", lambda row: row["開"] is False),
        ("TRUE", bool),
        ("FALSE OR 開", lambda row: row["開"] is True),
        ("名称 LIKE 'あ%'", lambda row: (row["名称"] or "").startswith("あ")),
        ("名称 LIKE 'い\\%'", lambda row: row["名称"] == "い%"),
        ("名称 LIKE 'a_b'", lambda row: row["名称"] == "a_b"),
        ("名称 LIKE '[x]'", lambda row: row["名称"] == "[x]"),
        ("名称 LIKE '*'", lambda row: row["名称"] == "*"),
        ("名称 LIKE '%'''", lambda row: row["名称"] == "'"),
        ("名称 NOT IN ('あ')", lambda row: row["名称"] not in (None, "あ")),
        ("T_AFTER(日, DATE('2024-01-20'))", lambda row: row["日"] is not None and row["日"] > date(2024, 1, 20)),
        ("T_BEFORE(日, DATE('2024-01-20'))", lambda row: row["日"] is not None and row["日"] < date(2024, 1, 20)),
        ("T_EQUALS(日, DATE('2024-01-20'))", lambda row: row["日"] == date(2024, 1, 20)),
        (
            "T_INTERSECTS(日, INTERVAL('2024-01-10','2024-01-12'))",
            lambda row: row["日"] is not None and date(2024, 1, 10) <= row["日"] <= date(2024, 1, 12),
        ),
        (
            "T_DURING(日, INTERVAL('2024-01-10','..'))",
            lambda row: row["日"] is not None and row["日"] > date(2024, 1, 10),
        ),
        (
            "T_DISJOINT(日, INTERVAL('2024-01-03','2024-02-20'))",
            lambda row: row["日"] is not None and row["日"] < date(2024, 1, 3),
        ),
        ("S_INTERSECTS(geometry, POINT(139.1 35.1))", lambda row: (row["経度"], row["緯度"]) == (139.1, 35.1)),
        ("NOT S_INTERSECTS(geometry, BBOX(0,0,1,1))", lambda row: row["緯度"] is not None),
        ("NOT (NOT S_INTERSECTS(geometry, BBOX(139,35,140,36)))", lambda row: row["緯度"] is not None),
        (
            "NOT (開 AND S_INTERSECTS(geometry, BBOX(139,35,140,36)))",
            lambda row: row["開"] is False,
        ),
    ],
)  # fmt: skip
def test_by_hand(table: RowsFile, text: str, test: Test) -> None:
    assert found(table, text) == [number for number, row in enumerate(ROWS) if test(row)]


LARGE = (2**53, 2**53 + 1, 2**53 + 2, -(2**53) - 1, 2**62, 10**15 + 1)


@pytest.mark.parametrize("language", ["cql2-text", "cql2-json"])
@pytest.mark.parametrize("number", LARGE)
def test_whole_numbers_are_exact(tmp_path: Path, number: int, language: str) -> None:
    build_table(
        [[str(one), "9007199254740993"] for one in LARGE],
        (Field("n", "integer"), Field("t")),
        out_root=tmp_path,
        identity="cd" * 32,
    )
    table = RowsFile(table_folder(tmp_path, "cd" * 32))
    table.allow()

    def asked(text: str) -> list[int]:
        if language == "cql2-text":
            return [LARGE[at] for at in found(table, text)]
        name, operator, value = text.split(" ", 2)
        argument = f'"{value[1:-1]}"' if value.startswith("'") else value
        told = '{"op":"' + operator + '","args":[{"property":"' + name + '"},' + argument + "]}"
        return [LARGE[at] for at in found(table, told, language)]

    assert asked(f"n = {number}") == [number]
    assert asked(f"n <> {number}") == [one for one in LARGE if one != number]
    assert asked("t = '9007199254740993'") == list(LARGE), "digits in quotes are a text"
    if language == "cql2-text":
        assert asked(f"n IN ({number},5)") == [number]
        assert asked(f"t = '9007199254740993' AND n={number}") == [number]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("S_INTERSECTS(geometry, BBOX(1234567890123456789,0,1,1))", "cql2-text"),
        (
            '{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[1234567890123456789,0,1,1]}]}',
            "cql2-json",
        ),
        ('{"op":"=","args":[{"property":"x"},12345678901234567890123456789012345678]}', "cql2-json"),
    ],
)
def test_large_numbers_where_none_can_be(table: RowsFile, text: str, language: str) -> None:
    with pytest.raises(Problem) as refused:
        found(table, text, language)
    assert refused.value.status == 400


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_a_problem(table: RowsFile, text: str) -> None:
    statuses = {400}
    try:
        found(table, text)
    except Problem as problem:
        statuses.add(problem.status)
    assert statuses == {400}
