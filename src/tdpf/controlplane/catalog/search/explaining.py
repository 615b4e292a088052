"""Why a result stands where it does, in words and points: for the operator who tends the synonyms."""

from __future__ import annotations

import orjson
import tantivy

from tdpf.controlplane.catalog.search.building import WEIGHTS, build_query, exactly, unit_query, unit_ways
from tdpf.controlplane.catalog.search.parsing import ParsedQuery, Unit
from tdpf.controlplane.catalog.search.results import card
from tdpf.controlplane.catalog.search.schema import build_schema
from tdpf.controlplane.catalog.search.types import Contribution, Explanation


def explain(searcher: tantivy.Searcher, parsed: ParsedQuery, uid: str) -> Explanation | None:
    """Return what each word of a query adds to one dataset's score; None when the dataset is not in the index."""
    schema = build_schema()
    one = tantivy.Query.term_query(schema, "uid", uid, "basic")
    hits = searcher.search(one, limit=1, count=False).hits
    if not hits:
        return None
    address = hits[0][1]
    contributions: list[Contribution] = []
    missing: list[str] = []
    for unit in parsed.units:
        points = _points(searcher, unit_query(schema, unit), address)
        if points <= 0:
            missing.append(unit.text)
            continue
        weight = WEIGHTS.weak if unit in parsed.weak else 1.0
        contributions.append(Contribution(word=unit.text, way=_way(searcher, unit, address), points=points * weight))
    whole = exactly(schema, parsed.text)
    if _points(searcher, whole, address) > 0:
        contributions.append(Contribution(word=parsed.text, way="exact", points=WEIGHTS.exact))
    score = _points(searcher, build_query(schema, parsed, at_least=0), address)
    rest = score - sum(each.points for each in contributions)
    if rest > 0.01:
        contributions.append(Contribution(word=parsed.text, way="neighbours", points=rest))
    contributions.sort(key=lambda each: -each.points)
    return Explanation(
        slug=str(card(searcher, address)["slug"]),
        score=round(score, 3),
        contributions=tuple(
            Contribution(word=each.word, way=each.way, points=round(each.points, 3)) for each in contributions
        ),
        missing=tuple(missing),
    )


def _way(searcher: tantivy.Searcher, unit: Unit, address: tantivy.DocAddress) -> str:
    """Return the way that gave most; words found in a title are told apart."""
    schema = build_schema()
    best, most = "words", 0.0
    for way, query in unit_ways(schema, unit):
        points = _points(searcher, query, address)
        if points > most:
            best, most = way, points
    if best == "words":
        title = tantivy.Query.term_query(schema, "title_m", unit.tokens[0].term)
        return "title" if _points(searcher, title, address) > 0 else "texts"
    return best


def _points(searcher: tantivy.Searcher, query: tantivy.Query, address: tantivy.DocAddress) -> float:
    try:
        told = orjson.loads(query.explain(searcher, address).to_json())
    except ValueError:  # what Tantivy raises when the document does not match
        return 0.0
    return float(told.get("value", 0.0))
