"""`/feeds/datasets.atom`: new and changed datasets, the latest first (Atom, RFC 4287), in pages (RFC 5005 §3)."""

from __future__ import annotations

from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.faces.standards.problems import ParameterInvalid
from tdpf.faces.standards.rdf import for_xml
from tdpf.kit import clock

PAGE_SIZE = 50
_PATH = "/feeds/datasets.atom"


def datasets(request: HttpRequest) -> HttpResponse:
    """Return one page of the feed; `page` counts from 1. Raises ParameterInvalid."""
    written = request.GET.get("page", "1")
    if not (written.isascii() and written.isdigit() and len(written) < 8 and int(written) > 0):
        raise ParameterInvalid(parameter="page", expected="1, 2, 3 …")
    number = int(written)
    page = catalog.select_datasets(order=("-modified",), offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    last = max(1, -(-page.total // PAGE_SIZE))
    links = {"self": number, "first": 1, "last": last}
    if number < last:
        links["next"] = number + 1
    if number > 1:
        links["previous"] = min(number - 1, last)
    updated = page.items[0].modified_at if page.items else clock.now()
    base = settings.PUBLIC_URL
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ja">',
        "<id>urn:tdpf:datasets</id>",
        "<title>東京データプラットフォーム — 新しいデータ</title>",
        f"<updated>{updated.isoformat()}</updated>",
        "<author><name>東京データプラットフォーム</name></author>",
        *(
            f'<link rel="{relation}" type="application/atom+xml" href={quoteattr(_at(at))}/>'
            for relation, at in links.items()
        ),
        f'<link rel="alternate" type="text/html" href="{base}/search"/>',
        *(_entry(item) for item in page.items),
        "</feed>",
    ]
    return HttpResponse("\n".join(lines), content_type="application/atom+xml; charset=utf-8")


def _at(number: int) -> str:
    address = f"{settings.PUBLIC_URL}{_PATH}"
    return address if number == 1 else f"{address}?{urlencode({'page': number})}"


def _entry(item: DatasetPage) -> str:
    address = f"{settings.PUBLIC_URL}/datasets/{item.slug}"
    themes = "".join(
        f'<category term="{code}" label={quoteattr(catalog.label_of("themes", code).ja)}/>' for code in item.themes
    )
    return (
        f"<entry><id>urn:tdpf:dataset:{item.uid}</id><title>{_text(item.title.ja)}</title>"
        f'<link rel="alternate" type="text/html" href="{address}"/>'
        f"<published>{(item.published_at or item.created_at).isoformat()}</published>"
        f"<updated>{item.modified_at.isoformat()}</updated>"
        f"<author><name>{_text(item.provider.name.ja)}</name></author>{themes}"
        f"<summary>{_text(item.description.ja[:1_000])}</summary></entry>"
    )


def _text(words: str) -> str:
    return escape(for_xml(words))
