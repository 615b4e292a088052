"""Rows for whoever shows them: asked from the gateway, as the application `portal` or with the caller's own key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import orjson
from django.conf import settings

from tdpf.kit.home import home

_SECONDS = 5.0
_MOST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RowsAnswer:
    """Rows as they came, or why none came: `refused` holds the gateway's problem document, `silent` no answer at all.

    `version` is that of the table where more rows follow, by which they are to be asked for; None where none follow or it has no versions.
    `total` is 0 where rows were not counted: `more` says whether others follow. `partial` are the parts of a gathered table that did not answer.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    total: int = 0
    more: bool = False
    partial: list[Mapping[str, Any]] = field(default_factory=list)
    version: int | None = None
    refused: Mapping[str, Any] | None = None
    silent: bool = False


def ask_rows(
    collection: str,
    parameters: Mapping[str, str],
    *,
    key: str = "",
    form: Literal["json", "geojson"] = "json",
    language: str = "ja",
) -> RowsAnswer:
    """Ask `/data/collections/{collection}/items`; a refusal or silence is an answer too, never an exception.

    Without `key` it is the application `portal` that asks, which has no agreements: open data only. The call is counted
    once, for whom it was asked. As "geojson" the rows are features (RFC 7946), with their places. What is refused, and why
    parts of a gathered table did not answer, is said in `language`.
    """
    address = f"{settings.GATEWAY_URL}/data/collections/{quote(collection, safe='')}/items"
    try:
        headers = {
            "X-API-Key": key or portal_key(),
            "Accept": "application/json, application/geo+json",
            "Accept-Language": language,
        }
        with httpx.stream(
            "GET", address, params={**parameters, "f": form}, headers=headers, timeout=_SECONDS
        ) as response:
            body = _json(response)
    except (httpx.HTTPError, ValueError, OSError):
        return RowsAnswer(silent=True)
    if response.status_code != httpx.codes.OK:
        return RowsAnswer(refused={"status": response.status_code, **body})
    return RowsAnswer(
        rows=list(body.get("rows" if form == "json" else "features") or []),
        total=int(body.get("numberMatched") or 0),
        more=any(link.get("rel") == "next" for link in body.get("links") or []),
        partial=list(body.get("partial") or []),
        version=_version(body),
    )


def _version(body: Mapping[str, Any]) -> int | None:
    for link in body.get("links") or []:
        if link.get("rel") == "next":
            named = parse_qs(urlsplit(str(link.get("href"))).query).get("version", [""])[0]
            return int(named) if named.isdecimal() else None
    return None


def portal_key() -> str:
    """Return the key with which pages that show rows ask the gateway; raises FileNotFoundError before set-up."""
    return (home().secrets / "portal.key").read_text().strip()


def _json(response: httpx.Response) -> dict[str, Any]:
    """Return the answer's object; raises ValueError when it is none or larger than what is taken."""
    whole = bytearray()
    for part in response.iter_bytes():
        whole += part
        if len(whole) > _MOST_BYTES:
            raise ValueError("the answer is too large")
    body = orjson.loads(whole)
    if not isinstance(body, dict):
        raise ValueError("the answer is not an object")
    return body
