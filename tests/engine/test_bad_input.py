"""Files that cannot become a table: each is refused with a code, a sentence in both languages and a cure."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from engine_files import Read

from tdpf.controlplane.preparation.engine import errors
from tdpf.controlplane.preparation.engine.reading import read_file
from tdpf.controlplane.preparation.engine.sandbox import read_in_sandbox
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.kit.errors import Problem

HTML = (
    "<!DOCTYPE html><html><head><title>ログイン</title></head><body><table><tr><td>a,b</td></tr></table></body></html>"
)
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _refused(problem: Problem, code: str) -> None:
    assert problem.code == code
    for language in ("ja", "en"):
        document = problem.as_dict(language)
        for part in ("title", "detail", "cure"):
            words = str(document[part])
            assert len(words) > 5
            assert not re.search(r"[{}]", words), words
    told = str(problem.as_dict("ja")["detail"])
    assert code != "preparation/damaged" or not re.search(r"[A-Za-z]{2,}[ ,:]+[A-Za-z]{2,}", told), (
        f"English inside Japanese: {told}"
    )


BAD: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.csv", b"", "preparation/empty-file"),
    "only-a-mark": ("a.csv", b"\xef\xbb\xbf", "preparation/empty-file"),
    "only-spaces": ("a.csv", " \r\n　\r\n,,\r\n".encode(), "preparation/no-table"),
    "html": ("a.csv", HTML.encode(), "preparation/html-instead"),
    "html-as-xls": (
        "a.xls",
        b'\xef\xbb\xbf\n<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table>',
        "preparation/html-instead",
    ),
    "pdf": ("a.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "preparation/damaged"),
    "png": ("a.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(100), "preparation/damaged"),
    "jpeg": ("a.csv", b"\xff\xd8\xff\xe0" + bytes(100), "preparation/damaged"),
    "gzip": ("a.csv", b"\x1f\x8b\x08\x00" + bytes(40), "preparation/not-a-table"),
    "elf": ("a.csv", b"\x7fELF\x02\x01\x01" + bytes(64), "preparation/not-a-table"),
    "binary": ("a.csv", bytes(range(256)) * 40, "preparation/not-a-table"),
    "xml-sheet-2003": (
        "a.xls",
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>',
        "preparation/not-a-table",
    ),
    "xml": ("a.xml", b'<?xml version="1.0"?><list><a/></list>', "preparation/not-a-table"),
    "plain-zip": ("a.xlsx", _zip({"data.csv": b"a,b\n1,2\n"}), "preparation/not-a-table"),
    "word": ("a.docx", _zip({"word/document.xml": b"<w/>"}), "preparation/not-a-table"),
    "broken-zip": ("a.xlsx", b"PK\x03\x04" + bytes(200), "preparation/damaged"),
    "broken-xlsx": (
        "a.xlsx",
        _zip({"xl/workbook.xml": b"<workbook", "[Content_Types].xml": b"<Types/>"}),
        "preparation/damaged",
    ),
    "encrypted-xlsx": (
        "a.xlsx",
        OLE2
        + bytes(504)
        + "EncryptionInfo".encode("utf-16-le")
        + bytes(64)
        + "EncryptedPackage".encode("utf-16-le")
        + bytes(400),
        "preparation/encrypted",
    ),
    "encrypted-xls": (
        "a.xls",
        OLE2
        + bytes(504)
        + bytes.fromhex("0908100000060500")
        + bytes(12)
        + bytes.fromhex("2f003600")
        + bytes(60)
        + "Workbook".encode("utf-16-le"),
        "preparation/encrypted",
    ),
    "old-word": (
        "a.doc",
        OLE2 + bytes(504) + "WordDocument".encode("utf-16-le") + bytes(400),
        "preparation/not-a-table",
    ),
    "broken-xls": ("a.xls", OLE2 + bytes(504) + "Workbook".encode("utf-16-le") + bytes(4000), "preparation/damaged"),
    "broken-json": ("a.json", b'{"a": [1, 2', "preparation/damaged"),
    "json-without-records": ("a.json", b'{"message": "no data", "code": 1}', "preparation/no-table"),
    "json-numbers": ("a.json", b"[1, 2, 3]", "preparation/no-table"),
    "deep-json": ("a.json", b"[" * 200_000, "preparation/damaged"),
    "no-encoding": (
        "a.csv",
        ("名称,備考\n" * 3).encode() + bytes(range(128, 256)) * 30,
        "preparation/unknown-encoding",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_files_are_refused_with_a_helpful_sentence(read: Read, kind: str) -> None:
    name, content, code = BAD[kind]
    with pytest.raises(Problem) as refused:
        read(content, name)
    _refused(refused.value, code)


@pytest.mark.parametrize("kind", ["html", "binary", "broken-xls", "encrypted-xlsx", "deep-json"])
def test_the_sandbox_hands_the_same_problem_back(tmp_path: Path, kind: str) -> None:
    name, content, code = BAD[kind]
    path = tmp_path / "upload"
    path.write_bytes(content)
    with pytest.raises(Problem) as refused:
        read_in_sandbox(path, name, folder=tmp_path)
    _refused(refused.value, code)


def _bomb(size: int) -> bytes:
    return _zip({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": b"0" * size})


def test_a_zip_bomb_is_refused_before_it_is_opened(read: Read) -> None:
    with pytest.raises(errors.TooMuchInside) as refused:
        read(_bomb(64 * 1024 * 1024), "a.xlsx")
    _refused(refused.value, "preparation/too-much-inside")
    with pytest.raises(errors.TooMuchInside):
        read(_bomb(2_000_000), "a.xlsx", limits=Limits(max_unzipped_bytes=1_000_000))


def test_overlapping_members_are_refused(read: Read) -> None:
    """A directory that names the same bytes many times (the "better zip bomb") claims more than the file has."""
    content = bytearray(_zip({"xl/workbook.xml": bytes(range(256)) * 200}))
    entry = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    directory = bytes(content[entry:end])
    many = bytes(content[:entry]) + b"".join(
        directory[:46] + f"xl/w{number:011}".encode() + directory[61:] for number in range(300)
    )
    size = len(directory) * 300
    tail = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, 300, 300, size, entry, 0)
    with pytest.raises(Problem) as refused:
        read(many + tail, "a.xlsx", limits=Limits(max_unzipped_bytes=10**12))
    assert refused.value.code in ("preparation/too-much-inside", "preparation/damaged")


def test_entities_in_a_workbook_part_are_refused(workbook: Callable[..., Path]) -> None:
    path = workbook({"一覧": [["名称", "数"], ["A", 1], ["B", 2]]})
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><styleSheet>&b;</styleSheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.namelist():
            new.writestr(member, bomb if member == "xl/styles.xml" else old.read(member))
    path.write_bytes(out.getvalue())
    with pytest.raises(Problem) as refused:
        read_file(path, "a.xlsx")
    _refused(refused.value, "preparation/damaged")


def test_ten_million_columns_are_refused_quickly(read: Read) -> None:
    with pytest.raises(errors.TooManyColumns) as refused:
        read(b"a," * 10_000_000, "a.csv")
    _refused(refused.value, "preparation/too-many-columns")


def test_ten_million_columns_in_the_sandbox(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"a,b\n" + b"12345," * 10_000_000)
    with pytest.raises(errors.TooManyColumns):
        read_in_sandbox(path, "a.csv", folder=tmp_path, limits=Limits(memory_bytes=1 << 30))


def test_a_cell_that_is_a_document_is_refused(read: Read) -> None:
    with pytest.raises(errors.CellTooLong) as refused:
        read("名称,説明\nA," + "あ" * 1_200_000 + "\nB,短い\n")
    _refused(refused.value, "preparation/cell-too-long")


def test_size_and_cells_are_limited(read: Read) -> None:
    with pytest.raises(errors.FileTooLarge) as refused:
        read("a,b\n1,2\n" * 100, limits=Limits(max_bytes=100))
    _refused(refused.value, "preparation/file-too-large")
    with pytest.raises(errors.TooManyCells) as many:
        read("a,b\n" + "1,2\n" * 100, limits=Limits(max_cells=50))
    _refused(many.value, "preparation/too-many-cells")


def test_a_csv_may_begin_with_letters_that_look_like_a_picture(read: Read) -> None:
    assert read("BM番号,名称\n1,A\n2,B\n").table.column_names == ("BM番号", "名称")


def test_several_tables_are_listed_and_can_be_chosen(workbook: Callable[..., Path]) -> None:
    rows: list[list[Any]] = [["区", "人口"], ["千代田区", 68000], ["中央区", 176000], ["港区", 262000]]
    path = workbook({"令和5年": rows, "令和6年": [*rows, ["新宿区", 350000]]})
    with pytest.raises(errors.SeveralTables) as refused:
        read_file(path, "p.xlsx")
    _refused(refused.value, "preparation/several-tables")
    choices = refused.value.data["choices"]
    assert isinstance(choices, list)
    assert [choice["id"] for choice in choices] == ["令和5年!A1:B4", "令和6年!A1:B5"]
    assert read_file(path, "p.xlsx", choice="令和6年!A1:B5").table.row_count == 4
    assert read_file(path, "p.xlsx", choice="令和6年").table.row_count == 4
    with pytest.raises(errors.ChoiceUnknown) as unknown:
        read_file(path, "p.xlsx", choice="令和7年")
    _refused(unknown.value, "preparation/choice-unknown")


def test_every_reading_problem_has_all_its_sentences() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.NotReadable)]
    for kind in kinds:
        if kind is not errors.NotReadable:
            assert kind.code.startswith("preparation/")
            assert kind.title.ja
            assert kind.title.en
            assert kind.cure.ja
            assert kind.cure.en
