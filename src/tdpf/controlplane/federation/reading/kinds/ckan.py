"""CKAN Action API, and servers that speak part of it (DKAN, SHIRASAGI, cross-domain search)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, urlencode, urlsplit

from tdpf.controlplane.federation.errors import AnswerNotUnderstood, SourceBusy, SourceRefuses
from tdpf.controlplane.federation.reading.ckan_lists import (
    BAD_IN_A_ROW,
    NO_LIST,
    NotListed,
    fq_of,
    listed_names,
    listed_within,
    names_of,
    pages_by_list,
    read_one,
    result_of,
    total_of,
)
from tdpf.controlplane.federation.reading.ckan_packages import is_deleted
from tdpf.controlplane.federation.reading.guarding import UNREAD, is_refusal, unread
from tdpf.controlplane.federation.reading.json_text import read_json
from tdpf.controlplane.federation.reading.paging import PageWatch
from tdpf.controlplane.federation.reading.reader import broken_off, miscounted, seen_by
from tdpf.controlplane.federation.types import (
    Coverage,
    KindGuess,
    LeftOut,
    ReadingOrder,
    ReadPage,
    ReadRecord,
    SourceKind,
)
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.clock import now
from tdpf.kit.errors import Problem
from tdpf.kit.text import Text

_JSON = "application/json"
_ROWS = 500
_ORGANISATIONS = 500
_BUSY_IN_A_ROW = 1
_BUSY_SECONDS = 900
_OVERLAP = timedelta(hours=1)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?")
_ROOT = re.compile(
    r"/(?:api(?:/\d)?(?:/action.*|/rest.*|/util.*)?|dataset(?:/.*)?|organization(?:/.*)?|group(?:/.*)?)/?$"
)
_UNREADABLE = Text("この位置のページを読めませんでした: {why_ja}", "the page at this place could not be read: {why_en}")


class CkanReader:
    """Reads by `package_search` in the order of ids, from the second time on only what changed; else by lists."""

    kind = SourceKind(
        kind="ckan",
        title=Text("CKAN（Action API）", "CKAN (Action API)"),
        address_hint=Text("カタログサイトのアドレス（例: https://catalog.example.jp）", "the catalogue's address"),
        options={
            "organization": Text("この組織だけ（名前）", "only this organisation (name)"),
            "fq": Text("絞り込み（Solrの fq）", "filter (Solr fq)"),
            "rows": Text("1回に読む件数（1〜1000）", "records per request (1–1000)"),
        },
        numbers={"rows": (1, 1000)},
    )

    def read(self, visitor: Visitor, order: ReadingOrder) -> Iterator[ReadPage]:
        """Yield pages of packages; `mark` holds the latest `metadata_modified`."""
        root = root_of(order.url)
        cursor = dict(order.cursor)
        if cursor.get("by") != "list":
            try:
                yield from _Search(visitor, order, root).pages(cursor)
                return
            except _NoSearch:
                pass
        yield from pages_by_list(visitor, order, root, str(cursor.get("after", "")))

    def guess(self, visitor: Visitor, url: str) -> KindGuess | None:
        """Return a guess when `package_search` or `package_list` answers in CKAN's envelope."""
        for root in dict.fromkeys((root_of(url), *_roots_above(url))):
            for action in ("package_search?rows=0", "package_list"):
                at = f"{root}/api/3/action/{action}"
                answer = visitor.peek(at, accept=_JSON, bytes_wanted=visitor.manners.max_bytes)
                if answer is None or answer.status != 200:
                    continue
                try:
                    result = result_of(read_json(answer), at)
                except AnswerNotUnderstood:
                    continue
                count = (
                    result.get("count")
                    if isinstance(result, dict)
                    else len(result)
                    if isinstance(result, list)
                    else None
                )
                if not isinstance(count, int):
                    continue
                return KindGuess(
                    kind="ckan",
                    url=root,
                    certainty=97 if isinstance(result, dict) else 85,
                    evidence=Text(
                        f"{at} がCKANの形で {count} 件と答えました", f"{at} answers as CKAN does, with {count} records"
                    ),
                    count=count,
                    title=_title_of(visitor, root),
                    place=_place_of(url, root),
                )
        return None


READER = CkanReader()


class _NoSearch(Exception):
    """The server has no package_search that can be used."""


class _Search:
    """One reading by package_search. A page that cannot be read is halved until the record at fault stands alone."""

    def __init__(self, visitor: Visitor, order: ReadingOrder, root: str) -> None:
        self.visitor = visitor
        self.order = order
        self.root = root
        self.rows = min(1000, max(1, int(order.options.get("rows") or _ROWS)))
        self.since = str(order.since.get("modified", ""))
        self.latest = self.since
        self.announced: int | None = None
        self.skipped = 0
        self.pages_read = 1
        self.organisations: dict[str, dict[str, Any]] = {}
        self.filters = [order.options["fq"]] if order.options.get("fq") else []
        if order.options.get("organization"):
            self.filters.append(f'organization:"{order.options["organization"]}"')

    def pages(self, cursor: Mapping[str, Any]) -> Iterator[ReadPage]:
        start, size, bad = int(cursor.get("start", 0)), self.rows, 0
        self.latest = max(self.latest, str(cursor.get("latest", "")))
        self.pages_read += bool(start)
        watch = PageWatch(max_records=self.order.max_records, taken=int(cursor.get("taken", 0)))
        while True:
            at = self._address(start, size)
            try:
                packages = self._page(at, first=start == 0)
            except UNREAD as fault:
                if is_refusal(fault) and fault.data.get("answer_status") != 429 and start and self._answers():
                    # Many servers refuse what lies beyond so many records: the next run meets the same refusal here.
                    left = unread(fault, where=at)
                    yield broken_off(at, left.why, since=self.order.since, announced=self.announced)
                    return
                if is_refusal(fault) or (start == 0 and size == self.rows and not self._answers()):
                    raise
                busy = fault.data.get("answer_status") if isinstance(fault, SourceRefuses) else None
                # A server that says it is overloaded is left alone soon; one record that ends so is still passed over.
                if busy in (429, 503) and (bad >= _BUSY_IN_A_ROW or not self._answers()):
                    raise SourceBusy(url=at, answer_status=busy, retry_after_seconds=_BUSY_SECONDS) from None
                if size > 1:
                    size = max(1, size // 8)
                    continue
                bad += 1
                self.skipped += 1
                # A record is passed over only while the rest of the server works: else the run ends here and goes on from here.
                if bad > BAD_IN_A_ROW or not self._answers():
                    raise
                start += 1
                yield self._left(at, fault, start, watch)
                continue
            bad = 0
            keys = "\n".join(str(entry.get("id")) if isinstance(entry, dict) else "-" for entry in packages)
            why = watch.fault_of(step=at, content=keys, records=len(packages), announced=self.announced)
            if why is not None:
                yield broken_off(at, why, since=self.order.since, announced=self.announced)
                return
            self.pages_read += bool(packages and start)
            start += len(packages)
            records, faults, gone = self._read(packages, at)
            kept, same = watch.once(records)
            yield ReadPage(
                records=tuple(kept),
                left_out=(*faults, *same),
                gone=tuple(gone),
                announced=self.announced,
                cursor=self._cursor(start, watch.taken),
            )
            # A short page is the end only when the count agrees: some servers cap the size of a page, some miscount, and
            # behind a page that is empty because of what it hides there may be others.
            over = watch.is_over(len(packages)) or start >= (self.announced or 0)
            if (not packages and over) or (len(packages) < size and start == self.announced):
                yield self._end(watch.taken)
                return
            start += 0 if packages else size
            size = min(self.rows, size * 4)

    def _address(self, start: int, rows: int) -> str:
        changed = [f"metadata_modified:[{_earlier(self.since)} TO *]"] if self.since else []
        query = {"rows": str(rows), "start": str(start), "sort": "id asc", **fq_of([*self.filters, *changed])}
        return f"{self.root}/api/3/action/package_search?{urlencode(query)}"

    def _page(self, at: str, *, first: bool) -> list[Any]:
        try:
            result = result_of(read_json(self.visitor.get(at, accept=_JSON)), at)
        except SourceRefuses as fault:
            if first and fault.data.get("answer_status") in (400, 403, 404, 405, 501) and self._has_list():
                raise _NoSearch from None
            raise
        except AnswerNotUnderstood:
            if first and self._has_list():
                raise _NoSearch from None
            raise
        if not isinstance(result, dict) or not isinstance(result.get("results"), list):
            if first and self._has_list():
                raise _NoSearch
            raise AnswerNotUnderstood(url=at, why_ja="results がありません", why_en="there are no results in it")
        count = result.get("count")
        self.announced = count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None
        return list(result["results"])

    def _answers(self) -> bool:
        """Say whether the search itself works, so that a page that fails must be the fault of a record in it."""
        try:
            return self._total() is not None
        except UNREAD:
            return False

    def _has_list(self) -> bool:
        # Lists know nothing of a filter: without the search, everything would be taken.
        if self.order.options.get("fq"):
            return False
        try:
            return bool(names_of(self.visitor, self.root))
        except UNREAD:
            return False

    def _read(self, packages: list[Any], at: str) -> tuple[list[ReadRecord], list[LeftOut], list[str]]:
        records: list[ReadRecord] = []
        faults: list[LeftOut] = []
        gone: list[str] = []
        for package in packages:
            if deleted := is_deleted(package):
                gone.append(deleted)
                continue
            whole = self._with_organisation(package)
            record, left_out = read_one(whole, root=self.root, where=at)
            faults += left_out
            if record is not None:
                records.append(record)
                self._note_time(package)
        return records, faults, gone

    def _with_organisation(self, package: Any) -> Any:
        """Return the package with its organisation's title, asked for once where the server leaves it out."""
        if (
            not isinstance(package, dict)
            or package.get("organization")
            or not isinstance(package.get("owner_org"), str)
        ):
            return package
        key = package["owner_org"]
        if key not in self.organisations and len(self.organisations) < _ORGANISATIONS:
            at = f"{self.root}/api/3/action/organization_show?id={quote(key, safe='', errors='replace')}"
            try:
                found = result_of(read_json(self.visitor.get(at, accept=_JSON)), at)
            except UNREAD:
                found = None
            titles = {name: found.get(name) for name in ("id", "name", "title")} if isinstance(found, dict) else {}
            self.organisations[key] = titles
        return {**package, "organization": self.organisations.get(key) or None}

    def _note_time(self, package: Mapping[str, Any]) -> None:
        stamp = package.get("metadata_modified")
        found = _INSTANT.match(stamp) if isinstance(stamp, str) and stamp > self.latest else None
        if found is not None and _is_instant(found[0][:26]) and found[0] < (now() + timedelta(days=1)).isoformat():
            self.latest = found[0][:26]

    def _left(self, at: str, fault: Problem, start: int, watch: PageWatch) -> ReadPage:
        left = unread(fault, where=at)
        why = _UNREADABLE.filled({"why_ja": left.why.ja, "why_en": left.why.en})
        left = replace(left, why=why)
        return ReadPage(left_out=(left,), announced=self.announced, cursor=self._cursor(start, watch.taken))

    def _cursor(self, start: int, taken: int) -> dict[str, Any]:
        return {"by": "search", "start": start, "taken": taken, "latest": self.latest}

    def _end(self, taken: int) -> ReadPage:
        """Return the last page: what is not in the list of names is gone; without a list, what a whole reading did not see."""
        listed, remarks = self._listed()
        if self.announced is not None and taken + self.skipped != self.announced:
            remarks.append(miscounted(self.announced, taken))
        coverage: Coverage = "changes"
        if listed is None and not self.since:
            coverage = seen_by(pages=self.pages_read) if not self.skipped and taken >= (self.announced or 0) else "part"
        return ReadPage(
            remarks=tuple(remarks),
            announced=self.announced,
            is_last=True,
            coverage=coverage,
            listed=listed,
            mark={"modified": self.latest},
        )

    def _listed(self) -> tuple[frozenset[str] | None, list[Text]]:
        try:
            if self.filters:
                return listed_within(self.visitor, self.root, self.filters, most=self.order.max_records), []
            return listed_names(self.visitor, self.root), []
        except NotListed as doubt:
            return None, [doubt.why]
        except UNREAD:
            return None, [NO_LIST]

    def _total(self) -> int | None:
        return total_of(self.visitor, self.root)


def root_of(url: str) -> str:
    """Return the address of the CKAN site from any address within it, without a slash at its end."""
    parts = urlsplit(url.strip())
    return f"{parts.scheme}://{parts.netloc}{_ROOT.sub('', parts.path).rstrip('/')}"


def _place_of(url: str, root: str) -> Literal["here", "within", "near"]:
    """Say how a CKAN stands to an address: an address of its API is that CKAN and nothing else."""
    if root != root_of(url):
        return "within" if urlsplit(url).path in ("", "/") else "near"
    return "here" if "/api" in urlsplit(url).path[len(urlsplit(root).path) :] else "within"


def _title_of(visitor: Visitor, root: str) -> str:
    """Return what a CKAN calls itself, "" when it does not say."""
    at = f"{root}/api/3/action/status_show"
    answer = visitor.peek(at, accept=_JSON)
    try:
        said = result_of(read_json(answer), at) if answer is not None and answer.status == 200 else {}
    except AnswerNotUnderstood:
        return ""
    title = said.get("site_title") if isinstance(said, dict) else ""
    return " ".join(title.split())[:200] if isinstance(title, str) else ""


def _is_instant(stamp: str) -> bool:
    try:
        return bool(datetime.fromisoformat(stamp))
    except ValueError:
        return False


def _roots_above(url: str) -> list[str]:
    parts = urlsplit(root_of(url))
    site = f"{parts.scheme}://{parts.netloc}"
    return [site, f"{site}/ckan"]


def _earlier(stamp: str) -> str:
    """Return the instant an hour before, as Solr wants it: clocks differ and an index lags behind."""
    try:
        return (datetime.fromisoformat(stamp.replace("Z", "")) - _OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return stamp
