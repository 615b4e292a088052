"""OGC CSW 2.0.2 and 3.0: GetRecords with Dublin Core or ISO 19139 records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from xml.etree import ElementTree as ET

from tdpf.controlplane.federation.errors import AnswerNotUnderstood
from tdpf.controlplane.federation.reading.geo_metadata import local, read_element
from tdpf.controlplane.federation.reading.guarding import UNREAD, guarded, is_refusal, unread
from tdpf.controlplane.federation.reading.paging import PageWatch
from tdpf.controlplane.federation.reading.reader import broken_off, is_short, miscounted, seen_by
from tdpf.controlplane.federation.reading.xml_text import parse_xml
from tdpf.controlplane.federation.types import KindGuess, LeftOut, ReadingOrder, ReadPage, ReadRecord, SourceKind
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.errors import Problem
from tdpf.kit.text import Text

_ACCEPT = "application/xml, text/xml;q=0.9, */*;q=0.1"
_AT_ONCE = 100
_RECORDS = frozenset({"Record", "SummaryRecord", "BriefRecord", "MD_Metadata", "MI_Metadata"})
_BAD_IN_A_ROW = 20


@dataclass(frozen=True, slots=True)
class _Dialect:
    """One way to ask: a version and the schema of the records wanted."""

    version: str
    schema: str
    types: str


_ISO = "http://www.isotc211.org/2005/gmd"
_DIALECTS = (
    _Dialect("2.0.2", _ISO, "gmd:MD_Metadata"),
    _Dialect("2.0.2", "http://www.opengis.net/cat/csw/2.0.2", "csw:Record"),
    _Dialect("3.0.0", "http://www.opengis.net/cat/csw/3.0", "csw:Record"),
)


class CswReader:
    """Asks for full records by KVP, ISO ones if the server has them, and walks by `startPosition`."""

    kind = SourceKind(
        kind="csw",
        title=Text("OGC CSW（2.0.2・3.0）", "OGC CSW (2.0.2, 3.0)"),
        address_hint=Text("CSWの入口（例: https://geo.example.jp/csw）", "the CSW end point"),
    )

    def read(self, visitor: Visitor, order: ReadingOrder) -> Iterator[ReadPage]:
        """Yield pages of records. The whole is read every time."""
        cursor = order.cursor
        dialect = int(cursor["dialect"]) if "dialect" in cursor else _spoken(visitor, order.url)[0]
        start, size, bad = int(cursor.get("start", 1)), _AT_ONCE, 0
        whole = bool(cursor.get("whole", True))
        watch = PageWatch(max_records=order.max_records, taken=int(cursor.get("taken", 0)))
        announced: int | None = None
        pages, was_short = 1 + (start > 1), False
        while True:
            at = _address(order.url, _DIALECTS[dialect], start, size)
            try:
                found = _page(visitor, at)
            except UNREAD as fault:
                if was_short and announced is None:
                    # Without a count the end may be told by refusing what lies behind it.
                    break
                # While the first records still come, one of these is at fault; else the run ends and goes on from here.
                # Two in a row that end with 503 tell of an overloaded site: nothing is asked between them.
                is_known = size == 1 and fault.data.get("answer_status") == 503
                if (start == 1 and is_refusal(fault)) or not (
                    is_known or _answers(visitor, order.url, _DIALECTS[dialect])
                ):
                    raise
                if is_refusal(fault) or bad >= _BAD_IN_A_ROW:
                    yield broken_off(at, unread(fault, where=at).why, since=order.since, announced=announced)
                    return
                if size > 1:
                    size = max(1, size // 10)
                    continue
                bad, start, whole = bad + 1, start + 1, False
                yield ReadPage(
                    left_out=(unread(fault, where=at),),
                    announced=announced,
                    cursor={"dialect": dialect, "start": start, "taken": watch.taken, "whole": whole},
                )
                continue
            bad, announced = 0, found.matched
            pages += bool(found.records and start > 1)
            keys = "\n".join("".join(element.itertext())[:2000] for element in found.records)
            broken = watch.fault_of(step=at, content=keys, records=len(found.records), announced=announced)
            if broken is not None:
                yield broken_off(at, broken, since=order.since, announced=announced)
                return
            was_short = found.next == 0 and len(found.records) < size and not found.fault
            # A next one far ahead, or behind a break, would pass over what lies between.
            told = not found.fault and start < found.next <= start + size
            start = found.next if told else start + len(found.records)
            records: list[ReadRecord] = []
            left_out: list[LeftOut] = []
            for element in found.records:
                record, left = guarded(partial(read_element, element, where=at), None, where=at)
                left_out += left
                records += [record] if record else []
            kept, same = watch.once(records)
            yield ReadPage(
                records=tuple(kept),
                left_out=(*left_out, *same),
                announced=announced,
                cursor={"dialect": dialect, "start": start, "taken": watch.taken, "whole": whole},
            )
            if not found.records or (found.next == 0 and announced is not None and start > announced):
                break
            size = min(_AT_ONCE, size * 4)
        remarks = (
            (miscounted(announced, watch.taken),)
            if announced is not None and announced != watch.taken and whole
            else ()
        )
        whole = whole and not is_short(announced, watch.taken)
        yield ReadPage(
            remarks=remarks, announced=announced, is_last=True, coverage=seen_by(pages=pages) if whole else "part"
        )

    def guess(self, visitor: Visitor, url: str) -> KindGuess | None:
        """Return a guess when GetRecords answers at the address or at `/csw`."""
        parts = urlsplit(url)
        for at in dict.fromkeys(
            (
                url,
                f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/csw",
                f"{parts.scheme}://{parts.netloc}/csw",
            )
        ):
            capabilities = visitor.peek(_with(at, {"service": "CSW", "request": "GetCapabilities"}), accept=_ACCEPT)
            if capabilities is None or capabilities.status != 200 or b"Capabilities" not in capabilities.body[:4000]:
                continue
            try:
                _, count = _spoken(visitor, at)
            except Problem:
                continue
            return KindGuess(
                kind="csw",
                url=at,
                certainty=93,
                evidence=Text(f"{at} がCSWのGetRecordsに答えました", f"{at} answers CSW GetRecords"),
                count=count,
                place="within" if at.startswith(url.rstrip("/")) else "near",
            )
        return None


READER = CswReader()


def _answers(visitor: Visitor, url: str, dialect: _Dialect) -> bool:
    try:
        return bool(_first(visitor, url, dialect).records)
    except UNREAD:
        return False


@dataclass(frozen=True, slots=True)
class _Found:
    records: list[ET.Element]
    matched: int | None
    next: int
    fault: str


def _page(visitor: Visitor, at: str) -> _Found:
    answer = visitor.get(at, accept=_ACCEPT)
    root, fault = parse_xml(answer.body, url=at, charset=answer.charset, records=_RECORDS)
    if local(root) in ("ExceptionReport", "ServiceExceptionReport"):
        words = " ".join(" ".join(root.itertext()).split())[:200]
        raise AnswerNotUnderstood(url=at, why_ja=f"CSWのエラー: {words}", why_en=f"CSW says: {words}")
    results = next((element for element in root.iter() if local(element) == "SearchResults"), None)
    if results is None:
        raise AnswerNotUnderstood(url=at, why_ja="CSWの応答ではありません", why_en="it is no answer of CSW")
    records = [element for element in results if local(element) in _RECORDS]
    return _Found(
        records, _number(results.get("numberOfRecordsMatched")), _number(results.get("nextRecord")) or 0, fault
    )


def _first(visitor: Visitor, url: str, dialect: _Dialect) -> _Found:
    """Return a page of the first record, or of the second where the first cannot be read."""
    try:
        return _page(visitor, _address(url, dialect, 1, 1))
    except UNREAD as fault:
        if is_refusal(fault):
            raise
        return _page(visitor, _address(url, dialect, 2, 1))


def _spoken(visitor: Visitor, url: str) -> tuple[int, int | None]:
    """Return the first dialect in which the server gives records, and how many it has."""
    last: Problem | None = None
    empty: tuple[int, int | None] | None = None
    for place, dialect in enumerate(_DIALECTS):
        try:
            found = _first(visitor, url, dialect)
        except UNREAD as fault:
            last = fault
            continue
        if found.records:
            return place, found.matched
        empty = empty or (place, found.matched)
    if empty is not None:
        return empty
    assert last is not None
    raise last


def _address(url: str, dialect: _Dialect, start: int, size: int) -> str:
    modern = dialect.version.startswith("3")
    return _with(
        url,
        {
            "service": "CSW",
            "version": dialect.version,
            "request": "GetRecords",
            "typeNames": dialect.types,
            **({} if modern else {"resultType": "results"}),
            ("ElementSetName" if not modern else "elementSetName"): "full",
            "outputSchema": dialect.schema,
            "startPosition": str(start),
            "maxRecords": str(size),
        },
    )


def _with(url: str, query: dict[str, str]) -> str:
    """Return the address with these parameters; the address's own other ones stay (map servers need them)."""
    parts = urlsplit(url.strip())
    ours = {name.lower() for name in query}
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in ours]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode([*kept, *query.items()]), ""))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else None
