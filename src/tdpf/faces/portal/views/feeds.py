"""Feeds: what changed in a dataset, and what is new (Atom, RFC 4287)."""

from __future__ import annotations

from datetime import datetime
from xml.etree import ElementTree

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.members import queries as members

_ATOM = "http://www.w3.org/2005/Atom"


def dataset_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the versions of a published dataset, newest first."""
    del request
    page = catalog.dataset_page(slug, members.anonymous_standing())
    address = f"{settings.PUBLIC_URL}/datasets/{page.slug}"
    feed = _feed(f"{page.title.ja} — 更新", f"{settings.PUBLIC_URL}/feeds/datasets/{page.slug}.atom", page.modified_at)
    for version in catalog.versions_of(page.main.uid) if page.main else ():
        diff = version.diff
        said = f"追加 {diff.get('added', 0)} 行、削除 {diff.get('removed', 0)} 行、変更 {diff.get('changed', 0)} 行" if diff else "最初の版"
        _entry(feed, f"urn:tdpf:version:{version.uid}", f"第{version.number}版（{version.rows:,} 行）",
               f"{address}#history", version.published_at, said)  # fmt: skip
    return _answer(feed)


def newest_feed(request: HttpRequest) -> HttpResponse:
    """Return the newest datasets."""
    del request
    cards = catalog.list_datasets(limit=50).items
    newest = max((card.modified_at for card in cards), default=None)
    feed = _feed("東京データプラットフォーム — 新しいデータ", f"{settings.PUBLIC_URL}/feeds/datasets.atom", newest)
    for card in cards:
        _entry(feed, f"urn:tdpf:dataset:{card.uid}", card.title.ja, f"{settings.PUBLIC_URL}/datasets/{card.slug}",
               card.modified_at, card.description.ja)  # fmt: skip
    return _answer(feed)


def _feed(title: str, address: str, updated: datetime | None) -> ElementTree.Element:
    feed = ElementTree.Element("feed", {"xmlns": _ATOM, "xml:lang": "ja"})
    ElementTree.SubElement(feed, "title").text = title
    ElementTree.SubElement(feed, "id").text = address
    ElementTree.SubElement(feed, "link", {"rel": "self", "href": address})
    ElementTree.SubElement(feed, "updated").text = (updated or datetime.fromtimestamp(0).astimezone()).isoformat()
    author = ElementTree.SubElement(feed, "author")
    ElementTree.SubElement(author, "name").text = "東京データプラットフォーム"
    return feed


def _entry(feed: ElementTree.Element, uid: str, title: str, address: str, at: datetime, text: str) -> None:
    entry = ElementTree.SubElement(feed, "entry")
    ElementTree.SubElement(entry, "id").text = uid
    ElementTree.SubElement(entry, "title").text = title
    ElementTree.SubElement(entry, "link", {"href": address})
    ElementTree.SubElement(entry, "updated").text = at.isoformat()
    ElementTree.SubElement(entry, "summary").text = text


def _answer(feed: ElementTree.Element) -> HttpResponse:
    body = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return HttpResponse(body, content_type="application/atom+xml; charset=utf-8")
