"""JSON as it really comes: other charsets, marks before it, lone halves of characters, and pages of HTML in its place."""

from __future__ import annotations

import json
from typing import Any

import orjson

from tdpf.controlplane.federation.errors import AnswerNotUnderstood
from tdpf.kit.sites import Answer

_CHARSETS = ("utf-8-sig", "cp932", "euc_jp")


def read_json(answer: Answer) -> Any:
    """Return the JSON value of an answer. Raises AnswerNotUnderstood (HTML, empty, broken, too deep)."""
    return parse_json(answer.body, url=answer.url, charset=answer.charset)


def parse_json(body: bytes, *, url: str, charset: str = "") -> Any:
    """Return the JSON value in the bytes. Raises AnswerNotUnderstood."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        begun = body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
        if begun[:1] == b"<":
            raise AnswerNotUnderstood(
                url=url,
                why_ja="JSONではなくHTMLかXMLのページが返りました",
                why_en="a page of HTML or XML came instead of JSON",
            ) from None
        if not begun:
            raise AnswerNotUnderstood(url=url, why_ja="応答が空です", why_en="the answer is empty") from None
        why = str(fault)
    try:
        return json.loads(decoded(body, charset), strict=False)
    except RecursionError:
        raise AnswerNotUnderstood(
            url=url, why_ja="JSONの入れ子が深すぎます", why_en="the JSON is nested too deeply"
        ) from None
    except ValueError:
        raise AnswerNotUnderstood(
            url=url, why_ja=f"JSONとして壊れています（{why[:120]}）", why_en=f"it is broken JSON ({why[:120]})"
        ) from None


def decoded(body: bytes, charset: str = "") -> str:
    """Return the text of the bytes: by their mark, as UTF-8, as the stated charset, then as Japanese ones; never fails."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", errors="replace")
    for name in dict.fromkeys((_CHARSETS[0], charset or _CHARSETS[0], *_CHARSETS[1:])):
        try:
            return body.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("utf-8", errors="replace")


def is_landing_page(body: bytes) -> bool:
    """Say whether this is the entrance of an API (OGC, STAC, HAL): a JSON object with links to its parts, which are no datasets."""
    if not body[:200].lstrip().startswith(b"{"):
        return False
    try:
        plain = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    links = plain.get("links")
    return isinstance(links, list) and any(isinstance(link, dict) and {"rel", "href"} <= link.keys() for link in links)
