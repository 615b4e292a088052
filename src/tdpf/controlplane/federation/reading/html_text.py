"""What a page of HTML holds for machines: alternate links, embedded JSON-LD, its title and links."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from html.parser import HTMLParser

from tdpf.controlplane.federation.reading.json_text import decoded

_MOST = 2000


@dataclass(slots=True)
class PageFound:
    """`links` are (rel, type, href) of link elements, `anchors` (href, words), `scripts` the texts of JSON-LD."""

    title: str = ""
    links: list[tuple[str, str, str]] = field(default_factory=list)
    anchors: list[tuple[str, str]] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = PageFound()
        self._in = ""
        self._words: list[str] = []
        self._href = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "link" and len(self.found.links) < _MOST:
            self.found.links.append(
                (given.get("rel", "").lower(), given.get("type", "").lower(), given.get("href", ""))
            )
        elif tag == "script" and given.get("type", "").lower().split(";")[0].strip() == "application/ld+json":
            self._in, self._words = "script", []
        elif tag == "title" and not self.found.title:
            self._in, self._words = "title", []
        elif tag == "a" and given.get("href") and len(self.found.anchors) < _MOST:
            self._in, self._words, self._href = "a", [], given["href"]

    def handle_endtag(self, tag: str) -> None:
        if tag != self._in:
            return
        words = "".join(self._words)
        if tag == "script" and len(self.found.scripts) < 100:
            self.found.scripts.append(words)
        elif tag == "title":
            self.found.title = " ".join(words.split())[:500]
        elif tag == "a":
            self.found.anchors.append((self._href, " ".join(words.split())[:300]))
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in:
            self._words.append(data)


def read_page(body: bytes, charset: str = "") -> PageFound:
    """Return what stands in a page, however it is written; a page that is none gives nothing."""
    reader = _Reader()
    with contextlib.suppress(AssertionError, ValueError, RecursionError):
        reader.feed(decoded(body, charset))
        reader.close()
    return reader.found


def alternates(body: bytes, types: tuple[str, ...], charset: str = "") -> list[str]:
    """Return the addresses of a page's alternate forms of the given media types, in their order."""
    links = read_page(body, charset).links
    return [
        href
        for wanted in types
        for rel, kind, href in links
        if "alternate" in rel.split() and kind.startswith(wanted) and href
    ]
