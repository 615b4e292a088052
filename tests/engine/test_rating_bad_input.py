"""Whatever is handed in gets a rating: arbitrary bytes and tables, bombs, polyglots, damaged containers."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdpf.controlplane.preparation.engine.rating.marks import SheetMarks
from tdpf.controlplane.preparation.engine.rating.rate import rate_path
from tdpf.controlplane.preparation.engine.rating.sandbox import RatingOrder, rate_in_sandbox
from tdpf.controlplane.preparation.engine.rating.types import Rating, rating_from_dict
from tdpf.controlplane.preparation.engine.rating.xlsx_marks import _hidden_columns
from tdpf.controlplane.preparation.engine.types import Limits

BOUNDED = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CELLS = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.sampled_from(["○", "－", "１２３", "1,200", "令和6年4月1日", "2024/4/1", "〃", "その他（犬）", " 港 区 ", "①", "=1+1", "03-1234-5678", "３階", "\n", '"', "#property"]),
    st.floats(allow_nan=True).map(str),
    st.integers().map(str),
)  # fmt: skip


def _whole(rating: Rating) -> None:
    assert len(rating.rules) == 30
    assert 0 <= rating.score <= 100
    assert all(score is None or 0 <= score <= 100 for score in rating.levels.values())
    assert all(0 <= found.share <= 1 for found in rating.rules)
    assert all(found.findings for found in rating.rules if found.verdict != "pass")
    plain = orjson.loads(orjson.dumps(rating.as_dict()))
    assert rating_from_dict(plain).as_dict() == plain


def _rated(content: bytes, name: str) -> Rating:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        return rate_path(path, name=name)


@BOUNDED
@given(
    st.binary(max_size=2000), st.sampled_from(["a.csv", "a.xlsx", "a.xls", "a.ods", "a.json", "a.xml", "a.tsv", "a"])
)
def test_arbitrary_bytes(content: bytes, name: str) -> None:
    _whole(_rated(content, name))


@BOUNDED
@given(
    st.lists(st.lists(CELLS, max_size=8), max_size=25),
    st.sampled_from([",", "\t"]),
    st.sampled_from(["utf-8", "cp932", "utf-16"]),
)
def test_arbitrary_tables(rows: list[list[str | None]], separator: str, encoding: str) -> None:
    import csv

    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([["" if cell is None else cell for cell in row] for row in rows])
    _whole(_rated(text.getvalue().encode(encoding, "replace"), "a.csv"))


@BOUNDED
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)),
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
        max_leaves=30,
    )
)
def test_arbitrary_json(document: object) -> None:
    _whole(
        _rated(orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS), "a.json")
        if _fits(document)
        else _rated(b"[]", "a.json")
    )


def _fits(document: object) -> bool:
    try:
        orjson.dumps(document)
    except (TypeError, orjson.JSONEncodeError):
        return False
    return True


@BOUNDED
@given(st.data())
def test_damaged_workbooks(workbook_bytes: bytes, data: st.DataObject) -> None:
    content = bytearray(workbook_bytes)
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    _whole(_rated(bytes(content), "a.xlsx"))


@BOUNDED
@given(st.binary(max_size=400), st.integers(0, 3))
def test_a_legacy_workbook_of_nonsense(tail: bytes, kind: int) -> None:
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\x00\x03\x00\xfe\xff" + bytes((9, 0, 6, 0)) + bytes(10)
    )
    body = head + tail + "Workbook".encode("utf-16-le") + bytes(512 * kind)
    _whole(_rated(body, "a.xls"))


@pytest.fixture(scope="session")
def workbook_bytes() -> bytes:
    """A small workbook."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["館名", "定員"], ["A館", 1], ["B館", 2], ["C館", 3]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;">]><a><r><b>&y;</b></r><r><b>1</b></r></a>'
)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.csv", b"", "preparation/empty-file"),
        ("blank.csv", b" \r\n\r\n", "preparation/empty-file"),
        ("bomb.xml", BOMB, "preparation/damaged"),
        ("bomb.xlsx", _zip({"xl/workbook.xml": b"<workbook/>", "a": b"0" * 40_000_000}), "preparation/too-much-inside"),
        ("cut.xlsx", b"PK\x03\x04" + bytes(40), "preparation/damaged"),
        ("not.xlsx", _zip({"hello.txt": b"hello"}), "preparation/not-a-table"),
        (
            "locked.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "preparation/encrypted",
        ),
        ("broken.json", b'[{"a": 1}, {"a": ', "preparation/damaged"),
        ("words.json", b'{"message": "not found"}', "preparation/no-table"),
        ("deep.json", b"[" * 100_000, "preparation/damaged"),
        ("wide.csv", b",".join(b"a" for _ in range(20_000)) + b"\n1\n", "preparation/too-many-columns"),
        ("noise.csv", bytes(range(256)) * 30, "preparation/not-a-table"),
    ],
)
def test_what_cannot_be_read_is_an_error_in_both_languages(name: str, content: bytes, code: str) -> None:
    rating = _rated(content, name)
    _whole(rating)
    assert rating.error is not None
    assert rating.error.code == code
    assert rating.score == 0.0, "what could not be judged earns nothing"
    assert rating.error.message_ja != rating.error.message_en
    assert "{" not in rating.error.message_ja + rating.error.message_en


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("a.pdf", b"%PDF-1.7\n", "pdf"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "png"),
        ("a.jpg", b"\xff\xd8\xff\xe0", "jpeg"),
        ("a.csv", b"<!DOCTYPE html><html><table><tr><td>1</td></tr></table></html>", "html"),
        ("a.docx", _zip({"word/document.xml": b"<w/>"}), "docx"),
    ],
)
def test_formats_for_people_fail_the_first_rule_with_a_way_out(name: str, content: bytes, form: str) -> None:
    rating = _rated(content, name)
    assert rating.error is None
    assert rating.format == form
    assert rating.rules[0].verdict == "fail"
    assert rating.levels == {"L1": 0, "L2": None, "L3": None}
    assert len(rating.rules[0].findings[0].message_ja) > 30


def test_a_name_that_promises_another_format_fails_the_first_rule(workbook_bytes: bytes) -> None:
    rating = _rated(workbook_bytes, "a.csv")
    assert rating.format == "xlsx"
    assert rating.rules[0].verdict == "fail"
    assert rating.rules[4].verdict == "pass"


def test_a_file_that_kills_the_process_costs_only_itself(tmp_path: Path) -> None:
    good = tmp_path / "good.csv"
    good.write_text("館名,定員\n中央館,20\n北館,30\n", encoding="utf-8")
    heavy = tmp_path / "heavy.json"
    heavy.write_bytes(b"[" + b",".join(b'{"a":"%d"}' % n for n in range(400_000)) + b"]")
    orders = [RatingOrder(path=path) for path in (good, heavy, good, tmp_path / "absent.csv")]
    ratings = list(rate_in_sandbox(orders, limits=Limits(memory_bytes=120 * 1024 * 1024)))
    assert [rating.error is None for rating in ratings] == [True, False, True, False]
    assert ratings[1].error is not None
    assert ratings[1].path == str(heavy)
    assert [rating.tables[0].rows for rating in (ratings[0], ratings[2])] == [2, 2]


def test_time_is_bounded_for_each_file(tmp_path: Path) -> None:
    slow = tmp_path / "slow.csv"
    slow.write_bytes(b"a,b\n" + b"1,2\n" * 3_000_000)
    quick = tmp_path / "quick.csv"
    quick.write_text("館名,定員\n中央館,20\n", encoding="utf-8")
    orders = [RatingOrder(path=slow), RatingOrder(path=quick)]
    ratings = list(rate_in_sandbox(orders, limits=Limits(cpu_seconds=1)))
    assert ratings[0].error is not None
    assert "時間" in ratings[0].error.message_ja
    assert ratings[1].error is None


def test_columns_hidden_again_and_again_are_each_noted_once() -> None:
    marks = SheetMarks()
    column = b'<col min="%d" max="16384" width="9" hidden="1"/>'
    _hidden_columns(b"<cols>" + b"".join(column % (place % 9) for place in range(2_000)) + b"</cols>", marks)
    assert marks.hidden_columns == list(range(16_384))
