"""The analyzer `tdpf@4`: folded text → words in one form, their parts, their readings, and pairs of characters.

Sudachi splits Japanese into long units (C); a long unit is also known by its short parts (A), so 新宿区役所 holds 区役所.
Latin words are cut by their own rule and stemmed, in Japanese text and in English text alike.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from operator import itemgetter
from typing import TYPE_CHECKING

from tdpf.controlplane.catalog.search.folding import fold, to_katakana
from tdpf.controlplane.catalog.search.stemming import stem

if TYPE_CHECKING:
    from sudachipy import Dictionary, Morpheme, Tokenizer

ANALYZER = "tdpf@4"
GAP = "¶"
"""Stands between texts that are no neighbours, so that no phrase runs over the end of one."""
_MAX_BYTES = 40_000
_SHORT = 240
_MOST_WORDS = 400_000
_STOPPED = frozenset({"助詞", "助動詞", "補助記号", "空白", "記号"})
_LATIN = re.compile(r"[a-z0-9]+(?:[-.&_'’][a-z0-9]+)*(?:\+\+|\#)?", re.IGNORECASE)
_JOINTS = re.compile(r"[-.&_'’]")
_DECIMAL = re.compile(r"\d+(?:\.\d+)+")
_OWNED = re.compile(r"['’](?:s|re|ve|ll|d|t|m)$")
_RUN = re.compile(r"[a-z0-9]+|[^\Wa-z0-9_]+")
_HAS_WORD = re.compile(r"\w")
_KANA = re.compile(r"[\u3041-\u30fa]")

# Sudachi numbers the words that its dictionary lacks from here on, by kind and not by word.
_UNKNOWN = 0xF000_0000

_begin = itemgetter(0)
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


@dataclass(frozen=True, slots=True)
class _Word:
    """What is known of a word wherever it stands; `sound` is its term in the field of readings ("" for none).

    A Latin word stands among the readings as it is written, since slips are looked for in whole words, not in stems.
    """

    term: str
    parts: tuple[str, ...]
    reading: str
    place: bool
    kind: str
    sound: str = ""


_words: dict[int | str, _Word | None] = {}
"""By Sudachi's number of the word, or its surface when the dictionary lacks it; None is no content word."""


def dictionary_version() -> str:
    """Return the versions of Sudachi and its dictionary; another one asks for a new index."""
    return f"sudachipy {version('sudachipy')}, sudachidict-core {version('sudachidict-core')}"


def analyze(text: str) -> tuple[Token, ...]:
    """Return the content words of a text that was folded by the caller (or is shown to people as it stands)."""
    return _remembered(text) if len(text) <= _SHORT else _analyzed(text)


def latin_words(text: str) -> tuple[Token, ...]:
    """Return the Latin words and numbers of a text alone, as `analyze` would."""
    return _tokens(text, _latin_found(text))


def _analyzed(text: str) -> tuple[Token, ...]:
    return _tokens(text, _found(text))


def _tokens(text: str, found: Iterable[tuple[int, int, _Word]]) -> tuple[Token, ...]:
    tokens = [
        Token(text[begin:end], begin, end, word.term, word.parts, word.reading, word.place, word.kind)
        for begin, end, word in found
    ]
    return tuple(tokens)


# Column names, keywords, providers and titles come again and again.
_remembered = lru_cache(maxsize=20_000)(_analyzed)


def _found(text: str) -> list[tuple[int, int, _Word]]:
    """Return the words of a text with their places, in order."""
    found = _latin_found(text)
    if text.isascii():
        return found
    # Sudachi sees blanks of the same length instead, so that places stay right.
    masked = _LATIN.sub(lambda match: " " * len(match[0]), text) if found else text
    tokenizer = _tokenizer()
    for start, piece in _pieces(masked):
        for morpheme in tokenizer.tokenize(piece):
            word = _word_of(morpheme)
            if word is not None:
                found.append((start + morpheme.begin(), start + morpheme.end(), word))
    found.sort(key=_begin)
    return found


def _latin_found(text: str) -> list[tuple[int, int, _Word]]:
    return [
        (match.start(), match.end(), word)
        for match in _LATIN.finditer(text)
        if (word := _latin_word(match[0])) is not None
    ]


def _words_in(text: str) -> list[_Word]:
    """Return the words of a text in order; a text without Latin letters and digits is not asked for places."""
    if text.isascii() or _LATIN.search(text) is not None:
        return [word for _, _, word in _found(text)]
    tokenizer = _tokenizer()
    return [
        word
        for _, piece in _pieces(text)
        for morpheme in tokenizer.tokenize(piece)
        if (word := _word_of(morpheme)) is not None
    ]


def _word_of(morpheme: Morpheme) -> _Word | None:
    number: int | str = morpheme.word_id()
    if number >= _UNKNOWN:  # type: ignore[operator]  # it is still a number
        number = morpheme.surface()
    try:
        return _words[number]
    except KeyError:
        return _learned(number, morpheme)


def _learned(number: int | str, morpheme: Morpheme) -> _Word | None:
    from sudachipy import SplitMode

    kind = morpheme.part_of_speech()
    surface = morpheme.surface()
    word: _Word | None = None
    if kind[0] not in _STOPPED and _HAS_WORD.search(surface):
        parts: tuple[str, ...] = ()
        if len(surface) > 1:
            short = morpheme.split(SplitMode.A)
            parts = tuple(_form(part) for part in short) if len(short) > 1 else ()
        reading = to_katakana(morpheme.reading_form())
        place = kind[0] == "名詞" and kind[2] == "地名"
        word = _Word(_form(morpheme), parts, reading, place, kind[0])
        if len(reading) >= 3 and not place and kind[0] != "接尾辞":
            word = _Word(word.term, parts, reading, place, kind[0], sound_term(reading, with_kana=has_kana(surface)))
    if len(_words) > _MOST_WORDS:
        _words.clear()
    _words[number] = word
    return word


@lru_cache(maxsize=50_000)
def _latin_word(text: str) -> _Word | None:
    lower = _OWNED.sub("", text.lower())
    if _DECIMAL.fullmatch(lower):
        return _Word(lower, (), lower, False, "名詞")
    pieces = _JOINTS.split(lower)
    if len(pieces) == 1:
        return _Word(stem(lower), (), lower, False, "名詞", lower if len(lower) > 3 and lower.isalpha() else "")
    whole = "".join(pieces)
    return _Word(whole, tuple(stem(piece) for piece in pieces), whole, False, "名詞")


@dataclass(frozen=True, slots=True)
class Indexed:
    """One text as the index keeps it: words joined by spaces, short units in order, then long units; readings.

    `reading` is how the whole text is read.
    """

    words: str
    readings: tuple[str, ...]
    reading: str = ""


def indexed(text: str) -> Indexed:
    """Return the words and readings of one text; short units stand first, so that phrases of them can be found."""
    return _indexed_before(text) if len(text) <= _SHORT else _indexed(text)


def _indexed(text: str) -> Indexed:
    short: list[str] = []
    long: list[str] = []
    sounds: list[str] = []
    folded = fold(text)
    words = _words_in(folded)
    for word in words:
        if word.parts:
            short.extend(word.parts)
            long.append(word.term)
        else:
            short.append(word.term)
        if word.sound:
            sounds.append(word.sound)
    return Indexed(" ".join((*short, *long)), tuple(dict.fromkeys(sounds)), _read(folded, words))


_indexed_before = lru_cache(maxsize=60_000)(_indexed)
_SENTENCE = re.compile(r"(?<=[。！？\n])")


def indexed_sentences(text: str) -> list[str]:
    """Return the words of a longer text, sentence by sentence: what one publisher writes under every dataset is read once."""
    return [found.words for sentence in _SENTENCE.split(text) if (found := indexed(sentence)).words]


@lru_cache(maxsize=20_000)
def indexed_list(texts: tuple[str, ...]) -> Indexed:
    """Return the words and readings of texts that often come together, such as the columns of one kind of table."""
    found = [indexed(text) for text in texts]
    readings = dict.fromkeys(sound for one in found for sound in one.readings)
    return Indexed(f" {GAP} ".join(one.words for one in found), tuple(readings))


@lru_cache(maxsize=20_000)
def indexed_list_pairs(texts: tuple[str, ...]) -> str:
    """Return the pairs of characters of texts that often come together."""
    return f" {GAP} ".join(indexed_pairs(text) for text in texts)


def is_telling_reading(token: Token) -> bool:
    """Say whether a word may be found by its sound: long enough, Japanese, and no place name."""
    return len(token.reading) >= 3 and not token.place and token.kind != "接尾辞" and not token.surface.isascii()


def sound_term(reading: str, *, with_kana: bool) -> str:
    """Return a reading as the index keeps it: words in kanji alone are kept apart, so that 人工 does not find 人口."""
    return reading if with_kana else f"漢{reading}"


@lru_cache(maxsize=60_000)
def indexed_pairs(text: str) -> str:
    """Return, for the index, the pairs of neighbouring characters of a text; Latin and digits stay whole."""
    return " ".join(pairs(text))


def pairs(text: str) -> list[str]:
    """Return the pairs of characters of one text in order, kana as katakana."""
    found: list[str] = []
    for run in _RUN.findall(to_katakana(fold(text)).replace("-", "")):
        if run[0].isascii() or len(run) == 1:
            found.append(run)
        else:
            found.extend(map("".join, itertools.pairwise(run)))
    return found


def readings(text: str) -> list[str]:
    """Return how each short word of a text is read, in katakana; Latin words and numbers as they are written."""
    from sudachipy import SplitMode

    return [
        folded if (folded := morpheme.surface()).isascii() else to_katakana(morpheme.reading_form())
        for morpheme in _tokenizer().tokenize(fold(text)[:200], SplitMode.A)
        if _HAS_WORD.search(morpheme.surface())
    ]


def short_words(token: Token) -> list[tuple[str, str]]:
    """Return the short units of a word, each in its one form and as it stands in the text."""
    if not token.parts:
        return []
    if token.surface.isascii():
        return [(stem(piece.lower()), piece) for piece in _JOINTS.split(token.surface) if piece]
    from sudachipy import SplitMode

    return [(_form(unit), unit.surface()) for unit in _tokenizer().tokenize(token.surface, SplitMode.A)]


@lru_cache(maxsize=20_000)
def reading_of(text: str) -> str:
    """Return how a text is read, in katakana; for sorting in the order of the fifty sounds."""
    if len(text) <= _SHORT:
        return indexed(text).reading
    folded = fold(text[:_SHORT])
    return _read(folded, _words_in(folded))


def _read(folded: str, words: Iterable[_Word]) -> str:
    return "".join(_LATIN.findall(folded)) if folded.isascii() else "".join(word.reading for word in words)


def has_kana(text: str) -> bool:
    """Say whether a text holds a kana."""
    return _KANA.search(text) is not None


def _form(morpheme: Morpheme) -> str:
    return to_katakana(morpheme.normalized_form().lower().replace(" ", "").replace("-", ""))


def _pieces(text: str) -> Iterable[tuple[int, str]]:
    """Sudachi takes at most 49,149 bytes at once; longer texts are cut at line ends or, failing that, anywhere."""
    if len(text) <= _MAX_BYTES // 4 or len(text.encode()) <= _MAX_BYTES:
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
