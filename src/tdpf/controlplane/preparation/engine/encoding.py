"""Which character encoding a text file is in: own rule, strict over the whole file, never a guess from its start."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from tdpf.controlplane.preparation.engine.errors import NotATable, UnknownEncoding
from tdpf.controlplane.preparation.engine.mixed_lines import MIXED, any_utf8, count_lines

_BLOCK = 1 << 20
_SAMPLE = 1 << 18
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ISO_2022_JP = (b"\x1b$B", b"\x1b$@", b"\x1b(J", b"\x1b$(D")
NAMES = {
    "ascii": "ASCII",
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8（BOM付き）",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16LE",
    "utf-16-be": "UTF-16BE",
    "utf-32": "UTF-32",
    "utf-32-le": "UTF-32LE",
    "utf-32-be": "UTF-32BE",
    "cp932": "Shift_JIS（CP932）",
    MIXED: "UTF-8・Shift_JIS（行による）",
    "euc_jp": "EUC-JP",
    "euc_jis_2004": "EUC-JP（JIS X 0213）",
    "iso2022_jp_ext": "ISO-2022-JP",
}
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc]")
_KANJI = re.compile("[\u4e00-\u9fff]")
_HALF_KANA = re.compile("[\uff61-\uff9f]")
_ODD = re.compile("[\ue000-\uf8ff\x80-\x9f\xa0\u0370-\u04ff]")
_TOLERATED = 0.002


@dataclass(frozen=True, slots=True)
class Encoding:
    """A Python codec name, why it was chosen, and how many places of the file do not fit it."""

    codec: str
    why_ja: str
    why_en: str
    misfits: int = 0

    @property
    def label(self) -> str:
        """The name people know."""
        return NAMES.get(self.codec, self.codec)


def find_encoding(path: Path, *, name: str) -> Encoding:
    """Return the encoding of a text file; raises UnknownEncoding, or NotATable for binary content.

    Order: byte order mark, ISO-2022-JP escapes, NUL bytes (UTF-16), strict UTF-8, then CP932 against EUC-JP.
    """
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
    for mark, codec in _BOMS:
        if start.startswith(mark):
            misfits = count_misfits(path, codec)
            if misfits and codec == "utf-8-sig" and (mixed := _mixed(path, misfits)) is not None:
                return mixed
            _refuse_if_many(misfits, path, name)
            return Encoding(codec, "先頭にBOMがある", "it starts with a byte order mark", misfits)
    if b"\x00" in start:
        return _wide_or_binary(path, start, name)
    if any(escape in start for escape in _ISO_2022_JP) and not any(byte > 0x7F for byte in start):
        return Encoding("iso2022_jp_ext", "ISO-2022-JPのエスケープがある", "it has ISO-2022-JP escapes")
    if _decodes(path, "utf-8"):
        plain = _decodes(path, "ascii")
        if plain:
            return Encoding("utf-8", "ASCIIの文字だけ", "it is plain ASCII")
        return Encoding("utf-8", "全体がUTF-8として正しい", "the whole file is valid UTF-8")
    return _japanese(path, start, name)


def count_misfits(path: Path, codec: str) -> int:
    """Return how many characters of the file do not decode."""
    decoder = codecs.getincrementaldecoder(codec)("replace")
    found = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found += decoder.decode(block).count("\ufffd")
        found += decoder.decode(b"", final=True).count("\ufffd")
    return found


def _wide_or_binary(path: Path, start: bytes, name: str) -> Encoding:
    even = start[0::2].count(0)
    odd = start[1::2].count(0)
    codec = "utf-16-le" if odd > even else "utf-16-be"
    for order, place in (("utf-32-le", 3), ("utf-32-be", 0)):
        # Every character has a NUL in the one place where no character of Unicode has anything else.
        if len(start) >= 8 and not any(start[place::4]) and any(start[3 - place :: 4]) and _decodes(path, order):
            return Encoding(order, "NULバイトの並びがUTF-32", "the pattern of NUL bytes is UTF-32")
    share = max(even, odd) / max(1, len(start) // 2)
    if share >= 0.02 and min(even, odd) * 20 <= max(even, odd) and _decodes(path, codec):
        text = start[: len(start) // 2 * 2].decode(codec, "ignore")
        if "\x00" not in text and len(_KANA.findall(text)) + len(re.findall(r"[ -~\s]", text)) > len(text) * 0.3:
            return Encoding(codec, "NULバイトの並びがUTF-16", "the pattern of NUL bytes is UTF-16")
    raise NotATable(
        file=name,
        kind_ja="文字ではないデータ（バイナリ）",
        kind_en="binary data, not text",
        cure_ja="表計算ソフトで開き、CSV（UTF-8）かExcelブックとして保存し直してください。",
        cure_en="Open it in the program it belongs to and save the table as CSV (UTF-8) or an Excel workbook.",
    )


def _japanese(path: Path, start: bytes, name: str) -> Encoding:
    candidates = []
    high = _high_bytes(path)
    for codec in ("cp932", "euc_jp", "euc_jis_2004", "utf-8"):
        misfits = count_misfits(path, codec)
        if misfits <= max(3, high * _TOLERATED):
            bonus = 0.0 if misfits else 0.3
            candidates.append((_likeness(start, codec) + bonus, misfits, codec))
    _, misfits, codec = max(candidates, key=lambda entry: entry[0], default=(0.0, high, "cp932"))
    if codec in ("cp932", "utf-8") and any_utf8(path) and (mixed := _mixed(path, misfits)) is not None:
        return mixed
    if not candidates:
        raise UnknownEncoding(file=name, where=_first_misfit(path))
    return Encoding(codec, "文字の並びから判定", "judged by its characters", misfits)


def _mixed(path: Path, misfits: int) -> Encoding | None:
    """Return that lines are in two encodings, or in another one than the mark in front says, when so more of them can be read."""
    lines = count_lines(path)
    if not lines.cp932 or lines.neither > min(misfits, 3):
        return None
    if not lines.utf8:
        with path.open("rb") as file:
            marked = file.read(3) == codecs.BOM_UTF8
        why = "先頭にUTF-8のBOMがあるが、中身はShift_JIS", "a UTF-8 mark stands in front, but it is Shift_JIS"
        return Encoding(MIXED, *why, lines.neither) if marked else None
    few, where = min(lines.utf8, lines.cp932), lines.first
    other = "UTF-8" if lines.utf8 < lines.cp932 else "Shift_JIS"
    return Encoding(
        MIXED,
        f"{where}行目など {few} 行だけが{other}で、行ごとに読み分けた",
        f"{few} lines, the first of them line {where}, are {other} unlike the others; each was read by itself",
        lines.neither,
    )


def _likeness(start: bytes, codec: str) -> float:
    """Return how much the decoded text looks like ordinary Japanese: kana and kanji for, half-width and odd against."""
    text = start.decode(codec, "ignore")
    wide = [character for character in text if character > "\x7f"]
    if not wide:
        return 0.0
    joined = "".join(wide)
    good = len(_KANA.findall(joined)) * 2 + len(_KANJI.findall(joined))
    bad = len(_HALF_KANA.findall(joined)) + len(_ODD.findall(joined)) * 4
    return (good - bad) / len(wide)


def _decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _high_bytes(path: Path) -> int:
    high = 0
    low = bytes(range(128))
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            high += len(block.translate(None, low))
    return high


def _refuse_if_many(misfits: int, path: Path, name: str) -> None:
    if misfits > max(3, path.stat().st_size * _TOLERATED):
        raise UnknownEncoding(file=name, where=_first_misfit(path))


def _first_misfit(path: Path) -> str:
    line = 1
    with path.open("rb") as file:
        for line, raw in enumerate(file, start=1):
            if any(byte > 0x7F for byte in raw):
                break
            if line > 1_000_000:
                break
    return f"{line}行目 / line {line}"
