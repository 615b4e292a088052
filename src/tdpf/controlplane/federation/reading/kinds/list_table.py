"""A municipality's list of its datasets as CSV or Excel: the national standard's, or of any layout."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tdpf.controlplane.catalog.types import StatedDataset, StatedDistribution
from tdpf.controlplane.federation.errors import AnswerNotUnderstood
from tdpf.controlplane.federation.reading.guarding import guarded
from tdpf.controlplane.federation.reading.html_text import read_page
from tdpf.controlplane.federation.reading.json_text import is_landing_page
from tdpf.controlplane.federation.reading.list_columns import (
    FILE_ROLES,
    Columns,
    Row,
    bytes_in,
    find_columns,
    first_address,
    formats_in,
    is_file,
)
from tdpf.controlplane.federation.reading.list_titles import title_of_list
from tdpf.controlplane.federation.reading.paging import PageWatch
from tdpf.controlplane.federation.reading.reader import goes_on_at, unchanged
from tdpf.controlplane.federation.reading.taking import NO_TITLE, TITLE, TOO_MANY, Taking, clean, joined, short_key
from tdpf.controlplane.federation.types import KindGuess, LeftOut, ReadingOrder, ReadPage, ReadRecord, SourceKind
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.controlplane.preparation import queries as preparation
from tdpf.controlplane.preparation.errors import EmptyFile, NotReadable, SeveralTables
from tdpf.kit.sites import Answer
from tdpf.kit.text import Text

_ACCEPT = "text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, */*;q=0.5"
_RECORDS_A_PAGE = 500
_TABLES = 20
_ROWS = 200_000
_EXTRAS = 80
_Table = tuple[list[str], list[Row], str, list[Text]]
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
        answer = visitor.get(
            order.url,
            accept=_ACCEPT,
            etag=str(order.since.get("etag", "")),
            last_modified=str(order.since.get("last_modified", "")),
        )
        digest = hashlib.sha256(answer.body).hexdigest()
        if answer.status == 304 or (digest == order.since.get("digest") and not order.cursor):
            yield unchanged(order.since)
            return
        records, faults, remarks, whole = read_list(answer, order.options)
        watch = PageWatch(max_records=order.max_records)
        whole = whole and len(records) <= order.max_records
        records = records[: order.max_records]
        for begun in range(goes_on_at(order.cursor, digest=digest), len(records), _RECORDS_A_PAGE):
            chunk = records[begun : begun + _RECORDS_A_PAGE]
            kept, same = watch.once(chunk)
            yield ReadPage(
                records=tuple(kept),
                left_out=(*faults, *same),
                remarks=tuple(remarks),
                announced=len(records),
                cursor={"at": begun + len(chunk), "digest": digest},
            )
            faults, remarks = [], []
        yield ReadPage(
            left_out=tuple(faults),
            remarks=tuple(remarks),
            announced=len(records),
            is_last=True,
            coverage="all" if whole else "part",
            mark={"etag": answer.etag, "last_modified": answer.last_modified, "digest": digest},
        )

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
                return KindGuess(
                    kind="list_table",
                    url=at,
                    certainty=78,
                    evidence=Text(
                        f"{at} はデータセット {len(records)} 件の表です", f"{at} is a table of {len(records)} datasets"
                    ),
                    count=len(records),
                    title=title_of_list(found),
                )
        return None


READER = ListTableReader()


def read_list(answer: Answer, options: Mapping[str, str]) -> tuple[list[ReadRecord], list[LeftOut], list[Text], bool]:
    """Return the records of the tables that list datasets, what was left out, remarks, and whether that is all of them.

    A table that is no list counts as one that could not be read when it holds addresses.
    Raises the reader's `NotReadable`, and AnswerNotUnderstood when no table lists datasets.
    """
    records: list[ReadRecord] = []
    faults: list[LeftOut] = []
    remarks: list[Text] = []
    whole = True
    for names, rows, sheet, said in _tables(answer, options.get("choice", "")):
        remarks += said
        if not names:
            whole = False
            remarks.append(Text(f"表「{sheet}」を読めませんでした", f"the table “{sheet}” could not be read"))
            continue
        if len(rows) > _ROWS:
            whole, rows = False, rows[:_ROWS]
            remarks.append(
                Text(f"表「{sheet}」の {_ROWS} 行までを読みました", f"of the table “{sheet}” {_ROWS} rows were read")
            )
        columns = find_columns(names, rows)
        if columns is None:
            remarks.append(
                Text(
                    f"表「{sheet}」は一覧ではないため読みませんでした",
                    f"the table “{sheet}” is no list and was not read",
                )
            )
            whole = whole and not any(_ADDRESS.search(cell or "") for row in rows for cell in row)
            continue
        if columns.guessed:
            told = "、".join(f"{role}={names[columns.places[role]]}" for role in sorted(columns.guessed))
            remarks.append(
                Text(f"列の意味を値から推定しました: {told}", f"what columns mean was told by their cells: {told}")
            )
        found, left = _records(names, rows, columns, answer.url, sheet, options)
        records += found
        faults += left
    if not records and not faults:
        raise AnswerNotUnderstood(
            url=answer.url, why_ja="データセットの一覧の表がありません", why_en="there is no table that lists datasets"
        )
    return records, faults, remarks, whole


def _tables(answer: Answer, choice: str) -> Iterator[_Table]:
    """Yield the tables of a file: names of columns, rows, the sheet, and what is to be told; of several tables every one.

    One that cannot be read, or is too much, has no names.
    """
    name = unquote(urlsplit(answer.url).path.rsplit("/", 1)[-1]) or "list"
    with tempfile.TemporaryDirectory(prefix="tdpf-list-") as work:
        folder = Path(work)
        path = folder / "file"
        path.write_bytes(answer.body)
        try:
            yield _table(path, name, folder, choice or None)
            return
        except SeveralTables as several:
            listed = several.data.get("choices")
            choices = [str(entry["id"]) for entry in listed] if isinstance(listed, list) else []
        for one in choices[:_TABLES]:
            try:
                yield _table(path, name, folder, one)
            except EmptyFile:
                continue
            except NotReadable:
                yield [], [], one, []
        for one in choices[_TABLES:]:
            yield [], [], one, []


def _table(path: Path, name: str, folder: Path, choice: str | None) -> _Table:
    table = preparation.read_strange_file(path, name, folder=folder, choice=choice).result.table
    rows: list[Row] = [row for row, _ in zip(table.iter_rows(), range(_ROWS + 1), strict=False)]
    cut = [Text(note.ja, note.en) for note in table.notes if note.code == "cells-cut"]
    return list(table.column_names), rows, table.sheet or table.id, cut


def _records(
    names: Sequence[str], rows: Sequence[Row], columns: Columns, url: str, sheet: str, options: Mapping[str, str]
) -> tuple[list[ReadRecord], list[LeftOut]]:
    faults: list[LeftOut] = []
    titled: list[tuple[int, Row]] = []
    for place, row in enumerate(rows):
        if not any(cell and cell.strip() for cell in row):
            continue
        if columns.of(row, "title"):
            titled.append((place, row))
        else:
            faults.append(Taking(_where(url, sheet, place)).refusal("no-title", NO_TITLE))
    groups: dict[str, list[tuple[int, Row]]] = {}
    for key, entry in zip(_keys(titled, columns), titled, strict=True):
        groups.setdefault(key, []).append(entry)
    records: list[ReadRecord] = []
    for key, entries in groups.items():
        read = partial(_record, key, entries, names, columns, url, sheet, options)
        record, left = guarded(read, None, where=_where(url, sheet, entries[0][0]), key=key)
        records += [record] if record else []
        faults += left
    return records, faults


def _keys(titled: list[tuple[int, Row]], columns: Columns) -> list[str]:
    """Return a key for each row that stays when rows are added or moved: rows of one dataset get the same one.

    A list's own key is taken as it is. Without one, the rows of a title are one dataset when the list tells files from
    datasets; else each row is one, known by its page, else its title.
    """
    if "key" in columns.places and all(columns.of(row, "key") for _, row in titled):
        own = [
            short_key(clean(f"{columns.of(row, 'publisher_code')}:{columns.of(row, 'key')}".lstrip(":")))
            for _, row in titled
        ]
        alike = {key: columns.of(row, "title") for key, (_, row) in zip(own, titled, strict=True)}
        if all(alike[key] == columns.of(row, "title") for key, (_, row) in zip(own, titled, strict=True)):
            return own
    titles = [
        "|".join(part for part in (columns.of(row, "publisher"), columns.of(row, "title")) if part) for _, row in titled
    ]
    if {"file_title", "file", "file_page"} & columns.places.keys():
        return [_short(title) for title in titles]
    count, pages = Counter(titles), [columns.of(row, "page") for _, row in titled]
    keys = [title if count[title] == 1 else f"{title}|{page}" for title, page in zip(titles, pages, strict=True)]
    seen: Counter[str] = Counter()
    given = []
    for key in keys:
        seen[key] += 1
        given.append(_short(key if seen[key] == 1 else f"{key}|{seen[key]}"))
    return given


def _record(
    key: str,
    entries: list[tuple[int, Row]],
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
    entries: list[tuple[int, Row]], columns: Columns, taking: Taking, page: str, url: str
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


def _short(key: str) -> str:
    key = " ".join(clean(key).split()).strip("|")
    return key if len(key) <= 200 else f"{key[:150]}…{hashlib.sha256(key.encode()).hexdigest()[:16]}"
