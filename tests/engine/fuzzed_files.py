"""Small good files of every kind that is read, and bytes near them: what a bad disk, a bad program or a bad person makes of them."""

from __future__ import annotations

import io
import random
import struct
import zipfile

from paper_files import POPULATION, pdf, population_rows, table_pages

_TEXT = (
    "公衆トイレ一覧,,,,\r\n令和6年4月1日現在,,,,\r\n番号,施設名,住所,緯度,設置年月日\r\n"
    '１,"中央公園\nトイレ",見本区本町１－２,35.69,平成3年4月1日\r\n2,駅前広場トイレ,見本区本町３－４,35.70,R1.5.7\r\n計,2,,,\r\n'
)
_JSON = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[139.69,35.69]},'
    '"properties":{"名称":"中央公園","数":3,"詳細":{"色":["赤","青"]}}},{"type":"Feature","geometry":null,"properties":{"名称":"駅前","数":null}}]}'
)
_XML = (
    '<?xml version="1.0" encoding="UTF-8"?><一覧><施設 id="1"><名称>中央公園</名称><数>3</数></施設>'
    '<施設 id="2"><名称>駅前 &amp; 広場</名称><数/></施設><施設 id="3"><名称>図書館</名称><数>5</数></施設></一覧>'
)
_SHEET = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:C4"/><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>避難所一覧</t></is></c></row>'
    '<row r="2" hidden="1"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="C2" t="s"><v>2</v></c></row>'
    '<row r="3"><c r="A3" t="s"><v>1</v></c><c r="B3" s="1"><v>45292</v></c><c r="C3"><f>1+2</f><v>3</v></c></row>'
    '<row r="4"><c r="A4" t="s"><v>2</v></c><c r="B4"><v>1.5</v></c><c r="C4" t="e"><v>#DIV/0!</v></c></row>'
    '</sheetData><mergeCells count="1"><mergeCell ref="A1:C1"/></mergeCells></worksheet>'
)
_XLSX = {
    "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="一覧" sheetId="1" r:id="rId1"/>'
    "</sheets></workbook>",
    "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/>'
    '<Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>',
    "xl/worksheets/sheet1.xml": _SHEET,
    "xl/sharedStrings.xml": '<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="3" uniqueCount="3">'
    "<si><t>名称</t></si><si><t>日付</t></si><si><r><t>数</t></r><rPh sb=\"0\" eb=\"1\"><t>かず</t></rPh></si></sst>",
    "xl/styles.xml": '<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<numFmts count="1"><numFmt numFmtId="176" formatCode="[$-411]ggge&quot;年&quot;m&quot;月&quot;"/></numFmts>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="176" applyNumberFormat="1"/></cellXfs></styleSheet>',
}  # fmt: skip
_ODS = {
    "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
    "content.xml": '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    '<office:body><office:spreadsheet><table:table table:name="一覧">'
    + "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row)
        + "</table:table-row>"
        for row in (("名称", "数"), ("中央館", "3"), ("北館", "4"))
    )
    + '<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="2" office:value-type="float" '
    'office:value="7"><text:p>7</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>'
    "</office:document-content>",
    "META-INF/manifest.xml": '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
}  # fmt: skip


def _zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def xls() -> bytes:
    """A workbook of Excel 97 ([MS-XLS] 2.4) in a compound file ([MS-CFB] 2.2) with one sheet of three rows."""
    bof = struct.pack("<HHHHII", 0x0600, 5, 0, 1997, 0, 6)
    sheet_bof = struct.pack("<HHHHII", 0x0600, 0x10, 0, 1997, 0, 6)
    name = "一覧".encode("utf-16-le")
    bound = struct.pack("<IBBBB", 0, 0, 0, 2, 1) + name
    head = _record(0x809, bof) + _record(0x42, struct.pack("<H", 1200))
    head += _record(0x85, struct.pack("<I", len(head) + 4 + len(bound) + 4) + bound[4:]) + _record(0x0A, b"")
    cells = b""
    for row, words in enumerate((("名称", "日付"), ("中央館", 45292.0), ("北館", 3.5))):
        for column, word in enumerate(words):
            place = struct.pack("<HHH", row, column, 0)
            if isinstance(word, str):
                cells += _record(0x204, place + struct.pack("<HB", len(word), 1) + word.encode("utf-16-le"))
            else:
                cells += _record(0x203, place + struct.pack("<d", word))
    sheet = _record(0x809, sheet_bof) + _record(0x200, struct.pack("<IIHHH", 0, 3, 0, 2, 0)) + cells
    stream = (head + sheet + _record(0xE5, struct.pack("<HHHHH", 1, 4, 4, 0, 1)) + _record(0x0A, b"")).ljust(
        4096, b"\0"
    )
    sectors = len(stream) // 512
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + sectors), 0xFFFFFFFE]
    fat = struct.pack("<128I", *(chain + [0xFFFFFFFF] * 128)[:128])

    def entry(label: str, kind: int, child: int, start: int, size: int) -> bytes:
        words = label.encode("utf-16-le")
        links = struct.pack("<BBIII", kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        return (
            words.ljust(64, b"\0")
            + struct.pack("<H", len(words) + 2)
            + links
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 2, len(stream)) + bytes(256)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return header + fat + folder + stream


PLAIN: dict[str, bytes] = {
    "a.csv": _TEXT.encode("cp932"),
    "b.csv": _TEXT.encode("utf-8-sig"),
    "a.tsv": _TEXT.replace(",", "\t").encode("utf-16"),
    "a.json": _JSON.encode(),
    "a.xml": _XML.encode(),
    "a.xls": xls(),
    "a.pdf": pdf(table_pages(POPULATION, population_rows(3))),
}
PACKED: dict[str, dict[str, bytes]] = {
    "a.xlsx": {name: text.encode() for name, text in _XLSX.items()},
    "a.ods": {name: text.encode() for name, text in _ODS.items()},
}
KINDS = (*PLAIN, *PACKED)


def good(name: str) -> bytes:
    """The good file of a name."""
    return PLAIN[name] if name in PLAIN else _zipped(PACKED[name])


def near(name: str, seed: int) -> bytes:
    """A file near the good one, the same for the same seed; of a zipped kind a part is changed, or the archive itself."""
    choose = random.Random(f"{name}-{seed}")
    if name in PACKED and choose.random() < 0.8:
        members = dict(PACKED[name])
        part = choose.choice(list(members))
        if choose.random() < 0.1:
            del members[part]
        else:
            members[part] = _changed(members[part], choose)
        return _zipped(members)
    return _changed(good(name), choose)


_TELLING = (
    b"", b"\0", b"\xff\xff\xff\xff", b"\x7f", b'"', b"'", b",", b"<", b">", b"&#x0;", b"&", b"]]>", b"{", b"]", b"\r", b"-1",
    b"99999999999", b"1e999", b"NaN", b"\xe3\x81", b"\x81", b"\xef\xbb\xbf", b'r="A1048577"', b'ref="A1:XFD1048576"', b"<!DOCTYPE x>",
    b"\xff\xfe", b"/Kids [1 0 R]", b"\x80\x00\x00\x00", "㍻元年".encode(), "1\u202e2".encode(),
)  # fmt: skip


def _changed(content: bytes, choose: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(choose.choice((1, 1, 2, 4, 16))):
        at = choose.randrange(len(changed) + 1)
        what = choose.randrange(6)
        if what == 0 and at < len(changed):
            changed[at] ^= 1 << choose.randrange(8)
        elif what == 1:
            changed[at : at + choose.choice((1, 4, 40, 400))] = b""
        elif what == 2:
            changed[at:at] = choose.choice(_TELLING)
        elif what == 3:
            start = choose.randrange(len(changed) + 1)
            changed[at:at] = changed[start : start + choose.choice((2, 30, 300))]
        elif what == 4:
            word = choose.choice(_TELLING)
            changed[at : at + len(word)] = word
        elif choose.random() < 0.2:
            del changed[at:]
    return bytes(changed)
