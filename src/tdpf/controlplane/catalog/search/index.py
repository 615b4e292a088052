"""The index on disk: one generation per build, a manifest that names the current one, one writer at a time.

`<folder>/current.json` is replaced atomically; a generation is written beside the old one and readers change over when
the manifest does. Another analyzer, dictionary or schema than the manifest's asks for a rebuild.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import tantivy

from tdpf.controlplane.catalog.search.analyzer import (
    ANALYZER,
    dictionary_version,
    english_words,
    indexed_pairs,
    indexed_words,
    reading_of,
)
from tdpf.controlplane.catalog.search.documents import IndexDocument, packed
from tdpf.controlplane.catalog.search.folding import fold
from tdpf.controlplane.catalog.vocabularies.areas import with_ancestors
from tdpf.kit.ids import new_uid

SCHEMA = 1
TEXT_FIELDS = ("title", "keywords", "columns", "publisher", "description")
FACET_FIELDS = ("theme", "area", "format", "access", "provider", "licence", "frequency", "located")
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


def build_schema() -> tantivy.Schema:
    """Return the fields of the index."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("uid", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("exact", tokenizer_name="raw", index_option="basic")
    for name in TEXT_FIELDS:
        builder.add_text_field(f"{name}_m", tokenizer_name="whitespace")
        builder.add_text_field(f"{name}_g", tokenizer_name="whitespace")
    builder.add_text_field("readings", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("title_e", tokenizer_name="en_stem")
    builder.add_text_field("text_e", tokenizer_name="en_stem")
    for name in FACET_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("title_key", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_integer_field("modified", fast=True)
    builder.add_bytes_field("card", stored=True)
    return builder.build()


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
    with _alone(folder):
        generation = new_uid()
        target = folder / generation
        target.mkdir(parents=True)
        index = tantivy.Index(build_schema(), path=str(target))
        count = 0
        try:
            with index.writer(heap_size=_BUILD_HEAP, num_threads=1) as writer:
                for document in documents:
                    writer.add_document(_tantivy_document(document))
                    count += 1
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
        with index.writer(heap_size=_HEAP, num_threads=1) as writer:
            for uid in remove:
                writer.delete_documents_by_term("uid", uid)
            for document in put:
                writer.delete_documents_by_term("uid", document.uid)
                writer.add_document(_tantivy_document(document))


def _tantivy_document(document: IndexDocument) -> tantivy.Document:
    made = tantivy.Document()
    made.add_text("uid", document.uid)
    for exact in {document.slug, document.uid, fold(document.title_ja), fold(document.title_en)} - {""}:
        made.add_text("exact", exact[:500])
    japanese: dict[str, tuple[str, ...]] = {
        "title": (document.title_ja,),
        "keywords": (*document.keywords, *document.theme_names, *document.formats),
        "columns": document.columns,
        "publisher": (document.provider_name_ja, *document.area_names),
        "description": (document.description_ja,),
    }
    readings: list[str] = []
    for name, texts in japanese.items():
        words, sounds = indexed_words(texts)
        made.add_text(f"{name}_m", words)
        made.add_text(f"{name}_g", indexed_pairs(texts))
        if name != "description":
            readings.append(sounds)
    made.add_text("readings", " ".join(readings))
    made.add_text("title_e", english_words((document.title_en, document.title_ja)))
    made.add_text(
        "text_e",
        english_words((document.description_en, document.provider_name_en, *document.keywords, *document.columns)),
    )
    facets: dict[str, tuple[str, ...]] = {
        "theme": document.themes,
        "area": with_ancestors(document.area_codes),
        "format": document.formats,
        "access": (document.access,),
        "provider": (document.provider,),
        "licence": (document.licence,),
        "frequency": (document.update_frequency,),
        "located": ("yes" if document.located else "no",),
    }
    for name, values in facets.items():
        for value in values:
            if value:
                made.add_text(name, value)
    made.add_text("title_key", reading_of(document.title_ja)[:60] or "~")
    made.add_integer("modified", int(document.modified_at.timestamp()))
    made.add_bytes("card", packed(document))
    return made


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    fresh = folder / "current.json.new"
    with fresh.open("wb") as stream:
        stream.write(orjson.dumps(asdict(manifest)))
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(folder / "current.json")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's write lock; another process that wants to write waits."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "write.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
