"""Atom feeds (RFC 4287), in pages where there are links to others (RFC 5005 §3): the one writer of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, kw_only=True)
class AtomEntry:
    """One piece of news; `uid` is a URI that never changes, `categories` are terms with their labels."""

    uid: str
    title: str
    summary: str
    address: str
    updated: datetime
    published: datetime | None = None
    author: str = ""
    categories: tuple[tuple[str, str], ...] = ()


def atom_feed(
    *,
    uid: str,
    title: str,
    author: str,
    updated: datetime,
    entries: Iterable[AtomEntry],
    own: str,
    page: str = "",
    others: Iterable[tuple[str, str]] = (),
) -> bytes:
    """Return a feed in Japanese; `own` is its address, `page` the page it is about, `others` are relations with addresses.

    Whatever stands in a text, the feed can be read: what XML 1.0 has no way to write is left out.
    """
    links = [("self", own), *others]
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ja">',
        f"<id>{_text(uid)}</id><title>{_text(title)}</title><updated>{updated.isoformat()}</updated>",
        f"<author><name>{_text(author)}</name></author>",
        *(f'<link rel="{relation}" type="application/atom+xml" href={_value(at)}/>' for relation, at in links),
        *([f'<link rel="alternate" type="text/html" href={_value(page)}/>'] if page else []),
        *map(_entry, entries),
        "</feed>",
    ]
    return "\n".join(lines).encode()


def for_xml(text: str) -> str:
    """Return a text without the characters that XML 1.0 has no way to write."""
    return _NOT_XML.sub("", text)


def _entry(entry: AtomEntry) -> str:
    parts = [
        f"<id>{_text(entry.uid)}</id><title>{_text(entry.title)}</title>",
        f'<link rel="alternate" type="text/html" href={_value(entry.address)}/>',
        f"<published>{entry.published.isoformat()}</published>" if entry.published else "",
        f"<updated>{entry.updated.isoformat()}</updated>",
        f"<author><name>{_text(entry.author)}</name></author>" if entry.author else "",
        *(f"<category term={_value(term)} label={_value(label)}/>" for term, label in entry.categories),
        f"<summary>{_text(entry.summary)}</summary>",
    ]
    return f"<entry>{''.join(parts)}</entry>"


def _text(words: str) -> str:
    return escape(for_xml(words))


def _value(words: str) -> str:
    return quoteattr(for_xml(words))
