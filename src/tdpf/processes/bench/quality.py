"""How well the search ranks, on queries judged by hand over real titles, beside plain BM25 and pairs of characters.

A folder of judged queries has `titles.tsv` (number, Japanese title, English title), and for each language lines of a
query and its judgments `number:grade`, grades 1 to 3. Every second query is for testing and was never tuned on.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tantivy

from tdpf.controlplane.catalog.search import lexicon, thesaurus
from tdpf.controlplane.catalog.search.analyzer import indexed
from tdpf.controlplane.catalog.search.documents import IndexDocument
from tdpf.controlplane.catalog.search.index import rebuild
from tdpf.controlplane.catalog.search.meaning import is_installed
from tdpf.controlplane.catalog.search.reader import Reader
from tdpf.controlplane.catalog.search.types import SearchFilters

DEPTH = 10
LANGUAGES = ("ja", "en")
ACROSS = "en, Japanese titles"
"""English queries over titles in Japanese alone."""
_DAY = datetime(2026, 1, 1, tzinfo=UTC)

Ranker = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Judged:
    """One query with the grade of each dataset that answers it."""

    query: str
    grades: Mapping[str, int]
    for_testing: bool


def read_titles(folder: Path) -> dict[str, dict[str, str]]:
    """Return Japanese and English titles by number."""
    lines = (folder / "titles.tsv").read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {number: {"ja": japanese, "en": english} for number, japanese, english in cells}


def read_judged(folder: Path, language: str) -> list[Judged]:
    """Return the judged queries of a language."""
    lines = (folder / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
    judged = []
    for at, line in enumerate(line for line in lines if line and not line.startswith("#")):
        query, _, told = line.partition("\t")
        pairs = (pair.split(":") for pair in told.split(","))
        judged.append(Judged(query, {number: int(grade) for number, grade in pairs}, at % 2 == 1))
    return judged


def ndcg(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return the normalised discounted cumulated gain of the first ten (gain 2^grade - 1)."""
    gained = _gain([grades.get(number, 0) for number in found[:DEPTH]])
    return gained / _gain(sorted(grades.values(), reverse=True)[:DEPTH])


def measure_quality(folder: Path) -> list[dict[str, Any]]:
    """Return nDCG@10 of building and testing queries for each language and way of ranking."""
    titles = read_titles(folder)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="tdpf-judged-") as scratch:
        for language in (*LANGUAGES, ACROSS):
            judged = read_judged(folder, language[:2])
            texts = {number: both["ja" if language == ACROSS else language] for number, both in titles.items()}
            for name, ranker in _rankers(texts, Path(scratch) / language, language).items():
                found = [(one, list(ranker(one.query))) for one in judged]
                rows.append(
                    {
                        "language": language,
                        "way": name + _lacking(),
                        "building": _mean([ndcg(hits, one.grades) for one, hits in found if not one.for_testing]),
                        "testing": _mean([ndcg(hits, one.grades) for one, hits in found if one.for_testing]),
                        "nothing": sum(not hits for _, hits in found),
                        "queries": len(found),
                    }
                )
    return rows


def _lacking() -> str:
    """What set-up did not bring, told with every figure."""
    lacking = [] if thesaurus.is_there() else ["Sudachi's groups are not set up"]
    lacking += [] if lexicon.is_there() else ["the dictionary is not set up"]
    return f" ({'; '.join(lacking)})" if lacking else ""


def quality_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return what was measured as Markdown."""
    lines = [
        "| language | ranking | nDCG@10, building half | nDCG@10, testing half | found nothing |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['language']} | {row['way']} | {row['building']:.3f} | {row['testing']:.3f} |"
        f" {row['nothing']} of {row['queries']} |"
        for row in rows
    ]
    return "\n".join(lines)


def page_ranker(texts: Mapping[str, str], folder: Path, *, by_meaning: bool = False) -> Ranker:
    """Return the search of the page over some titles, with or without results by meaning."""
    rebuild(folder, [IndexDocument(uid=n, slug=f"d-{n}", title_ja=t, modified_at=_DAY) for n, t in texts.items()])
    reader = Reader(folder)
    if by_meaning:
        reader.learn(seconds=3600)
    return lambda query: [hit.uid for hit in reader.search(query, filters=SearchFilters(), limit=DEPTH).hits]


def _rankers(texts: Mapping[str, str], folder: Path, language: str) -> dict[str, Ranker]:
    page = page_ranker(texts, folder)
    reader = Reader(folder)
    rankers: dict[str, Ranker] = {
        "TDPF, as the page answers": page,
        "TDPF, any word may be missing": lambda query: [uid for uid, _ in reader.rank(query, limit=DEPTH)],
    }
    if is_installed():
        with_meaning = page_ranker(texts, folder.with_name(f"{language}-meaning"), by_meaning=True)
        rankers = {"TDPF with `[semantic]`, as the page answers": with_meaning, **rankers}
    if language != "en":
        rankers["BM25 over Sudachi's words"] = _plain(texts, "words", lambda text: indexed(text).words)
        rankers["BM25 over pairs of characters"] = _plain(texts, "pairs", str)
    else:
        rankers["BM25 over stemmed words"] = _plain(texts, "stems", str)
    return rankers


def _plain(texts: Mapping[str, str], tokenizer: str, prepared: Callable[[str], str]) -> Ranker:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("number", stored=True, tokenizer_name="raw")
    builder.add_text_field("text", tokenizer_name=tokenizer)
    schema = builder.build()
    index = tantivy.Index(schema)
    lowercase, stemmer = tantivy.Filter.lowercase(), tantivy.Filter.stemmer("english")
    analyzers = {
        "pairs": tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(2, 2)).filter(lowercase).build(),
        "words": tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build(),
        "stems": tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(lowercase).filter(stemmer).build(),
    }
    index.register_tokenizer(tokenizer, analyzers[tokenizer])
    writer = index.writer(heap_size=20_000_000, num_threads=1)
    for number, text in texts.items():
        writer.add_document(tantivy.Document(number=number, text=prepared(text)))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    analyzer = analyzers[tokenizer]

    def rank(query: str) -> list[str]:
        terms = [tantivy.Query.term_query(schema, "text", term) for term in analyzer.analyze(prepared(query))]
        wanted = tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
        return [str(searcher.doc(address)["number"][0]) for _, address in searcher.search(wanted, DEPTH).hits]

    return rank


def _gain(grades: Sequence[int]) -> float:
    return sum(float(2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4)
