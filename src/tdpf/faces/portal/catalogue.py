"""The English words of the pages: gettext catalogues, compiled in Python because msgfmt may be absent."""

from __future__ import annotations

import os
import struct
import tempfile
from ast import literal_eval
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parent / "locale"
_MAGIC = 0x950412DE


class CatalogueFault(ValueError):
    """A line of a .po file that is not understood."""


def read_po(text: str) -> dict[str, str]:
    """Return message → translation of a .po text; fuzzy and empty translations are left out, contexts kept.

    Plural forms are not used in this portal. Format: GNU gettext manual, "The Format of PO Files".
    """
    messages: dict[str, str] = {}
    for entry in _entries(text):
        if entry["fuzzy"] or not entry["msgstr"]:
            continue
        context = entry["msgctxt"]
        messages[f"{context}\x04{entry['msgid']}" if context else entry["msgid"]] = entry["msgstr"]
    return messages


def _entries(text: str) -> Iterator[dict[str, str]]:
    entry = _blank()
    field = ""
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        line = line.strip()
        if line.startswith("#"):
            if line.startswith("#,") and "fuzzy" in line:
                entry["fuzzy"] = "yes"
            continue
        if not line:
            if field:
                yield entry
            entry, field = _blank(), ""
            continue
        word, _, rest = line.partition(" ")
        if word in ("msgid", "msgstr", "msgctxt"):
            field, quoted = word, rest.strip()
        elif line.startswith('"') and field:
            quoted = line
        else:
            raise CatalogueFault(f"line {number}: {line!r}")
        entry[field] += literal_eval(quoted)


def _blank() -> dict[str, str]:
    return {"msgid": "", "msgstr": "", "msgctxt": "", "fuzzy": ""}


def write_mo(messages: dict[str, str]) -> bytes:
    """Return the messages as a .mo file (GNU gettext manual, "The Format of GNU MO Files")."""
    keys = sorted(messages, key=lambda key: key.encode())
    originals = [key.encode() for key in keys]
    translations = [messages[key].encode() for key in keys]
    start = 7 * 4 + 16 * len(keys)
    tables: list[bytes] = []
    body = b""
    for group in (originals, translations):
        for text in group:
            tables.append(struct.pack("<II", len(text), start + len(body)))
            body += text + b"\0"
    header = struct.pack("<7I", _MAGIC, 0, len(keys), 7 * 4, 7 * 4 + 8 * len(keys), 0, 0)
    return header + b"".join(tables) + body


def compile_catalogues(target: str | Path = SOURCE) -> list[Path]:
    """Compile every catalogue of the portal into `target/<language>/LC_MESSAGES/*.mo`; return what was written."""
    written: list[Path] = []
    for source in sorted(SOURCE.glob("*/LC_MESSAGES/*.po")):
        out = Path(target) / source.relative_to(SOURCE).with_suffix(".mo")
        if out.exists() and out.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        out.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=out.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(write_mo(read_po(source.read_text(encoding="utf-8"))))
        Path(temporary).replace(out)
        written.append(out)
    return written
