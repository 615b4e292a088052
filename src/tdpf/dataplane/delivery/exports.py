"""Whole tables and filtered selections as files: ready-made where they exist, made once and kept, or streamed."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

from tdpf.dataplane.delivery.answers import AnyAnswer, Headers, StreamAnswer, attachment
from tdpf.dataplane.delivery.files_sent import send_file
from tdpf.dataplane.delivery.formats import MEDIA_TYPES
from tdpf.dataplane.delivery.questions import Question
from tdpf.dataplane.delivery.requests import Request
from tdpf.dataplane.delivery.service import Found, Service
from tdpf.dataplane.delivery.smaller_files import SmallerFiles
from tdpf.kit.hashing import canonical_json, sha256_hex
from tdpf.tables.errors import TooManyRowsForExcel
from tdpf.tables.identity import table_folder
from tdpf.tables.read import Form, RowsFile, Selection
from tdpf.tables.write_formats import MOST_EXCEL_ROWS, TableFormat, csv_pieces, write_format

_MOST_KEPT_BYTES = 8 * 1024**3
_KEPT_AT_LEAST_SECONDS = 900.0
_STREAM_SECONDS = 3_600.0
_BATCH = 1_000
_MAY_BE_NEWER_SECONDS = 60.0
_SUFFIX = {"excel-csv": "-excel.csv"}


class Exports:
    """Makes files on first demand below `folder`, one folder per version, and forgets the least used beyond a budget."""

    def __init__(self, service: Service, folder: Path) -> None:
        self._service = service
        self._folder = folder
        self._being_made: dict[Path, asyncio.Task[Path]] = {}
        self._smaller = SmallerFiles(self.make_room)

    async def answer(
        self, request: Request, found: Found, question: Question, kind: str, etag: str, headers: Headers
    ) -> AnyAnswer:
        """Answer a question whose form is a file: everything that matches, unless `limit` says less."""
        headers = [*headers, attachment(f"{found.offered.id}{suffix_of(kind)}")]
        names = found.sight.names if question.names is None else question.names
        if question.is_everything:
            path = await self.whole(found, names, kind)
            smaller = self.smaller(request, found, path)
            return send_file(request, path, etag, MEDIA_TYPES[kind], headers, smaller=smaller)
        selection = Selection(question.condition, question.order, question.limit, question.offset)
        if kind in ("csv", "ndjson"):
            return StreamAnswer([*headers, ("content-type", MEDIA_TYPES[kind])], _Pieces(found, names, kind, selection))
        if kind == "xlsx":
            await self._refuse_large_workbook(found, question)
        path = self._folder / found.identity / f"{etag.strip(chr(34))}{suffix_of(kind)}"
        await self._made(path, found, names, kind, selection)
        return send_file(request, path, etag, MEDIA_TYPES[kind], headers)

    def smaller(self, request: Request, found: Found, path: Path) -> Path | None:
        """Return a file of a whole table in fewer bytes, where the caller takes it so and it has been made."""
        return self._smaller.of(request, path, self._folder / found.identity)

    async def whole(self, found: Found, names: tuple[str, ...], kind: str) -> Path:
        """Return the file of the whole table with these columns, made now if it never was."""
        manifest = found.table.manifest
        everything = names == manifest.column_names
        if everything and kind in ("csv", "parquet"):
            return found.table.folder / manifest.files[kind].path
        if kind == "xlsx" and manifest.rows > MOST_EXCEL_ROWS:
            raise TooManyRowsForExcel(rows=manifest.rows, limit=MOST_EXCEL_ROWS)
        place = f"{found.sight.with_place:d}{found.sight.with_key:d}"
        mark = "whole" if everything else sha256_hex(canonical_json(list(names)))[:32]
        path = self._folder / found.identity / f"{mark}-{place}{suffix_of(kind)}"
        return await self._made(path, found, names, kind, None)

    async def _made(
        self, path: Path, found: Found, names: tuple[str, ...], kind: str, selection: Selection | None
    ) -> Path:
        if _is_kept(path):
            return path
        task = self._being_made.get(path)
        if task is None:
            task = asyncio.create_task(self._make(path, found, names, kind, selection))
            self._being_made[path] = task
            task.add_done_callback(lambda _: self._being_made.pop(path, None))
        return await asyncio.shield(task)

    async def _make(
        self, path: Path, found: Found, names: tuple[str, ...], kind: str, selection: Selection | None
    ) -> Path:
        def write() -> Path:
            self.make_room()
            return write_format(
                found.table.folder,
                cast(TableFormat, kind),
                path,
                columns=names,
                selection=selection,
                with_place=found.sight.with_place,
                with_key=found.sight.with_key,
            )

        return await self._service.in_thread(write)

    async def _refuse_large_workbook(self, found: Found, question: Question) -> None:
        count = await self._service.ask(found.table, lambda rows: rows.count(question.condition))
        rows = min(max(0, count - question.offset), question.limit or count)
        if rows > MOST_EXCEL_ROWS:
            raise TooManyRowsForExcel(rows=rows, limit=MOST_EXCEL_ROWS)

    def keep_only(self, identities: frozenset[str]) -> None:
        """Remove the files of versions no longer offered; what was purged is gone from here too."""
        if not self._folder.is_dir():
            return
        for folder in self._folder.iterdir():
            if folder.name in identities:
                continue
            # A worker that is ahead of this one may just have made a file of a newer version.
            purged = not table_folder(self._service.home.tables, folder.name).exists()
            if purged or folder.stat().st_mtime < time.time() - _MAY_BE_NEWER_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)

    def path_of(self, identity: str, name: str) -> Path:
        """Return where a file made of a version is kept; it goes with the version, or when room is needed."""
        return self._folder / identity / name

    def make_room(self) -> None:
        """Remove the files used least lately while there is more than the budget."""
        kept = []
        for path in self._folder.glob("*/*"):
            with suppress(OSError):
                facts = path.stat()
                kept.append((facts.st_mtime, facts.st_size, path))
        total = sum(size for _, size, _ in kept)
        for used, size, path in sorted(kept):
            if total <= _MOST_KEPT_BYTES:
                return
            if used < time.time() - _KEPT_AT_LEAST_SECONDS:
                path.unlink(missing_ok=True)
                total -= size


class _Pieces:
    """The bytes of a selection, made while they are sent, with a connection of their own."""

    def __init__(self, found: Found, names: tuple[str, ...], kind: str, selection: Selection) -> None:
        self._found = found
        self._positions = tuple(found.sight.columns[name].position for name in names)
        self._kind = kind
        self._selection = selection

    def __call__(self) -> Iterator[bytes]:
        table = self._found.table
        rows = RowsFile(table.folder, table.manifest)
        rows.allow(seconds=_STREAM_SECONDS)
        try:
            if self._kind == "csv":
                yield from csv_pieces(rows, self._selection, self._positions)
                return
            everything = self._positions == tuple(range(len(table.manifest.fields)))
            form = Form("row", None if everything else self._positions)
            for _, data in rows.stream(self._selection, form, batch=_BATCH, between=b"\n"):
                yield data + b"\n"
        finally:
            rows.close()


def _is_kept(path: Path) -> bool:
    """Whether the file was made before; it counts as used now."""
    try:
        os.utime(path)
    except OSError:
        return False
    return True


def suffix_of(kind: str) -> str:
    """Return what a file of the format ends with."""
    return _SUFFIX.get(kind, f".{kind}")
