"""From units to a Tantivy query.

A word counts in the title, in all texts and in the names of columns; the better of word, pairs of characters, synonyms
and sound decides. Words that stand next to each other as they were typed add to the rank.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import tantivy

from tdpf.controlplane.catalog.search.analyzer import Token, has_kana, is_telling_reading, pairs, sound_term
from tdpf.controlplane.catalog.search.folding import fold
from tdpf.controlplane.catalog.search.narrowing import any_of
from tdpf.controlplane.catalog.search.parsing import ParsedQuery, Unit, is_weak_term

Q = tantivy.Query
Clause = tuple[tantivy.Occur, tantivy.Query]
SHOULD, MUST, MUST_NOT = tantivy.Occur.Should, tantivy.Occur.Must, tantivy.Occur.MustNot


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each way of being found counts; found by trying on judged queries (docs/reference/search-figures.md)."""

    title: float = 0.8
    everything: float = 1.0
    columns: float = 0.8
    pairs: float = 0.35
    synonym: float = 0.5
    kin: float = 0.35
    abroad: float = 0.6
    later: float = 0.8
    reading: float = 0.8
    place: float = 6.0
    weak: float = 0.3
    near: float = 0.3
    met: float = 1.0
    tie: float = 0.3
    exact: float = 100.0


WEIGHTS = Weights()
Frequency = Callable[[str], int]
"""In how many datasets a word stands."""
COMMON = 2_000
"""A word that stands in more datasets needs no net of parts, pairs, distant synonyms and sounds; small libraries have none."""

_BEGUN = 6
"""A Latin word of so many letters is told by its beginning, one letter of which may differ (midwives, midwifery)."""


def _nowhere(word: str) -> int:  # noqa: ARG001 - the signature of Frequency
    return 0


@dataclass(frozen=True, slots=True)
class Wording:
    """The queries of what was typed, made once for all tries: one for each strong unit, what adds to the rank, the whole text."""

    strong: tuple[tantivy.Query, ...]
    added: tuple[tantivy.Query, ...]
    named: tuple[tantivy.Query, ...]
    exact: tantivy.Query


def worded(
    schema: tantivy.Schema,
    parsed: ParsedQuery,
    weights: Weights = WEIGHTS,
    frequency: Frequency = _nowhere,
    known: Callable[[Unit], tantivy.Query] | None = None,
) -> Wording:
    """Return the queries of what was typed. Without `frequency` every way of being found is tried, whatever it costs.

    `known` gives the queries of units that are at hand.
    """
    added = [
        Q.boost_query(query, weights.weak)
        for unit in parsed.weak
        for words in (unit.abroad or (unit.tokens,))
        for query in _by_text(schema, words, weights, phrase=False)
    ]
    return Wording(
        strong=tuple(
            known(unit) if known is not None else unit_query(schema, unit, weights, frequency) for unit in parsed.strong
        ),
        added=(*added, *_neighbours(schema, parsed.units, weights)),
        # Of what lacks a word, the place that was named is missed most: another town's year is no answer.
        named=tuple(
            Q.const_score_query(any_of(schema, "area", unit.places), weights.place)
            for unit in parsed.strong
            if unit.places
        ),
        exact=Q.const_score_query(exactly(schema, parsed.text), weights.exact),
    )


def build_query(
    schema: tantivy.Schema,
    parsed: ParsedQuery,
    *,
    at_least: int | None,
    weights: Weights = WEIGHTS,
    frequency: Frequency = _nowhere,
    wording: Wording | None = None,
) -> tantivy.Query:
    """Return the query for the words; `at_least` of the strong units must match, None means all, 0 any unit at all.

    `wording` are the words' queries where they are at hand.
    """
    if not parsed.units and not parsed.excluded:
        return Q.all_query()
    clauses: list[Clause] = []
    if parsed.units:
        made = wording or worded(schema, parsed, weights, frequency)
        clauses.append((MUST, Q.boolean_query([(SHOULD, _wanted(made, at_least, weights)), (SHOULD, made.exact)])))
    else:
        clauses.append((MUST, Q.all_query()))
    clauses.extend((MUST_NOT, unit_query(schema, unit, weights, frequency)) for unit in parsed.excluded)
    return clauses[0][1] if len(clauses) == 1 else Q.boolean_query(clauses)


def exactly(schema: tantivy.Schema, text: str) -> tantivy.Query:
    """Return a query for the dataset whose title, slug or uid the whole text is."""
    whole = fold(text)[:500]
    named = Q.term_query(schema, "exact", whole, "basic")
    if not whole.isascii() or " " in whole:
        return named
    return Q.boolean_query([(SHOULD, named), (SHOULD, Q.term_query(schema, "uid", whole, "basic"))])


def build_loose(schema: tantivy.Schema, parsed: ParsedQuery) -> tantivy.Query | None:
    """Return a query for what shares parts of the words, for when nothing else is found; None when there are no parts.

    Half of the pairs of characters of a longer Japanese word, or a Latin word of a title one or two letters away.
    What was put in quotes is left whole.
    """
    choices: list[tantivy.Query] = []
    for unit in parsed.strong:
        if unit.is_place or unit.phrase:
            continue
        gram = [] if unit.text.isascii() else pairs(unit.text)
        if len(gram) > 1:
            shared = [(SHOULD, Q.term_query(schema, "pairs", pair)) for pair in dict.fromkeys(gram)]
            choices.append(Q.boolean_query(shared, -(-len(shared) // 2)))
        choices.extend(
            Q.fuzzy_term_query(schema, "title_m", token.term, 2 if len(token.term) > 6 else 1)
            for token in unit.tokens
            if token.term.isascii() and len(token.term) > 3 and not token.term.isdecimal()
        )
    return Q.boolean_query([(SHOULD, query) for query in choices]) if choices else None


def build_looser(schema: tantivy.Schema, parsed: ParsedQuery) -> tantivy.Query | None:
    """Return a query for what shares a part of a word, for when not even half of its characters are found.

    A short unit of a compound, the last one first since it says what the thing is (卸売市場 is a 市場), how a long Latin
    word of a title begins, or a word of a synonym.
    """
    choices: list[tantivy.Query] = []
    for unit in parsed.strong:
        if unit.is_place or unit.phrase:
            continue
        for token in unit.tokens:
            telling = [part for part in token.parts if len(part) > 1 and not is_weak_term(part)]
            choices.extend(
                Q.boost_query(Q.term_query(schema, "all_m", part), 2.0 if part == token.parts[-1] else 1.0)
                for part in telling
            )
            if token.term.isascii() and token.term.isalpha() and len(token.term) >= _BEGUN:
                choices.append(Q.fuzzy_term_query(schema, "title_m", token.term, 1, True, True))
        others = dict.fromkeys(token.term for other in unit.others for token in other if not is_weak_term(token.term))
        choices.extend(Q.boost_query(Q.term_query(schema, "title_m", term), 0.5) for term in others if len(term) > 1)
    return Q.boolean_query([(SHOULD, query) for query in choices]) if choices else None


def build_matching(
    schema: tantivy.Schema, parsed: ParsedQuery, *, at_least: int | None, frequency: Frequency = _nowhere
) -> tantivy.Query:
    """Return a query for exactly the datasets that `build_query` finds, without ranking them: for counting."""
    if not parsed.units and not parsed.excluded:
        return Q.all_query()
    clauses: list[Clause] = [(MUST_NOT, _matching_unit(schema, unit, frequency)) for unit in parsed.excluded]
    if parsed.units:
        strong = [_matching_unit(schema, unit, frequency) for unit in parsed.strong]
        if at_least is None or at_least >= len(strong):
            words = Q.boolean_query([(MUST, query) for query in strong]) if len(strong) > 1 else strong[0]
        else:
            words = Q.boolean_query([(SHOULD, query) for query in strong], max(at_least, 1))
        clauses.append((MUST, Q.boolean_query([(SHOULD, words), (SHOULD, exactly(schema, parsed.text))])))
    else:
        clauses.append((MUST, Q.all_query()))
    return Q.boolean_query(clauses)


def _matching_unit(schema: tantivy.Schema, unit: Unit, frequency: Frequency) -> tantivy.Query:
    """Single words of one field are looked up together: what they find needs no longer way; what is in a title is in all texts too."""
    own = _whole(unit.tokens, frequency)
    others = _present(unit.others, frequency)
    whole = [(own, unit.phrase), *((_whole(other, frequency, synonym=True), False) for other in others)]
    choices: list[tantivy.Query] = []
    if not (len(unit.tokens) == 1 and frequency(unit.tokens[0].term) > COMMON):
        gram = _gram_terms(unit)
        if gram:
            choices.append(_in_a_row(schema, "pairs", gram))
        whole.extend((other, False) for other in (*_present(unit.kin, frequency), *unit.abroad))
        choices.extend(_sounds(schema, unit))
    words = [tokens[0] for tokens, _ in whole if len(tokens) == 1]
    single = [word.term for word in words]
    choices.extend(_in_a_row(schema, "all_m", list(word.parts)) for word in words if word.parts)
    for at, (tokens, phrase) in enumerate(whole):
        if len(tokens) == 1 or any(not token.parts and token.term in single for token in tokens):
            continue
        choices.append(_sequence(schema, "title_m", tokens, phrase=phrase))
        if not 0 < at <= len(others) or min(map(frequency, _parts(tokens))) <= COMMON:
            choices.append(_sequence(schema, "all_m", tokens, phrase=phrase))
    if single:
        choices.append(any_of(schema, "all_m", single))
    choices.append(_sequence(schema, "columns_m", own, phrase=unit.phrase))
    if unit.places:
        choices.append(any_of(schema, "area", unit.places))
    return Q.boolean_query([(SHOULD, query) for query in choices])


def _wanted(made: Wording, at_least: int | None, weights: Weights) -> tantivy.Query:
    if at_least == 0:
        met = [_met(query, weights) for query in made.strong]
        return Q.boolean_query([(SHOULD, query) for query in (*met, *made.added)])
    if at_least is None or at_least >= len(made.strong):
        needed = made.strong[0] if len(made.strong) == 1 else Q.boolean_query([(MUST, query) for query in made.strong])
        return _raised(needed, made.added)
    needed = Q.boolean_query([(SHOULD, query) for query in made.strong], at_least)
    return _raised(needed, (*made.named, *made.added))


def _raised(query: tantivy.Query, added: Iterable[tantivy.Query]) -> tantivy.Query:
    """Return a query that finds the same and ranks higher what further queries find.

    One inside the other, since Tantivy looks a single optional clause up for what was found, and reads several through.
    """
    for each in added:
        query = Q.boolean_query([(MUST, query), (SHOULD, each)])
    return query


def _met(query: tantivy.Query, weights: Weights) -> tantivy.Query:
    """Every word that is there at all counts, so that many words once stand before one word often."""
    return Q.boolean_query([(SHOULD, query), (SHOULD, Q.const_score_query(query, weights.met))])


def unit_query(
    schema: tantivy.Schema, unit: Unit, weights: Weights = WEIGHTS, frequency: Frequency = _nowhere
) -> tantivy.Query:
    """Return the query for one unit: the best of the ways in which it may be found."""
    choices = [query for _, query in unit_ways(schema, unit, weights, frequency)]
    return choices[0] if len(choices) == 1 else Q.disjunction_max_query(choices, weights.tie)


def unit_ways(
    schema: tantivy.Schema, unit: Unit, weights: Weights = WEIGHTS, frequency: Frequency = _nowhere
) -> Iterable[tuple[str, tantivy.Query]]:
    """Yield the ways in which a unit may be found, named: words, columns, place, synonyms, pairs, kin, dictionary, reading."""
    own = _whole(unit.tokens, frequency)
    yield "words", _in_texts(schema, own, weights, phrase=unit.phrase)
    yield "columns", Q.boost_query(_sequence(schema, "columns_m", own, phrase=unit.phrase), weights.columns)
    if unit.places:
        inside = any_of(schema, "area", unit.places)
        yield "place", Q.const_score_query(inside, weights.place)
    for found in _present(unit.others, frequency):
        other = _whole(found, frequency, synonym=True)
        short = len(other) == 1 or min(map(frequency, _parts(other))) <= COMMON
        yield (
            "synonyms",
            Q.boost_query(_in_texts(schema, other, weights, phrase=False, all_texts=short), weights.synonym),
        )
    if len(unit.tokens) == 1 and frequency(unit.tokens[0].term) > COMMON:
        return
    gram = _gram_terms(unit)
    if gram:
        yield "pairs", Q.boost_query(_in_a_row(schema, "pairs", gram), weights.pairs)
    # What is also told in another language says nothing more: of these ways one counts.
    kin = [_in_texts(schema, other, weights, phrase=False) for other in _present(unit.kin, frequency)]
    if kin:
        yield "kin", Q.boost_query(kin[0] if len(kin) == 1 else Q.disjunction_max_query(kin), weights.kin)
    # The dictionary's first word is what is mostly meant.
    abroad = [
        Q.boost_query(_in_texts(schema, other, weights, phrase=False), weights.abroad * weights.later**place)
        for place, other in enumerate(unit.abroad)
    ]
    if abroad:
        yield "dictionary", abroad[0] if len(abroad) == 1 else Q.disjunction_max_query(abroad)
    for query in _sounds(schema, unit):
        yield "reading", Q.boost_query(query, weights.reading)


def _in_texts(
    schema: tantivy.Schema, tokens: tuple[Token, ...], weights: Weights, *, phrase: bool, all_texts: bool = True
) -> tantivy.Query:
    title, everything = _by_text(schema, tokens, weights, phrase=phrase)
    return Q.boolean_query([(SHOULD, title), (SHOULD, everything)]) if all_texts else title


def _by_text(
    schema: tantivy.Schema, tokens: tuple[Token, ...], weights: Weights, *, phrase: bool
) -> tuple[tantivy.Query, tantivy.Query]:
    return (
        Q.boost_query(_sequence(schema, "title_m", tokens, phrase=phrase), weights.title),
        Q.boost_query(_sequence(schema, "all_m", tokens, phrase=phrase), weights.everything),
    )


def _whole(tokens: tuple[Token, ...], frequency: Frequency, *, synonym: bool = False) -> tuple[Token, ...]:
    """A long word that stands in many datasets is not looked for by its parts, nor a synonym all parts of which do."""
    if len(tokens) > 1 or not tokens[0].parts:
        return tokens
    known = frequency(tokens[0].term) > COMMON or (synonym and min(map(frequency, tokens[0].parts)) > COMMON)
    return (replace(tokens[0], parts=()),) if known else tokens


def _present(others: Iterable[tuple[Token, ...]], frequency: Frequency) -> list[tuple[Token, ...]]:
    """Return the words that some dataset may have, so that the rest costs no search; all where nothing is known."""
    if frequency is _nowhere:
        return list(others)
    return [
        other
        for other in others
        if all(frequency(token.term) or (token.parts and all(map(frequency, token.parts))) for token in other)
    ]


def _parts(tokens: tuple[Token, ...]) -> list[str]:
    return [part for token in tokens for part in (token.parts or (token.term,))]


def _sequence(schema: tantivy.Schema, field: str, tokens: tuple[Token, ...], *, phrase: bool) -> tantivy.Query:
    """Words of one unit: all of them in the field; in a row when a phrase was asked for."""
    if len(tokens) == 1:
        return _word(schema, field, tokens[0])
    parts = _parts(tokens)
    if phrase:
        return _in_a_row(schema, field, parts)
    if field == "title_m":
        return Q.boolean_query([(MUST, _word(schema, field, token)) for token in tokens])
    return _in_a_row(schema, field, parts, slop=3)


def _word(schema: tantivy.Schema, field: str, token: Token) -> tantivy.Query:
    whole = Q.term_query(schema, field, token.term)
    if not token.parts:
        return whole
    return Q.disjunction_max_query([whole, Q.boost_query(_in_a_row(schema, field, list(token.parts)), 0.9)])


def _in_a_row(schema: tantivy.Schema, field: str, terms: list[str], *, slop: int = 0) -> tantivy.Query:
    if len(terms) == 1:
        return Q.term_query(schema, field, terms[0])
    return Q.phrase_query(schema, field, list(terms), slop)


def _neighbours(schema: tantivy.Schema, units: tuple[Unit, ...], weights: Weights) -> list[tantivy.Query]:
    """Two units that were typed side by side and stand so in a text."""
    made: list[tantivy.Query] = []
    for left, right in itertools.pairwise(units):
        if left.weak or right.weak or left.places or right.places:
            continue
        for first, second in itertools.product(_in_own_language(left), _in_own_language(right)):
            terms = _parts((*first, *second))
            if 2 <= len(terms) <= 6:
                made.append(Q.boost_query(Q.phrase_query(schema, "all_m", list(terms), 2), weights.near))
    return made


def _in_own_language(unit: Unit) -> tuple[tuple[Token, ...], ...]:
    """The words of a unit as the library may have them beside others: what was typed, or what the dictionary says for it."""
    return unit.abroad[:2] or (unit.tokens,)


def _gram_terms(unit: Unit) -> list[str]:
    """The unit as neighbouring pairs: finds it inside longer words, in kana, in names; not for places and verbs."""
    if unit.is_place or unit.weak or unit.text.isascii() or len(unit.text) < 2:
        return []
    if not unit.sound and len(unit.tokens) == 1 and unit.tokens[0].kind == "動詞":
        return []
    return pairs(unit.text)


def _sounds(schema: tantivy.Schema, unit: Unit) -> Iterable[tantivy.Query]:
    if not unit.sound or unit.is_place or unit.weak or unit.text.isascii():
        return
    if len(unit.tokens) > 1 or unit.tokens[0].reading != unit.sound or is_telling_reading(unit.tokens[0]):
        kinds = (True, False) if has_kana(unit.text) else (True,)
        for with_kana in kinds:
            term = sound_term(unit.sound, with_kana=with_kana)
            yield Q.term_query(schema, "readings", term, "freq")
