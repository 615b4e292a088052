"""The tables of a list and the rows of each dataset, read from disk: of a list of any size only few rows are held at once."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tdpf.controlplane.federation.reading.list_columns import Columns, Row
from tdpf.controlplane.federation.reading.taking import clean, short_key
from tdpf.controlplane.preparation import queries as preparation
from tdpf.controlplane.preparation.errors import EmptyFile, NotReadable, SeveralTables
from tdpf.kit.sites import Answer
from tdpf.kit.text import Text

TABLES = 20
ROWS = 1_000_000
Placed = tuple[int, Row]
_Keyed = Callable[[], Iterator[tuple[int, Row, str]]]


@dataclass(frozen=True, slots=True)
class ListedTable:
    """One table of a file: names of columns, the sheet, what is to be told; `rows` gives its rows, ROWS of them, as often as asked.

    One that cannot be read, or is one too many, has no names.
    """

    names: tuple[str, ...]
    sheet: str
    said: tuple[Text, ...]
    row_count: int
    rows: Callable[[], Iterator[Row]]


def tables_of(answer: Answer, choice: str, folder: Path) -> Iterator[ListedTable]:
    """Yield the tables of a file, of several every one, whose rows stand in `folder` until the next is asked for.

    Raises the reader's `NotReadable`.
    """
    name = unquote(urlsplit(answer.url).path.rsplit("/", 1)[-1]) or "list"
    path = answer.file
    if path is None:
        path = folder / "file"
        path.write_bytes(answer.body)
    try:
        yield _table(path, name, folder, choice or None)
        return
    except SeveralTables as several:
        listed = several.data.get("choices")
        choices = [str(entry["id"]) for entry in listed] if isinstance(listed, list) else []
    for one in choices[:TABLES]:
        try:
            yield _table(path, name, folder, one)
        except EmptyFile:
            continue
        except NotReadable:
            yield _unread(one)
    for one in choices[TABLES:]:
        yield _unread(one)


def _table(path: Path, name: str, folder: Path, choice: str | None) -> ListedTable:
    table = preparation.read_strange_file(path, name, folder=folder, choice=choice).result.table
    cut = tuple(Text(note.ja, note.en) for note in table.notes if note.code == "cells-cut")
    return ListedTable(
        table.column_names, table.sheet or table.id, cut, table.row_count, lambda: islice(table.iter_rows(), ROWS)
    )


def _unread(sheet: str) -> ListedTable:
    return ListedTable((), sheet, (), 0, lambda: iter(()))


class Datasets:
    """The datasets of a table: the rows that have a title, those of one dataset together."""

    def __init__(self, rows: Callable[[], Iterator[Row]], columns: Columns) -> None:
        self._rows = rows
        self._columns = columns
        self._keyed = self._keys()
        # Eight bytes tell a key from another; the keys themselves would be as large as the list.
        self._ends = {hash(key): place for place, _, key in self._keyed()}

    def __len__(self) -> int:
        return len(self._ends)

    def untitled(self) -> Iterator[int]:
        """Yield the places of rows that say something and have no title."""
        for place, row in enumerate(self._rows()):
            if not self._columns.of(row, "title") and any(cell and cell.strip() for cell in row):
                yield place

    def groups(self) -> Iterator[tuple[str, list[Placed]]]:
        """Yield the key of each dataset with its rows, when the last of them is met."""
        waiting: dict[str, list[Placed]] = {}
        for place, row, key in self._keyed():
            waiting.setdefault(key, []).append((place, row))
            if self._ends[hash(key)] == place:
                yield key, waiting.pop(key)

    def _titled(self) -> Iterator[Placed]:
        return ((place, row) for place, row in enumerate(self._rows()) if self._columns.of(row, "title"))

    def _keys(self) -> _Keyed:
        """Return what gives each row a key that stays when rows are added or moved: rows of one dataset get the same one.

        A list's own key is taken as it is. Without one, the rows of a title are one dataset when the list tells files from
        datasets; else each row is one, known by its page, else its title.
        """
        if "key" in self._columns.places and self._has_own_keys():
            return lambda: ((place, row, self._own(row)) for place, row in self._titled())
        if {"file_title", "file", "file_page"} & self._columns.places.keys():
            return lambda: ((place, row, _short(self._title(row))) for place, row in self._titled())
        often = Counter(hash(self._title(row)) for _, row in self._titled())
        return lambda: self._by_title_and_page(often)

    def _by_title_and_page(self, often: Counter[int]) -> Iterator[tuple[int, Row, str]]:
        seen: Counter[int] = Counter()
        for place, row in self._titled():
            key = self._title(row)
            if often[hash(key)] > 1:
                key = f"{key}|{self._columns.of(row, 'page')}"
            seen[hash(key)] += 1
            number = seen[hash(key)]
            yield place, row, _short(key if number == 1 else f"{key}|{number}")

    def _has_own_keys(self) -> bool:
        titles: dict[int, int] = {}
        for _, row in self._titled():
            title = hash(self._columns.of(row, "title"))
            if not self._columns.of(row, "key") or titles.setdefault(hash(self._own(row)), title) != title:
                return False
        return True

    def _own(self, row: Row) -> str:
        return short_key(clean(f"{self._columns.of(row, 'publisher_code')}:{self._columns.of(row, 'key')}".lstrip(":")))

    def _title(self, row: Row) -> str:
        return "|".join(part for part in (self._columns.of(row, "publisher"), self._columns.of(row, "title")) if part)


def _short(key: str) -> str:
    key = " ".join(clean(key).split()).strip("|")
    return key if len(key) <= 200 else f"{key[:150]}…{hashlib.sha256(key.encode()).hexdigest()[:16]}"
