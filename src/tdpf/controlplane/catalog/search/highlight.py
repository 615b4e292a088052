"""Marking where the words were found, in text as it is shown."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

from tdpf.controlplane.catalog.search.analyzer import GAP, analyze, latin_words
from tdpf.controlplane.catalog.search.folding import fold
from tdpf.controlplane.catalog.search.parsing import ParsedQuery

SNIPPET = 160
_UNSAFE = re.compile("[&<>\"']")
_ONE_WAY = re.compile("[\u4e00-\u9fff]{2,}|[0-9]{2,}")


def _folded(texts: tuple[str, ...]) -> str:
    """No word runs from one text into the next. Publishers, keywords and columns come again and again: short ones are remembered."""
    joined = GAP.join(texts)
    return _remembered(joined) if len(joined) <= _SHORT else fold(joined)


# Four megabytes at most for the texts, and as much for what they are folded to.
_SHORT = 200
_remembered = lru_cache(maxsize=10_000)(fold)


class Highlighter:
    """Knows the words of one query and marks them."""

    def __init__(self, parsed: ParsedQuery) -> None:
        units = [unit for unit in parsed.units if not unit.weak] or list(parsed.units)
        sequences = [unit.tokens for unit in units] + [
            other for unit in units for other in (*unit.others, *unit.kin, *unit.abroad)
        ]
        self._terms = {token.term for tokens in sequences for token in tokens}
        self._terms |= {part for unit in units for token in unit.tokens for part in token.parts if len(part) > 1}
        self._readings = {unit.sound for unit in units if len(unit.sound) >= 3 and not unit.is_place}
        self._literals = {fold(unit.text) for unit in units if len(unit.text) >= 2 and not unit.is_place}
        self._literals |= {token.surface for tokens in sequences for token in tokens if len(token.surface) >= 2}
        # Places, numbers and words in kanji alone are written in one way; the others may stand in another form than was typed.
        varying = [unit for unit in units if not unit.is_place and not _ONE_WAY.fullmatch(fold(unit.text))]
        self._varying = [fold(unit.text) for unit in varying]
        self._latin_alone = all(word.isascii() for word in self._varying)
        forms = [token for unit in varying for token in unit.tokens]
        self.forms = tuple({(token.term,) for token in forms} | {token.parts for token in forms if token.parts})
        """Words, as the index has them, of which all of one kind must be in a text for its analysis to find more than is typed."""
        self.sounds = tuple({unit.sound for unit in varying} & self._readings)
        """And how they are read."""

    def has_all(self, text: str) -> bool:
        """Say whether every word that can be written in several ways stands there as typed: analysing finds no more."""
        lower = text.lower()
        return all(word in lower for word in self._varying)

    def marked(self, text: str, *, literally: bool = False) -> str:
        """Return the text escaped, with `<mark>` around what was looked for; `literally` spares the analysis."""
        spans = self._spans(text, literally=literally)
        safe = escape if _UNSAFE.search(text) else str
        if not spans:
            return safe(text)
        made: list[str] = []
        at = 0
        for begin, end in spans:
            made.append(f"{safe(text[at:begin])}<mark>{safe(text[begin:end])}</mark>")
            at = end
        made.append(safe(text[at:]))
        return "".join(made)

    def snippet(self, text: str, *, literally: bool = False) -> str:
        """Return some 160 characters around the first place a word was found, marked; `literally` spares the analysis."""
        flat = " ".join(text.split())
        if len(flat) <= SNIPPET:
            return self.marked(flat, literally=literally or self._stands_in(flat.lower()))
        lower = flat.lower()
        places = [lower.find(literal) for literal in self._literals if literal in lower]
        start = max(0, min(places) - SNIPPET // 4) if places else 0
        start = min(start, len(flat) - SNIPPET)
        piece = self.marked(flat[start : start + SNIPPET], literally=literally or bool(places))
        return ("…" if start else "") + piece + ("…" if start + SNIPPET < len(flat) else "")

    def finds(self, *texts: str) -> bool:
        """Say whether a word of the query stands literally in one of the texts."""
        return bool(texts) and self._stands_in(_folded(texts))

    def _stands_in(self, folded: str) -> bool:
        for literal in self._literals:  # noqa: SIM110 - asked a hundred times a search
            if literal in folded:
                return True
        return False

    def _spans(self, text: str, *, literally: bool) -> list[tuple[int, int]]:
        lower = text.lower()
        there = [word for word in self._literals if word in lower] if len(lower) == len(text) else []
        spans = [] if literally else self._analysed(text)
        if not there and not spans:
            return spans
        for literal in there:
            at = lower.find(literal)
            while at >= 0:
                spans.append((at, at + len(literal)))
                at = lower.find(literal, at + len(literal))
        merged: list[tuple[int, int]] = []
        for begin, end in sorted(spans):
            if merged and begin <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((begin, end))
        return merged

    def _analysed(self, text: str) -> list[tuple[int, int]]:
        words = latin_words if self._latin_alone else analyze
        return [
            (token.begin, token.end)
            for token in words(text)
            if token.term in self._terms
            or token.reading in self._readings
            or (token.parts and self._terms.issuperset(token.parts))
        ]
