"""What a file really is, told by its first bytes; what cannot be a table is refused with what to do instead."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Literal

from tdpf.controlplane.preparation.engine.errors import (
    EmptyFile,
    Encrypted,
    FileTooLarge,
    HtmlInstead,
    NotATable,
    TooMuchInside,
)
from tdpf.controlplane.preparation.engine.faults import ZIP_BROKEN, damaged
from tdpf.controlplane.preparation.engine.types import Limits

Kind = Literal["text", "json", "xlsx", "xlsm", "xlsb", "xls", "ods", "pdf", "picture"]

_SAVE_AS = (
    "表計算ソフトで表だけをCSV（UTF-8）かExcelブックに保存して渡してください。",
    "Save the table alone as CSV (UTF-8) or an Excel workbook and hand that in.",
)
_PICTURE = (
    "もとの表（Excelなど）があればそれを渡してください。なければ「tdpf prepare {file} --schema 標準の名前 --out 表.csv --report 報告.html」で表にできます（文字認識 tdpf[ocr] が要ります）。",
    "Hand in the table it was made from, such as an Excel file. If there is none, “tdpf prepare {file} --schema NAME --out table.csv --report report.html” makes a table of it (with the recognition of tdpf[ocr]).",
)
_OTHER_PICTURE = (
    "PNG・JPEG・TIFFで保存し直すか、もとの表（Excelなど）を渡してください。",
    "Save it as PNG, JPEG or TIFF, or hand in the table it was made from, such as an Excel file.",
)
_UNPACK = ("展開してから、中の表のファイルを渡してください。", "Unpack it and hand in the table inside.")
_PDF = (
    "PDFのもとになった表（Excelなど）を公開してください。なければ「tdpf prepare {file} --schema 標準の名前 --out 表.csv --report 報告.html」で表にできます。",
    "Publish the table the PDF was made from, such as an Excel file. If there is none, “tdpf prepare {file} --schema NAME --out table.csv --report report.html” makes a table of it.",
)
_SIGNATURES: tuple[tuple[bytes, str, str, tuple[str, str]], ...] = (
    (b"GIF8", "画像（GIF）", "a picture (GIF)", _OTHER_PICTURE),
    (b"BM", "画像（BMP）", "a picture (BMP)", _OTHER_PICTURE),
    (b"\x1f\x8b", "圧縮ファイル（gzip）", "a compressed file (gzip)", _UNPACK),
    (b"BZh", "圧縮ファイル（bzip2）", "a compressed file (bzip2)", _UNPACK),
    (b"\xfd7zXZ\x00", "圧縮ファイル（xz）", "a compressed file (xz)", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "圧縮ファイル（7z）", "a compressed file (7z)", _UNPACK),
    (b"Rar!", "圧縮ファイル（RAR）", "a compressed file (RAR)", _UNPACK),
    (b"PAR1", "Parquet", "a Parquet file", _SAVE_AS),
    (b"SQLite format 3\x00", "SQLiteのデータベース", "an SQLite database", _SAVE_AS),
    (b"\x7fELF", "プログラム", "a program", _SAVE_AS),
    (b"MZ", "プログラム", "a program", _SAVE_AS),
)
_PAPER: tuple[tuple[bytes, Literal["pdf", "picture"], str, str], ...] = (
    (b"%PDF-", "pdf", "PDF", "a PDF"),
    (b"\x89PNG\r\n", "picture", "画像（PNG）", "a picture (PNG)"),
    (b"\xff\xd8\xff", "picture", "画像（JPEG）", "a picture (JPEG)"),
    (b"II*\x00", "picture", "画像（TIFF）", "a picture (TIFF)"),
    (b"MM\x00*", "picture", "画像（TIFF）", "a picture (TIFF)"),
)
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|meta|script|div)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(rb"\s*<\?xml|\s*<[A-Za-z!]")
_MAX_RATIO = 300
_RATIO_FROM = 32 * 1024 * 1024
_MAX_MEMBERS = 20_000
_GLOBALS = b"\x09\x08\x10\x00\x00\x06\x05\x00"
_FILE_PASS = 0x002F


def find_kind(path: Path, *, name: str, limits: Limits) -> Kind:
    """Return what the file is; raises a NotReadable for anything that cannot hold a table."""
    size = path.stat().st_size
    if size > limits.max_bytes:
        raise FileTooLarge(file=name, bytes=size, limit_bytes=limits.max_bytes)
    with path.open("rb") as file:
        start = file.read(8192)
    if not start.strip(b"\x00 \t\r\n\x1a\xef\xbb\xbf"):
        raise EmptyFile(file=name)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(path, name, limits)
    if start.startswith(_OLE2):
        return _ole2(path, name)
    for mark, kind, _, _ in _PAPER:
        if start.startswith(mark):
            return kind
    for signature, ja, en, cure in _SIGNATURES:
        if start.startswith(signature) and not (len(signature) == 2 and _is_text(start)):
            raise NotATable(
                file=name,
                kind_ja=f"{ja}です" if ja.endswith("ファイル") else ja,
                kind_en=en,
                cure_ja=cure[0],
                cure_en=cure[1],
            )
    text = _narrow(start)
    if _HTML.match(text):
        raise HtmlInstead(file=name)
    if _XML.match(text):
        _refuse_xml(name, text)
    if text.lstrip()[:1] in (b"{", b"["):
        return "json"
    return "text"


def made_for_paper(path: Path, *, name: str) -> NotATable:
    """Return why a PDF or picture is no table for machines, and the command that makes one of it."""
    with path.open("rb") as file:
        start = file.read(16)
    ja, en = next(((ja, en) for mark, _, ja, en in _PAPER if start.startswith(mark)), ("画像", "a picture"))
    cure = _PDF if start.startswith(b"%PDF") else _PICTURE
    return NotATable(
        file=name,
        kind_ja=ja,
        kind_en=en,
        cure_ja=cure[0].replace("{file}", name),
        cure_en=cure[1].replace("{file}", name),
    )


def is_xml(path: Path) -> bool:
    """Say whether a file looks like XML, a workbook written as XML included."""
    with path.open("rb") as file:
        return bool(_XML.match(_narrow(file.read(512))))


def _is_text(start: bytes) -> bool:
    """Say whether bytes behind a two-letter signature are text after all (a CSV may begin with `BM`)."""
    return b"\x00" not in start and sum(1 for byte in start if byte < 9) == 0


def _narrow(start: bytes) -> bytes:
    """Return the start of a text as ASCII-compatible bytes, whatever its byte order mark says."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start.decode("utf-16", "ignore").encode("utf-8", "ignore")
    return start.removeprefix(b"\xef\xbb\xbf")


def _refuse_xml(name: str, start: bytes) -> None:
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        ja, en = "XMLスプレッドシート2003", "an XML Spreadsheet 2003"
        cure = (
            "Excelで開き、「Excelブック（.xlsx）」として保存し直してください。",
            "Open it in Excel and save it as an Excel workbook (.xlsx).",
        )
    else:
        ja, en, cure = "XML", "XML", _SAVE_AS
    raise NotATable(file=name, kind_ja=ja, kind_en=en, cure_ja=cure[0], cure_en=cure[1])


def _ole2(path: Path, name: str) -> Kind:
    with path.open("rb") as file:
        content = file.read(16 * 1024 * 1024)
    if "EncryptedPackage".encode("utf-16-le") in content or "EncryptionInfo".encode("utf-16-le") in content:
        raise Encrypted(file=name)
    if _is_locked(content):
        raise Encrypted(file=name)
    if "Workbook".encode("utf-16-le") in content or "Book".encode("utf-16-le") in content:
        return "xls"
    raise NotATable(
        file=name,
        kind_ja="古い形式のOffice文書",
        kind_en="an Office document of an old format",
        cure_ja=_SAVE_AS[0],
        cure_en=_SAVE_AS[1],
    )


def _is_locked(content: bytes) -> bool:
    """Say whether the first records of a BIFF8 workbook hold a FilePass ([MS-XLS] 2.4.117): all that follows is encrypted."""
    at = content.find(_GLOBALS)
    if at < 0:
        return False
    at += len(_GLOBALS) + 12
    for _ in range(4):
        if at + 4 > len(content):
            return False
        record, length = (
            int.from_bytes(content[at : at + 2], "little"),
            int.from_bytes(content[at + 2 : at + 4], "little"),
        )
        if record == _FILE_PASS:
            return True
        at += 4 + length
    return False


def _zipped(path: Path, name: str, limits: Limits) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            check_unfolding(members, path.stat().st_size, name=name, limits=limits)
            names = {member.filename for member in members}
            if any(member.flag_bits & 1 for member in members):
                raise Encrypted(file=name)
            if "xl/workbook.xml" in names:
                macros = "xl/vbaProject.bin" in names
                return "xlsm" if macros else "xlsx"
            if "xl/workbook.bin" in names:
                return "xlsb"
            if "content.xml" in names and "mimetype" in names:
                return _open_document(archive, names, name)
    except zipfile.BadZipFile as fault:
        raise damaged(name, "ZIP/XLSX", ZIP_BROKEN) from fault
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise NotATable(
            file=name,
            kind_ja="文書（Word・PowerPoint）",
            kind_en="a document (Word or PowerPoint)",
            cure_ja=_SAVE_AS[0],
            cure_en=_SAVE_AS[1],
        )
    raise NotATable(
        file=name,
        kind_ja="圧縮ファイル（ZIP）",
        kind_en="a compressed file (ZIP)",
        cure_ja=_UNPACK[0],
        cure_en=_UNPACK[1],
    )


def check_unfolding(members: list[zipfile.ZipInfo], packed: int, *, name: str, limits: Limits) -> None:
    """Refuse an archive whose directory announces too much, too densely packed, too many or overlapping members."""
    unzipped = sum(member.file_size for member in members)
    dense = any(
        member.file_size > _RATIO_FROM and member.file_size > _MAX_RATIO * max(1, member.compress_size)
        for member in members
    )
    overlapping = sum(member.compress_size for member in members) > packed
    if unzipped > limits.max_unzipped_bytes or dense or overlapping or len(members) > _MAX_MEMBERS:
        raise TooMuchInside(file=name, unzipped_bytes=unzipped, limit_bytes=limits.max_unzipped_bytes)


def _open_document(archive: zipfile.ZipFile, names: set[str], name: str) -> Kind:
    if "META-INF/manifest.xml" in names:
        with archive.open("META-INF/manifest.xml") as manifest:
            if b"encryption-data" in manifest.read(1 << 20):
                raise Encrypted(file=name)
    with archive.open("mimetype") as declared:
        kind = declared.read(200)
    if b"spreadsheet" in kind:
        return "ods"
    raise NotATable(
        file=name,
        kind_ja="OpenDocumentの文書",
        kind_en="an OpenDocument document",
        cure_ja=_SAVE_AS[0],
        cure_en=_SAVE_AS[1],
    )
