"""Tables that lie on their side (facilities across, items down) and cards (label and value, one facility below the other), set upright."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tdpf.controlplane.preparation.engine.blocks import Block
from tdpf.controlplane.preparation.engine.cells import header_text, is_number
from tdpf.controlplane.preparation.engine.grid import Grid, MemoryGrid, a1, column_letters, filled
from tdpf.controlplane.preparation.engine.mapping.evidence import evidence, sample_of
from tdpf.controlplane.preparation.engine.mapping.names import fold
from tdpf.controlplane.preparation.engine.notes import note
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema, schema_names
from tdpf.controlplane.preparation.engine.schemas.types import SchemaField
from tdpf.controlplane.preparation.engine.types import Note, Row

_MOST_ITEMS, _MOST_ACROSS, _MOST_ROWS = 80, 400, 6000
# Words above the columns of a table that explains items: its rows are no facts of facilities.
_EXPLAINS = re.compile(
    r"説明|内容|記入|記載|入力|例|型|必須|任意|形式|定義|書式|桁|文字数|区分|備考|値|単位|件数|回答|割合|選択"
)
_CORNER = re.compile(r"項目名?|区分|No\.?|№|番号|施設|内容|", re.IGNORECASE)
_TELLING = frozenset(
    ("phone", "url", "address", "postal_code", "latitude", "longitude", "coordinates", "hours", "email", "kana", "date")
)
_HEADING = "名称"
_MARK = re.compile(r"^[■□●◆◇▼▽★☆◎○]\s*")
_TERM = re.compile(r"\s*https?://\S+[#/](?:category|description|name|value|key|item|label|text)\s*$", re.IGNORECASE)
_END = re.compile(r"\s*[:：]\s*$")


@dataclass(frozen=True, slots=True)
class UprightGrid(MemoryGrid):
    """Records set upright: row 0 is the header; `places` are where each record stood, `letters` where each column did, `range` where all did."""

    places: tuple[int, ...] = ()
    letters: tuple[str, ...] = ()
    range: str = ""
    head: int = 0


@dataclass(frozen=True, slots=True)
class Upright:
    """A grid of records with its block and the note that says what was done."""

    grid: UprightGrid
    block: Block
    note: Note


def upright(grid: Grid, blocks: Sequence[Block]) -> Upright | None:
    """Return the records of a grid whose table lies on its side or is made of cards; None for any other grid."""
    if not blocks or not (_small(blocks[0]) or _paired(blocks)):
        return None
    top, bottom = min(block.top for block in blocks), max(block.last_row for block in blocks)
    rows = [list(row) for _, row in zip(range(bottom + 1), grid.rows(), strict=False)]
    title = blocks[0].title_lines
    if len(blocks) == 1 and _small(blocks[0]):
        found = _turned(grid, rows, blocks[0])
        if found is not None:
            return found
    above = 1 if top and len(filled(rows[top - 1])) == 1 else 0  # A name that heads the first card looks like a title.
    return _cards(grid, rows, top - above, title) if _paired(blocks) else None


def _small(block: Block) -> bool:
    return 2 <= block.last_row - block.top <= _MOST_ITEMS and 2 <= len(block.columns) <= _MOST_ACROSS


def _paired(blocks: Sequence[Block]) -> bool:
    """Say whether blocks are narrow enough to be labels and values."""
    return all(len(block.columns) <= 8 for block in blocks) and max(block.last_row for block in blocks) <= _MOST_ROWS


def _turned(grid: Grid, rows: Sequence[Row], block: Block) -> Upright | None:
    columns = list(block.columns)
    body = [(number, row) for number, row in enumerate(rows) if number >= block.top and filled(row)]
    if body and all(_TERM.match(body[0][1][place] or "") for place in filled(body[0][1])):
        body = body[1:]  # Terms of a vocabulary over labels and values: they name neither.
    at = next((place for place in columns[:3] if _is_labels([_at(row, place) for _, row in body])), None)
    if at is None:
        return None
    across = [place for place in columns if place > at and any(_at(row, place) for _, row in body)]
    heads = [_at(body[0][1], place) for place in across]
    if not across or any(_known(head) or _EXPLAINS.search(head) or len(head) > 60 for head in heads if head):
        return None
    counts = all(is_number(_at(body[0][1], place)) for place in across)
    named = [
        (number, row, _label(_at(row, at)) or ("No" if row is body[0][1] and counts else "")) for number, row in body
    ]
    if not all(label for _, _, label in named):
        return None
    if not _tells([(label, [_at(row, place) for place in across]) for _, row, label in named]):
        return None
    groups = [_group(rows, body[0][0], number, columns[: columns.index(at)]) for number, _, _ in named]
    parts = tuple((*group, label) for group, (_, _, label) in zip(groups, named, strict=True))
    cells: list[Row] = [["_".join(part) for part in parts]]
    cells.extend([_at(row, place) or None for _, row, _ in named] for place in across)
    made = UprightGrid(
        grid.name,
        cells,
        notes=grid.notes,
        places=tuple(place + 1 for place in across),
        letters=tuple(f"行{number + 1}" for number, _, _ in named),
        range=block.range,
        head=named[0][0] + 1,
    )
    return Upright(made, _block(cells, parts, block.title_lines, block.notes), note("turned", count=len(across)))


def _group(rows: Sequence[Row], top: int, number: int, columns: Sequence[int]) -> tuple[str, ...]:
    """Return the words left of a label that group it, as they last stood above; numbers that only count are none."""
    words = []
    for place in columns:
        above = [_at(rows[index], place) for index in range(top, number + 1)]
        said = [word for word in above if word]
        if said and not all(is_number(word) for word in said):
            words.append(_label(said[-1]))
    return tuple(words)


def _is_labels(cells: Sequence[str]) -> bool:
    """Say whether cells are the names of a facility's facts: all different, most of them known, a name among them."""
    said = [_label(cell) for cell in cells if cell]
    known = [field for label in said if (field := _known(label)) is not None]
    rest = [label for label in said[1:] if _known(label) is None]
    return (
        len(said) >= 3
        and len(set(said)) == len(said)
        and len(known) >= 3
        and len(known) * 5 >= len(said) * 3
        and all(len(label) <= 24 and not is_number(label) for label in rest)
        and (_known(said[0]) is not None or bool(_CORNER.fullmatch(said[0])))
    )


def _tells(labelled: Sequence[tuple[str, Sequence[str]]]) -> bool:
    """Say whether the values beside two labels of a kind that can be told are of that kind, and hardly one is not: 問い合わせ先 may be a name."""
    right = wrong = 0
    for label, values in labelled:
        field, sample = _known(label), sample_of([value for value in values if value])
        if field is None or field.normaliser not in _TELLING or not sample:
            continue
        found = evidence(field, sample)
        wrong += found.veto and field.normaliser in ("phone", "url", "address", "latitude", "longitude")
        right += not found.veto and found.share >= 0.5
    return right >= 2 and wrong * 4 <= right


def _cards(grid: Grid, rows: Sequence[Row], top: int, title: tuple[str, ...]) -> Upright | None:
    counts = Counter(_label(cell) for row in rows[top:] for cell in row if cell and len(cell) <= 24)
    often = {label for label, count in counts.items() if count >= 2 and _known(label) is not None}
    if len(often) < 3:
        return None
    per_column = Counter(
        place for row in rows[top:] for place, cell in enumerate(row) if cell and _label(cell) in often
    )
    most = max(per_column.values())
    lefts = sorted(place for place, count in per_column.items() if count * 3 >= most)
    key = next((label for row in rows[top:] for place in lefts if (label := _label(_at(row, place))) in often), "")
    bands = [place for place in lefts if any(_label(_at(row, place)) == key for row in rows[top:])]
    if lefts[0] not in bands:
        return None
    body = [row for row in rows[top:] if filled(row)]
    if any(sum(1 for row in body if _at(row, place)) * 5 >= len(body) * 4 for place in range(bands[0])):
        return None  # Whose each fact is stands beside it: a list of facts, no cards.
    ends = [*bands[1:], max(map(len, rows)) + 1]
    stacked = [[*row[left:end]] for left, end in zip(bands, ends, strict=True) for row in rows[top:]]
    labels = sorted(place - bands[0] for place in lefts if place < ends[0])
    records, names, aside = _gathered(stacked, labels, key)
    times = Counter(label for record in records for label in record.cells)
    usual = [label for label, count in times.items() if count * 2 >= len(records)]
    if len(records) < 2 or len(usual) < 3 or sum(times.values()) * 3 > sum(times[label] for label in usual) * 4:
        return None
    if not _tells([(label, ["".join(record.cells.get(label, ())) for record in records]) for label in names]):
        return None
    height = len(rows) - top
    records.sort(key=lambda record: (record.row % height, record.row))
    columns = {label: ["\n".join(record.cells.get(label, ())) for record in records] for label in names}
    places: dict[int, None] = {}
    for record in records:  # Cards side by side begin in one row; each is known by another of its rows.
        places[next(row for row in range(record.row % height + top + 1, len(rows) * 2) if row not in places)] = None
    cells: list[Row] = [list(names)]
    cells.extend([columns[label][place] or None for label in names] for place in range(len(records)))
    made = UprightGrid(
        grid.name,
        cells,
        notes=grid.notes,
        places=tuple(places),
        letters=tuple(f"{column_letters(place + bands[0])}（{label}）" for label, place in names.items()),
        range=a1(top, lefts[0], len(rows) - 1, max(map(len, rows)) - 1),
        head=records[0].row % height + top + 1,
    )
    said = note("cards", count=len(records), text="\n".join(line for line in aside if line not in title))
    heads = [record.cells.get(_HEADING) for record in records]
    over = tuple(line for line in title if [_MARK.sub("", line)] not in heads)
    return Upright(made, _block(cells, tuple((label,) for label in names), over, ()), said)


@dataclass(slots=True)
class _Card:
    """One card: the row it begins in, and what stands beside each label."""

    row: int
    cells: dict[str, list[str]]


def _gathered(rows: Sequence[Row], lefts: Sequence[int], key: str) -> tuple[list[_Card], dict[str, int], list[str]]:
    """Return the cards that begin with a label, {label: the column its values stand in}, and the lines that belong to none."""
    starts = {number for number, row in enumerate(rows) if _label(_at(row, lefts[0])) == key}
    headings = {start: _heading_above(rows, start) for start in starts}
    headed = sum(map(bool, headings.values())) * 2 > len(starts)
    cards: list[_Card] = []
    names: dict[str, int] = {_HEADING: lefts[0]} if headed else {}
    aside: list[str] = []
    last: dict[int, str] = {}
    for number, row in enumerate(rows):
        if headed and number + 1 in starts and headings[number + 1]:
            cards.append(_Card(number, {_HEADING: [headings[number + 1]]}))
            continue
        if number in starts and not (headed and cards and cards[-1].row == number - 1):
            cards.append(_Card(number, {}))
        if number in starts:
            last = {}
        labels = {place: _label(_at(row, place)) for place in lefts if _at(row, place)}
        values = [place for place in filled(row) if place not in lefts]
        if not cards or (labels and not values and not any(map(_known, labels.values()))):
            aside.extend([" ".join(_at(row, place) for place in filled(row))] if filled(row) else [])
            continue
        last |= labels
        for place in values:
            left = max((column for column in lefts if column < place), default=lefts[0])
            label = last.get(left, "")
            if not label:
                aside.append(_at(row, place))
                continue
            names.setdefault(label, place)
            cards[-1].cells.setdefault(label, []).append(_at(row, place))
    return cards, names, aside


def _heading_above(rows: Sequence[Row], start: int) -> str:
    """Return the lone words right above a card, where they are no label with a value."""
    above = filled(rows[start - 1]) if start else []
    word = _at(rows[start - 1], above[0]) if len(above) == 1 else ""
    return _MARK.sub("", word) if word and _known(_label(word)) is None and len(word) <= 60 else ""


def _block(
    cells: Sequence[Row], parts: tuple[tuple[str, ...], ...], title: tuple[str, ...], notes: tuple[Note, ...]
) -> Block:
    return Block(
        header_rows=(0,),
        first_row=1,
        last_row=len(cells) - 1,
        columns=tuple(range(len(parts))),
        parts=parts,
        units=("",) * len(parts),
        title_lines=title,
        notes=notes,
        filled_rows=len(cells) - 1,
    )


def _at(row: Row, place: int) -> str:
    cell = row[place] if place < len(row) else None
    return cell if cell and not cell.isspace() else ""


def _label(cell: str) -> str:
    return _END.sub("", header_text(cell))


@cache
def _words() -> dict[str, SchemaField]:
    """Return the names that facts of facilities, events and permits have in any standard table; what counts people is left out."""
    found: dict[str, SchemaField] = {}
    for name in schema_names():
        schema = load_schema(name)
        for field in schema.targets if schema.table != "population" else ():
            if field.concept in ("count", "flag.mark"):
                continue
            for word in (field.name, *field.synonyms):
                if len(fold(word)) > 1:
                    found.setdefault(fold(word), field)
    return found


def _known(label: str) -> SchemaField | None:
    return _words().get(fold(label)) if 1 < len(label) <= 24 else None
