"""How a run of Latin words is read in a library that is Japanese: by what is known of them and by what the library has.

A place is also looked for by its Japanese name. What the platform's own tables do not know is looked up in the dictionary,
several words before one, in English and then as Japanese in Latin letters; only words that some dataset has are taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tdpf.controlplane.catalog.romanising import kana_ways
from tdpf.controlplane.catalog.search import lexicon
from tdpf.controlplane.catalog.search.analyzer import Token, analyze
from tdpf.controlplane.catalog.search.folding import fold
from tdpf.controlplane.catalog.search.parsing import Unit, is_weak_term, units_by_table
from tdpf.controlplane.catalog.search.synonyms import Synonyms
from tdpf.controlplane.catalog.vocabularies.areas import area_label

_PIECE = re.compile(r"[a-z0-9]+")
_MOST = 4
_FEW = 2
_LEAST_LETTERS = 3
_RARER = 4
Words = tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Library:
    """What is asked of the library: in how many datasets a word stands, and whether one has words in a row or a word read so."""

    frequency: Callable[[str], int]
    has: Callable[[Words], bool]
    is_heard: Callable[[str], bool]


def read_latin(chunk: str, known: Synonyms, library: Library) -> tuple[Unit, ...]:
    """Return the units of Latin words, each with the Japanese words by which the library answers it."""
    before = units_by_table(chunk, known)
    made: list[Unit] = []
    at = 0
    while at < len(before):
        taken, unit = _several(before[at:], library)
        made.extend((unit,) if unit is not None else _alone(before[at], known, library))
        at += taken
    return tuple(made)


def _alone(unit: Unit, known: Synonyms, library: Library) -> Sequence[Unit]:
    """One unit of the tables; a term that nothing here answers is read word by word (tax revenue, where there are only taxes)."""
    read = _one(unit, known, library)
    ways = (read.tokens, *read.others, *read.kin, *read.abroad)
    pieces = [piece for token in unit.tokens for piece in _PIECE.findall(token.surface)]
    if len(pieces) == 1 or read.heard or read.places or any(map(library.has, ways)):
        return (read,)
    return [_one(word, known, library) for piece in pieces for word in units_by_table(piece, known)]


def _several(units: Sequence[Unit], library: Library) -> tuple[int, Unit | None]:
    """Several words that mean one thing (fire extinguisher), or are one word in Latin letters (kokyo shisetsu)."""
    length = next((at for at, unit in enumerate(units) if unit.places or unit.phrase), len(units))
    for many in range(min(length, lexicon.LONGEST), 1, -1):
        run = units[:many]
        tokens = tuple(token for unit in run for token in unit.tokens)
        if is_weak_term(tokens[-1].term) and is_weak_term(tokens[0].term):
            continue
        text = " ".join(unit.text for unit in run)
        words, spelt = _meant(tokens, library), False
        if not words and not any(unit.others or unit.kin or _often(unit.tokens, library) for unit in run):
            words, spelt = _spelt("".join(token.reading for token in tokens), library), True
        if words:
            return many, Unit(text, tokens, abroad=words, heard=_written(words[0]) if spelt else "")
    return 1, None


def _one(unit: Unit, known: Synonyms, library: Library) -> Unit:
    if unit.places:
        return _place(unit, library)
    if unit.heard:
        return unit if _often(unit.tokens, library) else _as_in_japanese(unit, unit.others[:1], known)
    if unit.phrase or unit.weak:
        return unit
    across = known.across.get(_terms(unit.tokens), ())
    if any(map(library.has, (*unit.others, *across))):
        return unit
    # What means the same in English may be known in Japanese.
    further = [words for other in unit.others for words in known.across.get(_terms(other), ()) if library.has(words)]
    words = tuple({_terms(words): words for words in reversed((*_meant(unit.tokens, library), *further))}.values())[
        ::-1
    ]
    if words:
        return replace(unit, abroad=words[:_MOST])
    letters = "".join(token.reading for token in unit.tokens)
    if _often(unit.tokens, library) or not letters.isalpha() or len(letters) < _LEAST_LETTERS:
        return unit
    words = _spelt(letters, library) or _spelt(letters, library, compound=True)
    if words:
        return _as_in_japanese(unit, words, known)
    sound = next(filter(library.is_heard, kana_ways(letters)), "")
    return Unit(sound, analyze(sound), sound=sound, heard=sound) if sound else unit


def _as_in_japanese(unit: Unit, words: Sequence[Words], known: Synonyms) -> Unit:
    """Return a word in Latin letters as if it had been typed in Japanese."""
    meant = _written(words[0])
    read = units_by_table(meant, known)
    if len(read) > 1:
        return replace(unit, abroad=tuple(words[:_MOST]), heard=meant)
    return replace(read[0], text=unit.text, abroad=tuple(words[1:_MOST]), sound="", heard=meant)


def _place(unit: Unit, library: Library) -> Unit:
    """A place is written in Japanese in a Japanese library: there its Latin name is a rare word that tells nothing more."""
    names = tuple(analyze(fold(area_label(code).ja)) for code in unit.places[:_FEW])
    if max((_often(name, library) for name in names), default=0) < _RARER * _often(unit.tokens, library):
        return replace(unit, others=(*unit.others, *names))
    return replace(unit, tokens=names[0], others=names[1:])


def _meant(tokens: Words, library: Library) -> tuple[Words, ...]:
    typed = [word for token in tokens for word in _PIECE.findall(token.surface)]
    if not 0 < len(typed) <= lexicon.LONGEST:
        return ()
    return next(filter(None, (_there(words, library) for words in lexicon.meanings(typed))), ())


def _spelt(letters: str, library: Library, *, compound: bool = False) -> tuple[Words, ...]:
    """Words of the same sound: those that are rare in this library beside another are not what was meant."""
    found = _compound(letters, library) if compound else _there(lexicon.spelling(letters), library)
    often = {word: _often(word, library) for word in found}
    most = max(often.values(), default=0)
    usual = [word for word in found if 8 * often[word] >= most]
    strong = [word for word in usual if not _is_weak(word)]
    return tuple(sorted(strong or usual, key=lambda word: -often[word]))


def _compound(letters: str, library: Library) -> tuple[Words, ...]:
    """Two words written as one, of which some dataset has the compound (keirokan: 敬老館)."""
    for at in range(len(letters) - 2, _LEAST_LETTERS - 1, -1):
        for first in lexicon.spelling(letters[:at]):
            whole = [first + second for second in lexicon.spelling(letters[at:])] if first else []
            if whole and library.has(analyze(fold(first))) and (found := _there(whole, library)):
                return found
    return ()


def _terms(words: Words) -> tuple[str, ...]:
    return tuple(token.term for token in words)


def _is_weak(words: Words) -> bool:
    return all(is_weak_term(token.term) for token in words)


def _there(words: Sequence[str], library: Library) -> tuple[Words, ...]:
    found: dict[tuple[str, ...], Words] = {}
    for word in words:
        tokens = analyze(fold(word))
        if tokens and len(found) < _MOST and library.has(tokens):
            found.setdefault(_terms(tokens), tokens)
    return tuple(found.values())


def _often(word: Words, library: Library) -> int:
    return min(
        max(library.frequency(token.term), min(map(library.frequency, token.parts), default=0)) for token in word
    )


def _written(tokens: Words) -> str:
    return "".join(token.surface for token in tokens)
