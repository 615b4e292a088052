"""XML as it really comes, read without harm: bombs and outside entities refused, wrong charsets and stray bytes mended."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.parsers import expat

from tdpf.controlplane.federation.errors import AnswerNotUnderstood
from tdpf.controlplane.federation.reading.json_text import decoded

_DEPTH = 300
_ENTITIES = 200
_ENTITY_CHARS = 500
_STRAY = bytes(code for code in range(32) if code not in (9, 10, 13))
_REFERENCE = re.compile(
    rb"&#(?:x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]|[dD][89a-fA-F][0-9a-fA-F]{2})|0*(?:[0-8]|1[124-9]|2\d|3[01]));"
)
_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^>]*\?>""")


class _Refused(Exception):
    """The document wants something that no catalogue needs."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """Where a document stops being well-formed: `fault` is "" for a sound one; `sound` is what can be read of it."""

    sound: bytes
    fault: str = ""


def tidy_xml(body: bytes, charset: str = "") -> bytes:
    """Return the document in UTF-8 without characters that XML does not allow, whatever it says of itself."""
    found = _DECLARATION.match(body[:400])
    declared = found[1].decode("ascii").lower() if found else ""
    if (
        body.startswith((b"\xff\xfe", b"\xfe\xff"))
        or declared not in ("", "utf-8", "utf8")
        or charset not in ("", "utf-8")
    ):
        body = decoded(body, declared or charset).encode("utf-8", "replace")
    else:
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            body = decoded(body, charset).encode("utf-8", "replace")
    body = body.removeprefix(b"\xef\xbb\xbf")
    head = body[:400]
    if declared and (found := _DECLARATION.match(head)):
        body = head[: found.start(1)] + b"utf-8" + head[found.end(1) :] + body[400:]
    return _REFERENCE.sub(b"", body.translate(None, delete=_STRAY)).lstrip()


def inspect_xml(body: bytes, *, url: str, records: frozenset[str] = frozenset()) -> Inspected:
    """Look through a tidied document before anything is built from it.

    With the names of `records` (local names) a broken document is cut behind its last whole record, and what is open is
    closed. Raises AnswerNotUnderstood for entity bombs, outside entities, depth, and what is no XML at all.
    """
    parser = expat.ParserCreate()
    open_tags: list[str] = []
    cut: list[tuple[int, list[str]]] = []
    entities = 0

    def started(name: str, _: dict[str, str]) -> None:
        open_tags.append(name)
        if len(open_tags) > _DEPTH:
            raise _Refused("it is nested too deeply")

    def ended(name: str) -> None:
        open_tags.pop()
        # A record within a record is whole only together with the outer one.
        if _local(name) in records and not any(_local(outer) in records for outer in open_tags):
            cut[:] = [(parser.CurrentByteIndex, list(open_tags))]

    def declared(_name: str, is_parameter: bool, value: str | None, *_outside: str | None) -> None:
        nonlocal entities
        entities += 1
        harmless = value is not None and "&" not in value and "%" not in value and len(value) <= _ENTITY_CHARS
        if is_parameter or not harmless or entities > _ENTITIES or len(body) > 16 * 1024 * 1024:
            raise _Refused("it declares entities")

    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    parser.EntityDeclHandler = declared
    try:
        parser.Parse(body, True)
    except _Refused as refused:
        why_ja = "入れ子が深すぎます" if "deeply" in str(refused) else "危険な実体宣言（entity）があります"
        raise AnswerNotUnderstood(url=url, why_ja=why_ja, why_en=str(refused)) from None
    except expat.ExpatError as fault:
        if cut:
            at, still_open = cut[0]
            end = body.find(b">", at) + 1
            closing = "".join(f"</{name}>" for name in reversed(still_open)).encode()
            return Inspected(body[:end] + closing, f"{expat.ErrorString(fault.code)}, line {fault.lineno}")
        raise AnswerNotUnderstood(
            url=url,
            why_ja=f"XMLとして壊れています（{fault.lineno} 行目）",
            why_en=f"it is broken XML (line {fault.lineno}: {expat.ErrorString(fault.code)})",
        ) from None
    return Inspected(body)


def _local(name: str) -> str:
    return name.rsplit(":", 1)[-1]


def parse_xml(
    body: bytes, *, url: str, charset: str = "", records: frozenset[str] = frozenset()
) -> tuple[ET.Element, str]:
    """Return the root element, and the fault behind which nothing could be read. Raises AnswerNotUnderstood."""
    inspected = inspect_xml(tidy_xml(body, charset), url=url, records=records)
    return ET.fromstring(inspected.sound), inspected.fault  # noqa: S314 — inspected the line before
