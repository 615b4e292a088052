"""Reads a tutorial as a list of things to do: files to save, commands to type, steps on pages.

A page step is a numbered line made only of sentences this module knows (`SENTENCES`); what stands in 「」 is a label or a
text on the page, what stands in backquotes is typed. A line it cannot read is a fault of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LABEL = r"「((?:[^「」]|「[^「」]*」)+)」"
SENTENCES: dict[str, str] = {
    "open": r"<(http://localhost:8080[^>]*)> を開きます",
    "password": LABEL + r"に、端末に出た `(\w+)` のパスワードを入れます",
    "code": LABEL + r"に、いま出た `(\w+)` の数字を入れます",
    "file": LABEL + r"に `([^`]+)` を選びます",
    "type": LABEL + r"に `([^`]*)` を入れます",
    "choose": LABEL + r"から" + LABEL + r"を選びます",
    "tick": LABEL + r"に印を付けます",
    "press": LABEL + r"を押します",
    "see": LABEL + r"と出ます",
}
_ANY = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in SENTENCES.items()))
_ASIDE = re.compile(r"（[^（）「」]*）")


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do: `kind` is a sentence's name, or "csv", "sh", "text"; `line` is where it stands in the file."""

    kind: str
    words: tuple[str, ...]
    line: int
    patient: bool = False


def read_acts(path: Path) -> list[Act]:
    """Return what the tutorial asks for, in order. Raises ValueError for a step that cannot be read."""
    acts: list[Act] = []
    lines = path.read_text().splitlines()
    number = 0
    while number < len(lines):
        line = lines[number]
        if line.startswith("```"):
            end = next(at for at in range(number + 1, len(lines)) if lines[at].startswith("```"))
            acts.append(_block(line[3:].strip(), lines[:number], lines[number + 1 : end], number + 1))
            number = end
        elif re.match(r"\d+\. ", line):
            acts += _sentences(line, number + 1)
        number += 1
    return acts


def _block(language: str, before: list[str], inside: list[str], line: int) -> Act:
    content = "\n".join(inside) + "\n"
    if language != "csv":
        return Act(language, (content,), line)
    said = next(text for text in reversed(before) if text.strip())
    named = re.search(r"`([^`]+\.csv)` という名前で保存", said)
    if named is None:
        raise ValueError(f"line {line}: the file has no name")
    return Act("csv", (named[1], content), line)


def _sentences(line: str, number: int) -> Iterator[Act]:
    rest = line
    for found in _ANY.finditer(line):
        kind = str(found.lastgroup) if found.lastgroup in SENTENCES else _kind(found)
        words = tuple(word for word in re.match(SENTENCES[kind], found[0]).groups())  # type: ignore[union-attr]  # it matched just now
        yield Act(kind, words, number, patient="かかります" in line)
        rest = rest.replace(found[0], "", 1)
    left = _ASIDE.sub("", rest)
    if re.search(r"[「」<>]|`", left):
        raise ValueError(f"line {number}: this cannot be followed: {left}")


def _kind(found: re.Match[str]) -> str:
    return next(name for name in SENTENCES if found.group(name) is not None)


def expected(text: str) -> re.Pattern[str]:
    """Return the pattern of a ```text block, in which … stands for anything."""
    parts = [re.escape(part.strip("\n")) for part in text.strip().split("…")]
    return re.compile(r"[\s\S]*?".join(parts) + r"\s*")
