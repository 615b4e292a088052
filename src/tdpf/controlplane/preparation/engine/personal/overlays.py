"""What a workbook says over its cells: comments and the words in shapes, which are published with it."""

from __future__ import annotations

import html
import re
import zipfile
from pathlib import Path

_PART = re.compile(r"xl/(?:comments\d*|comments/[^/]+|threadedComments/[^/]+|drawings/drawing\d*)\.xml")
_PARAGRAPH = re.compile(
    r"<(?:\w+:)?(?:comment|threadedComment|p)\b.*?</(?:\w+:)?(?:comment|threadedComment|p)>", re.DOTALL
)
_WORDS = re.compile(r"<(?:\w+:)?(?:t|text)(?:\s[^<>]*)?>([^<]*)</")
_LARGEST = 8 * 1024 * 1024
_MOST = 400


def lines_over(path: Path) -> list[str]:
    """Return the lines of comments and shapes of a workbook of the XML kind; nothing for any other file."""
    lines: list[str] = []
    try:
        with zipfile.ZipFile(path) as book:
            for member in book.infolist():
                if not _PART.fullmatch(member.filename) or member.file_size > _LARGEST:
                    continue
                with book.open(member) as part:
                    text = part.read(_LARGEST).decode("utf-8", "replace")
                for paragraph in _PARAGRAPH.findall(text):
                    said = html.unescape("".join(_WORDS.findall(paragraph)))
                    lines.extend(line for line in said.splitlines() if line.strip())
                if len(lines) >= _MOST:
                    break
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, ValueError):
        return []
    return lines[:_MOST]
