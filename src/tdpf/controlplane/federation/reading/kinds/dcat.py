"""DCAT in RDF/XML, Turtle, JSON-LD or N-Triples, in one file or in pages (Hydra)."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from rdflib import RDF, Graph, Literal, URIRef
from rdflib.term import Node

from tdpf.controlplane.federation.errors import AnswerNotUnderstood
from tdpf.controlplane.federation.reading.dcat_graph import dataset_nodes, read_dataset
from tdpf.controlplane.federation.reading.guarding import UNREAD, guarded, unread
from tdpf.controlplane.federation.reading.html_text import alternates
from tdpf.controlplane.federation.reading.paging import PageWatch
from tdpf.controlplane.federation.reading.rdf_text import ACCEPT, notation_of, read_graph
from tdpf.controlplane.federation.reading.reader import broken_off, is_short, miscounted, seen_by
from tdpf.controlplane.federation.reading.taking import BAD_ADDRESS, joined
from tdpf.controlplane.federation.types import KindGuess, LeftOut, ReadingOrder, ReadPage, ReadRecord, SourceKind
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import FetchFailed, TooSlow
from tdpf.kit.sites import Answer
from tdpf.kit.text import Text

_HYDRA = "http://www.w3.org/ns/hydra/core#"
_NEXT = tuple(URIRef(_HYDRA + name) for name in ("next", "nextPage"))
_TOTAL = tuple(URIRef(_HYDRA + name) for name in ("totalItems", "itemsTotal"))
_PAGE_NUMBER = re.compile(r"([?&]page=)(\d+)")
_LINK = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next"?', re.IGNORECASE)
_BAD_PAGES = 3
_RECORDS_A_PAGE = 1000
_PAGE_SECONDS = 30.0
_RECORD_SECONDS = 10.0
_MAX_BYTES = 48 * 1024 * 1024
_RDF_TYPES = ("text/turtle", "application/rdf+xml", "application/ld+json", "application/n-triples")


class DcatReader:
    """Reads a catalogue's graph; the next page is where `hydra:next` or a Link header points."""

    kind = SourceKind(
        kind="dcat",
        title=Text("DCAT（RDF/XML・Turtle・JSON-LD・N-Triples）", "DCAT (RDF/XML, Turtle, JSON-LD, N-Triples)"),
        address_hint=Text(
            "カタログのRDFのアドレス（例: https://catalog.example.jp/catalog.ttl）",
            "the address of the catalogue's RDF",
        ),
    )

    def read(self, visitor: Visitor, order: ReadingOrder) -> Iterator[ReadPage]:
        """Yield pages of datasets; `mark` holds the validators of a catalogue that is one page."""
        return _Walk(visitor, order).pages()

    def guess(self, visitor: Visitor, url: str) -> KindGuess | None:
        """Return a guess when the address, a page's alternate link, or `/catalog.ttl` and its like is a graph with datasets."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        waiting = [
            url,
            f"{site}/catalog.ttl",
            f"{site}/catalog.xml",
            f"{site}/catalog.jsonld",
            f"{site}/.well-known/dcat",
        ]
        tried: set[str] = set()
        linked: set[str] = set()
        while waiting and len(tried) < 8:
            at = waiting.pop(0)
            if not at or at in tried:
                continue
            tried.add(at)
            answer = visitor.peek(at, accept=ACCEPT, bytes_wanted=visitor.manners.max_bytes)
            if answer is None or answer.status != 200:
                continue
            if notation_of(answer) == "html":
                found_there = [joined(answer.url, link) for link in alternates(answer.body, _RDF_TYPES)[:3]]
                waiting[:0] = found_there
                linked.update(found_there if at == url or at in linked else ())
                continue
            try:
                graph, _, _ = read_graph(answer, seconds=visitor.seconds_left())
            except AnswerNotUnderstood:
                continue
            found = len(dataset_nodes(graph))
            if found:
                total = _total(graph)
                return KindGuess(
                    kind="dcat",
                    url=at,
                    certainty=92,
                    evidence=Text(f"{at} にDCATのデータセットが {found} 件あります", f"{at} has {found} DCAT datasets"),
                    count=total if total is not None else found,
                    title=_title_of(graph),
                    place="within" if at in linked or at.startswith(url.rstrip("/")) else "near",
                )
        return None


READER = DcatReader()
_UNCHANGED = Text("前回から変わっていません", "nothing changed since the last run")


class _Walk:
    """One way through a catalogue's pages."""

    def __init__(self, visitor: Visitor, order: ReadingOrder) -> None:
        self.visitor = visitor
        self.order = order
        self.url = str(order.cursor.get("url") or order.url)
        self.page = int(order.cursor.get("page", 0))
        self.whole = bool(order.cursor.get("whole", True))
        self.watch = PageWatch(max_records=order.max_records, taken=int(order.cursor.get("taken", 0)))
        self.limit = min(_MAX_BYTES, visitor.manners.max_bytes)
        self.announced: int | None = order.cursor.get("announced")
        self.mark: dict[str, str] = {}

    def pages(self) -> Iterator[ReadPage]:
        bad = 0
        while True:
            try:
                answer = self._ask()
                if answer.status == 304:
                    yield ReadPage(is_last=True, coverage="changes", mark=self.order.since, remarks=(_UNCHANGED,))
                    return
                graph, faults, remarks = read_graph(answer, seconds=self.visitor.seconds_left())
            except UNREAD as fault:
                bad += 1
                further = _one_further(self.url)
                if not self.page or further is None or bad > _BAD_PAGES or self._is_dead(fault):
                    raise
                left = unread(fault, where=self.url)
                self.url, self.whole = further, False
                yield ReadPage(left_out=(left,), announced=self.announced, cursor=self._cursor())
                continue
            bad = 0
            nodes = dataset_nodes(graph)
            total = _total(graph)
            self.announced = self.announced if total is None else total
            if not self.page and not nodes and not self.announced and not _is_catalogue(graph):
                raise AnswerNotUnderstood(
                    url=self.url, why_ja="DCATのデータセットがありません", why_en="there is no DCAT dataset in it"
                )
            broken = self.watch.fault_of(
                step=self.url, content=_content(nodes, answer), records=len(nodes), announced=self.announced
            )
            if broken is not None:
                yield broken_off(self.url, broken, since=self.order.since, announced=self.announced)
                return
            self.whole = self.whole and not faults
            over = self.watch.is_over(len(nodes)) or not (nodes or self.page)
            following = None if over else _following(graph, answer)
            if following == "":
                faults.append(LeftOut(record_id="", where=self.url, code="bad-value", why=BAD_ADDRESS, part="next"))
                following, self.whole = None, False
            if following is None and not self.page and self.whole:
                self.mark = {"etag": answer.etag, "last_modified": answer.last_modified}
            # A graph has no place to go on from: a run that is stopped in the middle of one reads this page again.
            here = self._cursor()
            begun = 0
            while begun < len(nodes):
                page, begun = self._records(graph, nodes, begun, answer.url)
                yield replace(page, left_out=(*faults, *page.left_out), remarks=tuple(remarks), cursor=here)
                faults, remarks = [], []
            if following is None:
                yield self._end([*remarks], faults)
                return
            self.url, self.page = following, self.page + 1
            yield ReadPage(announced=self.announced, cursor=self._cursor())

    def _is_dead(self, fault: Problem) -> bool:
        """Say whether nothing of the site comes any more: then the next run goes on from here."""
        silent = isinstance(fault, FetchFailed | TooSlow)
        return silent and self.visitor.peek(self.order.url, accept=ACCEPT) is None

    def _ask(self) -> Answer:
        if self.page:
            return self.visitor.get(self.url, accept=ACCEPT, max_bytes=self.limit)
        since = self.order.since
        return self.visitor.get(
            self.url,
            accept=ACCEPT,
            max_bytes=self.limit,
            etag=str(since.get("etag", "")),
            last_modified=str(since.get("last_modified", "")),
        )

    def _records(self, graph: Graph, nodes: list[Node], begun: int, where: str) -> tuple[ReadPage, int]:
        """Return the next records as a page, a thousand or what half a minute gives, and where to go on."""
        records: list[ReadRecord] = []
        left_out: list[LeftOut] = []
        end = time.monotonic() + _PAGE_SECONDS
        for node in nodes[begun : begun + _RECORDS_A_PAGE]:
            record, left = self._record(graph, node, where)
            left_out += left
            records += [record] if record else []
            begun += 1
            if time.monotonic() > end:
                break
        kept, same = self.watch.once(records)
        return ReadPage(records=tuple(kept), left_out=(*left_out, *same), announced=self.announced), begun

    def _record(self, graph: Graph, node: Node, where: str) -> tuple[ReadRecord | None, list[LeftOut]]:
        key = str(node) if isinstance(node, URIRef) else ""
        read = partial(read_dataset, graph, node, where=where)
        record, left = guarded(read, None, where=where, key=key, seconds=_RECORD_SECONDS)
        self.whole = self.whole and not any(fault.code == "took-too-long" for fault in left)
        return record, left

    def _cursor(self) -> dict[str, Any]:
        return {
            "url": self.url,
            "page": self.page,
            "taken": self.watch.taken,
            "whole": self.whole,
            "announced": self.announced,
        }

    def _end(self, remarks: list[Text], faults: list[LeftOut]) -> ReadPage:
        taken = self.watch.taken
        if self.announced is not None and self.announced != taken:
            remarks.append(miscounted(self.announced, taken))
        return ReadPage(
            remarks=tuple(remarks),
            left_out=tuple(faults),
            announced=self.announced,
            is_last=True,
            coverage=seen_by(pages=self.page + 1) if self.whole and not is_short(self.announced, taken) else "part",
            mark=self.mark,
        )


def _content(nodes: list[Node], answer: Answer) -> str:
    """Return what tells a page from the next: its keys, or its length where nodes have none."""
    keys = [str(node) if isinstance(node, URIRef) else f"-{len(answer.body)}" for node in nodes]
    return "\n".join(keys)


def _following(graph: Graph, answer: Answer) -> str | None:
    """Return the address of the next page: hydra:next of this page's view, hydra:nextPage, or a Link header.

    None when there is none, "" when what is said is no address.
    """
    for name in _NEXT:
        found = sorted({str(target) for target in graph.objects(None, name)})
        if found:
            return joined(answer.url, found[0])
    link = _LINK.search(answer.headers.get("link", ""))
    return joined(answer.url, link[1]) if link else None


def _total(graph: Graph) -> int | None:
    for name in _TOTAL:
        for target in graph.objects(None, name):
            text = str(target) if isinstance(target, Literal) else ""
            if text.isascii() and text.isdigit() and len(text) < 12:
                return int(text)
    return None


def _title_of(graph: Graph) -> str:
    """Return what the catalogue calls itself, in Japanese where it can; "" when it does not say."""
    titles = [
        title
        for node in graph.subjects(RDF.type, URIRef("http://www.w3.org/ns/dcat#Catalog"))
        for title in graph.objects(node, URIRef("http://purl.org/dc/terms/title"))
        if isinstance(title, Literal)
    ]
    titles.sort(key=lambda title: (title.language != "ja", str(title)))
    return " ".join(str(titles[0]).split())[:200] if titles else ""


def _is_catalogue(graph: Graph) -> bool:
    return (None, None, URIRef("http://www.w3.org/ns/dcat#Catalog")) in graph


def _one_further(url: str) -> str | None:
    """Return the address with the next page number, where the address has one."""
    found = _PAGE_NUMBER.search(url)
    return f"{url[: found.start()]}{found[1]}{int(found[2]) + 1}{url[found.end() :]}" if found else None
