"""For crawlers and readers: `/sitemap.xml` (sitemaps.org 0.9), `/robots.txt` (RFC 9309), `/llms.txt`, `/opensearch.xml`."""

from __future__ import annotations

from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tdpf.controlplane.catalog import queries as catalog
from tdpf.djangokit.problems import PageNotFound

PART_SIZE = 10_000
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PAGES = ("/", "/search", "/developers", "/help", "/policies", "/data-requests", "/status")


def index(request: HttpRequest) -> HttpResponse:
    """Return the parts of the sitemap: the fixed pages, and the datasets in parts of at most 10,000."""
    del request
    parts = -(-catalog.select_datasets(limit=0).total // PART_SIZE)
    names = ["pages", *(str(number) for number in range(1, parts + 1))]
    entries = "".join(f"<sitemap><loc>{settings.PUBLIC_URL}/sitemap-{name}.xml</loc></sitemap>" for name in names)
    return _xml(f'<sitemapindex xmlns="{_NAMESPACE}">{entries}</sitemapindex>')


def part(request: HttpRequest, name: str) -> HttpResponse:
    """Return one part: each dataset's page with the moment it changed; the page names the one in English. Raises PageNotFound."""
    base = settings.PUBLIC_URL
    if name == "pages":
        entries = [f"<url><loc>{base}{path}</loc></url>" for path in _PAGES]
    else:
        number = int(name) if len(name) < 6 else 0
        moments = catalog.slugs_with_moments(offset=(number - 1) * PART_SIZE, limit=PART_SIZE) if number else []
        if not moments:
            raise PageNotFound(path=request.path)
        entries = [
            f"<url><loc>{base}/datasets/{escape(slug)}</loc><lastmod>{changed.isoformat(timespec='seconds')}</lastmod></url>"
            for slug, changed in moments
        ]
    return _xml(f'<urlset xmlns="{_NAMESPACE}">{"".join(entries)}</urlset>')


def robots(request: HttpRequest) -> HttpResponse:
    """Return what robots may visit: everything but searches, differences, accounts and what belongs to members."""
    del request
    closed = (
        "/search?", "/en/search?", "/datasets/*/differences.csv", "/en/datasets/*/differences.csv",
        "/accounts/", "/home", "/operator", "/provide", "/applications", "/internal/",
    )  # fmt: skip
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in closed),
        "Allow: /",
        "",
        f"Sitemap: {settings.PUBLIC_URL}/sitemap.xml",
    ]
    return _text("\n".join(lines) + "\n")


def llms(request: HttpRequest) -> HttpResponse:
    """Return how programs that read text find their way (llmstxt.org)."""
    del request
    base = settings.PUBLIC_URL
    total = catalog.select_datasets(limit=0).total
    return _text(
        f"""# 東京データプラットフォーム / Tokyo Data Platform

> {total} datasets of Tokyo's wards, the metropolis, companies and residents behind one search, with their terms, and one way to their rows.

Data and descriptions are in Japanese, many titles in English too. Every dataset has a licence; put the words of its citation beside what you use.

## For agents
- [MCP server]({base}/mcp): search_datasets, get_dataset, describe_columns, query_rows, find_nearby, get_quality, get_terms, cite, request_data
- [API catalogue]({base}/.well-known/api-catalog): every API of this site

## Data
- [Rows (OGC API Features)]({base}/data): `/data/collections/{{dataset}}/items?f=json&filter=…`
- [How to write questions]({base}/data/api): OpenAPI

## Catalogue
- [CKAN Action API]({base}/api/3/action/package_search): `q`, `fq`, `rows`, `start`
- [Search]({base}/api/v1/search): JSON, `q`
- [DCAT-AP 3]({base}/catalog.ttl): also .jsonld and .xml, 100 datasets a page
- [DCAT-US]({base}/data.json)
- [Sitemap]({base}/sitemap.xml)
- [New and changed datasets]({base}/feeds/datasets.atom)

## Pages
- [For developers]({base}/developers)
- [Terms and policies]({base}/policies)
"""
    )


def opensearch(request: HttpRequest) -> HttpResponse:
    """Return how a browser searches here (OpenSearch 1.1)."""
    del request
    base = settings.PUBLIC_URL
    return HttpResponse(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">'
        "<ShortName>TDPF</ShortName><Description>東京のデータをさがす</Description>"
        "<Language>ja</Language><InputEncoding>UTF-8</InputEncoding>"
        f'<Url type="text/html" template="{base}/search?q={{searchTerms}}"/>'
        f'<Url type="application/json" template="{base}/api/v1/search?q={{searchTerms}}"/>'
        "</OpenSearchDescription>\n",
        content_type="application/opensearchdescription+xml; charset=utf-8",
    )


def _xml(body: str) -> HttpResponse:
    return HttpResponse(
        f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n', content_type="application/xml; charset=utf-8"
    )


def _text(body: str) -> HttpResponse:
    return HttpResponse(body, content_type="text/plain; charset=utf-8")
