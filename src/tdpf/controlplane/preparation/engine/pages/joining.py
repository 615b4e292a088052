"""Parts of pages joined to whole tables: rows of text with merges, each cell with its page and box."""

from __future__ import annotations

from collections.abc import Sequence

from tdpf.controlplane.preparation.engine.cells import is_number
from tdpf.controlplane.preparation.engine.grid import Merge
from tdpf.controlplane.preparation.engine.notes import note
from tdpf.controlplane.preparation.engine.pages.continuing import carried_on, fill_labels, lists_joined, rest_of_row
from tdpf.controlplane.preparation.engine.pages.glyphs import mend_glyphs
from tdpf.controlplane.preparation.engine.pages.grids import PageGrid
from tdpf.controlplane.preparation.engine.pages.parts import PageParts, Part
from tdpf.controlplane.preparation.engine.pages.rows import Rows
from tdpf.controlplane.preparation.engine.pages.splitting import split_columns, split_joined, split_rows
from tdpf.controlplane.preparation.engine.pages.words import Line, confidence_of, line_text
from tdpf.controlplane.preparation.engine.types import CellPlace, Note, Row

_HEADER = 8


def join_pages(pages: Sequence[PageParts]) -> list[PageGrid]:
    """Return the tables of a document; a table that goes on over pages is one, its header kept once."""
    chains: list[list[Part]] = []
    for page in pages:
        for place, part in enumerate(page.parts):
            last = chains[-1][-1] if chains else None
            if (
                last is not None
                and (_follows(last, part, place, pages) or _is_beside(last, part))
                and (widened := _common_columns(chains[-1], part)) is not None
            ):
                for chained, xs in zip([*chains[-1], part], widened, strict=True):
                    _lay_over(chained, xs)
                chains[-1].append(part)
            else:
                chains.append([part])
    grids = []
    for number, chain in enumerate(chains, start=1):
        grid = _grid(chain, f"表{number}")
        if any(any(row) for row in grid.cells):
            grids.append(grid)
    return grids


def _follows(last: Part, part: Part, place: int, pages: Sequence[PageParts]) -> bool:
    """Say whether a part is the first of its page and the other the last of an earlier one."""
    return place == 0 and last.page < part.page and last is _last_of(pages, last.page)


def _is_beside(last: Part, part: Part) -> bool:
    """Say whether a part stands to the right of another on the same page and begins with the same labels."""
    if last.page != part.page or last.xs[-1] > part.xs[0] or last.columns != part.columns:
        return False
    level = min(last.ys[-1], part.ys[-1]) - max(last.ys[0], part.ys[0])
    if level < 0.5 * min(last.ys[-1] - last.ys[0], part.ys[-1] - part.ys[0]):
        return False
    labels = [[cell.text for cell in entry.cells if cell.region.top == 0] for entry in (last, part)]
    return labels[0] == labels[1] and sum(map(bool, labels[0])) >= 2


def _last_of(pages: Sequence[PageParts], number: int) -> Part | None:
    for page in pages:
        if page.page == number:
            return page.parts[-1] if page.parts else None
    return None


def _common_columns(chain: Sequence[Part], part: Part) -> list[list[float]] | None:
    """Return the edges of columns for every part, in its own places, when the parts are one table; else None."""
    last = chain[-1]
    if last.ruled != part.ruled:
        return None
    if not part.ruled:
        if part.columns != last.columns:
            return None
        return [list(entry.xs) for entry in [*chain, part]]
    if abs(last.width - part.width) > 0.03 * max(last.width, part.width):
        return None
    scale = last.width / part.width
    own = [(x - part.xs[0]) * scale for x in part.xs]
    known = [x - last.xs[0] for x in last.xs]
    near = max(4.0, last.width * 0.006)
    common = [x for x in own if any(abs(x - other) <= near for other in known)]
    if len(common) < 2 or len(common) * 10 < 6 * min(len(own), len(known)):
        return None
    added = [x for x in own if not any(abs(x - other) <= near for other in known)]
    edges = sorted([*known, *added])
    laid = [[edge * entry.width / last.width + entry.xs[0] for edge in edges] for entry in chain]
    return [*laid, [edge / scale + part.xs[0] for edge in edges]]


def _lay_over(part: Part, xs: Sequence[float]) -> None:
    """Count a part's regions in new edges, of which its own are some."""
    if len(xs) == len(part.xs):
        part.xs = list(xs)
        return
    at = [min(range(len(xs)), key=lambda index: abs(xs[index] - x)) for x in part.xs]
    for cell in part.cells:
        region = cell.region
        cell.region = type(region)(region.top, at[region.left], region.bottom, at[region.right + 1] - 1)
    part.xs = list(xs)


def _grid(chain: Sequence[Part], name: str) -> PageGrid:
    split_columns(chain)
    rows = Rows()
    header: list[tuple[str, ...]] = []
    repeated = cut = 0
    said: list[str] = []
    for place, part in enumerate(chain):
        split_joined(part)
        split_rows(part)
        own = _rows_of(part)
        if place:
            first, count = _same_header(own, header)
            own = own.without(first, count)
            repeated += bool(count)
            before = len(own.cells)
            own = carried_on(rows, own, open_before=chain[place - 1].open_below)
            fill_labels(rows, own, _open_labels(chain[place - 1]))
            own = rest_of_row(rows, own)
            cut += len(own.cells) < before
        else:
            header = own.keys(0, _HEADER)
        rows.extend(_side_by_side(own, header))
        said.extend(_words_between(chain, place))
    above = [line_text(line) for line in chain[0].above]
    below = [line_text(line) for line in chain[-1].below]
    _put_around(rows, above, below, chain)
    notes = [note("pages", first=chain[0].page, last=chain[-1].page)]
    if repeated:
        notes.append(note("page-headers", count=repeated))
    if cut:
        notes.append(note("rows-over-pages", count=cut))
    if rows.mended:
        notes.append(note("glyphs-mended", count=rows.mended))
    if said:
        notes.append(note("words-between-pages", text="\n".join(said), count=len(said)))
    if not chain[0].ruled:
        notes.append(note("columns-by-words", level="warning"))
    return PageGrid(name, rows.cells, tuple(rows.merges), tuple(notes), rows.places)


def _open_labels(part: Part) -> list[int]:
    """Return the columns whose last cell goes over several rows and is ended by no rule."""
    return [
        cell.region.left
        for cell in part.cells
        if cell.region.top < cell.region.bottom == len(part.ys) - 2 and cell.open_below
    ]


def _rows_of(part: Part) -> Rows:
    columns, count = part.columns, len(part.ys) - 1
    rows = Rows([[None] * columns for _ in range(count)], [[None] * columns for _ in range(count)])
    for cell in part.cells:
        region = cell.region
        text, mended = mend_glyphs(cell.text)
        rows.mended += mended
        rows.cells[region.top][region.left] = text or None
        box = cell.box
        found = CellPlace(
            part.page,
            (round(box.left, 1), round(box.top, 1), round(box.right, 1), round(box.bottom, 1)),
            confidence_of(cell.letters) if text else None,
        )
        for row in range(region.top, region.bottom + 1):
            for column in range(region.left, region.right + 1):
                rows.places[row][column] = found
        if text and (region.bottom > region.top or region.right > region.left):
            rows.merges.append(Merge(region.top, region.left, region.bottom, region.right))
    return _without_blank(lists_joined(rows))


def _without_blank(rows: Rows) -> Rows:
    """Leave out rows that show nothing and that no merge passes through."""
    spanned = {row for merge in rows.merges for row in range(merge.top, merge.bottom + 1)}
    for index in range(len(rows.cells) - 1, -1, -1):
        if index not in spanned and not any(rows.cells[index]):
            rows = rows.without(index, 1)
    return rows


def _same_header(rows: Rows, header: Sequence[tuple[str, ...]]) -> tuple[int, int]:
    """Return which rows at the top say what the first part's top says: (first, how many)."""
    own = rows.keys(0, _HEADER)
    best = (0, 0)
    for start in range(min(4, len(header))):
        count = 0
        while count < len(own) and start + count < len(header) and own[count] == header[start + count]:
            count += 1
        if count > best[1] and any(sum(map(bool, key)) >= 2 for key in own[:count]):
            best = (0, count)
    return best


def _side_by_side(rows: Rows, header: Sequence[tuple[str, ...]]) -> Rows:
    """Stack blocks that stand side by side under the same header, page by page, from left to right."""
    columns = len(rows.cells[0]) if rows.cells else 0
    period, head = _period(header, columns)
    if not period:
        return rows
    top = 0
    own = rows.keys(0, _HEADER)
    if header[head] in own:
        top = own.index(header[head]) + 1
    body = rows.cells[top:]
    blocks = range(0, columns, period)
    named = all(
        sum(1 for row in body if row[left] and not is_number(str(row[left]))) * 2
        >= sum(1 for row in body if any(row[left : left + period]))
        for left in blocks
    )
    if not named or any(merge.left // period != merge.right // period for merge in rows.merges if merge.top >= top):
        return rows
    stacked = Rows([row[:period] for row in rows.cells[:top]], [row[:period] for row in rows.places[:top]])
    stacked.mended = rows.mended
    stacked.merges = [merge for merge in rows.merges if merge.bottom < top and merge.right < period]
    for left in blocks:
        at = len(stacked.cells)
        moved = []
        for index in range(top, len(rows.cells)):
            piece = rows.cells[index][left : left + period]
            if any(piece) or any(
                merge.top < index <= merge.bottom and left <= merge.left < left + period for merge in rows.merges
            ):
                moved.append(index)
                stacked.cells.append(piece)
                stacked.places.append(rows.places[index][left : left + period])
        for merge in rows.merges:
            if merge.top in moved and left <= merge.left < left + period:
                first = at + moved.index(merge.top)
                stacked.merges.append(
                    Merge(first, merge.left - left, first + merge.bottom - merge.top, merge.right - left)
                )
    return stacked


def _period(header: Sequence[tuple[str, ...]], columns: int) -> tuple[int, int]:
    """Return after how many columns a full header row begins anew, and which row it is; (0, 0) when none does."""
    for place, labels in enumerate(header[:4]):
        if not all(labels) or any(is_number(label) for label in labels):
            continue
        for period in range(2, columns // 2 + 1):
            if (
                columns % period == 0
                and labels == labels[:period] * (columns // period)
                and len(set(labels[:period])) == period
            ):
                grouped = any(any(row) for row in header[:place] if len(set(filter(None, row))) > 1)
                return (0, 0) if grouped else (period, place)
    return 0, 0


def _words_between(chain: Sequence[Part], place: int) -> list[str]:
    """Return the words around one part that neither stand above the first or below the last nor repeat those."""
    part, first = chain[place], chain[0]
    if place == 0:
        return [line_text(line) for line in part.below] if len(chain) > 1 else []
    known = {line_text(line) for line in (*first.above, *first.below)}
    lines = part.above if place == len(chain) - 1 else [*part.above, *part.below]
    return [text for line in lines if (text := line_text(line)) not in known]


def _put_around(rows: Rows, above: Sequence[str], below: Sequence[str], chain: Sequence[Part]) -> None:
    """Put the lines above the table over it and those below under a blank row, as a sheet would hold them."""
    columns = max((len(row) for row in rows.cells), default=1)
    blank: list[CellPlace | None] = [None] * columns

    def placed(line: Line, page: int) -> list[CellPlace | None]:
        box = line.box
        return [
            CellPlace(page, (round(box.left, 1), round(box.top, 1), round(box.right, 1), round(box.bottom, 1))),
            *blank[1:],
        ]

    top: list[Row] = [[mend_glyphs(text)[0], *[None] * (columns - 1)] for text in above]
    top_places = [placed(line, chain[0].page) for line in chain[0].above]
    rows.merges = [
        Merge(merge.top + len(top), merge.left, merge.bottom + len(top), merge.right) for merge in rows.merges
    ]
    rows.cells[:0] = top
    rows.places[:0] = top_places
    if below and chain[-1].below:
        rows.cells.append([None] * columns)
        rows.places.append(list(blank))
        for text, line in zip(below, chain[-1].below, strict=True):
            rows.cells.append([mend_glyphs(text)[0], *[None] * (columns - 1)])
            rows.places.append(placed(line, chain[-1].page))


def place_notes(pages: Sequence[PageParts]) -> list[Note]:
    """Return the words of pages that hold no table, as notes."""
    found = []
    for page in pages:
        if page.loose:
            words = "\n".join(line_text(line) for line in page.loose)[:20_000]
            found.append(
                note("page-of-words", where=f"{page.page}ページ / page {page.page}", text=words, page=page.page)
            )
    return found
