"""Words of the first results widen a query of many words: what they share is likely what is meant.

A relevance model after Lavrenko and Croft (SIGIR 2001), mixed with the query itself: it adds to the rank of what fits,
and finds what says the same in other words.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import tantivy

from tdpf.controlplane.catalog.search.analyzer import indexed, indexed_sentences
from tdpf.controlplane.catalog.search.parsing import ParsedQuery
from tdpf.controlplane.catalog.search.schema import build_schema

READ_FIRST = 8
_ADDED = 20
_WEIGHT = 0.12
_SMOOTHED = 30
_LEAST, _MOST_SHARE = 2, 0.2


def expanded(
    searcher: tantivy.Searcher,
    query: tantivy.Query,
    parsed: ParsedQuery,
    first: Sequence[tuple[float, Mapping[str, Any]]],
) -> tantivy.Query:
    """Return the query with the telling words of its first results, each with its score and card."""
    total = sum(score for score, _ in first)
    if total <= 0:
        return query
    share: defaultdict[str, float] = defaultdict(float)
    for score, found in first:
        words = _words(" ".join(found["title"]), "\n".join(found["description"]))
        length = sum(words.values()) + _SMOOTHED
        for word, count in words.items():
            share[word] += score / total * count / length
    asked = {term for unit in parsed.units for token in unit.tokens for term in (token.term, *token.parts)}
    number = searcher.num_docs
    telling: list[tuple[float, str]] = []
    for word, weight in share.items():
        if word in asked or (len(word) < 2 and word.isascii()):
            continue
        often = searcher.doc_freq("all_m", word)
        if _LEAST <= often <= number * _MOST_SHARE:
            telling.append((weight * math.log(number / often), word))
    if not telling:
        return query
    telling.sort(reverse=True)
    most = telling[0][0]
    added = [
        (
            tantivy.Occur.Should,
            tantivy.Query.boost_query(tantivy.Query.term_query(build_schema(), "all_m", word), _WEIGHT * weight / most),
        )
        for weight, word in telling[:_ADDED]
    ]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query), *added])


@lru_cache(maxsize=2_000)
def _words(title: str, description: str) -> Counter[str]:
    words = indexed(title).words.split()
    for sentence in indexed_sentences(description):
        words.extend(sentence.split())
    return Counter(words)
