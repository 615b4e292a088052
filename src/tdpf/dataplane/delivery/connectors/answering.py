"""`/items` and `/items/{id}` of a table that is asked where it is: the question checked, the rows written, pages linked."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any, TypeVar
from urllib.parse import quote, unquote

import orjson

from tdpf.dataplane.delivery.answers import Answer, AnyAnswer, Headers, StreamAnswer, attachment
from tdpf.dataplane.delivery.connectors.asked import Answered, Asked, AskedTable, MissingPart, Row
from tdpf.dataplane.delivery.connectors.writing import csv_pieces, features, ndjson_pieces, row_objects
from tdpf.dataplane.delivery.filters import Scope
from tdpf.dataplane.delivery.formats import ITEM_FORMATS, MEDIA_TYPES, choose_format
from tdpf.dataplane.delivery.pages import item_page, rows_page
from tdpf.dataplane.delivery.paging import rest_of
from tdpf.dataplane.delivery.questions import DEFAULT_ROWS_PER_PAGE, MOST_ROWS_PER_PAGE, Question, read_question
from tdpf.dataplane.delivery.requests import NOT_PART_OF_THE_QUESTION, Request
from tdpf.dataplane.delivery.sights import Seen
from tdpf.tables.conditions import Column, Condition
from tdpf.tables.errors import WrongLiteral
from tdpf.tables.types import TableManifest
from tdpf.wire.connected import ConnectedTable
from tdpf.wire.connected_problems import TooFarAhead
from tdpf.wire.delivery_problems import BadParameter, NoRow, UnknownParameter

ASKED_FORMATS = ("geojson", "json", "csv", "ndjson", "html")
_LONGEST_MARK = 2000
T = TypeVar("T")
InThread = Callable[[Callable[[], T]], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class Asking:
    """One request to one table, as its caller may see it. `areas` None = rows of every area."""

    seen: Seen
    source: ConnectedTable
    manifest: TableManifest
    table: AskedTable
    areas: tuple[str, ...] | None
    public_url: str
    headers: Headers
    in_thread: InThread[Any]

    @property
    def scope(self) -> Scope:
        """What a question may speak of."""
        return Scope(self.seen.offered.id, self.manifest, None, self.seen.sight, self.table.words)

    @property
    def in_sight(self) -> Condition:
        """Return that a row lies in the areas of the caller's agreement."""
        if self.areas is None:
            return Condition("")
        words = self.table.words
        column = next((one for one in _all_columns(self.manifest) if one.field.name == self.source.area_column), None)
        return words.NO_ROW if column is None else words.exactly_one_of(column, self.areas)


async def asked_items(asking: Asking, request: Request) -> AnyAnswer:
    """Answer `/items`; raises the problems of delivery and of connected tables."""
    parameters = request.parameters()
    sight = asking.seen.sight
    if "version" in parameters:
        raise UnknownParameter(parameter="version", near="limit, offset, filter")
    kind = choose_format(parameters.get("f"), request.accept, "geojson" if sight.with_place else "json", ASKED_FORMATS)
    turns_by_key = sight.with_key and asking.manifest.key_columns and asking.table.turns_by_key
    mark = parameters.pop("after", None) if turns_by_key else None
    question = read_question(parameters, asking.scope)
    names = sight.names if question.names is None else question.names
    asked = Asked(
        names,
        asking.table.words.all_of([asking.in_sight, question.condition]),
        question.order,
        _limit(question, kind, asking),
        question.offset,
        None if mark is None else _read_mark(mark, asking.manifest),
    )
    if mark is not None and (question.order or question.offset):
        raise BadParameter(parameter="after", value=mark[:80], expected="without sortby and offset")
    headers = [*asking.headers, ("cache-control", "private, no-cache"), ("content-type", MEDIA_TYPES[kind])]
    if kind in ("csv", "ndjson"):
        return await _streamed(asking, request, asked, kind, headers)
    return await _page(asking, request, question, asked, kind, headers)


def _limit(question: Question, kind: str, asking: Asking) -> int:
    source = asking.source
    most = min(MOST_ROWS_PER_PAGE, source.limits.most_rows) if asking.table.in_one_piece else source.limits.most_rows
    if kind not in ("csv", "ndjson"):
        return min(question.limit or DEFAULT_ROWS_PER_PAGE, MOST_ROWS_PER_PAGE, most)
    if question.limit is not None and question.limit > most:
        raise TooFarAhead(collection=source.address, most=most)
    # One more than is given, so that a table that is cut off is not taken for whole.
    return most + 1 if question.limit is None else question.limit


async def _streamed(asking: Asking, request: Request, asked: Asked, kind: str, headers: Headers) -> AnyAnswer:
    columns = [asking.seen.sight.columns[name] for name in asked.names]
    if asking.table.in_one_piece:
        return await _gathered_file(asking, asked, kind, headers, columns)
    most = asking.source.limits.most_rows
    headers = [*headers, attachment(f"{asking.seen.offered.id}.{kind}")]
    if request.method == "HEAD":
        # Nobody would read the rows: the provider is not asked.
        return StreamAnswer(headers, lambda: iter(()))

    def begun() -> tuple[list[Row], Iterator[list[Row]]]:
        # What can be refused is refused before the answer begins, and ends in the thread that began it.
        rows = asking.table.stream(asked)
        first = next(rows, [])
        if asked.limit > most and len(first) > most:
            rows.close()
            raise TooFarAhead(collection=asking.source.address, most=most)
        return first, rows

    first, rows = await asking.in_thread(begun)
    write = csv_pieces if kind == "csv" else ndjson_pieces
    batches = (
        _bounded(chain([first], rows), most, asking.source.address) if asked.limit > most else chain([first], rows)
    )
    return StreamAnswer(headers, lambda: write(iter(batches), columns))


async def _gathered_file(
    asking: Asking, asked: Asked, kind: str, headers: Headers, columns: Sequence[Column]
) -> Answer:
    """Return the rows of every part in one piece, so that the headers can say which part is not among them."""
    most = MOST_ROWS_PER_PAGE
    answered: Answered = await asking.in_thread(lambda: asking.table.page(asked))
    if asked.limit > most and len(answered.rows) > most:
        raise TooFarAhead(collection=asking.source.address, most=most)
    write = csv_pieces if kind == "csv" else ndjson_pieces
    body = b"".join(write(iter([answered.rows]), columns))
    named = attachment(f"{asking.seen.offered.id}.{kind}")
    return Answer(200, [*headers, named, *_headers_of_parts(answered)], body)


def _bounded(batches: Iterator[list[Row]], most: int, address: str) -> Iterator[list[Row]]:
    given = 0
    for batch in batches:
        given += len(batch)
        if given > most:
            # Breaking off here is seen by the client; ending would look like the whole table.
            raise TooFarAhead(collection=address, most=most)
        yield batch


async def _page(
    asking: Asking, request: Request, question: Question, asked: Asked, kind: str, headers: Headers
) -> Answer:
    sight, manifest = asking.seen.sight, asking.manifest
    key = manifest.key_columns if sight.with_key else ()
    place = (manifest.located.latitude, manifest.located.longitude) if manifest.located and sight.with_place else ()
    more = tuple(name for name in dict.fromkeys((*key, *place)) if name not in asked.names)
    columns = [sight.columns[name] for name in (*asked.names, *more)]
    answered: Answered = await asking.in_thread(
        lambda: asking.table.page(replace(asked, names=(*asked.names, *more), limit=asked.limit + 1))
    )
    rows, has_more = answered.rows[: asked.limit], len(answered.rows) > asked.limit
    matched = answered.matched
    links = _links(asking, request, question, asked, kind, rows if key else [], columns, has_more)
    headers = [*headers, *_headers_of_parts(answered)]
    shown = len(asked.names)
    if kind == "html":
        objects = orjson.loads(orjson.dumps(row_objects([row[:shown] for row in rows], columns[:shown])))
        return Answer(200, headers, rows_page(request, asking.seen, question, objects, matched, links))
    body: dict[str, Any]
    if kind == "geojson":
        found = features(rows, columns, shown, key, manifest.located if place else None)
        body = {"type": "FeatureCollection", "features": found}
    else:
        body = {"rows": row_objects([row[:shown] for row in rows], columns[:shown])}
    body |= {} if matched is None else {"numberMatched": matched}
    body |= {"numberReturned": len(rows), "links": links}
    if answered.missing:
        body["partial"] = [_missing(part, request.language) for part in answered.missing]
    return Answer(200, headers, orjson.dumps(body))


def _missing(part: MissingPart, language: str) -> dict[str, Any]:
    return {"collection": part.collection, "status": part.status, "why": part.why.in_(language)}


def _headers_of_parts(answered: Answered) -> Headers:
    """Say in the headers what did not take part (an RFC 8941 list), and how many calls of others the answer took."""
    headers = [("tdpf-calls", str(answered.calls))] if answered.calls else []
    if not answered.missing:
        return headers
    items = ", ".join(f'"{part.collection}";status={part.status}' for part in answered.missing)
    return [*headers, ("tdpf-partial", items)]


def _links(
    asking: Asking,
    request: Request,
    question: Question,
    asked: Asked,
    kind: str,
    keyed_rows: Sequence[Row],
    columns: Sequence[Column],
    has_more: bool,
) -> list[dict[str, str]]:
    base = f"{asking.public_url}/data/collections/{quote(asking.seen.offered.id)}"
    media = MEDIA_TYPES[kind].split(";")[0]
    here = f"{base}/items?{rest_of(request.query, {'after'})}"
    place = f"limit={asked.limit}&offset={question.offset}"
    links = [{"rel": "self", "type": media, "href": f"{base}/items?{request.query}"}]
    links += [
        {"rel": "alternate", "type": MEDIA_TYPES[other].split(";")[0], "href": f"{here}{place}&f={other}"}
        for other in ("geojson", "json", "csv")
        if other != kind
    ]
    if has_more and keyed_rows and not question.order and asking.table.turns_by_key:
        names = [column.field.name for column in columns]
        mark = _mark([keyed_rows[-1][names.index(name)] for name in asking.manifest.key_columns])
        links.append({"rel": "next", "type": media, "href": f"{here}limit={asked.limit}&after={mark}&f={kind}"})
    elif has_more:
        following = question.offset + asked.limit
        links.append({"rel": "next", "type": media, "href": f"{here}limit={asked.limit}&offset={following}&f={kind}"})
    if question.offset > 0:
        before = max(0, question.offset - asked.limit)
        links.append({"rel": "prev", "type": media, "href": f"{here}limit={asked.limit}&offset={before}&f={kind}"})
    links.append({"rel": "collection", "type": "application/json", "href": base})
    return links


def _mark(values: Sequence[Any]) -> str:
    plain = [
        value.isoformat() if isinstance(value, date | datetime) else str(value) if isinstance(value, Decimal) else value
        for value in values
    ]
    return base64.urlsafe_b64encode(orjson.dumps(plain, default=str)).decode().rstrip("=")


def _read_mark(text: str, manifest: TableManifest) -> tuple[object, ...]:
    try:
        values = (
            orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))) if len(text) < _LONGEST_MARK else None
        )
    except ValueError:
        values = None
    if (
        not isinstance(values, list)
        or len(values) != len(manifest.key_columns)
        or any(isinstance(one, (dict, list)) or one is None for one in values)
    ):
        raise BadParameter(parameter="after", value=text[:80], expected="rel=next")
    return tuple(values)


async def asked_item(asking: Asking, request: Request, feature: str) -> Answer:
    """Answer `/items/{id}`; a table without a declared key has no ids."""
    parameters: Mapping[str, str] = request.parameters()
    for name in parameters:
        if name not in NOT_PART_OF_THE_QUESTION:
            raise UnknownParameter(parameter=name[:80], near="f")
    seen, manifest = asking.seen, asking.manifest
    sight = seen.sight
    default = "geojson" if sight.with_place else "json"
    kind = choose_format(parameters.get("f"), request.accept, default, ITEM_FORMATS)
    condition = _of_key(feature, asking)
    if condition is None:
        raise NoRow(collection=seen.offered.id, id=feature[:80])
    columns = [sight.columns[name] for name in sight.names]
    asked = Asked(sight.names, asking.table.words.all_of([asking.in_sight, condition]), limit=1)
    answered: Answered = await asking.in_thread(lambda: asking.table.page(asked))
    if not answered.rows:
        raise NoRow(collection=seen.offered.id, id=feature[:80])
    headers: Headers = [
        *asking.headers, ("cache-control", "private, no-cache"), ("content-type", MEDIA_TYPES[kind]), *_headers_of_parts(answered),
    ]  # fmt: skip
    if kind == "html":
        [row] = orjson.loads(orjson.dumps(row_objects(answered.rows, columns)))
        return Answer(200, headers, item_page(request, seen, feature, row))
    if kind == "json":
        return Answer(200, headers, orjson.dumps(row_objects(answered.rows, columns)[0]))
    located = manifest.located if sight.with_place else None
    [made] = features(answered.rows, columns, len(columns), manifest.key_columns, located)
    collection = f"{asking.public_url}/data/collections/{quote(seen.offered.id)}"
    made["links"] = [
        {"rel": "self", "type": MEDIA_TYPES["geojson"], "href": f"{collection}/items/{quote(feature, safe='')}"},
        {"rel": "collection", "type": "application/json", "href": collection},
    ]
    return Answer(200, headers, orjson.dumps(made))


def _of_key(feature: str, asking: Asking) -> Condition | None:
    """Return that a row has the key an id stands for; None when nothing can have it."""
    keys, sight = asking.manifest.key_columns, asking.seen.sight
    values = [unquote(part) for part in feature.split(",")] if len(keys) > 1 else [feature]
    if not keys or not sight.with_key or len(values) != len(keys):
        return None
    words = asking.table.words
    try:
        return words.all_of(
            [words.compare(sight.columns[name], "=", value) for name, value in zip(keys, values, strict=True)]
        )
    except WrongLiteral:
        return None


def _all_columns(manifest: TableManifest) -> list[Column]:
    return [
        Column(position, field, facts)
        for position, (field, facts) in enumerate(zip(manifest.fields, manifest.columns, strict=True))
    ]
