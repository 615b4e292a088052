"""Text for terminals: what a stranger wrote is shown, never obeyed."""

from __future__ import annotations

import re
import sys
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from typing import Any, TextIO, cast

# C0, DEL and C1 move cursors, change titles and colours; the marks of direction make a text look like another one.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\udc80-\udc9f]")
_OBEYED_BYTES = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]")


def shown(text: str) -> str:
    """Return the text with what a terminal would obey written out (`\\u001b`); tabs and line ends stay."""
    return text if text.isascii() and text.isprintable() else _OBEYED.sub(_written, text)


def shown_json(document: bytes) -> bytes:
    """Return the same JSON with what a terminal would obey as escapes; the values stay what they are."""
    return _OBEYED_BYTES.sub(lambda found: _written(found).encode(), document)


def _written(found: re.Match[Any]) -> str:
    sign = found.group()
    return f"\\u{ord(sign.decode() if isinstance(sign, bytes) else sign):04x}"


class _Shown:
    """A stream of text through which nothing passes that a terminal obeys; its `buffer` is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text as it may be shown."""
        return self._stream.write(shown(text))

    def writelines(self, lines: Any) -> None:
        """Write the lines as they may be shown."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def showing() -> ExitStack:
    """Return a context in which everything that is printed is only shown."""
    stack = ExitStack()
    stack.enter_context(redirect_stdout(cast("TextIO", _Shown(sys.stdout))))
    stack.enter_context(redirect_stderr(cast("TextIO", _Shown(sys.stderr))))
    return stack
