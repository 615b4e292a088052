"""Text whose lines are not all in one encoding: rows of another file pasted in, or a UTF-8 mark put before Shift_JIS."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MIXED = "tdpf-mixed-lines"
_BLOCK = 1 << 20
_RARE_LEADS = range(0xE0, 0x100)
_JAPANESE = re.compile(
    r"[\x00-\x7f\u2010-\u2027\u2030-\u206f\u2100-\u27bf\u3000-\u30ff\u31f0-\u9fff\uf900-\ufaff\uff00-\uffef°±×÷§¶]*"
)


def _rare_letters() -> re.Pattern[str]:
    """Return what finds one letter that Shift_JIS writes with a first byte of the last part of its table."""
    read = (bytes((lead, trail)).decode("cp932", "ignore") for lead in _RARE_LEADS for trail in range(0x40, 0xFD))
    rare = {letter for letters in read for letter in letters if letter.encode("cp932")[0] in _RARE_LEADS}
    return re.compile(f"[{''.join(sorted(rare))}]")


_RARE = _rare_letters()


@dataclass(frozen=True, slots=True)
class LineCount:
    """How many lines with more than ASCII are UTF-8, how many Shift_JIS, how many neither; the first line of the rarer one."""

    utf8: int
    cp932: int
    neither: int
    first: int


def any_utf8(path: Path) -> bool:
    """Return whether a line with more than ASCII is UTF-8 by itself; costs little where none is."""
    return any(not line.isascii() and _is_utf8(line) for line in _lines(path))


def count_lines(path: Path) -> LineCount:
    """Look at every line of a file by itself."""
    found = {"utf-8": 0, "cp932": 0, "": 0}
    first: dict[str, int] = {}
    for number, line in enumerate(_lines(path), start=1):
        if line.isascii():
            continue
        codec = _codec_of(line)
        found[codec] += 1
        first.setdefault(codec, number)
    rarer = "utf-8" if found["utf-8"] < found["cp932"] else "cp932"
    return LineCount(found["utf-8"], found["cp932"], found[""], first.get(rarer, 0))


def _lines(path: Path) -> Iterator[bytes]:
    rest = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            *whole, rest = _parted(rest + block)
            yield from whole
    if rest:
        yield rest


def _parted(text: bytes) -> list[bytes]:
    """Split behind line ends; the last part is what has none yet. Neither end is ever the second byte of a Shift_JIS character."""
    text = text.removeprefix(codecs.BOM_UTF8)
    parts = text.splitlines(keepends=True)
    return parts if parts and len(parts[-1]) < _BLOCK and not parts[-1].endswith((b"\n", b"\r")) else [*parts, b""]


def _codec_of(line: bytes) -> str:
    if _is_utf8(line):
        return "utf-8"
    try:
        text = line.decode("cp932")
    except UnicodeDecodeError:
        return ""
    # Broken UTF-8 often decodes as Shift_JIS too, but into kanji that hardly anybody uses.
    in_two_bytes = len(line) - len(text)
    return "cp932" if len(_RARE.findall(text)) * 2 <= in_two_bytes else ""


def _is_utf8(line: bytes) -> bool:
    try:
        return _JAPANESE.fullmatch(line.decode("utf-8")) is not None
    except UnicodeDecodeError:
        return False


class _Decoder(codecs.BufferedIncrementalDecoder):
    """Decodes each line by what it is; a line that is neither is UTF-8 with its broken places shown."""

    def _buffer_decode(self, input: Any, errors: str, final: bool) -> tuple[str, int]:  # noqa: A002 (the base class's name)
        lines = _parted(input)
        used = len(input) if final else len(input) - len(lines[-1])
        return "".join(_decoded(line, errors) for line in (lines if final else lines[:-1])), used


def _decoded(line: bytes, errors: str) -> str:
    return line.decode(_codec_of(line) or "utf-8", errors)


def _encode(text: str, errors: str = "strict", /) -> tuple[bytes, int]:
    return codecs.utf_8_encode(text, errors)


def _decode(text: Any, errors: str = "strict", /) -> tuple[str, int]:
    whole = bytes(text)
    return "".join(_decoded(line, errors) for line in _parted(whole)), len(whole)


def _found(name: str) -> codecs.CodecInfo | None:
    if name.replace("_", "-") != MIXED:
        return None
    return codecs.CodecInfo(
        _encode,
        _decode,
        incrementaldecoder=_Decoder,
        incrementalencoder=codecs.getincrementalencoder("utf-8"),
        name=MIXED,
    )


codecs.register(_found)
