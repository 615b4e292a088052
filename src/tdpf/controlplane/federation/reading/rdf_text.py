"""RDF of any notation → a graph: told by content type, then by looking; nothing is ever fetched to understand it."""

from __future__ import annotations

import logging
import re
import time
from typing import Any, NoReturn

import orjson
from rdflib import Graph
from rdflib.exceptions import ParserError
from rdflib.plugins.shared.jsonld import context as jsonld_context
from rdflib.plugins.stores.memory import Memory

from tdpf.controlplane.federation.deadlines import TookTooLong, at_most
from tdpf.controlplane.federation.errors import AnswerNotUnderstood
from tdpf.controlplane.federation.reading.json_text import decoded, parse_json
from tdpf.controlplane.federation.reading.known_contexts import with_known_contexts
from tdpf.controlplane.federation.reading.xml_text import inspect_xml, tidy_xml
from tdpf.controlplane.federation.types import LeftOut
from tdpf.kit.sites import Answer
from tdpf.kit.text import Text

ACCEPT = "text/turtle, application/ld+json;q=0.9, application/rdf+xml;q=0.8, application/n-triples;q=0.7, */*;q=0.1"
_BY_TYPE = {
    "text/turtle": "turtle",
    "application/x-turtle": "turtle",
    "text/n3": "turtle",
    "text/rdf+n3": "turtle",
    "application/n-triples": "nt",
    "application/ld+json": "json-ld",
    "application/rdf+xml": "xml",
}
_DATASETS = frozenset({"Dataset", "Description"})
_DIRECTIVE = re.compile(r"(?im)^[ \t]*(?:@prefix|@base|prefix|base)\b[^\n]*$")
_STATEMENT_END = re.compile(r"\.[ \t]*(?:#[^\n]*)?\n(?:[ \t]*\n)*(?=\S)")
_STATEMENTS = 50_000
_TRIPLES = 2_000_000
_LINES_SAID = 50
_DIRECTIVES = 200
_SALVAGE_SECONDS = 30.0
# A large catalogue of usual words takes a second a megabyte or so, on a busy machine three; a run is stuck after five minutes.
_SECONDS, _SECONDS_A_MEGABYTE, _MOST_SECONDS = 30.0, 4.0, 240.0
# Dates and addresses that are none are the source's words: they are kept as they are, not complained of line by line.
logging.getLogger("rdflib").setLevel(logging.CRITICAL)


def _never_fetched(source: object, *_: object, **__: object) -> NoReturn:
    raise ValueError(f"a context named by address is not fetched: {str(source)[:100]}")


# The fence behind `with_known_contexts`: whatever that leaves standing, the parser of JSON-LD has no way to open an address.
jsonld_context.source_to_json = _never_fetched  # type: ignore[attr-defined]  # it imports what it calls


def notation_of(answer: Answer) -> str:
    """Return "turtle", "nt", "json-ld", "xml", or "html" or "" for what is no RDF."""
    begun = answer.body[:4000].lstrip(b"\xef\xbb\xbf \t\r\n")
    seen = _seen(begun)
    stated = _BY_TYPE.get(answer.media_type, "")
    if stated in ("turtle", "nt") and seen in ("xml", "json-ld", "html"):
        return seen
    if stated in ("xml", "json-ld") and seen and seen != stated:
        return seen
    return stated or seen


def _seen(begun: bytes) -> str:
    lowered = begun[:1000].lower()
    if begun[:1] in (b"{", b"["):
        return "json-ld"
    if b"<html" in lowered or lowered.startswith(b"<!doctype html"):
        return "html"
    if begun.startswith((b"<?xml", b"<rdf:", b"<RDF", b"<!DOCTYPE rdf", b"<!--")) or b"<rdf:rdf" in lowered:
        return "xml"
    if re.search(rb"(?im)^[ \t]*(@prefix|@base|prefix\s+[\w-]*:)", begun):
        return "turtle"
    if re.match(rb"(?:#[^\n]*\n\s*)*(?:<[^>\s]*>|_:\w+)\s+<[^>\s]*>\s", begun):
        return "turtle"
    return ""


class _TooMany(Exception):
    """There are more triples than we keep."""


class _Bounded(Memory):
    """Keeps so many triples in memory and no more."""

    def __init__(self) -> None:
        super().__init__()
        self.room = _TRIPLES

    def add(self, triple: Any, context: Any, quoted: bool = False) -> None:
        """Keep a triple. Raises _TooMany."""
        self.room -= 1
        if self.room < 0:
            raise _TooMany
        super().add(triple, context, quoted)


def read_graph(answer: Answer, *, seconds: float = _MOST_SECONDS) -> tuple[Graph, list[LeftOut], list[Text]]:
    """Return the graph of an answer, what of it was broken, and remarks. Raises AnswerNotUnderstood when nothing is left.

    It takes `seconds` at most, and fewer for a small document: what takes longer is not read.
    """
    most = max(0.1, min(seconds, _MOST_SECONDS, _SECONDS + _SECONDS_A_MEGABYTE * len(answer.body) / 1_000_000))
    slow = AnswerNotUnderstood(
        url=answer.url,
        why_ja=f"読み解くのに {most:.3g} 秒より長くかかるため、やめました",
        why_en=f"reading it takes more than {most:.3g} seconds and was given up",
    )
    try:
        with at_most(most) as alarm:
            found = _read(answer)
    except TookTooLong:
        raise slow from None
    except AnswerNotUnderstood as fault:
        raise (slow if alarm.rang else fault) from None
    if alarm.rang:
        raise slow
    return found


def _read(answer: Answer) -> tuple[Graph, list[LeftOut], list[Text]]:
    notation = notation_of(answer)
    graph = Graph(store=_Bounded(), bind_namespaces="none")
    faults: list[LeftOut] = []
    remarks: list[Text] = []
    try:
        if notation == "xml":
            inspected = inspect_xml(tidy_xml(answer.body, answer.charset), url=answer.url, records=_DATASETS)
            if inspected.fault:
                faults.append(_broken(answer.url, inspected.fault))
            graph.parse(data=inspected.sound, format="xml", publicID=answer.url)
        elif notation == "json-ld":
            value, unknown = with_known_contexts(parse_json(answer.body, url=answer.url, charset=answer.charset))
            remarks += [_not_fetched(address) for address in unknown[:20]]
            graph.parse(data=orjson.dumps(value), format="json-ld", publicID=answer.url)
        elif notation in ("turtle", "nt"):
            graph = _turtle(decoded(answer.body, answer.charset), answer.url, faults)
        else:
            raise AnswerNotUnderstood(
                url=answer.url,
                why_ja="RDFではありません" + ("（HTMLのページです）" if notation == "html" else ""),
                why_en="it is no RDF" + (" but a page of HTML" if notation == "html" else ""),
            )
    except (RecursionError, MemoryError):
        raise AnswerNotUnderstood(
            url=answer.url, why_ja="入れ子が深すぎます", why_en="it is nested too deeply"
        ) from None
    except _TooMany:
        raise AnswerNotUnderstood(
            url=answer.url, why_ja="グラフが大きすぎます", why_en="the graph is too large"
        ) from None
    except (AnswerNotUnderstood, KeyboardInterrupt):
        raise
    except _PARSER_FAULTS as fault:
        if not len(graph):
            raise AnswerNotUnderstood(
                url=answer.url,
                why_ja=f"RDFとして壊れています（{_short(fault)}）",
                why_en=f"it is broken RDF ({_short(fault)})",
            ) from None
        faults.append(_broken(answer.url, _short(fault)))
    return graph, faults, remarks


def _turtle(text: str, url: str, faults: list[LeftOut]) -> Graph:
    """Parse Turtle; when that fails, statement by statement, so that a broken one costs only itself."""
    text = text.replace("\x00", "")
    whole = Graph(store=_Bounded(), bind_namespaces="none")
    try:
        whole.parse(data=text, format="turtle", publicID=url)
    except (*_PARSER_FAULTS, RecursionError):
        whole = Graph(store=_Bounded(), bind_namespaces="none")
        end = time.monotonic() + _SALVAGE_SECONDS
        directives = "\n".join(_DIRECTIVE.findall(text)[:_DIRECTIVES])
        pieces = _STATEMENT_END.split(_DIRECTIVE.sub("", text))[:_STATEMENTS]
        broken = 0
        for place, piece in enumerate(pieces):
            if not piece.strip():
                continue
            if time.monotonic() > end:
                faults.append(_broken(f"{url}#statement-{place + 1}", "the time for picking statements out is over"))
                break
            part = Graph(bind_namespaces="none")
            try:
                part.parse(data=f"{directives}\n{piece.rstrip().rstrip('.')} .", format="turtle", publicID=url)
            except (*_PARSER_FAULTS, RecursionError) as fault:
                broken += 1
                if broken <= _LINES_SAID:
                    faults.append(_broken(f"{url}#statement-{place + 1}", _short(fault)))
                continue
            for triple in part:
                whole.add(triple)
    return whole


# What the parsers of rdflib raise over broken text; BadSyntax is a SyntaxError, the SAX faults are plain Exceptions.
def _parser_faults() -> tuple[type[BaseException], ...]:
    from xml.sax import SAXException

    return (
        SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, ParserError, SAXException, OSError,
        NotImplementedError,
    )  # fmt: skip


_PARSER_FAULTS: tuple[Any, ...] = _parser_faults()


def _broken(where: str, why: str) -> LeftOut:
    return LeftOut(
        record_id="",
        where=where,
        code="malformed",
        why=Text(f"RDFが壊れていて読めない部分があります（{why}）", f"a part is broken RDF and was not read ({why})"),
    )


def _not_fetched(address: str) -> Text:
    return Text(
        f"知らないJSON-LDのコンテキスト {address[:200]} は取りに行かず、よくある語だけを読みました",
        f"the unknown JSON-LD context {address[:200]} was not fetched; only common terms were read",
    )


def _short(fault: BaseException) -> str:
    return re.sub(r"\s+", " ", str(fault))[:160] or type(fault).__name__
