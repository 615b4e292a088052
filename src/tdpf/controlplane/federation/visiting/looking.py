"""Looking at an address at which data should be: what answers there, and whether it is what was declared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from tdpf.controlplane.federation.errors import RobotsForbid, SourceBusy, SourceRefuses, SourceTimeOver
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import AddressRefused
from tdpf.kit.sites import Answer
from tdpf.kit.text import Text

_FIRST_BYTES = 4096
_PAGE_BYTES = 64 * 1024
_HEAD_SAYS_LITTLE = frozenset({400, 403, 404, 405, 406, 410, 429, 500, 501, 502, 503})
# Formats that are pages themselves, or may be anything.
_PAGES = {"", "HTML", "HTM", "API", "WEB", "LINK", "ASPX", "PHP", "WMS", "WFS", "WMTS", "SPARQL", "ARCGIS", "OTHER"}
_ZIPPED = {"XLSX", "DOCX", "PPTX", "ODS", "ODT", "ZIP", "SHP", "KMZ", "GTFS", "EPUB", "SHAPE"}
_OLD_OFFICE = {"XLS", "DOC", "PPT"}
_MISSING_WORDS = re.compile(
    r"見つかりません|見つかりませんでした|存在しません|ありませんでした|削除された|移動された可能性|お探しのページ|"
    r"404|not\s*found|no longer (?:exists|available)|page (?:missing|gone)",
    re.IGNORECASE,
)
_TITLE = re.compile(r"<(title|h1)\b[^<>]{0,500}>", re.IGNORECASE)
_TITLES = 20
_TITLE_LENGTH = 2000

_OK = Text("", "")
_PAGE_INSTEAD = Text("ファイルのはずが、ページが返りました", "a page came in place of the file")
_SAYS_MISSING = Text("「見つかりません」というページが返りました", "the page says that it was not found")
_OTHER_CONTENT = Text("中身が、示された形式（{format}）と違います", "its content is not {format} as declared")
_EMPTY = Text("中身が空です", "it is empty")
_GONE = Text("アドレスの先にありません（{status}）", "nothing is there ({status})")
_REFUSED = Text("アクセスを断られました（{status}）", "access was refused ({status})")
_BROKEN = Text("サイトがエラーを返しました（{status}）", "the site answered with an error ({status})")
_BUSY = Text("サイトが混み合っています（{status}）", "the site is busy ({status})")
_MOVED = Text("恒久的に移転しました", "it has moved for good")


@dataclass(frozen=True, slots=True)
class Look:
    """What looking showed. `state` is "ok", "moved", "suspect", "failed" (nothing usable) or "unknown" (could not look)."""

    state: str
    status: int | None
    note: Text
    final_url: str = ""
    media_type: str = ""
    size: int | None = None
    etag: str = ""
    last_modified: str = ""


def look_at(visitor: Visitor, url: str, *, declared: str, before: Look | None = None) -> Look:
    """Ask with HEAD, then for the first bytes, and judge; never raises but what ends the whole visit (SourceTimeOver).

    With `before`, a good look at the same address, the file's validators are shown: while it is unchanged the answer is
    304 (RFC 9110 §13), and what was seen then holds.
    """
    try:
        if before is not None and (before.etag or before.last_modified):
            head = answer = visitor.get(
                url, cut_at=_PAGE_BYTES, also=frozenset(range(300, 600)), etag=before.etag,
                last_modified=before.last_modified,
            )  # fmt: skip
            if answer.status == 304:
                return before
        else:
            head = answer = visitor.head(url)
            if head.status in _HEAD_SAYS_LITTLE or head.status < 300:
                # Many servers answer HEAD wrongly; what GET says decides.
                cut = _PAGE_BYTES if _is_page(head) else _FIRST_BYTES
                answer = visitor.get(url, cut_at=cut, also=frozenset(range(300, 600)))
    except (RobotsForbid, SourceBusy) as problem:
        return Look("unknown", None, Text(problem.detail_in("ja"), problem.detail_in("en")))
    except SourceTimeOver:
        raise
    except AddressRefused as problem:
        return Look("failed", None, Text(problem.detail_in("ja"), problem.detail_in("en")))
    except SourceRefuses as problem:
        status = problem.data.get("answer_status")
        return Look("failed", status if isinstance(status, int) else None, _status_note(status))
    except Problem as problem:
        return Look("failed", None, Text(problem.detail_in("ja"), problem.detail_in("en")))
    return judge(answer, asked=url, declared=declared, length=_length(head) or _length(answer))


def judge(answer: Answer, *, asked: str, declared: str, length: int | None) -> Look:
    """Say what an answer means for a link that was declared as a format; `length` is the size in bytes that was told."""
    seen = {"final_url": answer.url if answer.url != asked else "", "media_type": answer.media_type, "size": length}
    validators = {
        "etag": _kept(answer.headers.get("etag", ""), 200),
        "last_modified": _kept(answer.headers.get("last-modified", ""), 64),
    }
    if not 200 <= answer.status < 300:
        state = "unknown" if answer.status == 429 else "failed"
        return Look(state, answer.status, _status_note(answer.status), **seen)  # type: ignore[arg-type]  # as declared
    wanted = declared.upper()
    note = _content_note(answer, wanted)
    if note is not None:
        return Look("suspect", answer.status, note, **seen)  # type: ignore[arg-type]  # as declared
    if seen["final_url"] and _is_permanent(answer):
        return Look("moved", answer.status, _MOVED, **seen, **validators)  # type: ignore[arg-type]  # as declared
    return Look("ok", answer.status, _OK, **seen, **validators)  # type: ignore[arg-type]  # as declared


def _kept(validator: str, most: int) -> str:
    """Return a validator as it is to be shown again, "" for one that is too long: half of one means nothing."""
    return validator if len(validator) <= most and validator.isascii() and validator.isprintable() else ""


def settled(look: Look, *, failed_days: int) -> str:
    """Return the state that is kept: a failure is only broken when it was seen on a second day."""
    if look.state != "failed":
        return look.state
    return "broken" if failed_days >= 2 else "suspect"


def _content_note(answer: Answer, wanted: str) -> Text | None:
    body = answer.body
    if not body.strip():
        return _EMPTY
    if _is_page(answer):
        if _MISSING_WORDS.search(" ".join(_titles(_words(answer)))):
            return _SAYS_MISSING
        return None if wanted in _PAGES else _PAGE_INSTEAD
    if not _fits(body, wanted):
        return _OTHER_CONTENT.filled({"format": wanted})
    return None


def _titles(words: str) -> Iterator[str]:
    """Yield what a page calls itself: the first titles and headings that are closed, however its tags are written."""
    for opening in islice(_TITLE.finditer(words), _TITLES):
        begun = words[opening.end() : opening.end() + _TITLE_LENGTH]
        end = begun.lower().find(f"</{opening[1].lower()}")
        if end >= 0:
            yield begun[:end]


def _fits(body: bytes, wanted: str) -> bool:
    if wanted in _ZIPPED:
        return body.startswith((b"PK\x03\x04", b"PK\x05\x06")) or (
            wanted in ("SHP", "SHAPE") and body[:2] == b"\x00\x00"
        )
    if wanted in _OLD_OFFICE:
        # Many files named .xls are tables in HTML or newer workbooks; programs open them all the same.
        return body.startswith((b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"\x09\x08")) or b"<table" in body[:2000].lower()
    if wanted == "PDF":
        return b"%PDF-" in body[:1024]
    if wanted in ("JSON", "GEOJSON", "JSON-LD", "JSONLD", "TOPOJSON"):
        return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[", b"\x1f")
    if wanted in ("CSV", "TSV", "TXT"):
        return not body.startswith((b"PK\x03\x04", b"%PDF-", b"\xd0\xcf\x11\xe0"))
    if wanted in ("XML", "KML", "GML", "RDF", "RSS"):
        return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" or body.startswith((b"\xff\xfe", b"\xfe\xff"))
    return True


def _is_page(answer: Answer) -> bool:
    if answer.media_type in ("text/html", "application/xhtml+xml"):
        return True
    start = answer.body[:500].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _words(answer: Answer) -> str:
    for name in (answer.charset or "utf-8", "utf-8", "cp932", "euc_jp"):
        try:
            return answer.body.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return answer.body.decode("utf-8", errors="replace")


def _is_permanent(answer: Answer) -> bool:
    return bool(answer.hops) and all(status in (301, 308) for status in answer.hops)


def _length(answer: Answer) -> int | None:
    told = answer.headers.get("content-length", "")
    return int(told) if told.isdecimal() and len(told) < 19 and int(told) else None


def _status_note(status: object) -> Text:
    if status in (404, 410):
        return _GONE.filled({"status": status})
    if status in (401, 403):
        return _REFUSED.filled({"status": status})
    if status in (429, 503):
        return _BUSY.filled({"status": status})
    return _BROKEN.filled({"status": status})
