"""Large JSON in pieces: where the entries of its list stand in the bytes, so that only one piece is ever made into objects."""

from __future__ import annotations

import codecs
import mmap
import re
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tdpf.controlplane.federation.errors import AnswerNotUnderstood
from tdpf.controlplane.federation.reading.json_text import decoded, parse_json, read_json
from tdpf.kit.sites import Answer

# What stands before the next bracket; brackets inside strings are none.
_NEXT = re.compile(rb'[^"{}\[\]]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"{}\[\]]*+)*+([{}\[\]])', re.DOTALL)
_KEY = re.compile(rb'"([^"\\]{1,40})"\s*:\s*\Z')
_PLAIN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[^\s,"]+', re.DOTALL)
_BLOCK = 1 << 20
_MOST = 1_000_000
_MOST_DECODED = 256 * 1024 * 1024
Bytes = bytes | mmap.mmap
"""The bytes of a text, in memory or in a file."""


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of a list in the bytes of a JSON text; `is_whole` is false when the text ends before its list does.

    The list's brackets stand at `begin` and before `end`.
    """

    body: Bytes = field(repr=False)
    begin: int
    end: int
    is_whole: bool
    starts: array[int]
    ends: array[int]

    def __len__(self) -> int:
        return len(self.starts)

    def text(self, place: int) -> bytes:
        """Return one entry as it stands."""
        return self.body[self.starts[place] : self.ends[place]]

    def value(self, place: int) -> Any:
        """Return what one entry says, None when it is broken: that costs itself only."""
        try:
            return parse_json(self.text(place), url="")
        except AnswerNotUnderstood:
            return None


@contextmanager
def bytes_in(file: Path) -> Iterator[Bytes]:
    """Give the bytes of a file as they are asked for, without reading it into memory."""
    with file.open("rb") as stream:
        if not file.stat().st_size:
            yield b""
            return
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as body:
            yield body


def entries_of(body: Bytes, keys: Sequence[str], *, most: int, charset: str = "", url: str = "") -> Entries | None:
    """Find the list that is the whole text, or stands in its object under one of the keys, the first of them; None without one.

    Of a list with more than `most` entries one more is noted, and it does not count as whole. Raises AnswerNotUnderstood for
    a text of more than 256 MB that is not in UTF-8.
    """
    body = _in_utf8(body, charset, url)
    found: dict[bytes, Entries] = {}
    wanted = [key.encode() for key in keys]
    begun = body[:_BLOCK].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if begun not in (b"[", b"{"):
        return None
    is_open = begun == b"["
    depth, at, inside = 0, 0, 1 if is_open else 2
    name, begin, starts, ends = b"", 0, array("q"), array("q")
    while len(starts) <= most and (match := _NEXT.match(body, at)) is not None:
        bracket = match.end() - 1
        if is_open and depth == inside:
            _note_plain(body, at, bracket, starts, ends, most)
        if match[1] in b"{[":
            if depth == 1 and inside == 2 and match[1] == b"[":
                key = _KEY.search(body, max(at, bracket - 100), bracket)
                if key is not None and key[1] in wanted and key[1] not in found:
                    name, begin, is_open, starts, ends = key[1], bracket, True, array("q"), array("q")
            elif is_open and depth == inside:
                starts.append(bracket)
            depth += 1
        else:
            depth -= 1
            if is_open and depth == inside:
                ends.append(bracket + 1)
            elif is_open and depth == inside - 1:
                found[name], is_open = Entries(body, begin, bracket + 1, True, starts, ends), False
        at = match.end()
        if depth <= 0:
            break
    if is_open:
        del starts[len(ends) :]
        found[name] = Entries(body, begin, len(body), False, starts, ends)
    return next((found[key] for key in (b"", *wanted) if key in found), None)


def read_json_lists(answer: Answer, keys: Sequence[str]) -> Any:
    """Return the JSON value of an answer; of the lists under these keys (or a bare one) each broken entry is None.

    Raises AnswerNotUnderstood when it is broken elsewhere.
    """
    try:
        return read_json(answer)
    except AnswerNotUnderstood:
        found = {key: entries_of(answer.body, [key], most=_MOST, charset=answer.charset) for key in keys}
        whole = {key: entries for key, entries in found.items() if entries is not None and entries.is_whole}
        if not whole:
            raise
    values = {key: [entries.value(place) for place in range(len(entries))] for key, entries in whole.items()}
    outer = next(iter(whole.values())).body[:]
    for entries in sorted(whole.values(), key=lambda entries: -entries.begin):
        outer = b"".join((outer[: entries.begin], b"[]", outer[entries.end :]))
    value = parse_json(outer, url=answer.url, charset=answer.charset)
    return {**value, **values} if isinstance(value, dict) else next(iter(values.values()))


def _note_plain(body: Bytes, start: int, end: int, starts: array[int], ends: array[int], most: int) -> None:
    """Note what stands between two entries and is neither list nor object, so that it is missed by nobody."""
    for match in _PLAIN.finditer(body, start, end):
        if len(starts) > most:
            return
        starts.append(match.start())
        ends.append(match.end())


def _in_utf8(body: Bytes, charset: str, url: str) -> Bytes:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(body), _BLOCK):
            # What is cut in the middle of its last character is UTF-8 all the same.
            decoder.decode(body[at : at + _BLOCK])
    except UnicodeDecodeError:
        if len(body) > _MOST_DECODED:
            raise AnswerNotUnderstood(
                url=url,
                why_ja="大きなJSONですが、文字コードがUTF-8ではありません",
                why_en="it is large JSON and not in UTF-8",
            ) from None
        return decoded(body[:], charset).encode("utf-8", "replace")
    return body
