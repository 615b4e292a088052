"""The index on disk: one generation per build, a manifest that names the current one, one writer at a time.

`<folder>/current.json` is replaced atomically; a generation is written beside the old one and readers change over when
the manifest does. Another analyzer, dictionary or schema than the manifest's asks for a rebuild.
"""

from __future__ import annotations

import fcntl
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import tantivy

from tdpf.controlplane.catalog.search.analyzer import ANALYZER, dictionary_version
from tdpf.controlplane.catalog.search.documents import IndexDocument
from tdpf.controlplane.catalog.search.numbering import Numbering
from tdpf.controlplane.catalog.search.schema import SCHEMA, build_schema, tantivy_document
from tdpf.kit.ids import new_uid
from tdpf.kit.writing import write_whole

log = logging.getLogger("tdpf.catalog")

_HEAP = 30_000_000
_BUILD_HEAP = 120_000_000


@dataclass(frozen=True, slots=True)
class Manifest:
    """Which generation is current and what it was made with."""

    generation: str
    analyzer: str
    dictionary: str
    schema: int

    @property
    def fits(self) -> bool:
        """Say whether this program can read the generation with the same analysis it was written with."""
        return (self.analyzer, self.dictionary, self.schema) == (ANALYZER, dictionary_version(), SCHEMA)


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest, or None when there is no index yet."""
    try:
        return Manifest(**orjson.loads((folder / "current.json").read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def needs_rebuild(folder: Path) -> bool:
    """Say whether the index is missing or was made by another analyzer, dictionary or schema."""
    manifest = read_manifest(folder)
    return manifest is None or not manifest.fits or not tantivy.Index.exists(str(folder / manifest.generation))


def rebuild(folder: Path, documents: Iterable[IndexDocument]) -> int:
    """Write a new generation from all documents, make it current, and remove the old ones; return how many."""

    def made(numbering: Numbering) -> Iterator[tantivy.Document]:
        return filter(None, (_analysed(document, numbering) for document in documents))

    return _write_generation(folder, made)


def write_generation(folder: Path, made: Iterable[tantivy.Document]) -> int:
    """Write a new generation from ready documents without facets, make it current, remove the old ones; return how many."""
    return _write_generation(folder, lambda _: made)


def _write_generation(folder: Path, made: Callable[[Numbering], Iterable[tantivy.Document]]) -> int:
    with _alone(folder):
        generation = new_uid()
        target = folder / generation
        target.mkdir(parents=True)
        index = tantivy.Index(build_schema(), path=str(target))
        numbering = Numbering(target)
        count = 0
        try:
            with index.writer(heap_size=_BUILD_HEAP, num_threads=1) as writer:
                for document in made(numbering):
                    writer.add_document(document)
                    count += 1
                numbering.save()
        except BaseException:
            shutil.rmtree(target, ignore_errors=True)
            raise
        _write_manifest(folder, Manifest(generation, ANALYZER, dictionary_version(), SCHEMA))
        for old in folder.iterdir():
            if old.is_dir() and old.name != generation:
                shutil.rmtree(old, ignore_errors=True)
        return count


def apply(folder: Path, *, put: Iterable[IndexDocument] = (), remove: Iterable[str] = ()) -> None:
    """Replace and remove single datasets in the current generation; visible to readers after the commit."""
    with _alone(folder):
        manifest = read_manifest(folder)
        if manifest is None:
            raise FileNotFoundError(f"there is no search index in {folder}")
        index = tantivy.Index(build_schema(), path=str(folder / manifest.generation))
        numbering, searcher = Numbering(folder / manifest.generation), index.searcher()
        with index.writer(heap_size=_HEAP, num_threads=1) as writer:
            for uid in remove:
                writer.delete_documents_by_term("uid", uid)
            for document in put:
                writer.delete_documents_by_term("uid", document.uid)
                made = _analysed(document, numbering, row=_row_of(searcher, document.uid))
                if made is not None:
                    writer.add_document(made)
            numbering.save()


def _row_of(searcher: tantivy.Searcher, uid: str) -> int | None:
    hits = searcher.search(tantivy.Query.term_query(build_schema(), "uid", uid, "basic"), 1, count=False).hits
    row = searcher.fast_field_values("row", [address for _, address in hits])
    return int(row[0]) if row and row[0] is not None else None


def _analysed(document: IndexDocument, numbering: Numbering, *, row: int | None = None) -> tantivy.Document | None:
    """Return a document for the writer; None, and a word in the log, when its text breaks the analysis.

    Texts are strangers': one that nobody thought of costs its own dataset a place in the index, never all the others.
    """
    try:
        return tantivy_document(document, numbering, row=row)
    except Exception:
        log.exception("dataset %s cannot be analysed and is left out of the index", document.uid)
        return None


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    write_whole(folder / "current.json", orjson.dumps(asdict(manifest)))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's write lock; another process that wants to write waits."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "write.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
