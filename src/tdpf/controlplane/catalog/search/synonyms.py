"""Synonyms: administrative words and what people say instead, applied to the query only, so editing needs no new index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import count

from tdpf.controlplane.catalog.romanising import as_romanised, romanised
from tdpf.controlplane.catalog.search.analyzer import Token, analyze, reading_of
from tdpf.controlplane.catalog.search.folding import fold, to_katakana
from tdpf.kit.text import Text

_FILES = ("synonyms.ja.csv", "synonyms.more.csv", "synonyms.en.csv")
_BRIDGE = "synonyms.bridge.csv"
_LEAST_SOUND, _LEAST_LETTERS, _LEAST_KANA = 5, 4, 4
_MOST_ACROSS = 5
_VOICELESS = str.maketrans(
    "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヂヅ",
    "カキクケコサシスセソタチツテトハヒフヘホハヒフヘホシス",
    "ー・",
)

Terms = tuple[str, ...]
MOST_WORDS = 30
LONGEST_WORD = 60
_numbers = count()


@dataclass(slots=True, eq=False)
class Synonyms:
    """Which sequences of terms stand for which others; `longest` is the longest sequence that is known.

    `across` leads to the other language, `sounds` and `letters` from how a word is read to the word.

    `number` is never given twice in a process, so that what was counted with one table is not taken for another's.
    """

    of: dict[Terms, list[tuple[Token, ...]]] = field(default_factory=dict)
    longest: int = 1
    sounds: dict[str, tuple[Token, ...]] = field(default_factory=dict)
    letters: dict[str, tuple[Token, ...]] = field(default_factory=dict)
    across: dict[Terms, list[tuple[Token, ...]]] = field(default_factory=dict)
    number: int = field(default_factory=_numbers.__next__, compare=False)

    def add(self, word: str, others: list[str]) -> None:
        """Make a word lead to others (not the other way round)."""
        own = analyze(fold(word))
        key = tuple(token.term for token in own)
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
        self._hear(word, own)

    def lead_across(self, word: str, others: list[str]) -> None:
        """Make a word lead to those of the other language, and to what people call these there."""
        key = tuple(token.term for token in analyze(fold(word)))
        known = self.across.setdefault(key, [])
        for other in others:
            tokens = analyze(fold(other))
            same = self.of.get(tuple(token.term for token in tokens), ())[:_MOST_ACROSS] if word.isascii() else ()
            known.extend(one for one in (tokens, *same) if one not in known)
        self.longest = max(self.longest, len(key))

    def knows(self, terms: Terms) -> bool:
        """Say whether a sequence of terms stands for others, in any language."""
        return terms in self.of or terms in self.across

    def _hear(self, word: str, own: tuple[Token, ...]) -> None:
        if not word.isascii():
            reading = reading_of(word)
            sound = sound_key(reading)
            if len(sound) >= _LEAST_SOUND:
                self.sounds.setdefault(sound, own)
            elif len(reading) >= _LEAST_KANA:
                self.sounds.setdefault(reading, own)
            voiced = (f"{reading[:-2]}ジョ",) if word.endswith("所") and reading.endswith("ショ") else ()
            for latin in map(romanised, (reading, *voiced)):
                if len(latin) >= _LEAST_LETTERS:
                    self.letters.setdefault(as_romanised(latin), own)

    def sounding(self, reading: str) -> tuple[tuple[Token, ...], ...]:
        """Return the word of the table that is read so, and what it stands for; none for too short a reading.

        A short reading must be the very same (こうこう), a longer one may lack its voiced and long marks.
        """
        own = self.sounds.get(reading, ()) or self.sounds.get(sound_key(reading), ())
        return (own, *self.of[tuple(token.term for token in own)]) if own else ()

    def spelt(self, letters: str) -> tuple[tuple[Token, ...], ...]:
        """Return the word of the table whose reading is spelt so in Latin letters (hinanjo, hoikuen), and what it stands for."""
        own = self.letters.get(as_romanised(letters), ())
        return (own, *self.of[tuple(token.term for token in own)]) if own else ()


def sound_key(reading: str) -> str:
    """Return a reading without what slips when a word is typed by ear: voiced marks, long marks (ひなんしょ, ひなんじょ)."""
    return to_katakana(reading).translate(_VOICELESS)


def parse_synonyms(text: str) -> Synonyms:
    """Read the table: one group a line, words separated by commas; `wide>narrow` leads one way; `#` begins a comment.

    What a wide word leads to, the words that mean the same as it lead to as well.
    """
    synonyms = Synonyms()
    same: dict[str, dict[str, None]] = {}
    narrower: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        wide, _, narrow = line.rpartition(">")
        words = [word.strip() for word in narrow.split(",") if word.strip()]
        if wide:
            narrower.append((wide, words))
            continue
        for word in words:
            synonyms.add(word, words)
            same.setdefault(word, {}).update(dict.fromkeys(words))
    for wide, words in narrower:
        for word in (wide, *same.get(wide, {})):
            synonyms.add(word, words)
    return synonyms


def merged(table: Synonyms, groups: Iterable[tuple[str, Sequence[str]]]) -> Synonyms:
    """Return a table with further groups, each a wide word ("" for none) and words; the table itself stays as it is."""
    made = Synonyms(
        {key: list(others) for key, others in table.of.items()},
        table.longest,
        dict(table.sounds),
        dict(table.letters),
        table.across,
    )
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
    table = parse_synonyms("\n".join((folder / name).read_text(encoding="utf-8") for name in _FILES))
    _bridge(table, (folder / _BRIDGE).read_text(encoding="utf-8"))
    return table


def _bridge(table: Synonyms, text: str) -> None:
    """Let words of one language lead to those of the other: Japanese words, a bar, English words that mean the same."""
    for line in text.splitlines():
        if line and not line.startswith("#"):
            japanese, english = ([word.strip() for word in side.split(",")] for side in line.split("|"))
            for word in english:
                table.add(word, english)
            for words, others in ((japanese, english), (english, japanese)):
                for word in words:
                    table.lead_across(word, others)
