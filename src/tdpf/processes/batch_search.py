"""`tdpf search --index-jsonl DOCS --queries QUERIES`: the engine on any collection, without database or Django.

Documents are JSON lines of `{id, title, description?, keywords?}`, queries of `{id, query}`, both plain or .gz; each
query is answered with one JSON line `{id, hits: [{id, score}]}`, in the order of the queries. A line that cannot be read is
named and left out; what else is told goes to the error output, too.
"""

from __future__ import annotations

import codecs
import gzip
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import tantivy

from tdpf.controlplane.catalog.search.analyzer import GAP, analyze
from tdpf.controlplane.catalog.search.documents import IndexDocument, packed
from tdpf.controlplane.catalog.search.index import write_generation
from tdpf.controlplane.catalog.search.meaning import is_installed
from tdpf.controlplane.catalog.search.reader import Reader
from tdpf.controlplane.catalog.search.schema import build_schema, field_values
from tdpf.processes.batch_meaning import (
    POOL,
    Asked,
    Meaning,
    latent_space,
    ordered_by_meaning,
    reads_by_itself,
)
from tdpf.processes.batch_passages import model_texts

if TYPE_CHECKING:
    from tdpf.controlplane.catalog.search.latent import Occurrences

_CHUNK = 250
_AHEAD = 12
_FEW = 2_000
_LONGEST = 100_000
_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_KEPT = 2_000
_NAMED = 1_000
_TOLD_SECONDS = 20.0
Line = tuple[int, bytes]
Analysed = tuple[Any, dict[str, Any], str, str]


class LineUnreadable(ValueError):
    """A line is not what it should be; says the file, the line, what is wrong and how to mend it."""

    def __init__(self, number: int, wrong: str) -> None:
        self.number, self.wrong = number, wrong
        super().__init__(number, wrong)


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of the collection, by the key it has in this run; `id` as the file writes it."""

    id: Any
    title: str
    description: str
    keywords: tuple[str, ...]


def answer_batch(documents: Path, queries: Path, *, limit: int, meaning: Meaning = "auto") -> int:
    """Index the documents, answer the queries on standard output.

    Return 0, 1 when lines were left out that cannot be read, or 2 when nothing can be answered.
    """
    file, left_out = queries, LeftOut()
    if meaning == "on" and not is_installed():
        print("--meaning on needs the optional part: pip install 'tdpf[semantic]'", file=sys.stderr)
        return 2
    try:
        asked = list(left_out.readable(queries, _queries(lines(queries))))
        if left_out.count and not asked:
            return 2
        file = documents
        with tempfile.TemporaryDirectory(prefix="tdpf-search-") as scratch:
            occurrences = _no_occurrences(meaning)
            ids = index_collection(documents, Path(scratch), occurrences, left_out)
            if left_out.count and not ids:
                return 2
            write_answers(Reader(Path(scratch)), asked, ids, occurrences, limit=limit, meaning=meaning)
    except LineUnreadable as fault:
        print(f"{file}, line {fault.number}: {fault.wrong}", file=sys.stderr)
        return 2
    except (OSError, EOFError) as fault:
        print(f"{file} cannot be read: {fault}", file=sys.stderr)
        return 2
    if left_out.count:
        print(f"{left_out.count} lines were left out; everything else was indexed and answered", file=sys.stderr)
    return 1 if left_out.count else 0


@dataclass
class LeftOut:
    """The lines that could not be read, named as they are met, a thousand of them at most."""

    count: int = 0
    _hushed: set[Path] = field(default_factory=set)

    def readable(self, file: Path, found: Iterable[Any]) -> Iterator[Any]:
        """Yield what could be read of a file's lines."""
        for one in found:
            if not isinstance(one, LineUnreadable):
                yield one
                continue
            self.count += 1
            if self.count <= _NAMED:
                print(f"{file}, line {one.number}: {one.wrong}", file=sys.stderr)
            elif file not in self._hushed:
                self._hushed.add(file)
                print(f"{file}: lines after {one.number} that cannot be read are only counted", file=sys.stderr)


def index_collection(
    documents: Path, folder: Path, occurrences: Occurrences | None = None, left_out: LeftOut | None = None
) -> list[Any]:
    """Write an index of the documents and count their words; return their ids in order of their keys."""
    left_out = left_out or LeftOut()
    ids: list[Any] = []
    seen: set[Any] = set()
    repeated = 0

    def made() -> Iterator[tantivy.Document]:
        nonlocal repeated
        told = time.monotonic()
        for id_, values, title, description in left_out.readable(documents, _analysed(lines(documents))):
            if time.monotonic() - told > _TOLD_SECONDS:
                told = time.monotonic()
                print(f"{documents}: {len(ids)} texts are indexed so far", file=sys.stderr)
            if id_ in seen:
                repeated += 1
                continue
            seen.add(id_)
            key = str(len(ids))
            ids.append(id_)
            if occurrences is not None:
                occurrences.add(word for text in values["all_m"] for word in text.split() if word != GAP)
            card = packed(IndexDocument(uid=key, slug="", title_ja=title, description_ja=description, modified_at=_DAY))
            yield tantivy.Document.from_dict({**values, "uid": key, "card": card}, build_schema())

    write_generation(folder, made())
    if repeated:
        print(f"{documents}: {repeated} lines repeat an id; the first of each stands", file=sys.stderr)
    return ids


def write_answers(
    reader: Reader,
    asked: Sequence[tuple[Any, str]],
    ids: list[Any],
    occurrences: Occurrences | None = None,
    *,
    limit: int,
    meaning: Meaning = "off",
) -> None:
    """Write one line for each query, in their order."""

    def by_words(query: tuple[Any, str]) -> Asked:
        found = reader.rank(query[1], limit=max(limit, POOL))
        return Asked(query[1], [(int(key), score) for key, score in found])

    def texts(query: str, number: int) -> tuple[str, ...]:
        told = reader.told(str(number))
        if told is None:
            return ("",)
        return model_texts("".join(told["title"]), "".join(told["description"]), telling(query))

    telling = lru_cache(maxsize=100)(reader.rarity)
    with ThreadPoolExecutor(max_workers=2) as pool:
        found = list(pool.map(by_words, asked))
    space = latent_space(occurrences) if occurrences is not None else None
    for (id_, _), order in zip(asked, ordered_by_meaning(found, space, texts, meaning), strict=True):
        hits = [{"id": ids[number], "score": round(score, 5)} for number, score in order[:limit]]
        sys.stdout.write(orjson.dumps({"id": id_, "hits": hits}, option=orjson.OPT_APPEND_NEWLINE).decode())
    sys.stdout.flush()


def _no_occurrences(meaning: Meaning) -> Occurrences | None:
    if not reads_by_itself(meaning):
        return None
    # Work is shared out by processes; threads of numpy beside them would only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tdpf.controlplane.catalog.search.latent import Occurrences

    return Occurrences()


def lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a file, plain or .gz, with their numbers from 1; blank lines are passed over. Raises LineUnreadable."""
    with path.open("rb") as plain:
        packed_file = plain.read(2) == b"\x1f\x8b"
    not_utf8 = 0
    with gzip.open(path, "rb") if packed_file else path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if number == 1 and line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise LineUnreadable(number, "this is UTF-16; save the file as UTF-8")
            stripped = line.strip().removeprefix(codecs.BOM_UTF8)
            if stripped:
                not_utf8 += not _is_utf8(stripped)
                yield number, stripped
    if not_utf8:
        print(
            f"{path}: {not_utf8} lines are not UTF-8; what could not be read of them is missing. Save the file as UTF-8",
            file=sys.stderr,
        )


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def read_entry(line: bytes, number: int) -> Entry:
    """Return the document of a line. Raises LineUnreadable."""
    told = _object(line, number)
    words = told.get("keywords")
    if isinstance(words, str):
        words = words.replace("、", ",").replace(";", ",").split(",")
    return Entry(
        id=_id(told, number),
        title=_text(told, "title"),
        description=_text(told, "description"),
        keywords=tuple(text for word in (words if isinstance(words, list) else ()) if (text := _plain(word))),
    )


def read_query(line: bytes, number: int) -> tuple[Any, str]:
    """Return id and words of a line of queries. Raises LineUnreadable."""
    told = _object(line, number)
    if "query" not in told:
        raise LineUnreadable(number, 'there is no "query"; a line is {"id": …, "query": "…"}')
    return _id(told, number), _text(told, "query")


def _object(line: bytes, number: int) -> dict[str, Any]:
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError:
        # The library of the language takes what orjson does not: halves of surrogate pairs, stray bytes, NaN.
        try:
            told = json.loads(line.decode("utf-8", "replace"), strict=False)
        except (json.JSONDecodeError, RecursionError) as fault:
            raise LineUnreadable(number, f"this is not JSON ({fault}); each line must be one JSON object") from None
    if not isinstance(told, dict):
        raise LineUnreadable(
            number, "this is no JSON object; each line must be one, with an id (jq -c '.[]' makes lines of a list)"
        )
    return told


def _id(told: dict[str, Any], number: int) -> Any:
    found = told.get("id", told.get("_id"))
    if not isinstance(found, str | int | float) or isinstance(found, bool) or found != found:
        raise LineUnreadable(number, 'there is no "id"; give each object one, a text or a number')
    return _whole(found) if isinstance(found, str) else found


def _text(told: dict[str, Any], name: str) -> str:
    return _plain(told.get(name))


def _plain(value: Any) -> str:
    """Return text of whatever stands there: lists are joined, nothing is empty."""
    if isinstance(value, list):
        return " ".join(filter(None, map(_plain, value)))[:_LONGEST]
    if value is None or isinstance(value, dict | bool):
        return ""
    return _whole(str(value)[:_LONGEST]).replace("\x00", " ").strip()


def _whole(text: str) -> str:
    return text.encode("utf-8", "ignore").decode()


def _queries(found: Iterator[Line]) -> Iterator[tuple[Any, str] | LineUnreadable]:
    for number, line in found:
        try:
            yield read_query(line, number)
        except LineUnreadable as fault:
            yield fault


def _analysed(found: Iterator[Line]) -> Iterator[Analysed | LineUnreadable]:
    """Yield id, field values, title and description of each document, or what is wrong with its line; a large collection is read by two processes."""
    first = list(islice(found, _FEW))
    yield from _chunk(first)
    processes = min(2, os.cpu_count() or 1)
    if len(first) < _FEW:
        return
    analyze("準備")  # Loads the dictionary before the processes part, so that they share it.
    room = threading.Semaphore(_AHEAD)

    def chunks() -> Iterator[list[Line]]:
        while True:
            room.acquire()
            chunk = list(islice(found, _CHUNK))
            if not chunk:
                return
            yield chunk

    with multiprocessing.get_context("fork").Pool(processes) as pool:
        for done in pool.imap(_chunk, chunks()):
            room.release()
            yield from done


def _chunk(found: list[Line]) -> list[Analysed | LineUnreadable]:
    made: list[Analysed | LineUnreadable] = []
    for number, line in found:
        try:
            entry = read_entry(line, number)
        except LineUnreadable as fault:
            made.append(fault)
            continue
        values = field_values(
            IndexDocument(
                uid="",
                slug="",
                title_ja=entry.title,
                description_ja=entry.description,
                keywords=entry.keywords,
                modified_at=_DAY,
            )
        )
        made.append((entry.id, values, entry.title, entry.description[:_KEPT]))
    return made
