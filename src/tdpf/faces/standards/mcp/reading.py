"""Resources (dataset pages as Markdown) and prompts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.errors import DatasetUnknown
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.faces.standards.mcp.callers import Visitor
from tdpf.faces.standards.mcp.protocol import INVALID_PARAMS, RESOURCE_NOT_FOUND, Call, Fault
from tdpf.kit import clock

Json = dict[str, Any]
_A_PAGE = 50
_MARKDOWN = "text/markdown"
PROMPTS: tuple[Json, ...] = (
    {
        "name": "find_data",
        "title": "目的からデータを探す / Find data for a purpose",
        "description": "Find the datasets that serve a purpose, with their terms and quality.",
        "arguments": [{"name": "purpose", "description": "What the data are for", "required": True}],
    },
    {
        "name": "answer_from_data",
        "title": "データで答える / Answer from data",
        "description": "Answer a question from the rows of one dataset, with its source.",
        "arguments": [
            {"name": "question", "description": "The question", "required": True},
            {"name": "dataset", "description": "The dataset's short name", "required": False},
        ],
    },
)


def list_resources(parameters: Mapping[str, Any]) -> Json:
    """Return datasets as resources, last modified first; `cursor` is where the last page ended."""
    cursor = parameters.get("cursor") or "0"
    if not (isinstance(cursor, str) and cursor.isascii() and cursor.isdigit() and len(cursor) < 8):
        raise Fault(INVALID_PARAMS, "cursor is not one of ours")
    page = catalog.list_datasets(offset=int(cursor), limit=_A_PAGE)
    found: Json = {
        "resources": [
            {
                "uri": f"{settings.PUBLIC_URL}/datasets/{card.slug}",
                "name": card.slug,
                "title": card.title.ja,
                "description": card.description.ja[:300],
                "mimeType": _MARKDOWN,
            }
            for card in page.items
        ]
    }
    if page.next_offset is not None:
        found["nextCursor"] = str(page.next_offset)
    return found


def list_templates() -> Json:
    """Return the one template: a dataset's page by its short name."""
    template = {
        "uriTemplate": f"{settings.PUBLIC_URL}/datasets/{{dataset}}",
        "name": "dataset",
        "title": "データセット / Dataset",
        "description": "A dataset's page as Markdown",
        "mimeType": _MARKDOWN,
    }
    return {"resourceTemplates": [template]}


def read_resource(call: Call, visitor: Visitor) -> Json:
    """Return a dataset's page as Markdown; raises Fault."""
    uri = call.parameters.get("uri")
    start = f"{settings.PUBLIC_URL}/datasets/"
    if not isinstance(uri, str) or not uri.startswith(start) or len(uri) > len(start) + 63:
        raise _unknown(call, uri)
    try:
        page = catalog.dataset_page(uri.removeprefix(start).replace("\0", ""), visitor.standing)
    except DatasetUnknown:
        raise _unknown(call, uri) from None
    return {"contents": [{"uri": uri, "mimeType": _MARKDOWN, "text": _markdown(page)}]}


def get_prompt(parameters: Mapping[str, Any]) -> Json:
    """Return a prompt's messages; raises Fault."""
    prompt = next((one for one in PROMPTS if one["name"] == parameters.get("name")), None)
    if prompt is None:
        raise Fault(INVALID_PARAMS, "Unknown prompt")
    given = parameters.get("arguments") or {}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise Fault(INVALID_PARAMS, "arguments are texts by name")
    for argument in prompt["arguments"]:
        if argument["required"] and not given.get(argument["name"]):
            raise Fault(INVALID_PARAMS, f"{argument['name']} is required")
    wanted = {name: value[:2_000] for name, value in given.items()}
    if prompt["name"] == "find_data":
        words = (
            f"次の目的に役立つデータを東京データプラットフォームで探してください: {wanted['purpose']}\n"
            "search_datasets で言いかえながら探し、候補ごとに get_terms と get_quality を確かめ、"
            "使えるもの・組み合わせられるもの・足りないものを表にしてください。"
        )
    else:
        which = f"データセット {wanted['dataset']} を使ってください。" if wanted.get("dataset") else ""
        words = (
            f"次の問いに、データの行にもとづいて答えてください: {wanted['question']}\n{which}"
            "describe_columns で列を確かめてから query_rows か find_nearby で調べ、答えの下に cite の出典を書いてください。"
        )
    return {"description": prompt["title"], "messages": [{"role": "user", "content": {"type": "text", "text": words}}]}


def _unknown(call: Call, uri: object) -> Fault:
    return Fault(
        INVALID_PARAMS if call.stateless else RESOURCE_NOT_FOUND, "Resource not found", {"uri": str(uri)[:200]}
    )


def _markdown(page: DatasetPage) -> str:
    base = settings.PUBLIC_URL
    lines = [
        f"# {page.title.ja}",
        "",
        page.description.ja,
        "",
        f"- 提供者: {page.provider.name.ja}",
        f"- ライセンス: {page.licence_name.ja} {page.licence_url}".rstrip(),
        f"- 利用条件: {catalog.label_of('access', page.access).ja}",
        f"- 更新頻度: {catalog.label_of('frequencies', page.update_frequency).ja}",
        f"- 最終更新: {clock.jst_date(page.modified_at).isoformat()}",
        f"- ページ: {base}/datasets/{page.slug}",
    ]
    lines += [f"- 掲載元: {place.site_name.ja} {place.url}".rstrip() for place in page.places]
    for distribution in page.distributions:
        lines += ["", f"## {distribution.title.ja}", ""]
        if distribution.latest is not None and distribution.kind == "table":
            lines += [f"{distribution.latest.rows} 行", "", "| 列 | 型 | 説明 |", "|---|---|---|"]
            lines += [
                f"| {_cell(entry['name'])} | {_cell(entry.get('type') or 'string')} "
                f"| {_cell(entry.get('description') or entry.get('title') or '')} |"
                for entry in distribution.latest.dictionary[:200]
            ]
        lines += [f"- [{code}]({url})" for code, url in catalog.whole_files(page, distribution, base)]
    return "\n".join(lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
