"""From units to a Tantivy query."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import tantivy

from tdpf.controlplane.catalog.search.analyzer import Token, has_kana, is_telling_reading, pairs, sound_term
from tdpf.controlplane.catalog.search.folding import fold
from tdpf.controlplane.catalog.search.parsing import ParsedQuery, Unit
from tdpf.controlplane.catalog.search.types import SearchFilters

Q = tantivy.Query
Clause = tuple[tantivy.Occur, tantivy.Query]
_BOOST = {"title": 4.0, "keywords": 3.0, "columns": 2.0, "publisher": 1.5, "description": 1.0}
_PAIRS = 0.3
_SYNONYM = 0.5
_READING = 0.8
_PLACE = 6.0
_TIE = 0.15

FILTER_FIELDS = {
    "themes": "theme",
    "areas": "area",
    "formats": "format",
    "access": "access",
    "providers": "provider",
    "licences": "licence",
    "frequencies": "frequency",
}


def build_query(schema: tantivy.Schema, parsed: ParsedQuery, *, at_least: int | None) -> tantivy.Query:
    """Return the query for the words; `at_least` of the strong units must match, None means all."""
    if not parsed.units and not parsed.excluded:
        return Q.all_query()
    words: list[Clause] = []
    strong = [_unit(schema, unit) for unit in parsed.strong]
    if at_least is None or at_least >= len(strong):
        words.extend((tantivy.Occur.Must, query) for query in strong)
    else:
        some = Q.boolean_query([(tantivy.Occur.Should, query) for query in strong], at_least)
        words.append((tantivy.Occur.Must, some))
    words.extend((tantivy.Occur.Should, Q.boost_query(_unit(schema, unit), 0.2)) for unit in parsed.weak)
    whole = fold(parsed.text)[:500]
    wanted = Q.boolean_query(
        [
            (tantivy.Occur.Should, Q.boolean_query(words) if words else Q.all_query()),
            (tantivy.Occur.Should, Q.const_score_query(Q.term_query(schema, "exact", whole, "basic"), 100.0)),
        ]
    )
    clauses: list[Clause] = [(tantivy.Occur.Must, wanted)]
    clauses.extend((tantivy.Occur.MustNot, _unit(schema, unit)) for unit in parsed.excluded)
    return Q.boolean_query(clauses)


def build_filters(schema: tantivy.Schema, filters: SearchFilters, *, without: str = "") -> list[tantivy.Query]:
    """Return one query per filter that is set; `without` leaves one out, for the counts of its own facet."""
    made = [
        Q.term_set_query(schema, field, list(values))
        for name, field in FILTER_FIELDS.items()
        if name != without and (values := getattr(filters, name))
    ]
    if filters.located is not None and without != "located":
        made.append(Q.term_query(schema, "located", "yes" if filters.located else "no", "basic"))
    return made


def narrowed(query: tantivy.Query, filters: list[tantivy.Query]) -> tantivy.Query:
    """Return the query with filters, which do not change the rank."""
    if not filters:
        return query
    clauses = [(tantivy.Occur.Must, query)]
    clauses.extend((tantivy.Occur.Must, Q.const_score_query(each, 0.0)) for each in filters)
    return Q.boolean_query(clauses)


@cache
def _stemmer() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def stemmed(text: str) -> list[str]:
    """Return English words as the index keeps them."""
    return list(_stemmer().analyze(text))


def _unit(schema: tantivy.Schema, unit: Unit) -> tantivy.Query:
    choices: list[tantivy.Query] = []
    gram = _gram_terms(unit)
    for name, boost in _BOOST.items():
        choices.append(Q.boost_query(_sequence(schema, f"{name}_m", unit.tokens, phrase=unit.phrase), boost))
        if gram:
            choices.append(Q.boost_query(_in_a_row(schema, f"{name}_g", gram), boost * _PAIRS))
        for other in unit.others:
            weight = boost * _SYNONYM
            choices.append(Q.boost_query(_sequence(schema, f"{name}_m", other, phrase=False), weight))
    choices.extend(_sounds(schema, unit))
    choices.extend(_english(schema, unit))
    if unit.places:
        choices.append(Q.const_score_query(Q.term_set_query(schema, "area", list(unit.places)), _PLACE))
    return Q.disjunction_max_query(choices, _TIE)


def _sequence(schema: tantivy.Schema, field: str, tokens: tuple[Token, ...], *, phrase: bool) -> tantivy.Query:
    """Words of one unit: all of them in the field; in a row when a phrase was asked for."""
    if phrase:
        parts = [part for token in tokens for part in (token.parts or (token.term,))]
        in_parts = _in_a_row(schema, field, parts)
        if len(tokens) == 1 and tokens[0].parts:
            return Q.disjunction_max_query([in_parts, _word(schema, field, tokens[0])])
        return in_parts
    if len(tokens) == 1:
        return _word(schema, field, tokens[0])
    return Q.boolean_query([(tantivy.Occur.Must, _word(schema, field, token)) for token in tokens])


def _word(schema: tantivy.Schema, field: str, token: Token) -> tantivy.Query:
    whole = Q.term_query(schema, field, token.term)
    if not token.parts:
        return whole
    return Q.disjunction_max_query([whole, Q.boost_query(_in_a_row(schema, field, list(token.parts)), 0.9)])


def _in_a_row(schema: tantivy.Schema, field: str, terms: list[str]) -> tantivy.Query:
    if len(terms) == 1:
        return Q.term_query(schema, field, terms[0])
    return Q.phrase_query(schema, field, list(terms))


def _gram_terms(unit: Unit) -> list[str]:
    """The unit as neighbouring pairs: finds it inside longer words, in kana, in names; not for places and verbs."""
    if unit.is_place or unit.weak or unit.text.isascii() or len(unit.text) < 2:
        return []
    if not unit.sound and len(unit.tokens) == 1 and unit.tokens[0].kind == "動詞":
        return []
    return pairs(unit.text)


def _sounds(schema: tantivy.Schema, unit: Unit) -> Iterable[tantivy.Query]:
    if not unit.sound or unit.is_place or unit.weak:
        return
    if len(unit.tokens) > 1 or unit.tokens[0].reading != unit.sound or is_telling_reading(unit.tokens[0]):
        kinds = (True, False) if has_kana(unit.text) else (True,)
        for with_kana in kinds:
            term = sound_term(unit.sound, with_kana=with_kana)
            yield Q.boost_query(Q.term_query(schema, "readings", term, "freq"), _READING)


def _english(schema: tantivy.Schema, unit: Unit) -> Iterable[tantivy.Query]:
    if not unit.text.isascii():
        return
    stems = stemmed(fold(unit.text))
    if stems:
        for field, boost in (("title_e", 4.0), ("text_e", 1.5)):
            yield Q.boost_query(_in_a_row(schema, field, stems), boost)
