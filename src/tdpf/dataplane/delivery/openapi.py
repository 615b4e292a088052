"""The description of `/data` as OpenAPI 3.0 (OGC 17-069r4 requirements class "OpenAPI 3.0")."""

from __future__ import annotations

from typing import Any

from tdpf.dataplane.delivery.aggregates import MOST_GROUPS
from tdpf.dataplane.delivery.directory import Directory
from tdpf.dataplane.delivery.formats import MEDIA_TYPES, ROW_FORMATS
from tdpf.dataplane.delivery.questions import CRS84, DEFAULT_ROWS_PER_PAGE, FILTER_LANGUAGES, MOST_ROWS_PER_PAGE
from tdpf.kit.text import Text

_SAID = {
    "title": Text("TDPF データAPI", "TDPF data API"),
    "about": Text(
        "提供中の表を行・集計・ファイルとして受け取ります。OGC API Features に沿っています。"
        "公開データはキーなしで、ほかは Authorization: Bearer、X-API-Key、apikey のいずれか一つで使います。",
        "Rows, aggregates and files of the tables on offer, along OGC API Features. Open data needs no key; for the rest "
        "send one of Authorization: Bearer, X-API-Key or apikey.",
    ),
    "landing": Text("入口", "Landing page"),
    "conformance": Text("適合する規格", "Conformance"),
    "api": Text("この説明", "This description"),
    "collections": Text("提供中の表", "Collections"),
    "collection": Text("表の説明", "One collection"),
    "queryables": Text("見える列", "Columns that can be asked about"),
    "items": Text("行", "Rows"),
    "item": Text("一行", "One row"),
    "aggregate": Text("集計", "Aggregate"),
    "files": Text("ファイルの一覧", "Files of a dataset"),
    "file": Text("ファイル全体（Range 可）", "A whole file (with Range)"),
    "columns": Text(
        "列の名前をそのままパラメータにすると、その値に等しい行を選びます。",
        "The name of any column as a parameter selects the rows with that value.",
    ),
}


def _query(name: str, schema: dict[str, Any], ja: str, en: str, language: str) -> dict[str, Any]:
    explode = {"style": "form", "explode": False} if schema.get("type") == "array" else {}
    described = Text(ja, en).in_(language)
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": described, **explode}


def _parameters(language: str) -> dict[str, Any]:
    text: dict[str, Any] = {"type": "string"}

    def query(name: str, schema: dict[str, Any], ja: str, en: str) -> dict[str, Any]:
        return _query(name, schema, ja, en, language)

    rows = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS_PER_PAGE, "default": DEFAULT_ROWS_PER_PAGE}
    numbers = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    return {
        "collectionId": {"name": "collectionId", "in": "path", "required": True, "schema": text},
        "featureId": {"name": "featureId", "in": "path", "required": True, "schema": text},
        "slug": {"name": "slug", "in": "path", "required": True, "schema": text},
        "name": {"name": "name", "in": "path", "required": True, "schema": text},
        "f": query("f", {"type": "string", "enum": list(ROW_FORMATS)}, "形式", "Format"),
        "limit": query("limit", rows, "一ページの行数", "Rows per page"),
        "offset": query("offset", {"type": "integer", "minimum": 0}, "飛ばす行数", "Rows to skip"),
        "bbox": query("bbox", numbers, "西,南,東,北（経度・緯度）", "west,south,east,north in degrees"),
        "datetime": query(
            "datetime", text, "日時または期間（a/b、.. は無限）", "An instant or an interval a/b, .. for open"
        ),
        "filter": query("filter", text, "CQL2 の条件", "CQL2"),
        "filterLang": query(
            "filter-lang", {"type": "string", "enum": list(FILTER_LANGUAGES)}, "条件の書き方", "Filter language"
        ),
        "filterCrs": query("filter-crs", {"type": "string", "enum": [CRS84]}, "条件の座標系", "CRS of the filter"),
        "properties": query("properties", {"type": "array", "items": text}, "返す列", "Columns to return"),
        "sortby": query("sortby", {"type": "array", "items": text}, "並べる列（-は降順）", "Order by; - descends"),
        "version": query("version", {"type": "integer", "minimum": 1}, "表の版", "Version of the table"),
        "groupBy": query("group_by", {"type": "array", "items": text}, "組にする列", "Columns to group by"),
        "measures": query(
            "measures",
            {"type": "array", "items": text},
            "count, sum:列, avg:列, min:列, max:列, distinct:列",
            "count, sum:c …",
        ),
        "groups": query(
            "limit", {"type": "integer", "minimum": 1, "maximum": MOST_GROUPS}, "組の数", "Groups to return"
        ),
    }


def _operation(name: str, parameters: list[str], kinds: list[str], language: str) -> dict[str, Any]:
    references = [{"$ref": f"#/components/parameters/{parameter}"} for parameter in parameters]
    content = {MEDIA_TYPES[kind].split(";")[0]: {"schema": _schema(kind)} for kind in kinds}
    failures = {
        str(status): {"$ref": "#/components/responses/Problem"}
        for status in (400, 401, 403, 404, 406, 410, 414, 416, 429, 500, 503)
    }
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": _SAID[name].in_(language),
        "parameters": references,
        "responses": {"200": {"description": "OK", "content": content}, **failures},
    }
    if name == "items":
        operation["description"] = _SAID["columns"].in_(language)
    return {"get": operation}


def _schema(kind: str) -> dict[str, Any]:
    if kind in ("json", "geojson", "schema", "openapi"):
        return {"type": "object"}
    return {"type": "string"} if kind in ("html", "csv", "ndjson") else {"type": "string", "format": "binary"}


def openapi(directory: Directory, language: str) -> dict[str, Any]:
    """Return the OpenAPI document."""
    row_kinds = list(ROW_FORMATS)
    collection = "/data/collections/{collectionId}"
    rows = ["bbox", "datetime", "filter", "filterLang", "filterCrs", "version"]

    def operation(name: str, parameters: list[str], kinds: list[str]) -> dict[str, Any]:
        return _operation(name, parameters, kinds, language)

    return {
        "openapi": "3.0.3",
        "info": {"title": _SAID["title"].in_(language), "version": "1.0", "description": _SAID["about"].in_(language)},
        "servers": [{"url": directory.public_url}],
        "paths": {
            "/data": operation("landing", [], ["json", "html"]),
            "/data/conformance": operation("conformance", [], ["json", "html"]),
            "/data/api": operation("api", [], ["openapi", "html"]),
            "/data/collections": operation("collections", [], ["json", "html"]),
            collection: operation("collection", ["collectionId"], ["json", "html"]),
            f"{collection}/queryables": operation("queryables", ["collectionId"], ["schema", "html"]),
            f"{collection}/items": operation(
                "items", ["collectionId", "f", "limit", "offset", *rows, "properties", "sortby"], row_kinds
            ),
            collection + "/items/{featureId}": operation(
                "item", ["collectionId", "featureId", "version"], ["geojson", "json", "html"]
            ),
            f"{collection}/aggregate": operation(
                "aggregate", ["collectionId", "groupBy", "measures", "sortby", "groups", *rows], ["json"]
            ),
            "/data/files/{slug}": operation("files", ["slug"], ["json"]),
            "/data/files/{slug}/{name}": operation("file", ["slug", "name", "version"], ["csv", "parquet", "xlsx"]),
        },
        "components": {
            "parameters": _parameters(language),
            "responses": {
                "Problem": {
                    "description": "RFC 9457",
                    "content": {MEDIA_TYPES["problem"]: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
            "schemas": {
                "Problem": {
                    "type": "object",
                    "required": ["type", "title", "status", "detail"],
                    "properties": {
                        "type": {"type": "string", "format": "uri-reference"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string"},
                        "cure": {"type": "string"},
                    },
                }
            },
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "query": {"type": "apiKey", "in": "query", "name": "apikey"},
            },
        },
        "security": [{}, {"bearer": []}, {"header": []}, {"query": []}],
    }
