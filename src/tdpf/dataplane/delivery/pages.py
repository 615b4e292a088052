"""The same answers for people: plain HTML in Japanese or English, without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from tdpf.dataplane.browsers import STYLE
from tdpf.dataplane.delivery.questions import Question
from tdpf.dataplane.delivery.requests import Request
from tdpf.dataplane.delivery.sights import Seen
from tdpf.kit.text import Text

_ACCESS = {
    "open": Text("公開", "open"),
    "conditional": Text("約定が必要", "by agreement"),
    "paid": Text("有料", "paid"),
}
ROW_KINDS = ("geojson", "json", "csv", "ndjson", "parquet", "arrow", "xlsx")
ASKED_KINDS = ("geojson", "json", "csv", "ndjson")
_WORDS = {
    "search": Text("データをさがす", "Search for data"),
    "collections": Text("API で使えるデータの一覧", "Data served by this API"),
    "rows": Text("行", "rows"),
    "of": Text("件中", "of"),
    "next": Text("次のページ", "Next page"),
    "prev": Text("前のページ", "Previous page"),
    "formats": Text("ほかの形式", "Other formats"),
    "page": Text("データセットのページ", "The dataset's page"),
    "title": Text("名前", "Name"),
    "access": Text("利用", "Access"),
    "provider": Text("提供者", "Provider"),
    "column": Text("列", "Column"),
    "value": Text("値", "Value"),
    "api": Text("この API の説明 (OpenAPI)", "Description of this API (OpenAPI)"),
    "conformance": Text("この API が従う規格", "Standards this API conforms to"),
    "queryables": Text("尋ねることのできる列", "Columns that can be asked about"),
    "kind": Text("種類", "Type"),
    "about": Text("説明", "Description"),
    "address": Text("アドレス", "Address"),
}


def _say(word: str, language: str) -> str:
    return escape(_WORDS[word].in_(language))


def _document(title: str, language: str, body: str) -> bytes:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)} | TDPF</title>'
        f"<style>{STYLE}</style></head><body><header>{_ways(language)}</header>"
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    ).encode()


def _ways(language: str) -> str:
    home = "/en/" if language == "en" else "/"
    return (
        f'<a href="{home}">TDPF</a><a href="{home}search">{_say("search", language)}</a>'
        f'<a href="/data/collections?f=html">{_say("collections", language)}</a>'
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>'


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value))


def landing_page(document: Mapping[str, Any], language: str) -> bytes:
    """Return the landing page."""
    links = "".join(
        f'<li><a href="{escape(entry["href"], quote=True)}">{words}</a></li>'
        for entry in document["links"]
        for rel, words in (("data", _say("collections", language)), ("service-desc", _say("api", language)))
        if entry["rel"] == rel
    )
    return _document(document["title"], language, f"<p>{escape(document['description'])}</p><ul>{links}</ul>")


def collections_page(document: Mapping[str, Any], language: str) -> bytes:
    """Return the list of collections."""
    rows = [
        (
            f'<a href="/data/collections/{quote(entry["id"])}/items?f=html">{escape(entry["title"])}</a>',
            escape(_ACCESS[entry["access"]].in_(language)),
            escape(entry["provider"]),
        )
        for entry in document["collections"]
    ]
    head = [_WORDS[word].in_(language) for word in ("title", "access", "provider")]
    return _document(_WORDS["collections"].in_(language), language, _table(head, rows))


def collection_page(document: Mapping[str, Any], language: str) -> bytes:
    """Return the description of one collection."""
    links = "".join(
        f'<li><a href="{escape(entry["href"], quote=True)}">{escape(entry["rel"].rsplit("/", 1)[-1])} '
        f"{escape(entry.get('type', ''))}</a></li>"
        for entry in document["links"]
    )
    facts = _table(
        [_WORDS["column"].in_(language), _WORDS["value"].in_(language)],
        [(name, _cell(document[name])) for name in ("access", "provider", "licence", "attribution", "version")],
    )
    return _document(document["title"], language, f"<p>{escape(document['description'])}</p>{facts}<ul>{links}</ul>")


def conformance_page(document: Mapping[str, Any], language: str) -> bytes:
    """Return the standards."""
    listed = "".join(f"<li>{escape(name)}</li>" for name in document["conformsTo"])
    return _document(_WORDS["conformance"].in_(language), language, f"<ul>{listed}</ul>")


def queryables_page(document: Mapping[str, Any], language: str) -> bytes:
    """Return the columns that a question may name."""
    rows = [
        (escape(name), *(_cell(told.get(key)) for key in ("title", "type", "description")))
        for name, told in document["properties"].items()
    ]
    head = [_WORDS[word].in_(language) for word in ("column", "title", "kind", "about")]
    title = f"{document['title']} · {_WORDS['queryables'].in_(language)}"
    return _document(title, language, _table(head, rows))


def api_page(document: Mapping[str, Any], language: str) -> bytes:
    """Return the addresses of the API and what each is for."""
    rows = [(f"<code>{escape(path)}</code>", _cell(told["get"]["summary"])) for path, told in document["paths"].items()]
    head = [_WORDS[word].in_(language) for word in ("address", "about")]
    about = f'<p>{escape(document["info"]["description"])}</p><p><a href="/data/api?f=json">OpenAPI</a></p>'
    return _document(document["info"]["title"], language, about + _table(head, rows))


def problem_page(document: Mapping[str, Any], language: str) -> bytes:
    """Return a refusal for people."""
    body = f"<p>{escape(str(document['detail']))}</p><p>{escape(str(document['cure']))}</p>"
    more = f'<p><a href="{escape(str(document["type"]), quote=True)}">{escape(str(document["type"]))}</a></p>'
    return _document(str(document["title"]), language, body + more)


def rows_page(
    request: Request,
    found: Seen,
    question: Question,
    rows: Sequence[Mapping[str, Any]],
    matched: int | None,
    links: Sequence[Mapping[str, str]],
) -> bytes:
    """Return one page of rows as a table."""
    language = request.language
    names = found.sight.names if question.names is None else question.names
    first = question.offset + 1 if rows else 0
    of_all = "" if matched is None else f" / {matched}"
    count = f"<p>{first}–{question.offset + len(rows)}{of_all} {_say('rows', language)}</p>"
    table = _table(names, ([_cell(row.get(name)) for name in names] for row in rows))
    steps = "".join(
        f'<p><a rel="{rel}" href="{escape(entry["href"], quote=True)}">{_say(rel, language)}</a></p>'
        for rel in ("prev", "next")
        for entry in links
        if entry["rel"] == rel
    )
    rest = urlencode({name: value for name, value in question.parameters.items() if name != "version"})
    formats = " ".join(
        f'<a href="?{escape(rest, quote=True)}&amp;f={kind}">{kind}</a>'
        for kind in (ROW_KINDS if found.offered.source is None else ASKED_KINDS)
    )
    page = f'<p><a href="/datasets/{found.offered.table.slug}">{_say("page", language)}</a></p>'
    body = f"{count}{table}{steps}<p>{_say('formats', language)}: {formats}</p>{page}"
    return _document(found.offered.table.title_ja, language, body)


def item_page(request: Request, found: Seen, feature_id: str, row: Mapping[str, Any]) -> bytes:
    """Return one row as a table of columns and values."""
    language = request.language
    head = [_WORDS["column"].in_(language), _WORDS["value"].in_(language)]
    table = _table(head, ((escape(name), _cell(value)) for name, value in row.items()))
    return _document(f"{found.offered.table.title_ja} {feature_id}", language, table)
