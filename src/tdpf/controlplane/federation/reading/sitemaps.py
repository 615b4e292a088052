"""Sitemaps (sitemaps.org 0.9): plain, packed, indexes of sitemaps, and lists as plain text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from tdpf.controlplane.federation.errors import AnswerNotUnderstood
from tdpf.controlplane.federation.reading.geo_metadata import local
from tdpf.controlplane.federation.reading.guarding import UNREAD, unread
from tdpf.controlplane.federation.reading.json_text import decoded
from tdpf.controlplane.federation.reading.taking import BAD_ADDRESS, joined
from tdpf.controlplane.federation.reading.xml_text import parse_xml
from tdpf.controlplane.federation.types import LeftOut
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.fetching import TooLarge
from tdpf.kit.inflating import Bomb, Damaged, gunzip
from tdpf.kit.text import Text

_UNPACKED = 64 * 1024 * 1024
_SITEMAPS = 500
_PAGES = 500_000
_ENTRIES = frozenset({"url", "sitemap"})


@dataclass(frozen=True, slots=True)
class Listed:
    """A page that a sitemap lists; `modified` is its lastmod as written."""

    url: str
    modified: str = ""


def walk(visitor: Visitor, starts: list[str], left_out: list[LeftOut]) -> Iterator[Listed]:
    """Yield the pages of the sitemaps and of those they name, each once; what cannot be read goes to `left_out`.

    A sitemap may only list pages of its own site (sitemaps.org, "location"), with or without `www.`: others are passed over,
    which is said where that leaves none, since then the site has moved.
    """
    waiting, seen, given = list(starts), set(starts), 0
    read, elsewhere = 0, ""
    while waiting and read < _SITEMAPS:
        at = waiting.pop(0)
        read += 1
        try:
            root_name, entries, fault = _read(visitor, at)
        except UNREAD as problem:
            if at in starts and len(starts) == 1:
                raise
            left_out.append(unread(problem, where=at))
            continue
        if fault:
            left_out.append(
                LeftOut(
                    record_id="",
                    where=at,
                    code="malformed",
                    why=Text(f"サイトマップが途中で壊れています（{fault}）", f"the sitemap breaks off ({fault})"),
                )
            )
        for entry in entries:
            url = joined(at, entry.url)
            if not url:
                left_out.append(
                    LeftOut(record_id="", where=at, code="bad-value", why=BAD_ADDRESS, part=entry.url[:100])
                )
                continue
            if url in seen or urlsplit(url).scheme not in ("http", "https"):
                continue
            if root_name == "sitemapindex":
                seen.add(url)
                waiting.append(url)
            elif _host(url) != _host(at):
                elsewhere = elsewhere or url
            else:
                seen.add(url)
                given += 1
                if given > _PAGES:
                    left_out.append(
                        LeftOut(
                            record_id="",
                            where=at,
                            code="too-long",
                            why=Text("ページが多すぎます", "there are too many pages"),
                        )
                    )
                    return
                yield Listed(url, entry.modified)
    if waiting:
        why = Text(f"サイトマップが {_SITEMAPS} 個を超えています", f"there are more than {_SITEMAPS} sitemaps")
        left_out.append(LeftOut(record_id="", where=waiting[0], code="too-long", why=why))
    if elsewhere and not given:
        why = Text(
            f"ページがすべて別のサイトにあります（{elsewhere[:200]}）",
            f"all its pages are at another site ({elsewhere[:200]})",
        )
        left_out.append(LeftOut(record_id="", where=starts[0], code="bad-value", why=why, part="loc"))


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower().removeprefix("www.")


def _read(visitor: Visitor, at: str) -> tuple[str, list[Listed], str]:
    answer = visitor.get(at, accept="application/xml, text/xml;q=0.9, */*;q=0.5")
    body = answer.body
    if body.startswith(b"\x1f\x8b"):
        try:
            body = gunzip(body, limit=_UNPACKED)
        except Bomb:
            raise TooLarge(url=at, limit_bytes=_UNPACKED) from None
        except Damaged:
            raise AnswerNotUnderstood(url=at, why_ja="圧縮が壊れています", why_en="its packing is damaged") from None
    begun = body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if begun.startswith(b"http"):
        return "urlset", [Listed(line.strip()) for line in decoded(body).splitlines()[:_PAGES] if line.strip()], ""
    root, fault = parse_xml(body, url=at, charset=answer.charset, records=_ENTRIES)
    if local(root) not in ("urlset", "sitemapindex"):
        raise AnswerNotUnderstood(url=at, why_ja="サイトマップではありません", why_en="it is no sitemap")
    entries = []
    for element in root:
        said = {local(child): (child.text or "").strip() for child in element}
        if said.get("loc"):
            entries.append(Listed(said["loc"], said.get("lastmod", "")))
    return local(root), entries, fault
