"""Synonyms: administrative words and what people say instead, applied to the query only, so editing needs no new index."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from tdpf.controlplane.catalog.search.analyzer import Token, analyze
from tdpf.controlplane.catalog.search.folding import fold

Terms = tuple[str, ...]


@dataclass(slots=True)
class Synonyms:
    """Which sequences of terms stand for which others; `longest` is the longest sequence that is known."""

    of: dict[Terms, list[tuple[Token, ...]]] = field(default_factory=dict)
    longest: int = 1

    def add(self, word: str, others: list[str]) -> None:
        """Make a word lead to others (not the other way round)."""
        key = tuple(token.term for token in analyze(fold(word)))
        if not key:
            return
        known = list(self.of.get(key, ()))
        seen = {tuple(token.term for token in tokens) for tokens in known}
        for other in others:
            tokens = analyze(fold(other))
            terms = tuple(token.term for token in tokens)
            if terms and terms != key and terms not in seen:
                known.append(tokens)
                seen.add(terms)
        if not known:
            return
        self.of[key] = known
        self.longest = max(self.longest, len(key))


def parse_synonyms(text: str) -> Synonyms:
    """Read the table: one group a line, words separated by commas; `wide>narrow` leads one way; `#` begins a comment."""
    synonyms = Synonyms()
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        wide, _, narrow = line.rpartition(">")
        words = [word.strip() for word in narrow.split(",") if word.strip()]
        if wide:
            synonyms.add(wide, words)
            continue
        for word in words:
            synonyms.add(word, words)
    return synonyms


@cache
def synonyms() -> Synonyms:
    """Return the platform's own table."""
    file = resources.files("tdpf.controlplane.catalog.search") / "synonyms.ja.csv"
    return parse_synonyms(file.read_text(encoding="utf-8"))
