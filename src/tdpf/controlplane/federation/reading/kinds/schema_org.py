"""schema.org `Dataset` in the pages of a site, found by its sitemap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from tdpf.controlplane.federation.errors import AnswerNotUnderstood, SourceBusy
from tdpf.controlplane.federation.reading.guarding import UNREAD, guarded, unread
from tdpf.controlplane.federation.reading.html_text import read_page
from tdpf.controlplane.federation.reading.json_text import parse_json
from tdpf.controlplane.federation.reading.paging import PageWatch
from tdpf.controlplane.federation.reading.reader import broken_off
from tdpf.controlplane.federation.reading.schema_org_nodes import dataset_nodes, read_node
from tdpf.controlplane.federation.reading.sitemaps import Listed, walk
from tdpf.controlplane.federation.reading.taking import MALFORMED, Taking, short_key
from tdpf.controlplane.federation.types import KindGuess, LeftOut, ReadingOrder, ReadPage, ReadRecord, SourceKind
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.clock import now
from tdpf.kit.errors import Problem
from tdpf.kit.sites import Answer
from tdpf.kit.text import Text

_ACCEPT = "text/html, application/xhtml+xml;q=0.9, application/ld+json;q=0.8, */*;q=0.1"
_AT_ONCE = 20
_PAGE_BYTES = 8 * 1024 * 1024


class SchemaOrgReader:
    """Visits the pages that sitemaps list, from the second time on only those whose lastmod is newer or missing."""

    kind = SourceKind(
        kind="schema_org",
        title=Text("ウェブページの schema.org Dataset（サイトマップ）", "schema.org Dataset in web pages (sitemap)"),
        address_hint=Text(
            "サイトのアドレス、サイトマップ、またはデータセットのページ", "the site, its sitemap, or one dataset's page"
        ),
        options={"include": Text("アドレスにこの文字を含むページだけ", "only pages whose address contains this")},
    )

    def read(self, visitor: Visitor, order: ReadingOrder) -> Iterator[ReadPage]:
        """Yield pages of records; `mark` holds the latest lastmod seen. A page that left the sitemap is gone."""
        faults: list[LeftOut] = []
        starts = _starts(visitor, order.url)
        listed = sorted(walk(visitor, starts, faults), key=lambda entry: entry.url) if starts else [Listed(order.url)]
        listed, remarks = _chosen(listed, order.options.get("include", ""))
        since, after = _instant(str(order.since.get("lastmod", ""))), str(order.cursor.get("after", ""))
        # A date that lies ahead would have everything passed over until then.
        limit = now() + timedelta(days=1)
        dated = [(entry, _instant(entry.modified)) for entry in listed]
        latest = max([moment for _, moment in dated if moment and moment < limit], default=since)
        waiting = [entry for entry, moment in dated if entry.url > after and not (since and moment and moment <= since)]
        whole = not faults
        watch = PageWatch(max_records=order.max_records)
        for begun in range(0, len(waiting), _AT_ONCE):
            records: list[ReadRecord] = []
            complete: list[str] = []
            chunk = waiting[begun : begun + _AT_ONCE]
            busy: SourceBusy | None = None
            for entry in chunk:
                try:
                    found, left = _records_of(visitor, entry.url)
                except SourceBusy as problem:
                    busy = problem
                    break
                records += found
                faults += left
                # A page without any dataset may only be built anew: it says nothing of those it had.
                complete += [found[0].alias] if found and not any(not one.part for one in left) else []
                after = entry.url
            kept, same = watch.once(records)
            watch.taken += len(kept)
            if watch.taken > order.max_records:
                yield broken_off(order.url, watch.too_many(), since=order.since)
                return
            yield ReadPage(
                records=tuple(kept),
                left_out=(*faults, *same),
                remarks=tuple(remarks),
                complete=tuple(complete),
                cursor={"after": after},
            )
            if busy is not None:
                raise busy
            faults, remarks = [], []
        yield ReadPage(
            left_out=tuple(faults),
            remarks=tuple(remarks),
            is_last=True,
            coverage="changes" if whole else "part",
            listed=frozenset(short_key(entry.url) for entry in listed) if whole else None,
            mark={"lastmod": latest.isoformat() if latest else ""},
        )

    def guess(self, visitor: Visitor, url: str) -> KindGuess | None:
        """Return a guess when the page itself has a Dataset, or one of the first pages of the sitemap does."""
        answer = visitor.peek(url, accept=_ACCEPT, bytes_wanted=_PAGE_BYTES)
        if answer is not None and answer.status == 200 and _nodes_of(answer)[0]:
            return KindGuess(
                kind="schema_org",
                url=url,
                certainty=75,
                evidence=Text(f"{url} に schema.org の Dataset があります", f"{url} has a schema.org Dataset"),
            )
        try:
            starts = _starts(visitor, url)
            listed: list[Listed] = []
            for entry in walk(visitor, starts, []):
                listed.append(entry)
                if len(listed) >= 2000:
                    break
            listed, _ = _chosen(listed, "")
            for entry in listed[:3]:
                found, _ = _records_of(visitor, entry.url)
                if found:
                    return KindGuess(
                        kind="schema_org",
                        url=url,
                        certainty=70,
                        evidence=Text(
                            f"サイトマップの {entry.url} に schema.org の Dataset があります",
                            f"{entry.url}, listed by the sitemap, has a schema.org Dataset",
                        ),
                        count=len(listed),
                        place="within" if urlsplit(url).path in ("", "/") or url in starts else "near",
                    )
        except Problem:
            return None
        return None


READER = SchemaOrgReader()


def _instant(written: str) -> datetime | None:
    """Return the instant of a lastmod (W3C date or date with time; without a zone in UTC), None for what is none."""
    try:
        moment = datetime.fromisoformat(written.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _starts(visitor: Visitor, url: str) -> list[str]:
    """Return the sitemaps to begin with: the address given if it is one, what robots.txt names, else `/sitemap.xml`.

    A page that itself has datasets and no sitemap beside it gives none.
    """
    parts = urlsplit(url)
    site = f"{parts.scheme}://{parts.netloc}"
    if parts.path.lower().endswith((".xml", ".xml.gz", ".gz", ".txt")):
        return [url]
    try:
        named = [
            address
            for address in visitor.sitemaps(url)[:50]
            if urlsplit(address).netloc.lower() == parts.netloc.lower()
        ]
    except Problem:
        named = []
    if named:
        return named
    if parts.path.strip("/"):
        answer = visitor.peek(url, accept=_ACCEPT, bytes_wanted=_PAGE_BYTES)
        if answer is not None and answer.status == 200 and _nodes_of(answer)[0]:
            return []
    return [f"{site}/sitemap.xml"]


def _chosen(listed: list[Listed], include: str) -> tuple[list[Listed], list[Text]]:
    """Return the pages to visit: those with the words asked for; else those under `/dataset`, when there are such."""
    if include:
        return [entry for entry in listed if include in entry.url], []
    likely = [entry for entry in listed if "/dataset" in urlsplit(entry.url).path.lower()]
    if not likely or len(likely) == len(listed):
        return listed, []
    remark = Text(
        f"{len(listed)} ページのうち、アドレスに /dataset を含む {len(likely)} ページだけを見ます",
        f"of {len(listed)} pages only the {len(likely)} with /dataset in their address are visited",
    )
    return likely, [remark]


def _records_of(visitor: Visitor, url: str) -> tuple[list[ReadRecord], list[LeftOut]]:
    try:
        answer = visitor.get(url, accept=_ACCEPT, max_bytes=_PAGE_BYTES)
    except UNREAD as fault:
        return [], [unread(fault, where=url, record_id=url)]
    none: list[dict[str, object]] = []
    nodes, faults = guarded(lambda: _read(answer, url), none, where=url, key=url)
    records: list[ReadRecord] = []
    for node in nodes:
        record, left = guarded(partial(read_node, node, page=url), None, where=url, key=node.get("@id"))
        faults += left
        records += [record] if record else []
    return records, faults


def _read(answer: Answer, url: str) -> tuple[list[dict[str, object]], list[LeftOut]]:
    nodes, broken = _nodes_of(answer)
    return nodes, [Taking(url, url).refusal("malformed", MALFORMED)] * min(1, broken)


def _nodes_of(answer: Answer) -> tuple[list[dict[str, object]], int]:
    """Return the Dataset nodes of a page, and how many of its scripts are broken."""
    texts = [answer.body] if "json" in answer.media_type else []
    texts = texts or [script.encode("utf-8", "replace") for script in read_page(answer.body, answer.charset).scripts]
    found: list[dict[str, object]] = []
    broken = 0
    for text in texts:
        try:
            found += dataset_nodes(parse_json(text, url=answer.url, charset=answer.charset))
        except (AnswerNotUnderstood, RecursionError):
            broken += 1
    return found, broken
