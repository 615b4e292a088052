"""From the words a person types to units of search: words, phrases, exclusions, places, synonyms."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tdpf.controlplane.catalog.search.analyzer import Token, analyze, readings
from tdpf.controlplane.catalog.search.folding import fold, to_katakana
from tdpf.controlplane.catalog.search.place_names import codes_of, sounding
from tdpf.controlplane.catalog.search.stemming import stem
from tdpf.controlplane.catalog.search.synonyms import Synonyms, synonyms
from tdpf.controlplane.catalog.search.thesaurus import kin

MAX_QUERY = 300
MAX_UNITS = 16
_CHUNK = re.compile(r'(-?)"([^"]*)"|(\S+)')
_EVERYTHING = re.compile(r"[*:\s]+")
_LEAST_HEARD = 4
_LEAST_PARTED, _MOST_PARTED, _LONGEST_PIECE = 6, 40, 14
Heard = Callable[[str], bool]
LatinRead = Callable[[str, Synonyms], tuple["Unit", ...]]
_KANA_ONLY = re.compile(r"[\u30a1-\u30faー]+")
_STRONG = frozenset({"名詞", "接尾辞", "接頭辞", "形状詞", "形容詞"})
_WEAK = (
    "場所 所 所在地 位置 一覧 リスト 一覧表 データ データセット 情報 施設 物 事 時 方 人 為 何処 何時 何 誰 どこ いつ なに "
    "どれ 別 等 年 年度 月 日 件数 数 状況 近く 付近 周辺 全て 最新 使える 出来る 有る 為る 居る 成る 探す 知る 調べる 見る 教える 欲しい "
)
_WEAK_ENGLISH = (
    "a about above after all also am an and any are as at be because been before being below between both but by can could "
    "did do does doing down during each few for from further had has have having he her here hers him his how i if in "
    "into is it its just like me more most my no nor not now of off on once only or other our out over own please same "
    "she should so some such than that the their them then there these they this those through to too under until up us "
    "very was we were what when where which while who whom why will with would you your "
    "near nearby around close place places location locations site sites "
    "data dataset datasets database file files list lists information info find show give tell get want need looking "
    "search available statistic statistics record records"
)
_WEAK_TERMS = frozenset(to_katakana(word) for word in _WEAK.split()) | {stem(word) for word in _WEAK_ENGLISH.split()}


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """One thing that a result should have; what was typed alike lately is the same object.

    `tokens` as written; `others` are the platform's synonyms, `kin` those of Sudachi's groups, `abroad` the dictionary's
    words in Japanese; `places` are area codes it may mean; a `weak` unit only adds to the rank. `heard` is the word that it
    is read like (非難所: 避難所).
    """

    text: str
    tokens: tuple[Token, ...]
    others: tuple[tuple[Token, ...], ...] = ()
    kin: tuple[tuple[Token, ...], ...] = ()
    abroad: tuple[tuple[Token, ...], ...] = ()
    places: tuple[str, ...] = ()
    weak: bool = False
    phrase: bool = False
    sound: str = ""
    heard: str = ""

    @property
    def is_place(self) -> bool:
        """Say whether it is a place name, which is never matched inside another word (京都 in 東京都)."""
        return bool(self.places) or all(token.place for token in self.tokens)


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """All units of a query; `excluded` must not be in a result."""

    text: str
    units: tuple[Unit, ...]
    excluded: tuple[Unit, ...]

    @property
    def understood(self) -> bool:
        """Say whether words could be read; nothing typed, or signs that stand for everything, ask for everything."""
        return bool(self.units or self.excluded) or not _EVERYTHING.sub("", self.text)

    @property
    def is_by_ear(self) -> bool:
        """Say whether a word was only found by how it is read."""
        return any(unit.heard for unit in self.units)

    @property
    def meant(self) -> str:
        """The text for a model of sentences: Latin letters as they are written in Japanese, English with the dictionary's word."""
        text = self.text
        for unit in self.units:
            told = unit.heard or (f"{unit.text} {_written(unit.abroad[0])}" if unit.abroad else "")
            if told and unit.text.isascii():
                found = re.search(re.escape(unit.text), text, re.IGNORECASE)
                text = f"{text[: found.start()]}{told}{text[found.end() :]}" if found else text
        return text

    @property
    def strong(self) -> tuple[Unit, ...]:
        """The units that decide; when all are weak, all of them."""
        chosen = tuple(unit for unit in self.units if not unit.weak)
        return chosen or self.units

    @property
    def weak(self) -> tuple[Unit, ...]:
        """The units that only add to the rank."""
        return tuple(unit for unit in self.units if unit.weak) if any(not u.weak for u in self.units) else ()

    @property
    def places(self) -> tuple[str, ...]:
        """The areas that the words name."""
        return tuple(dict.fromkeys(code for unit in self.units for code in unit.places[:1]))


def parse(
    query: str,
    table: Synonyms | None = None,
    *,
    most: int = MAX_UNITS,
    is_heard: Heard | None = None,
    read_latin: LatinRead | None = None,
) -> ParsedQuery:
    """Read a query: words by spaces, "phrases" in quotes, a minus before what must not be there; `most` units at most.

    `is_heard` says whether a dataset has a word that is read so; by it long words in kana are parted (つなみひなんびる).
    `read_latin` reads a run of Latin words by what the datasets have.
    """
    longest = MAX_QUERY * max(1, most // MAX_UNITS)
    asked = query[:longest].strip()
    text = asked.replace("\x00", " ").replace("“", '"').replace("”", '"').replace("　", " ")
    units: list[Unit] = []
    excluded: list[Unit] = []
    known = table if table is not None else synonyms()
    latin: list[str] = []
    in_latin = read_latin or _read_before
    for match in _CHUNK.finditer(text):
        minus, quoted, plain = match[1], match[2], match[3]
        if quoted is None and plain.isascii() and not plain.startswith("-"):
            # Blanks part English words, not English terms: "city hall" is looked up as one.
            latin.append(plain.strip('"'))
            continue
        if latin:
            units.extend(in_latin(" ".join(latin), known))
            latin = []
        if quoted is not None:
            unit = _phrase(quoted)
            if unit is not None:
                (excluded if minus else units).append(unit)
        elif plain.startswith("-") and len(plain) > 1:
            unit = _phrase(plain[1:])
            if unit is not None:
                excluded.append(unit)
        else:
            units.extend(_units(plain.strip('"'), known, is_heard))
    if latin:
        units.extend(in_latin(" ".join(latin), known))
    return ParsedQuery(asked, tuple(units[:most]), tuple(excluded[:most]))


@lru_cache(maxsize=1_000)
def _phrase(text: str) -> Unit | None:
    tokens = analyze(fold(text))
    return Unit(text, tokens, phrase=True) if tokens else None


def _units(chunk: str, known: Synonyms, is_heard: Heard | None = None) -> tuple[Unit, ...]:
    # What is written in kana alone is read by what datasets have, all else by its words and what is known of them.
    if is_heard is not None and _KANA_ONLY.fullmatch(to_katakana(fold(chunk))):
        return _read(chunk, known, is_heard)
    return _read_before(chunk, known)


def _read(chunk: str, known: Synonyms, is_heard: Heard | None = None) -> tuple[Unit, ...]:
    folded = fold(chunk)
    tokens = analyze(folded)
    sound = to_katakana(folded)
    kana = _KANA_ONLY.fullmatch(sound) is not None
    if kana and not _known_length(tokens, 0, known) and (place := _place_by_ear(chunk, folded, sound, known)):
        return place
    if kana and len(tokens) == 1 and not known.knows((tokens[0].term,)) and (heard := known.sounding(sound)):
        return (Unit(chunk, tokens, others=heard, sound=sound, heard=_written(heard[0])),)
    if len(tokens) > 1 or (tokens and tokens[0].surface != folded):
        covered = _known_length(tokens, 0, known)
        if covered < len(tokens) and (heard := known.sounding(sound if kana else "".join(readings(folded)))):
            return (Unit(chunk, tokens, others=heard, sound=sound if kana else "", heard=_written(heard[0])),)
        if kana and is_heard is not None and (pieces := heard_pieces(sound, known, is_heard)):
            return tuple(_heard_unit(folded[begin:end], known, is_heard) for begin, end in pieces)
        whole = kana and len(sound) >= 3 and not covered
        if whole and not any(token.kind == "名詞" and len(token.surface) >= 3 for token in tokens):
            return (Unit(chunk, tokens, sound=sound),)
    units: list[Unit] = []
    at = 0
    while at < len(tokens):
        places, length = _places(tokens, at, folded)
        others: tuple[tuple[Token, ...], ...] = ()
        if not places:
            length = _known_length(tokens, at, known) or 1
            others = tuple(known.of.get(tuple(token.term for token in tokens[at : at + length]), ()))
        taken, spelt = tokens[at : at + length], ""
        if not (places or others) and taken[0].surface.isalpha() and taken[0].surface.isascii():
            others = known.spelt(taken[0].surface)
            spelt = _written(others[0]) if others else ""
        across = () if places else known.across.get(tuple(token.term for token in taken), ())
        weak = not (places or others or across) and all(_is_weak(token) for token in taken)
        reading = taken[0].reading if length == 1 else ""
        text = folded[taken[0].begin : taken[-1].end]
        near = () if places or weak else (*_kin(text, taken, others), *across)
        units.append(Unit(text, taken, others=others, kin=near, places=places, weak=weak, sound=reading, heard=spelt))
        at += length
    return tuple(units)


_read_before = lru_cache(maxsize=4_000)(_read)


def units_by_table(chunk: str, known: Synonyms) -> tuple[Unit, ...]:
    """Return the units of words by what the tables know of them, whatever the library has."""
    return _read_before(chunk, known)


def heard_pieces(sound: str, known: Synonyms, is_heard: Heard) -> list[tuple[int, int]]:
    """Part a reading into as few known words as cover most of it; nothing where it is a word or too little is known."""
    if not _LEAST_PARTED <= len(sound) <= _MOST_PARTED or is_heard(sound):
        return []
    # The best way up to each place: signs covered, less one for each piece.
    best: list[tuple[int, list[tuple[int, int]]]] = [(0, [])]
    for end in range(1, len(sound) + 1):
        choices = [best[end - 1]]
        for begin in range(max(0, end - _LONGEST_PIECE), end - 2):
            piece = sound[begin:end]
            if known.sounding(piece) or is_heard(piece):
                covered, pieces = best[begin]
                choices.append((covered + end - begin - 1, [*pieces, (begin, end)]))
        best.append(max(choices, key=lambda way: way[0]))
    pieces = best[-1][1]
    if sum(end - begin for begin, end in pieces) < 2 * len(sound) // 3:
        return []
    ends = [0, *(at for piece in pieces for at in piece), len(sound)]
    gaps = [(begin, end) for begin, end in zip(ends[::2], ends[1::2], strict=True) if end - begin > 1]
    return sorted([*pieces, *gaps])


def _heard_unit(text: str, known: Synonyms, is_heard: Heard) -> Unit:
    """Return the unit of one piece of a reading; what no dataset has only adds to the rank."""
    tokens, sound = analyze(text), to_katakana(text)
    others = known.sounding(sound)
    meant = _written(others[0]) if others else text
    others = others or tuple(known.of.get(tuple(token.term for token in tokens), ()))
    return Unit(text, tokens, others=others, weak=not others and not is_heard(sound), sound=sound, heard=meant)


def _written(tokens: Sequence[Token]) -> str:
    return "".join(token.surface for token in tokens)


def _place_by_ear(chunk: str, folded: str, sound: str, known: Synonyms) -> tuple[Unit, ...] | None:
    """Read a place that stands in kana alone, and what follows it (いわくにし, みなとくのごみ); None where there is none."""
    for length in range(len(sound), _LEAST_HEARD - 1, -1):
        codes = sounding().get(sound[:length])
        after = folded[length:]
        if not codes or (after and sound[length - 1] not in "クシ" and not after.startswith("の")):
            continue
        rest = after.removeprefix("の")
        place = Unit(chunk[:length], analyze(folded[:length]), places=codes)
        return (place, *(_units(rest, known) if rest else ()))
    return None


def _kin(text: str, taken: Sequence[Token], others: Sequence[tuple[Token, ...]]) -> tuple[tuple[Token, ...], ...]:
    known = {tuple(token.term for token in tokens) for tokens in (taken, *others)}
    found: list[tuple[Token, ...]] = []
    for word in kin(text):
        tokens = analyze(fold(word))
        terms = tuple(token.term for token in tokens)
        if terms and terms not in known:
            known.add(terms)
            found.append(tokens)
    return tuple(found)


def is_weak_term(term: str) -> bool:
    """Say whether a word in its one form tells too little to look for it alone."""
    return term in _WEAK_TERMS


def _is_weak(token: Token) -> bool:
    return is_weak_term(token.term) or token.kind not in _STRONG


def _known_length(tokens: Sequence[Token], at: int, known: Synonyms) -> int:
    for length in range(min(known.longest, len(tokens) - at), 0, -1):
        if known.knows(tuple(token.term for token in tokens[at : at + length])):
            return length
    return 0


def _places(tokens: Sequence[Token], at: int, folded: str) -> tuple[tuple[str, ...], int]:
    for length in range(min(4, len(tokens) - at), 0, -1):
        name = folded[tokens[at].begin : tokens[at + length - 1].end]
        codes = codes_of(name)
        if not codes and len(name) >= _LEAST_HEARD and _KANA_ONLY.fullmatch(sound := to_katakana(name)):
            codes = sounding().get(sound, ())
        if codes:
            return codes, length
    return (), 1
