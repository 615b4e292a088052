"""Real metadata for measuring: the lists of datasets that lie in the corpus of municipal files, read as harvesting reads them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

from tdpf.controlplane.catalog.search.documents import IndexDocument
from tdpf.processes.bench.made_metadata import made_documents

_LISTS = (".csv", ".xlsx", ".xls")
_DAY = datetime(2026, 11, 1, tzinfo=UTC)
_EVERY = 10
"""Every so many made-up datasets one is called and described as a real one is."""


def corpus_folder() -> Path | None:
    """Return the folder of real municipal files: `TDPF_CORPUS`, else `../shared/data` beside the repository, if it is there."""
    named = os.environ.get("TDPF_CORPUS")
    folder = Path(named) if named else Path(__file__).resolve().parents[5] / "shared" / "data"
    return folder if folder.is_dir() else None


def real_documents(folder: Path) -> list[IndexDocument]:
    """Return what the lists below a corpus list; a file that is no list is passed over."""
    from tdpf.controlplane.federation.reading.kinds.list_table import read_list
    from tdpf.kit.errors import Problem
    from tdpf.kit.sites import Answer

    found: list[IndexDocument] = []
    for path in sorted((folder / "catalog").glob("*")):
        if path.suffix.lower() not in _LISTS:
            continue
        url = f"https://example.jp/{path.name}"
        try:
            records, *_ = read_list(Answer(url, 200, {}, path.read_bytes(), (url,)), {})
        except (Problem, ValueError, OSError):
            continue
        for record in records:
            stated = record.stated
            found.append(
                IndexDocument(
                    uid=f"real{len(found):08d}",
                    slug=f"real-{len(found)}",
                    title_ja=stated.title,
                    description_ja=stated.description,
                    keywords=tuple(stated.keywords),
                    provider_name_ja=stated.publisher_name,
                    modified_at=_DAY,
                )
            )
    return found


def measured_documents(number: int, real: list[IndexDocument], *, start: int = 0) -> Iterator[IndexDocument]:
    """Yield made-up datasets; with real ones at hand, every tenth has a real one's words."""
    words = cycle(real)
    for at, document in enumerate(islice(made_documents(number, start=start), number)):
        if real and at % _EVERY == 0:
            told = next(words)
            document = replace(
                document, title_ja=told.title_ja, description_ja=told.description_ja, keywords=told.keywords, title_en="",
                provider_name_ja=told.provider_name_ja or document.provider_name_ja,
            )  # fmt: skip
        yield document
