"""Which parts of a grid are tables: runs of rows and strips of columns, with titles above and remarks around them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tdpf.controlplane.preparation.engine.cells import DATE, header_text, is_number, is_remark
from tdpf.controlplane.preparation.engine.grid import Grid, a1, filled
from tdpf.controlplane.preparation.engine.headers import Header, find_header
from tdpf.controlplane.preparation.engine.linkdata import find_linkdata, property_name
from tdpf.controlplane.preparation.engine.notes import note
from tdpf.controlplane.preparation.engine.segments import (
    DATED,
    LEADS,
    NUMBERS,
    counts_up,
    head_at,
    kept_from,
    merges_from,
    starts_table,
    starts_within,
)
from tdpf.controlplane.preparation.engine.sketch import HEAD, Sketch, draw
from tdpf.controlplane.preparation.engine.types import Note

_FOOT = re.compile(
    r"\s*[（(]?(?:担当|お?問い?合わ?せ|連絡先|作成|更新|提供|データ提供)(?:部署|部局|課|係|先|者|日|元)?\s*[：:]|\s*以上\s*$|.{10,}。\s*$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One table in a grid. Rows and columns count from 0 in the grid and are inclusive.

    `columns` are the grid's columns that belong to the table; `parts` and `units` go with them, and so does `english`, what
    the header says in English beside the Japanese, where there is any.
    """

    header_rows: tuple[int, ...]
    first_row: int
    last_row: int
    columns: tuple[int, ...]
    parts: tuple[tuple[str, ...], ...]
    units: tuple[str, ...]
    english: tuple[str, ...] = ()
    title_lines: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    filled_rows: int = 0

    @property
    def top(self) -> int:
        """The first row of the table, its header included."""
        return min((*self.header_rows, self.first_row))

    @property
    def range(self) -> str:
        """Where the table stands, in A1 notation."""
        return a1(self.top, self.columns[0], max(self.last_row, self.top), self.columns[-1])


def find_blocks(grid: Grid) -> list[Block]:
    """Return the tables of a grid, from left to right and from top to bottom; empty when nothing is filled."""
    sketch = draw(grid)
    strips = _strips(sketch)
    if not strips:
        return []
    if len(strips) == 1:
        blocks = _in_strip(grid, sketch, 0)
        again = repeated(blocks[0].parts) if len(blocks) == 1 else 0
        if not again:
            return blocks
        lefts = blocks[0].columns[::again]
        parts = [(left, draw(grid, left, left + again - 1)) for left in lefts]
        titles = blocks[0].title_lines
        return [replace(block, title_lines=titles) for left, part in parts for block in _in_strip(grid, part, left)]
    return _beside(grid, sketch, strips)


def repeated(parts: tuple[tuple[str, ...], ...]) -> int:
    """Return after how many columns a header begins again, all of it: a long list that was set in two halves side by side; else 0."""
    for width in range(2, len(parts) // 2 + 1):
        first = parts[:width]
        if (
            len(parts) % width == 0
            and all(first)
            and len(set(first)) == width
            and first * (len(parts) // width) == parts
        ):
            return width
    return 0


def _strips(sketch: Sketch) -> list[tuple[int, int]]:
    """Return the runs of used columns; columns that show nothing part them."""
    runs: list[tuple[int, int]] = []
    for column in sketch.used_columns:
        if runs and runs[-1][1] == column - 1:
            runs[-1] = (runs[-1][0], column)
        else:
            runs.append((column, column))
    return runs


def _beside(grid: Grid, whole: Sketch, strips: list[tuple[int, int]]) -> list[Block]:
    """Decide about strips side by side: one table with gaps, several tables, or a table with remarks beside it."""
    cells = [sum(whole.column_fill[left : right + 1]) for left, right in strips]
    main = max(range(len(strips)), key=lambda index: cells[index])
    sketches = [draw(grid, left, right) for left, right in strips]
    found = [_in_strip(grid, strip_sketch, left) for strip_sketch, (left, _) in zip(sketches, strips, strict=True)]
    if not found[main]:
        return _in_strip(grid, whole, 0)
    anchor = found[main][0]
    tables: list[Block] = []
    remarks: list[Note] = []
    joined = False
    for index, (strip, blocks) in enumerate(zip(strips, found, strict=True)):
        if index == main:
            tables.extend(blocks)
        elif any(_goes_on(block, anchor) and not _leads_alone(sketches[index], block, anchor) for block in blocks):
            joined = True
        elif any(_is_table(block, anchor) for block in blocks):
            tables.extend(blocks)
        elif _within(sketches[index], anchor):
            joined = True
        else:
            remarks.append(_remark_beside(sketches[index], strip))
    if joined:
        return _in_strip(grid, whole, 0)
    tables.sort(key=lambda block: (block.top, block.columns[0]))
    if remarks and tables:
        tables = [
            replace(block, notes=(*block.notes, *remarks)) if block.columns == anchor.columns else block
            for block in tables
        ]
    return tables


def _goes_on(block: Block, anchor: Block) -> bool:
    """Say whether a strip carries on the rows of the main table: the same header row, and no end of its own."""
    if not block.header_rows or block.header_rows != anchor.header_rows or not _other_names(block, anchor):
        return False
    if _is_legend(block, anchor):
        return False
    ends_alone = abs(block.last_row - anchor.last_row) > 1 and block.filled_rows == block.last_row - block.first_row + 1
    apart = block.columns[0] - anchor.columns[-1] > 2 or anchor.columns[0] - block.columns[-1] > 2
    return not (ends_alone and apart and _is_table(block, anchor))


def _is_legend(block: Block, anchor: Block) -> bool:
    """Say whether a lone column beside the table is a legend or a note with a few words, not a column of remarks on rows."""
    label = block.parts[0][-1] if len(block.columns) == 1 and block.parts[0] else ""
    return is_remark(label) and not label.startswith("備考") and block.filled_rows * 5 <= anchor.filled_rows


def _leads_alone(sketch: Sketch, block: Block, anchor: Block) -> bool:
    """Say whether a strip under the same header row is a table nevertheless: it numbers or dates its own rows.

    Where both end in the same row, its first columns must count on their own; where it ends earlier, without a gap in
    it, a first column that may lead rows is enough.
    """
    if not _is_table(block, anchor) or len(block.columns) < 3 or block.filled_rows < 3:
        return False
    lead = header_text(block.parts[0][-1]) if block.parts[0] else ""
    other = header_text(anchor.parts[0][-1]) if anchor.parts[0] else ""
    if not (LEADS.search(lead) and LEADS.search(other)):
        return False
    rows = [sketch.kept[row] for row in range(block.first_row, block.last_row + 1) if row in sketch.kept]
    if any(filled(row) != list(range(len(block.columns))) for row in rows):
        return False
    if anchor.last_row - block.last_row > 1:
        return len({row[0] for row in rows}) == len(rows) or DATED.search(lead) is not None
    if counts_up([row[0] for row in rows], years=DATED.search(lead) is not None):
        return True
    return any(
        NUMBERS.search(header_text(block.parts[column][-1])) and counts_up([row[column] for row in rows])
        for column in range(min(3, len(block.columns)))
    )


def _other_names(block: Block, other: Block) -> bool:
    """Say whether the labels are new ones, and labels at all: a day or a number beside a word is a remark."""
    labels = [part for parts in block.parts for part in parts]
    return not set(block.parts) & set(other.parts) and not any(
        is_number(label) or DATE.fullmatch(label) for label in labels
    )


def _within(sketch: Sketch, anchor: Block) -> bool:
    """Say whether a strip without a header of its own is a stray column of the table: many values beside its rows."""
    used = [row for row, count in enumerate(sketch.fill) if count]
    inside = [row for row in used if anchor.first_row <= row <= anchor.last_row]
    return bool(used) and len(inside) == len(used) and len(inside) * 3 >= anchor.filled_rows


def _is_table(block: Block, main: Block) -> bool:
    """Say whether a strip beside the main table is a table too: two columns with a handful of lines are a remark."""
    if len(block.columns) < 2 or not all(block.parts) or not block.filled_rows:
        return False
    if {parts[-1] for parts in block.parts} == {parts[-1] for parts in main.parts if parts}:
        return True
    if block.filled_rows < 3:
        return False
    return len(block.columns) >= 3 or block.filled_rows >= max(8, main.filled_rows // 5)


def _remark_beside(sketch: Sketch, strip: tuple[int, int]) -> Note:
    used = [row for row, count in enumerate(sketch.fill) if count]
    place = a1(used[0], strip[0], used[-1], strip[1])
    words = [" ".join(cell for cell in sketch.kept[row] if cell) for row in used if row in sketch.kept]
    return note("beside-table", where=place, text="\n".join(words), range=place)


def _in_strip(grid: Grid, sketch: Sketch, left: int) -> list[Block]:
    """Return the tables of one strip, parted where a new header follows a blank row."""
    segments = sketch.segments()
    if not segments:
        return []
    head = [sketch.kept.get(row, []) for row in range(min(HEAD, sketch.height))]
    linked = find_linkdata(head)
    if linked is not None:
        return [_linkdata_block(sketch, linked.header, linked.preamble, left)]
    starts = [segments[0][0]]
    first = head_at(grid, sketch, segments[0][0], left)
    for place, (start, end) in enumerate(segments):
        rows = kept_from(sketch, start, end)
        if place and rows and starts_table(rows, first, sketch, start, end):
            starts.append(start)
            first = head_at(grid, sketch, start, left)
        if starts[-1] == start:
            starts.extend(starts_within(sketch, start, end, first))
    ends = [*(start - 1 for start in starts[1:]), segments[-1][1]]
    blocks = [_block(grid, sketch, start, end, left) for start, end in zip(starts, ends, strict=True)]
    return [block for block in blocks if block is not None]


def _block(grid: Grid, sketch: Sketch, start: int, end: int, left: int) -> Block | None:
    rows = [sketch.kept.get(row, []) for row in range(start, min(start + HEAD, end + 1))]
    header = find_header(rows, sketch.width, merges_from(grid, start, left))
    header_rows = tuple(row + start for row in header.rows)
    titles = [row + start for row in header.titles]
    first_row = max((*header_rows, *titles), default=start - 1) + 1
    last_row, below = _cut_remarks(sketch, first_row, end)
    notes: list[Note] = []
    title_lines = tuple(_line(sketch, row) for row in titles)
    if titles:
        notes.append(note("title-rows", where=_rows(titles), text="\n".join(title_lines), count=len(titles)))
    if not header_rows:
        notes.append(note("header-missing", where=_rows([first_row]), level="warning"))
    naming = len(header_rows) - int(header.unit_row) - int(header.latin_row)
    if naming > 1:
        notes.append(note("header-joined", where=_rows(list(header_rows)), count=naming))
    if header.english:
        words = " ".join(filter(None, header.english))
        notes.append(note("header-bilingual", where=_rows(list(header_rows)), text=words))
    if header.unit_row:
        notes.append(note("unit-row", where=_rows(list(header_rows[-1:]))))
    if header.merged:
        notes.append(note("merged-header", where=_rows(list(header_rows))))
    if below:
        words = "\n".join(_line(sketch, row) for row in below)
        notes.append(note("notes-below", where=_rows(below), text=words, count=len(below)))
    columns = _columns(sketch, header, first_row, last_row)
    if not columns:
        return None
    unused = [c for c in range(columns[0], columns[-1]) if c not in columns]
    if unused:
        notes.append(note("blank-columns", count=len(unused)))
    return Block(
        header_rows=header_rows,
        first_row=first_row,
        last_row=last_row,
        columns=tuple(column + left for column in columns),
        parts=tuple(header.parts[column] for column in columns),
        units=tuple(header.units[column] for column in columns),
        english=tuple(header.english[column] for column in columns) if header.english else (),
        title_lines=title_lines,
        notes=tuple(notes),
        filled_rows=sum(1 for row in range(first_row, last_row + 1) if sketch.fill[row]),
    )


def _linkdata_block(sketch: Sketch, header: int, preamble: tuple[int, ...], left: int) -> Block:
    names = [property_name(cell) for cell in sketch.kept[header]]
    width = max(sketch.width, len(names))
    names += [""] * (width - len(names))
    columns = [
        column for column in range(width) if names[column] or (column < sketch.width and sketch.column_fill[column])
    ]
    first_row = max((header, *preamble)) + 1
    lines = tuple(_line(sketch, row) for row in preamble)
    last_row = max((row for row, count in enumerate(sketch.fill) if count), default=first_row - 1)
    return Block(
        header_rows=(header,),
        first_row=first_row,
        last_row=last_row,
        columns=tuple(column + left for column in columns),
        parts=tuple((names[column],) if names[column] else () for column in columns),
        units=("",) * len(columns),
        title_lines=(),
        notes=(note("linkdata", where=_rows(list(preamble)), text="\n".join(lines), count=len(preamble)),),
        filled_rows=sum(1 for row in range(first_row, last_row + 1) if sketch.fill[row]),
    )


def _columns(sketch: Sketch, header: Header, first_row: int, last_row: int) -> list[int]:
    """Return the columns that have a name, or a value in the body."""
    columns = []
    for column in range(sketch.width):
        in_body = (
            sketch.column_fill[column] > 0
            and sketch.column_last[column] >= first_row
            and sketch.column_first[column] <= last_row
            and _filled_between(sketch, column, first_row, last_row)
        )
        if header.parts[column] or in_body:
            columns.append(column)
    return columns


def _filled_between(sketch: Sketch, column: int, first_row: int, last_row: int) -> bool:
    """Say whether a column shows something inside the body; where rows were not kept, it is taken to."""
    if first_row <= sketch.column_first[column] <= last_row or first_row <= sketch.column_last[column] <= last_row:
        return True
    if last_row - first_row >= len(sketch.kept):
        return True
    for row in range(first_row, last_row + 1):
        cells = sketch.kept.get(row)
        if cells is None:
            if sketch.fill[row]:
                return True
        elif column < len(cells) and cells[column] and not str(cells[column]).isspace():
            return True
    return False


def _cut_remarks(sketch: Sketch, first_row: int, end: int) -> tuple[int, list[int]]:
    """Walk up from the end over remarks; return the last row of data and the remark rows in order."""
    typical = sorted(count for count in sketch.fill[first_row : end + 1] if count)
    usual = typical[len(typical) // 2] if typical else 0
    widest = typical[len(typical) * 3 // 4] if typical else 0
    below: list[int] = []
    row = end
    while row >= first_row:
        count = sketch.fill[row]
        if not count:
            row -= 1
            continue
        cells = [cell for cell in sketch.kept.get(row, []) if cell and not cell.isspace()]
        apart = _gap_between(sketch, first_row, row) and count * 5 <= max(usual, 5)
        marked = (
            count <= 2 and widest > 2 and bool(cells) and (is_remark(cells[0]) or _carries_on(sketch, first_row, row))
        )
        if not cells or not (marked or (apart and usual > count and not _is_counted(cells))):
            break
        below.append(row)
        row -= 1
    while row >= first_row and not sketch.fill[row]:
        row -= 1
    return row, below[::-1]


def _is_counted(cells: list[str]) -> bool:
    """Say whether a number leads a word, as it does in a list whose records say little."""
    return len(cells) > 1 and is_number(cells[0]) and not is_number(cells[1]) and not is_remark(cells[1])


def _carries_on(sketch: Sketch, first_row: int, row: int) -> bool:
    """Say whether a line at the end says whom to ask or is a sentence, or stands right below a remark it carries on."""
    for above in range(row, max(first_row, row - 5), -1):
        cells = [cell for cell in sketch.kept.get(above, []) if cell and not cell.isspace()]
        if sketch.fill[above] != 1 or not cells:
            return False
        if is_remark(cells[0]) or _FOOT.match(cells[0]):
            return True
    return False


def _gap_between(sketch: Sketch, first_row: int, row: int) -> bool:
    """Say whether a blank row parts this row (and what stands right above it) from the body."""
    above = row - 1
    while above >= first_row and sketch.fill[above]:
        if sketch.fill[above] > 2:
            return False
        above -= 1
    return above >= first_row and not sketch.fill[above]


def _line(sketch: Sketch, row: int) -> str:
    return " ".join(cell.strip() for cell in sketch.kept.get(row, []) if cell and cell.strip())


def _rows(rows: list[int]) -> str:
    numbers = sorted(row + 1 for row in rows)
    if not numbers:
        return ""
    span = str(numbers[0]) if numbers[0] == numbers[-1] else f"{numbers[0]}-{numbers[-1]}"
    return f"{span}行目 / row {span}"
