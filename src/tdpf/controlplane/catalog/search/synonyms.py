"""Synonyms: administrative words and what people say instead, applied to the query only, so editing needs no new index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import count

from tdpf.controlplane.catalog.search.analyzer import Token, analyze
from tdpf.controlplane.catalog.search.folding import fold
from tdpf.kit.text import Text

_FILES = ("synonyms.ja.csv", "synonyms.en.csv")

Terms = tuple[str, ...]
MOST_WORDS = 30
LONGEST_WORD = 60
_numbers = count()


@dataclass(slots=True)
class Synonyms:
    """Which sequences of terms stand for which others; `longest` is the longest sequence that is known.

    `number` is never given twice in a process, so that what was counted with one table is not taken for another's.
    """

    of: dict[Terms, list[tuple[Token, ...]]] = field(default_factory=dict)
    longest: int = 1
    number: int = field(default_factory=_numbers.__next__, compare=False)

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


def merged(table: Synonyms, groups: Iterable[tuple[str, Sequence[str]]]) -> Synonyms:
    """Return a table with further groups, each a wide word ("" for none) and words; the table itself stays as it is."""
    made = Synonyms(of={key: list(others) for key, others in table.of.items()}, longest=table.longest)
    for wide, words in groups:
        for word in (wide,) if wide else words:
            made.add(word, list(words))
    return made


def tidy_group(wide: str, words: Sequence[str]) -> tuple[str, tuple[str, ...], Text | None]:
    """Return a group in tidy words, and what is wrong with it (None when nothing is)."""
    tidy_wide = " ".join(wide.split())
    tidy = tuple(dict.fromkeys(" ".join(word.split()) for word in words if word.strip()))
    everything = (tidy_wide, *tidy) if tidy_wide else tidy
    fault: Text | None = None
    if len(everything) < 2:
        fault = Text("言葉を二つ以上書いてください。", "Write at least two words.")
    elif len(tidy) > MOST_WORDS:
        fault = Text(f"一組の言葉は{MOST_WORDS}語までです。", f"A group has at most {MOST_WORDS} words.")
    elif any(len(word) > LONGEST_WORD for word in everything):
        fault = Text(f"一語は{LONGEST_WORD}文字までです。", f"A word has at most {LONGEST_WORD} characters.")
    elif any(not analyze(fold(word)) for word in everything):
        fault = Text("文字のない言葉があります。", "One of them has no letters.")
    return tidy_wide, tidy, fault


@cache
def synonyms() -> Synonyms:
    """Return the platform's own tables, Japanese and English."""
    folder = resources.files("tdpf.controlplane.catalog.search")
    return parse_synonyms("\n".join((folder / name).read_text(encoding="utf-8") for name in _FILES))
