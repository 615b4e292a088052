"""`/items` and `/items/{id}`: pages of rows, single rows, and the way to exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from unicodedata import normalize
from urllib.parse import quote

import orjson

from tdpf.dataplane.delivery.answers import Answer, AnyAnswer, Headers, etag_of, matches, row_tag
from tdpf.dataplane.delivery.directory import Offered
from tdpf.dataplane.delivery.exports import Exports
from tdpf.dataplane.delivery.formats import ITEM_FORMATS, MEDIA_TYPES, PAGE_FORMATS, ROW_FORMATS, choose_format
from tdpf.dataplane.delivery.look_ups import Prepared
from tdpf.dataplane.delivery.pages import item_page, rows_page
from tdpf.dataplane.delivery.paging import rest_of
from tdpf.dataplane.delivery.questions import (
    DEFAULT_ROWS_PER_PAGE,
    MOST_ROWS_PER_PAGE,
    Question,
    read_question,
)
from tdpf.dataplane.delivery.ready_pages import ReadyPages
from tdpf.dataplane.delivery.requests import NOT_PART_OF_THE_QUESTION, Request
from tdpf.dataplane.delivery.service import Found, Service
from tdpf.tables.read import Form, RowsFile, Selection
from tdpf.tables.ready import ReadyRows
from tdpf.wire.delivery_problems import NoRow, UnknownParameter


async def items(
    service: Service, exports: Exports, ready_pages: ReadyPages, request: Request, offered: Offered
) -> AnyAnswer:
    """Answer `/data/collections/{id}/items`."""
    parameters = request.parameters()
    found = service.find(request, offered, parameters.get("version"))
    default = "geojson" if found.sight.with_place else "json"
    kind = choose_format(parameters.get("f"), request.accept, default, ROW_FORMATS)
    question = read_question(parameters, found.scope)
    asked = "\x1e".join([f"{name}\x1f{value}" for name, value in sorted(question.parameters.items())])
    public_url = service.directory().public_url
    language = request.language if kind == "html" else ""
    etag = etag_of(found.identity, found.sight.mark, kind, language, str(found.version), public_url, asked)
    headers = [*service.headers(offered), ("etag", etag)]
    if matches(request.if_none_match, etag):
        return Answer(304, headers)
    if kind not in PAGE_FORMATS:
        return await exports.answer(request, found, question, kind, etag, headers)
    headers.append(("content-type", MEDIA_TYPES[kind]))
    ready = ready_pages.of(found) if question.names is None and kind != "html" else None
    body = await _page(service, ready, request, found, question, kind, public_url)
    return Answer(200, headers, body)


def form_of(found: Found, question: Question, kind: str) -> Form:
    """Return how rows are written for this caller and question."""
    sight = found.sight
    whole = sight.feature_form if kind == "geojson" else sight.row_form
    if question.names is None:
        return whole
    return replace(whole, positions=tuple(sight.columns[name].position for name in question.names))


async def _page(
    service: Service,
    ready: ReadyRows | None,
    request: Request,
    found: Found,
    question: Question,
    kind: str,
    public_url: str,
) -> bytes:
    limit = min(question.limit or DEFAULT_ROWS_PER_PAGE, MOST_ROWS_PER_PAGE)
    selection = Selection(question.condition, question.order, limit, question.offset)
    form = form_of(found, question, kind)
    table = found.table
    known = table.counts.get(question.condition)

    def ask(rows: RowsFile) -> tuple[int, int, bytes | Sequence[int]]:
        matched, data = known, b""
        if ready is None:
            returned, data = rows.page(selection, form)
        else:
            seen, numbers = ready.chosen(rows, selection)
            returned, matched = len(numbers), known if seen is None else seen
        if matched is None:
            # A page that is not full is the last one, so the rows need not be counted.
            last = returned < limit and (returned or not question.offset)
            matched = question.offset + returned if last else rows.count(question.condition)
        return matched, returned, data if ready is None else numbers

    matched, returned, chosen = await service.ask(table, ask)
    if known is None:
        table.remember_count(question.condition, matched)
    links = _links(request, found, question, kind, public_url, limit, matched)
    before = b'{"type":"FeatureCollection","features":[' if kind == "geojson" else b'{"rows":['
    after = b'],"numberMatched":%d,"numberReturned":%d,"links":%b}' % (matched, returned, orjson.dumps(links))
    if not isinstance(chosen, bytes):
        assert ready is not None, "numbers come with it"
        return (ready.features if kind == "geojson" else ready.rows)(chosen, before, after)
    if kind == "html":
        return rows_page(request, found, question, orjson.loads(b"[" + chosen + b"]"), matched, links)
    return b"".join((before, chosen, after))


def _links(
    request: Request, found: Found, question: Question, kind: str, public_url: str, limit: int, matched: int
) -> list[dict[str, str]]:
    base = f"{public_url}/data/collections/{quote(found.offered.id)}"
    rest = rest_of(request.query)
    media = MEDIA_TYPES[kind].split(";")[0]
    here = f"{base}/items?{rest}"
    place = f"limit={limit}&offset={question.offset}"
    links = [{"rel": "self", "type": media, "href": f"{here}{place}&f={kind}"}]
    links += [
        {"rel": "alternate", "type": MEDIA_TYPES[other].split(";")[0], "href": f"{here}{place}&f={other}"}
        for other in ("geojson", "json", "csv")
        if other != kind
    ]
    pinned = f"&version={found.version}&f={kind}"
    if question.offset + limit < matched:
        links.append(
            {"rel": "next", "type": media, "href": f"{here}limit={limit}&offset={question.offset + limit}{pinned}"}
        )
    if question.offset > 0:
        before = max(0, question.offset - limit)
        links.append({"rel": "prev", "type": media, "href": f"{here}limit={limit}&offset={before}{pinned}"})
    links.append({"rel": "collection", "type": "application/json", "href": base})
    return links


async def item(service: Service, request: Request, offered: Offered, feature_id: str) -> Answer:
    """Answer `/data/collections/{id}/items/{feature id}`."""
    parameters = request.parameters()
    for name in parameters:
        if name not in NOT_PART_OF_THE_QUESTION and name != "version":
            raise UnknownParameter(parameter=name[:80], near="version, f")
    found = service.find(request, offered, parameters.get("version"))
    sight = found.sight
    kind = choose_format(parameters.get("f"), request.accept, "geojson" if sight.with_place else "json", ITEM_FORMATS)
    public_url = service.directory().public_url
    feature_id = normalize("NFC", feature_id)
    language = request.language if kind == "html" else ""
    mark = etag_of(found.identity, sight.mark, kind, language, "item", public_url).strip('"')
    etag = row_tag(mark, feature_id)
    headers: Headers = [*service.headers(offered), ("content-type", MEDIA_TYPES[kind])]
    form = sight.feature_form if kind == "geojson" else sight.row_form
    row = await service.ask(found.table, lambda rows: rows.one(feature_id, form))
    if row is None:
        raise NoRow(collection=offered.id, id=feature_id[:80])
    if matches(request.if_none_match, etag):
        return Answer(304, [*service.headers(offered), ("etag", etag)])
    collection = f"{public_url}/data/collections/{quote(offered.id)}"
    if kind == "html":
        return Answer(200, [*headers, ("etag", etag)], item_page(request, found, feature_id, orjson.loads(row)))
    links = _links_of_item(collection) if kind == "geojson" else None
    if "version" not in parameters:
        prepared = Prepared(found.identity, found.table.rows, form, headers, mark, links)
        service.look_ups.learn(request, service.directory(), prepared)
    if links is not None:
        # A slash stays one: the gateway takes no escaped one.
        asked = (feature_id if feature_id.isalnum() and feature_id.isascii() else quote(feature_id)).encode()
        before, between, after = links
        row = b"".join((row[:-1], before, asked, between, asked, after))
    return Answer(200, [*headers, ("etag", etag)], row)


def _links_of_item(collection: str) -> tuple[bytes, bytes, bytes]:
    """The member `links` of a feature, cut where its id stands."""
    mark = "0mark0"
    links = [
        {"rel": "self", "type": MEDIA_TYPES["geojson"], "href": f"{collection}/items/{mark}"},
        {"rel": "alternate", "type": "application/json", "href": f"{collection}/items/{mark}?f=json"},
        {"rel": "collection", "type": "application/json", "href": collection},
    ]
    before, between, after = (b',"links":' + orjson.dumps(links) + b"}").split(mark.encode())
    return before, between, after
