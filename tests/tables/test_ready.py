"""Ready rows give the same bytes as the rows file, for every form, condition and order."""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toilet_table import MakeTable

from tdpf.kit.apart import run_apart
from tdpf.tables import ready as ready_module
from tdpf.tables.conditions import EVERY_ROW, compare, inside, is_empty
from tdpf.tables.places import Box
from tdpf.tables.read import Form, RowsFile, Selection
from tdpf.tables.ready import ReadyRows, write_ready
from tdpf.tables.types import Field

_FORMS = (
    Form("feature"),
    Form("feature", (1, 0), with_place=False, with_key=False),
    Form("feature", (2, 3, 4), with_key=False),
)


@pytest.mark.parametrize("form", _FORMS)
@pytest.mark.parametrize("key", [(), ("番号",)])
def test_ready_rows_are_the_rows(make_table: MakeTable, tmp_path: Path, form: Form, key: tuple[str, ...]) -> None:
    folder, _ = make_table(key=key)
    ready, rows = ReadyRows(write_ready(folder, form, tmp_path / "ready")), RowsFile(folder)
    rows.allow()
    column = rows.columns
    conditions = [
        EVERY_ROW,
        compare(column["地域コード"], "=", "013101"),
        is_empty(column["名称"]),
        inside(rows.manifest, rows.grid, Box(139.0, 35.0, 139.8, 36.0)),
        compare(column["番号"], ">", 99),
    ]
    orders = [
        (),
        ((column["番号"], True),),
        ((column["設置日"], False),),
        ((column["個数"], False), (column["緯度"], True)),
    ]
    for condition in conditions:
        for order in orders:
            for limit, offset in ((None, 0), (2, 0), (2, 1), (3, 4), (1, 9)):
                selection = Selection(condition, order, limit, offset)
                matched, numbers = ready.chosen(rows, selection)
                assert matched in (None, rows.count(condition))
                for given_form, made in ((form, ready.features), (Form("row", form.positions), ready.rows)):
                    assert (len(numbers), made(numbers)) == rows.page(selection, given_form), selection
    rows.close()


def _rank(cell: str | None) -> float:
    return float("-inf") if cell is None else float(cell)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    cells=st.lists(
        st.tuples(
            st.sampled_from([None, "0", "1", "-1", "9007199254740993"]), st.sampled_from([None, "1.5", "2", "2.0"])
        ),
        min_size=1,
        max_size=12,
    ),
    descends=st.tuples(st.booleans(), st.booleans()),
    rises=st.tuples(st.booleans(), st.booleans()),
)
def test_few_rows_are_ordered_as_the_rows_file_orders_them(
    make_table: MakeTable,
    tmp_path: Path,
    cells: list[tuple[str | None, str | None]],
    descends: tuple[bool, bool],
    rises: tuple[bool, bool],
) -> None:
    fields = [Field("印"), Field("a", "integer"), Field("b", "number")]
    columns = [
        sorted(column, key=_rank) if up else column for column, up in zip(zip(*cells, strict=True), rises, strict=True)
    ]
    folder, _ = make_table([["x", *pair] for pair in zip(*columns, strict=True)], fields)
    ready, rows = ReadyRows(write_ready(folder, Form("feature"), tmp_path / "ready")), RowsFile(folder)
    rows.allow()
    order = ((rows.columns["a"], descends[0]), (rows.columns["b"], descends[1]))
    selection = Selection(compare(rows.columns["印"], "=", "x"), order, 5, 1)
    assert list(ready.chosen(rows, selection)[1]) == rows.numbers(selection)
    rows.close()


def test_what_is_no_whole_file_is_not_read(make_table: MakeTable, tmp_path: Path) -> None:
    folder, _ = make_table([['",properties":"', ',"properties":']], [Field("a"), Field("b")], key=["b"])
    path = write_ready(folder, Form("feature"), tmp_path / "ready")
    whole = path.read_bytes()
    assert orjson.loads(ReadyRows(path).rows([1])) == {"a": '",properties":"', "b": ',"properties":'}
    assert orjson.loads(ReadyRows(path).features(range(1, 2)))["id"] == ',"properties":'
    told = bytes(7), bytes(8) + b"7" + whole[-12:-8].replace(b"\x02", b"\x01"), bytes(8) + b"[[0,0]]\x07\0\0\0"
    for broken in (whole[:-1], whole[:40], whole[1:], b"x" * 10, *(one + whole[-8:] for one in told)):
        path.write_bytes(broken)
        with pytest.raises(ValueError, match="ready"):
            ReadyRows(path)


def test_making_ready_rows_has_bounds(make_table: MakeTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _ = make_table()
    whole = write_ready(folder, Form("feature"), tmp_path / "whole").read_bytes()
    monkeypatch.setattr(ready_module, "_MOST_COLUMN_BYTES", 1)
    assert write_ready(folder, Form("feature"), tmp_path / "by column").read_bytes() == whole
    out = tmp_path / "apart" / "ready"
    out.parent.mkdir()
    order = {"folder": str(folder), "out": str(out), "positions": None, "with_place": True, "with_key": True}
    for parent, most, ended in ((1, 1 << 20, "died:-9"), (os.getpid(), 64, "died:1"), (os.getpid(), 1 << 20, "done")):
        with (tmp_path / "said").open("wb") as said:
            told = orjson.dumps({**order, "parent": parent, "most_bytes": most})
            found = run_apart("tdpf.tables.ready", told, tmp_path, seconds=60, complaints=said.fileno())
            assert found.startswith(ended)
        assert [path.name for path in out.parent.iterdir()] == (["ready"] if ended == "done" else [])
    assert out.read_bytes() == whole
