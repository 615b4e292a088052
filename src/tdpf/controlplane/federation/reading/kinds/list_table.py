"""A municipality's list of its datasets as CSV or Excel: the national standard's, or of any layout."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from tdpf.controlplane.catalog.types import StatedDataset, StatedDistribution
from tdpf.controlplane.federation.errors import AnswerNotUnderstood
from tdpf.controlplane.federation.reading import list_rows
from tdpf.controlplane.federation.reading.guarding import guarded
from tdpf.controlplane.federation.reading.html_text import read_page
from tdpf.controlplane.federation.reading.json_text import is_landing_page
from tdpf.controlplane.federation.reading.list_columns import (
    FILE_ROLES,
    LOOKED_AT,
    Columns,
    Row,
    bytes_in,
    find_columns,
    first_address,
    formats_in,
    is_file,
)
from tdpf.controlplane.federation.reading.list_folder import list_folder
from tdpf.controlplane.federation.reading.list_rows import Datasets, ListedTable, Placed, tables_of
from tdpf.controlplane.federation.reading.list_titles import title_of_list
from tdpf.controlplane.federation.reading.paging import PageWatch
from tdpf.controlplane.federation.reading.reader import goes_on_at, unchanged
from tdpf.controlplane.federation.reading.taking import NO_TITLE, TITLE, TOO_MANY, Taking, clean, joined
from tdpf.controlplane.federation.types import KindGuess, LeftOut, ReadingOrder, ReadPage, ReadRecord, SourceKind
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.controlplane.preparation.errors import NotReadable
from tdpf.kit.sites import Answer
from tdpf.kit.text import Text

_ACCEPT = "text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, */*;q=0.5"
_RECORDS_A_PAGE, _FAULTS_A_PAGE = 500, 5000
_EXTRAS = 80
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_LISTED = re.compile(r"[,，、;；\n]")
_LIST_WORDS = re.compile(
    r"データセット一覧|オープンデータ(?:の)?(?:一覧|リスト|カタログ)|公開データ(?:の)?一覧|open_?data_?list|dataset_?list",
    re.IGNORECASE,
)


class ListTableReader:
    """Reads the file with the platform's own table reader; each row, or the rows of one dataset, become a record."""

    kind = SourceKind(
        kind="list_table",
        title=Text("データセット一覧の表（CSV・Excel）", "list of datasets as a table (CSV, Excel)"),
        address_hint=Text("表のファイルのアドレス", "the address of the file"),
        options={
            "publisher": Text("公開者の名前（表にない場合）", "the publisher's name, where the table has none"),
            "licence": Text("ライセンス（表にない場合）", "the licence, where the table has none"),
            "choice": Text("ブックの中の表（シートの名前）", "the table in a workbook (name of the sheet)"),
        },
    )

    def read(self, visitor: Visitor, order: ReadingOrder) -> Iterator[ReadPage]:
        """Yield pages of records; `mark` holds the file's validators and digest."""
        with list_folder() as folder:
            answer = visitor.get(
                order.url,
                accept=_ACCEPT,
                etag=str(order.since.get("etag", "")),
                last_modified=str(order.since.get("last_modified", "")),
                into=folder / "file",
            )
            with (folder / "file").open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            if answer.status == 304 or (digest == order.since.get("digest") and not order.cursor):
                yield unchanged(order.since)
                return
            yield from _pages(_Listing(answer, order.options, folder), order, digest, answer)

    def guess(self, visitor: Visitor, url: str) -> KindGuess | None:
        """Return a guess when the address is such a table, or a page with a link that is called a list of data."""
        answer = visitor.peek(url, accept=_ACCEPT, bytes_wanted=visitor.manners.max_bytes)
        if answer is None or answer.status != 200 or is_landing_page(answer.body):
            return None
        addresses = [answer.url]
        if answer.body[:2000].lstrip().lower().startswith((b"<!doctype", b"<html")):
            anchors = read_page(answer.body, answer.charset).anchors
            addresses = [
                joined(answer.url, href)
                for href, words in anchors
                if is_file(href) and (_LIST_WORDS.search(words) or _LIST_WORDS.search(href))
            ][:3]
        for at in filter(None, addresses):
            found = (
                answer if at == answer.url else visitor.peek(at, accept=_ACCEPT, bytes_wanted=visitor.manners.max_bytes)
            )
            if found is None or found.status != 200:
                continue
            try:
                records, *_ = read_list(found, {})
            except (NotReadable, AnswerNotUnderstood):
                continue
            if records:
                told = f"{len(records)}{'+' if found.cut else ''}"
                return KindGuess(
                    kind="list_table",
                    url=at,
                    certainty=78,
                    evidence=Text(f"{at} はデータセット {told} 件の表です", f"{at} is a table of {told} datasets"),
                    count=None if found.cut else len(records),
                    title=title_of_list(found),
                )
        return None


READER = ListTableReader()


def read_list(answer: Answer, options: Mapping[str, str]) -> tuple[list[ReadRecord], list[LeftOut], list[Text], bool]:
    """Return the records of the tables that list datasets, what was left out, remarks, and whether that is all of them.

    A table that is no list counts as one that could not be read when it holds addresses.
    Raises the reader's `NotReadable`, and AnswerNotUnderstood when no table lists datasets.
    """
    with list_folder() as folder:
        listing = _Listing(answer, options, folder)
        pieces = list(listing.pieces())
    records = [record for record, _ in pieces if record is not None]
    return records, [fault for _, left in pieces for fault in left], listing.remarks, listing.whole


def _pages(listing: _Listing, order: ReadingOrder, digest: str, answer: Answer) -> Iterator[ReadPage]:
    watch = PageWatch(max_records=order.max_records)
    begun, taken = goes_on_at(order.cursor, digest=digest), 0
    records: list[ReadRecord] = []
    faults: list[LeftOut] = []
    for record, left in listing.pieces():
        if record is not None and taken >= order.max_records:
            listing.whole = False
            break
        was_taken = taken < begun
        taken += record is not None
        if was_taken:
            continue
        records += [record] if record is not None else []
        faults += left
        if len(records) == _RECORDS_A_PAGE or len(faults) >= _FAULTS_A_PAGE:
            yield _page(listing, watch, records, faults, {"at": taken, "digest": digest})
            records, faults = [], []
    if records:
        yield _page(listing, watch, records, faults, {"at": taken, "digest": digest})
        faults = []
    yield ReadPage(
        left_out=tuple(faults),
        remarks=listing.told(),
        announced=taken,
        is_last=True,
        coverage="all" if listing.whole else "part",
        mark={"etag": answer.etag, "last_modified": answer.last_modified, "digest": digest},
    )


def _page(
    listing: _Listing,
    watch: PageWatch,
    records: list[ReadRecord],
    faults: list[LeftOut],
    cursor: Mapping[str, object],
) -> ReadPage:
    kept, same = watch.once(records)
    return ReadPage(
        records=tuple(kept),
        left_out=(*faults, *same),
        remarks=listing.told(),
        announced=listing.announced,
        cursor=cursor,
    )


class _Listing:
    """One reading of a file: `whole` says whether everything was seen, `announced` how many datasets its tables have so far."""

    def __init__(self, answer: Answer, options: Mapping[str, str], folder: Path) -> None:
        self.whole = True
        self.announced = 0
        self.remarks: list[Text] = []
        self._told = 0
        self._answer = answer
        self._options = options
        self._folder = folder

    def told(self) -> tuple[Text, ...]:
        """Return the remarks that were not told yet."""
        fresh = tuple(self.remarks[self._told :])
        self._told = len(self.remarks)
        return fresh

    def pieces(self) -> Iterator[tuple[ReadRecord | None, list[LeftOut]]]:
        """Yield each record with what was left out of it, and what was left out as a whole. Raises as `read_list`."""
        is_list = False
        for table in tables_of(self._answer, self._options.get("choice", ""), self._folder):
            for piece in self._of(table):
                is_list = True
                yield piece
        if not is_list:
            raise AnswerNotUnderstood(
                url=self._answer.url,
                why_ja="データセットの一覧の表がありません",
                why_en="there is no table that lists datasets",
            )

    def _of(self, table: ListedTable) -> Iterator[tuple[ReadRecord | None, list[LeftOut]]]:
        sheet, url = table.sheet, self._answer.url
        self.remarks += table.said
        if not table.names:
            self.whole = False
            self.remarks.append(Text(f"表「{sheet}」を読めませんでした", f"the table “{sheet}” could not be read"))
            return
        if table.row_count > list_rows.ROWS:
            self.whole = False
            most = list_rows.ROWS
            self.remarks.append(
                Text(f"表「{sheet}」の {most} 行までを読みました", f"of the table “{sheet}” {most} rows were read")
            )
        columns = find_columns(table.names, list(islice(table.rows(), LOOKED_AT)))
        if columns is None:
            self.remarks.append(
                Text(
                    f"表「{sheet}」は一覧ではないため読みませんでした",
                    f"the table “{sheet}” is no list and was not read",
                )
            )
            self.whole = self.whole and not any(_ADDRESS.search(cell or "") for row in table.rows() for cell in row)
            return
        if columns.guessed:
            told = "、".join(f"{role}={table.names[columns.places[role]]}" for role in sorted(columns.guessed))
            self.remarks.append(
                Text(f"列の意味を値から推定しました: {told}", f"what columns mean was told by their cells: {told}")
            )
        datasets = Datasets(table.rows, columns)
        self.announced += len(datasets)
        for place in datasets.untitled():
            yield None, [Taking(_where(url, sheet, place)).refusal("no-title", NO_TITLE)]
        for key, rows in datasets.groups():
            read = partial(_record, key, rows, table.names, columns, url, sheet, self._options)
            yield guarded(read, None, where=_where(url, sheet, rows[0][0]), key=key)


def _record(
    key: str,
    entries: list[Placed],
    names: Sequence[str],
    columns: Columns,
    url: str,
    sheet: str,
    options: Mapping[str, str],
) -> tuple[ReadRecord | None, list[LeftOut]]:
    place, row = entries[0]
    taking = Taking(_where(url, sheet, place), key)

    def said(role: str, limit: int = 1000) -> str:
        return taking.text(columns.of(row, role), role, limit=limit)

    page = taking.address(first_address(columns.of(row, "page")), "page", at=url) if columns.of(row, "page") else ""
    subtitle, remarks = said("subtitle"), columns.of(row, "remarks")
    prefecture, publisher = said("prefecture"), said("publisher")
    stated = StatedDataset(
        record_id=key,
        title=" ".join(part for part in (said("title", TITLE), subtitle) if part),
        description=taking.prose(
            "\n".join(part for part in (columns.of(row, "description"), remarks) if part), "description"
        ),
        themes=taking.texts(
            [word for role in ("theme", "theme2") for word in _LISTED.split(columns.of(row, role))], "themes"
        ),
        keywords=taking.texts(_LISTED.split(columns.of(row, "keywords")), "keywords", limit=200),
        publisher_name=publisher or options.get("publisher", ""),
        publisher_id=said("publisher_code"),
        licence=said("licence") or options.get("licence", ""),
        rights=taking.prose(columns.of(row, "terms"), "terms"),
        languages=taking.texts(formats_in(columns.of(row, "language")), "languages"),
        frequency=said("frequency"),
        spatial=taking.texts(
            [columns.of(row, "area") or (prefecture + publisher if prefecture and publisher else "")], "spatial"
        ),
        period_text=said("period"),
        issued=taking.moment(columns.of(row, "issued"), "issued"),
        modified=taking.moment(columns.of(row, "modified"), "modified"),
        contact_name=said("contact"),
        contact_email=said("contact_email"),
        contact_url=taking.address(columns.of(row, "contact_url"), "contact_url", at=url),
        landing_url="" if is_file(page) else page,
        provenance=taking.prose(columns.of(row, "provenance"), "provenance"),
        conforms_to=taking.texts(_LISTED.split(columns.of(row, "conforms_to")), "conforms_to"),
        distributions=_distributions(entries, columns, taking, page, url),
        extras=_rest(row, names, columns, taking),
    )
    original = taking.original([dict(zip(names, entry, strict=False)) for _, entry in entries])
    return ReadRecord(
        stated=stated, url=stated.landing_url or url, original=original, where=taking.where
    ), taking.left_out


def _rest(row: Row, names: Sequence[str], columns: Columns, taking: Taking) -> dict[str, str]:
    read = set(columns.places.values()) - {columns.places.get("api"), columns.places.get("version")}
    rest = [
        (clean(name)[:200], cell)
        for at, (name, cell) in enumerate(zip(names, row, strict=False))
        if at not in read and cell
    ]
    if len(rest) > _EXTRAS:
        taking.leave("extras", "too-long", TOO_MANY.filled({"count": len(rest), "limit": _EXTRAS}))
    return {name: text for name, cell in rest[:_EXTRAS] if (text := taking.prose(cell, name, limit=4000))}


def _distributions(
    entries: list[Placed], columns: Columns, taking: Taking, page: str, url: str
) -> tuple[StatedDistribution, ...]:
    found: list[StatedDistribution] = []
    for place, row in entries:
        part = f"row {place + 1}"
        file = taking.address(first_address(columns.of(row, "file")), part, at=url) if columns.of(row, "file") else ""
        access = (
            taking.address(first_address(columns.of(row, "file_page")), part, at=url)
            if columns.of(row, "file_page")
            else ""
        )
        file = file or (page if is_file(page) else "")
        formats = formats_in(columns.of(row, "format")) or ([""] if file or access else [])
        if not file and not access and not page and not any(columns.of(row, role) for role in FILE_ROLES):
            continue
        # One file has the formats its cell names; a page that names several leads to as many files.
        forms = [columns.of(row, "format")] if file and len(formats) > 1 else formats or [""]
        shared = _file(row, columns, taking, part, file, access or ("" if file else page))
        found += [replace(shared, format=taking.text(form, part, limit=200)) for form in forms]
    return tuple(dict.fromkeys(found))


def _file(row: Row, columns: Columns, taking: Taking, part: str, file: str, access: str) -> StatedDistribution:
    return StatedDistribution(
        title=taking.text(columns.of(row, "file_title"), part, limit=TITLE),
        description=taking.prose(columns.of(row, "file_description"), part),
        url=file,
        access_url=access,
        size=taking.size(bytes_in(columns.of(row, "size")), part),
        licence=taking.text(columns.of(row, "licence"), part),
        issued=taking.moment(columns.of(row, "file_issued"), f"{part}.issued"),
        modified=taking.moment(columns.of(row, "file_modified"), f"{part}.modified"),
        language=taking.text(columns.of(row, "file_language"), part),
        conforms_to=taking.texts(formats_in(columns.of(row, "file_conforms_to")), part),
        columns=taking.texts(re.split(r"[,，、\n]", columns.of(row, "columns")), part),
    )


def _where(url: str, sheet: str, place: int) -> str:
    return f"{url}#{sheet + '!' if sheet else ''}row={place + 1}"
