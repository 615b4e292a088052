"""The analyzer `ja@1`: folded text → words in one form, their parts, their readings, and pairs of characters.

Sudachi splits into long units (C); a long unit is also known by its short parts (A), so 新宿区役所 holds 区役所.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from tdpf.controlplane.catalog.search.folding import fold, to_katakana

if TYPE_CHECKING:
    from sudachipy import Dictionary, Morpheme, Tokenizer

ANALYZER = "ja@1"
_MAX_BYTES = 40_000
_SHORT = 80
_STOPPED = frozenset({"助詞", "助動詞", "補助記号", "空白", "記号"})
_LATIN = re.compile(r"[a-z0-9][a-z0-9'.+#]*")
_RUN = re.compile(r"[a-z0-9]+|[^\Wa-z0-9_]+")
_HAS_WORD = re.compile(r"\w")
_KANA = re.compile(r"[\u3041-\u30fa]")

_lock = threading.Lock()
_local = threading.local()
_dictionary: Dictionary | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """One content word: `term` is its one form, `parts` the forms of its short units (none when it is one itself).

    `begin` and `end` are places in the text that was given to `analyze`.
    """

    surface: str
    begin: int
    end: int
    term: str
    parts: tuple[str, ...]
    reading: str
    place: bool
    kind: str


def dictionary_version() -> str:
    """Return the versions of Sudachi and its dictionary; another one asks for a new index."""
    return f"sudachipy {version('sudachipy')}, sudachidict-core {version('sudachidict-core')}"


def analyze(text: str) -> tuple[Token, ...]:
    """Return the content words of a text that was folded by the caller (or is shown to people as it stands)."""
    return _remembered(text) if len(text) <= _SHORT else _analyzed(text)


def _analyzed(text: str) -> tuple[Token, ...]:
    from sudachipy import SplitMode

    tokens: list[Token] = []
    tokenizer = _tokenizer()
    for start, piece in _pieces(text):
        for morpheme in tokenizer.tokenize(piece, SplitMode.C):
            kind = morpheme.part_of_speech()
            surface = morpheme.surface()
            if kind[0] in _STOPPED or not _HAS_WORD.search(surface):
                continue
            parts: tuple[str, ...] = ()
            if len(surface) > 1:
                short = morpheme.split(SplitMode.A)
                parts = tuple(_form(part) for part in short) if len(short) > 1 else ()
            tokens.append(
                Token(
                    surface=surface,
                    begin=start + morpheme.begin(),
                    end=start + morpheme.end(),
                    term=_form(morpheme),
                    parts=parts,
                    reading=to_katakana(morpheme.reading_form()),
                    place=kind[0] == "名詞" and kind[2] == "地名",
                    kind=kind[0],
                )
            )
    return tuple(tokens)


# Column names, keywords, providers and titles come again and again.
_remembered = lru_cache(maxsize=20_000)(_analyzed)


def indexed_words(texts: Iterable[str]) -> tuple[str, str]:
    """Return, for the index, words and readings of some texts, each joined by spaces.

    The short units stand first and in order, so that phrases of them can be found; the long units follow.
    """
    words: list[str] = []
    readings: dict[str, None] = {}
    for text in texts:
        long_units: list[str] = []
        for token in analyze(fold(text)):
            words.extend(token.parts or (token.term,))
            if token.parts:
                long_units.append(token.term)
            if is_telling_reading(token):
                readings[sound_term(token.reading, with_kana=has_kana(token.surface))] = None
        words.extend(("¶", *long_units, "¶") if long_units else ("¶",))
    return " ".join(words), " ".join(readings)


def is_telling_reading(token: Token) -> bool:
    """Say whether a word may be found by its sound: long enough, Japanese, and no place name."""
    return len(token.reading) >= 3 and not token.place and token.kind != "接尾辞" and not token.surface.isascii()


def sound_term(reading: str, *, with_kana: bool) -> str:
    """Return a reading as the index keeps it: words in kanji alone are kept apart, so that 人工 does not find 人口."""
    return reading if with_kana else f"漢{reading}"


def indexed_pairs(texts: Iterable[str]) -> str:
    """Return, for the index, the pairs of neighbouring characters of some texts; Latin and digits stay whole."""
    found: list[str] = []
    for text in texts:
        found.extend(pairs(text))
        found.append("¶")
    return " ".join(found)


def pairs(text: str) -> list[str]:
    """Return the pairs of characters of one text in order, kana as katakana."""
    found: list[str] = []
    for run in _RUN.findall(to_katakana(fold(text)).replace("-", "")):
        if run[0].isascii() or len(run) == 1:
            found.append(run)
        else:
            found.extend(run[at : at + 2] for at in range(len(run) - 1))
    return found


def english_words(texts: Iterable[str]) -> str:
    """Return the Latin words of some texts for the stemmed field."""
    return " ".join(word for text in texts for word in _LATIN.findall(fold(text)))


def readings(text: str) -> list[str]:
    """Return how each short word of a text is read, in katakana; Latin words and numbers as they are written."""
    from sudachipy import SplitMode

    return [
        folded if (folded := morpheme.surface()).isascii() else to_katakana(morpheme.reading_form())
        for morpheme in _tokenizer().tokenize(fold(text)[:200], SplitMode.A)
        if _HAS_WORD.search(morpheme.surface())
    ]


@lru_cache(maxsize=4096)
def reading_of(text: str) -> str:
    """Return how a text is read, in katakana; for sorting in the order of the fifty sounds."""
    return "".join(readings(text))


def has_kana(text: str) -> bool:
    """Say whether a text holds a kana."""
    return _KANA.search(text) is not None


def _form(morpheme: Morpheme) -> str:
    return to_katakana(morpheme.normalized_form().lower().replace(" ", "").replace("-", ""))


def _pieces(text: str) -> Iterable[tuple[int, str]]:
    """Sudachi takes at most 49,149 bytes at once; longer texts are cut at line ends or, failing that, anywhere."""
    if len(text.encode()) <= _MAX_BYTES:
        yield 0, text
        return
    start = 0
    while start < len(text):
        end = min(start + _MAX_BYTES // 4, len(text))
        cut = text.rfind("\n", start, end)
        if end < len(text) and cut > start:
            end = cut + 1
        yield start, text[start:end]
        start = end


def _tokenizer() -> Tokenizer:
    """Sudachi's tokenizer is not shared between threads; its dictionary is, and is loaded once, when first needed."""
    global _dictionary
    tokenizer: Tokenizer | None = getattr(_local, "tokenizer", None)
    if tokenizer is None:
        with _lock:
            if _dictionary is None:
                from sudachipy import Dictionary

                _dictionary = Dictionary(dict="core")
            tokenizer = _dictionary.tokenizer()
        _local.tokenizer = tokenizer
    return tokenizer
