"""What the model of sentences reads of a text: its beginning, and the sentences that have most of a question's words.

The model reads some sixty tokens, and the answer to a question seldom stands at the beginning of a long text. The nearer of
both counts (the best passage, after Callan, SIGIR 1994).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tdpf.controlplane.catalog.search.analyzer import indexed

_WIDTH = 250
_TITLE = 100
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？\n])")


def model_text(title: str, description: str) -> str:
    """Return the beginning of a document as the model reads it: some sixty tokens, a Japanese character counting as two letters."""
    return _cut(" ".join(f"{title} {description}"[: _WIDTH * 2].split()), _WIDTH)


def model_texts(title: str, description: str, telling: Mapping[str, float]) -> tuple[str, ...]:
    """Return the beginning and, unless it is the same, the passage with the most telling words; `telling` is how rare each is."""
    beginning = model_text(title, description)
    title = _cut(" ".join(title.split()), _TITLE)
    found = _best(description, telling, _WIDTH - _wide(title))
    return (beginning, f"{title} {found}".strip()) if found else (beginning,)


def _best(description: str, telling: Mapping[str, float], width: int) -> str:
    """Return the sentences in a row with the most telling words, "" when they are the first ones."""
    sentences = [plain for each in _SENTENCE.split(description) if (plain := " ".join(each.split()))]
    if len(sentences) < 2 or _wide(description) <= width:
        return ""
    words = [telling.keys() & set(indexed(sentence).words.split()) for sentence in sentences]
    widths = [_wide(sentence) for sentence in sentences]
    best, most = 0, 0.0
    for start in range(len(sentences)):
        there: set[str] = set()
        left = width
        for at in range(start, len(sentences)):
            left -= widths[at]
            if left < 0 and at > start:
                break
            there |= words[at]
        points = sum(telling[word] for word in there)
        if points > most:
            best, most = start, points
    return _cut(" ".join(sentences[best:]), width) if best else ""


def _wide(text: str) -> int:
    return len(text) if text.isascii() else sum(1 if sign.isascii() else 2 for sign in text)


def _cut(text: str, width: int) -> str:
    if text.isascii():
        return text[:width]
    left = width
    for at, sign in enumerate(text):
        left -= 1 if sign.isascii() else 2
        if left < 0:
            return text[:at]
    return text
