"""The cells of a sheet too large to hold: on disk, column by column, in pieces of some thousand rows."""

from __future__ import annotations

import tempfile
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import IO, overload

import orjson

from tdpf.controlplane.preparation.engine.types import Row

_ROWS, _CELLS = 16_000, 400_000
_FEW = 20_000
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one column: its different values in the order they come, and for each row which of them it holds (0 is none)."""

    words: Sequence[str]
    codes: Sequence[int]

    def values(self) -> list[str | None]:
        """Return the values row by row."""
        known: list[str | None] = [None, *self.words]
        return [known[code] for code in self.codes]


def piece_of(values: Sequence[str | None]) -> Piece:
    """Return values as a piece."""
    known = dict.fromkeys(values)
    known.pop(None, None)
    codes: dict[str | None, int] = dict(zip(known, count(1), strict=False))
    codes[None] = 0
    return Piece([word for word in known if word is not None], array("H", map(codes.__getitem__, values)))


class Store(Sequence[Row]):
    """Rows written once and read by column or by row; a row is as long as it was written."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="tdpf-rate-")  # noqa: SIM115 - closed with the store
        self._places: list[list[tuple[int, int, int] | None]] = []
        self.starts: list[int] = []
        self.widths = array("H")
        self.blank = array("q")
        self.breaks: dict[int, int] = {}
        self._height = 0
        self._last: dict[int, tuple[int, list[str | None]]] = {}
        self._write(rows)

    def _write(self, rows: Iterable[Row]) -> None:
        held: list[Row] = []
        cells = 0
        for number, row in enumerate(rows):
            held.append(row)
            cells += len(row)
            self.widths.append(len(row))
            text = "".join(filter(None, row))
            if not text or text.isspace():
                self.blank.append(number)
            elif "\n" in text or "\r" in text:
                self.breaks[number] = text.count("\n") or text.count("\r")
            if len(held) >= _ROWS or cells >= _CELLS:
                self._keep(held)
                held, cells = [], 0
        if held:
            self._keep(held)
        self.width = max(self.widths, default=0)

    def _keep(self, rows: list[Row]) -> None:
        width = max(map(len, rows))
        for row in rows:
            if len(row) < width:
                row.extend([None] * (width - len(row)))
        places: list[tuple[int, int, int] | None] = []
        at = self._file.tell()
        for column in zip(*rows, strict=True):
            piece = piece_of(column)
            if not piece.words:
                places.append(None)
                continue
            words = orjson.dumps(piece.words)
            self._file.write(words)
            self._file.write(bytes(memoryview(piece.codes)))  # type: ignore[arg-type]  # an array is a buffer
            places.append((at, len(words), len(piece.codes)))
            at += len(words) + 2 * len(piece.codes)
        self.starts.append(self.starts[-1] + self._height if self.starts else 0)
        self._height = len(rows)
        self._places.append(places)

    def __len__(self) -> int:
        return len(self.widths)

    def bounds(self, part: int) -> tuple[int, int]:
        """Return the first row of a part and the row after its last."""
        start = self.starts[part]
        return start, self.starts[part + 1] if part + 1 < len(self.starts) else len(self.widths)

    def piece(self, part: int, column: int) -> Piece:
        """Return one column of one part."""
        places = self._places[part]
        place = places[column] if column < len(places) else None
        if place is None:
            first, after = self.bounds(part)
            return Piece((), bytes(after - first))
        at, words, count = place
        self._file.seek(at)
        content = self._file.read(words + 2 * count)
        codes = array("H")
        codes.frombytes(content[words:])
        return Piece(orjson.loads(content[:words]), codes)

    def cell(self, row: int, column: int) -> str | None:
        """Return one cell; the part it stands in is remembered for the next."""
        part = bisect_right(self.starts, row) - 1
        held = self._last.get(column)
        if held is None or held[0] != part:
            held = part, self.piece(part, column).values()
            self._last[column] = held
        return held[1][row - self.starts[part]]

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[row] for row in range(*index.indices(len(self)))]
        row = index if index >= 0 else len(self) + index
        if not 0 <= row < len(self):
            raise IndexError(index)
        return [self.cell(row, column) for column in range(self.widths[row])]

    def rows_past(self, column: int) -> list[int]:
        """Return the rows that hold something in this column or right of it."""
        found: set[int] = set()
        for part, places in enumerate(self._places):
            for further in range(column, len(places)):
                if places[further] is not None:
                    codes = self.piece(part, further).codes
                    found.update(row for row, code in enumerate(codes, start=self.starts[part]) if code)
        return sorted(found)

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows part by part."""
        for part, places in enumerate(self._places):
            first, _ = self.bounds(part)
            for row, cells in enumerate(
                zip(*(self.piece(part, column).values() for column in range(len(places))), strict=True)
                if places
                else [()] * (self.bounds(part)[1] - first),
                start=first,
            ):
                yield list(cells[: self.widths[row]])


@dataclass(eq=False)
class StoredValues(Sequence[str | None]):
    """One column of a store without the rows that are no records; `rows` are the store's rows in order."""

    store: Store
    column: int
    rows: array[int]
    whole: Sequence[bool]
    _held: tuple[int, int, list[str | None]] = field(default=(0, 0, []))

    def __len__(self) -> int:
        return len(self.rows)

    def pieces(self) -> Iterator[tuple[int, Piece]]:
        """Yield the position of the first value of each piece, and the piece."""
        position = 0
        for part in range(len(self.store.starts)):
            first, after = self.store.bounds(part)
            until = bisect_right(self.rows, after - 1, lo=position)
            if until == position:
                continue
            piece = self.store.piece(part, self.column)
            if not self.whole[part]:
                values = piece.values()
                piece = piece_of([values[row - first] for row in self.rows[position:until]])
            yield position, piece
            position = until

    def __iter__(self) -> Iterator[str | None]:
        for _, piece in self.pieces():
            yield from piece.values()

    @overload
    def __getitem__(self, index: int) -> str | None: ...
    @overload
    def __getitem__(self, index: slice) -> list[str | None]: ...
    def __getitem__(self, index: int | slice) -> str | list[str | None] | None:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        return self.store.cell(self.rows[index], self.column)

    @cached_property
    def _summary(self) -> tuple[int, int, list[str], Counter[str] | None, str]:
        filled = words = 0
        counts: Counter[str] | None = Counter()
        letters: set[str] = set()
        for _, piece in self.pieces():
            times = Counter(piece.codes)
            shown = {word: times[code] for code, word in enumerate(piece.words, start=1) if not word.isspace()}
            filled += sum(shown.values())
            words += len(shown)
            letters.update("".join(shown))
            if counts is not None:
                counts.update(shown)
                if len(counts) > _FEW:
                    counts = None
        used = "".join(sorted(letters))
        if counts is not None:
            return filled, len(counts), [], counts, used
        different, wanted = self._spread(words)
        return filled, different, self._words_at(wanted), None, used

    def _spread(self, words: int) -> tuple[int, set[int]]:
        """Return how many different values there are, and which of `words` are so many steps apart."""
        import numpy as np

        hashes = np.fromiter(map(hash, self.words()), np.int64, words)
        order = np.argsort(hashes, kind="stable").astype(np.uint32)
        hashes = hashes[order]
        fresh = np.ones(len(hashes), bool)
        np.not_equal(hashes[1:], hashes[:-1], out=fresh[1:])
        del hashes
        firsts = np.sort(order[fresh])
        step = max(1, len(firsts) // _SHOWN)
        return len(firsts), set(firsts[::step][:_SHOWN].tolist())

    def _words_at(self, wanted: set[int]) -> list[str]:
        return [word for number, word in enumerate(self.words()) if number in wanted]

    def words(self) -> Iterator[str]:
        """Yield every different value that shows something; one that returns in a later piece is yielded again."""
        for _, piece in self.pieces():
            for word in piece.words:
                if not word.isspace():
                    yield word

    def times(self) -> Iterator[tuple[str, int]]:
        """Yield the values of `words` with how often they stand in the piece they come from."""
        for _, piece in self.pieces():
            times = Counter(piece.codes)
            for code, word in enumerate(piece.words, start=1):
                if not word.isspace():
                    yield word, times[code]

    @property
    def filled(self) -> int:
        """How many cells show something."""
        return self._summary[0]

    @property
    def different(self) -> int:
        """How many different values there are."""
        return self._summary[1]

    @property
    def sample(self) -> list[str]:
        """Some values from the whole length, when there are too many to count."""
        return self._summary[2]

    @property
    def counts(self) -> Counter[str] | None:
        """The different values with how often each stands there, or None when there are too many."""
        return self._summary[3]

    @property
    def letters(self) -> str:
        """Every character that occurs, once."""
        return self._summary[4]

    def positions(self, fits: Callable[[str], object]) -> array[int]:
        """Return the positions of the values that fit."""
        found = array("q")
        for start, piece in self.pieces():
            taken = {code for code, word in enumerate(piece.words, start=1) if not word.isspace() and fits(word)}
            if taken:
                found.extend(place for place, code in enumerate(piece.codes, start=start) if code in taken)
        return found

    def blanks(self) -> array[int]:
        """Return the positions of the cells that show nothing."""
        found = array("q")
        for start, piece in self.pieces():
            shown = {code for code, word in enumerate(piece.words, start=1) if not word.isspace()}
            if len(shown) < len(piece.words) or 0 in piece.codes:
                found.extend(place for place, code in enumerate(piece.codes, start=start) if code not in shown)
        return found
