"""From the address to the handler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import orjson

from tdpf.dataplane.delivery.aggregates import Aggregates
from tdpf.dataplane.delivery.answers import COMMON, Answer, AnyAnswer, Headers, etag_of, matches
from tdpf.dataplane.delivery.connectors.tables import Connectors
from tdpf.dataplane.delivery.directory import Directory
from tdpf.dataplane.delivery.documents import collection, collection_list, conformance, landing, queryables
from tdpf.dataplane.delivery.exports import Exports
from tdpf.dataplane.delivery.files import file, file_list
from tdpf.dataplane.delivery.formats import DOCUMENT_FORMATS, MEDIA_TYPES, choose_format
from tdpf.dataplane.delivery.openapi import openapi
from tdpf.dataplane.delivery.pages import (
    api_page,
    collection_page,
    collections_page,
    conformance_page,
    landing_page,
    queryables_page,
)
from tdpf.dataplane.delivery.ready_pages import ReadyPages
from tdpf.dataplane.delivery.requests import NOT_PART_OF_THE_QUESTION, Request
from tdpf.dataplane.delivery.rows import item, items
from tdpf.dataplane.delivery.service import Service
from tdpf.dataplane.delivery.streams import StreamHandlers
from tdpf.wire.delivery_problems import MethodNotAllowed, NotFound, UnknownParameter

Page = Callable[[Any], bytes]


class Router:
    """Answers every address below `/data`."""

    def __init__(
        self,
        service: Service,
        exports: Exports,
        aggregates: Aggregates,
        streams: StreamHandlers,
        connectors: Connectors,
    ) -> None:
        self._service = service
        self._exports = exports
        self._ready_pages = ReadyPages(exports)
        self._aggregates = aggregates
        self._streams = streams
        self._connectors = connectors
        self._documents: dict[tuple[str, ...], bytes] = {}
        self._documents_of: Directory | None = None

    async def answer(self, request: Request) -> AnyAnswer:
        """Return the answer; raises the problems of delivery and of tables."""
        if request.method not in ("GET", "HEAD"):
            if request.method == "OPTIONS":
                return _allowed()
            raise MethodNotAllowed(method=request.method[:20])
        directory = self._service.directory()
        parts = request.path.rstrip("/").split("/")[2:]
        match parts:
            case ["collections", collection_id, "items", *rest]:
                return await self._rows(request, directory, collection_id, rest)
            case ["collections", collection_id, *rest] if collection_id:
                return await self._collection(request, directory, collection_id, rest)
            case ["streams", address, *rest] if address:
                slug, dot, name = address.partition(".")
                if slug in directory.aliases:
                    return _moved(request, f"{directory.aliases[slug]}{dot}{name}")
                return await self._streams.answer(request, address, rest)
            case ["files", slug, *rest] if slug:
                return await self._file(request, directory, slug, rest)
            case []:
                return self._document(
                    request, directory, lambda: landing(directory, request.language),
                    lambda made: landing_page(made, request.language),
                )  # fmt: skip
            case ["conformance"]:
                return self._document(
                    request, directory, conformance, lambda made: conformance_page(made, request.language)
                )
            case ["api"]:
                return self._document(
                    request, directory, lambda: openapi(directory, request.language),
                    lambda made: api_page(made, request.language), kind="openapi",
                )  # fmt: skip
            case ["collections"]:
                return self._document(
                    request, directory, lambda: collection_list(self._service, directory, request.language),
                    lambda made: collections_page(made, request.language),
                )  # fmt: skip
        raise NotFound(path=request.path[:200])

    async def _rows(self, request: Request, directory: Directory, collection_id: str, rest: list[str]) -> AnyAnswer:
        offered = directory.collections.get(collection_id)
        if offered is None:
            return _renamed(request, directory, collection_id) or _never(directory.find(collection_id))
        if offered.source is not None:
            offered = await self._connectors.at_hand(request, offered)
            if offered.source is not None:
                return await self._connectors.answer(request, offered, ["items", *rest])
        if not rest:
            return await items(self._service, self._exports, self._ready_pages, request, offered)
        return await item(self._service, request, offered, "/".join(rest))

    async def _collection(
        self, request: Request, directory: Directory, collection_id: str, rest: list[str]
    ) -> AnyAnswer:
        offered = directory.collections.get(collection_id)
        if offered is None:
            return _renamed(request, directory, collection_id) or _never(directory.find(collection_id))
        if not rest:
            return self._document(
                request, directory, lambda: collection(self._service, directory, offered, request.language),
                lambda made: collection_page(made, request.language), headers=self._service.headers(offered),
            )  # fmt: skip
        if rest == ["queryables"]:
            parameters = request.parameters()
            if offered.source is not None and "version" in parameters:
                raise UnknownParameter(parameter="version", near="f")
            found = (
                self._connectors.seen(request, offered)
                if offered.source is not None
                else self._service.find(request, offered, parameters.pop("version", None))
            )
            key = (parameters.get("version", ""), found.sight.mark)
            return self._document(
                request, directory, lambda: queryables(found, directory, request.language),
                lambda made: queryables_page(made, request.language), kind="schema", headers=self._service.headers(offered), key=key, known=("version",),
            )  # fmt: skip
        here = offered if offered.source is None else await self._connectors.at_hand(request, offered)
        if here.source is not None:
            return await self._connectors.answer(request, here, rest)
        if rest == ["aggregate"]:
            return await self._aggregates.answer(request, here)
        raise NotFound(path=request.path[:200])

    async def _file(self, request: Request, directory: Directory, slug: str, rest: list[str]) -> AnyAnswer:
        if slug in directory.aliases:
            return _moved(request, directory.aliases[slug])
        if not rest:
            return file_list(self._service, request, slug)
        return await file(self._service, self._exports, request, slug, "/".join(rest))

    def _document(
        self,
        request: Request,
        directory: Directory,
        make: Callable[[], dict[str, Any]],
        page: Page,
        *,
        kind: str = "json",
        headers: Headers | None = None,
        key: tuple[str, ...] = (),
        known: tuple[str, ...] = (),
    ) -> Answer:
        """Answer with a description, made once per directory, language and form."""
        parameters = request.parameters()
        for name in parameters:
            if name not in NOT_PART_OF_THE_QUESTION and name not in known:
                raise UnknownParameter(parameter=name[:80], near="f")
        offered = DOCUMENT_FORMATS if kind == "json" else (kind, *DOCUMENT_FORMATS)
        chosen = choose_format(parameters.get("f"), request.accept, kind, offered)
        if self._documents_of is not directory:
            self._documents, self._documents_of = {}, directory
        place = (request.path.rstrip("/"), chosen, request.language, *key)
        body = self._documents.get(place)
        if body is None:
            made = make()
            body = page(made) if chosen == "html" else orjson.dumps(made)
            self._documents[place] = body
        etag = etag_of(body.decode())
        sent = [*(headers or [*COMMON, ("cache-control", "no-cache")]), ("etag", etag)]
        if matches(request.if_none_match, etag):
            return Answer(304, sent)
        media = MEDIA_TYPES[kind if chosen != "html" else "html"]
        return Answer(200, [*sent, ("content-type", media), ("content-language", request.language)], body)


def _allowed() -> Answer:
    methods = ("access-control-allow-methods", "GET, HEAD, OPTIONS")
    headers = (
        "access-control-allow-headers",
        "accept, accept-language, authorization, if-none-match, range, x-api-key",
    )
    return Answer(204, [*COMMON, methods, headers, ("allow", "GET, HEAD, OPTIONS")])


def _never(found: object) -> Answer:
    raise AssertionError(f"{found!r} was not in the directory a moment ago")


def _renamed(request: Request, directory: Directory, collection_id: str) -> Answer | None:
    slug, dot, table = collection_id.partition(".")
    now = directory.aliases.get(slug)
    return None if now is None else _moved(request, f"{now}{dot}{table}")


def _moved(request: Request, now: str) -> Answer:
    parts = request.path.split("/")
    parts[3] = now
    place = "/".join(quote(part) for part in parts) + (f"?{request.query}" if request.query else "")
    return Answer(308, [*COMMON, ("location", place), ("cache-control", "no-cache")])
