"""Which form an answer takes: `f=`, else `Accept`, else the default; and the language of what is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tdpf.wire.delivery_problems import NotAcceptable, UnknownFormat

MEDIA_TYPES: Mapping[str, str] = {
    "geojson": "application/geo+json",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.file",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
    "openapi": "application/vnd.oai.openapi+json;version=3.0",
    "schema": "application/schema+json",
    "problem": "application/problem+json",
}
ROW_FORMATS = ("geojson", "json", "csv", "ndjson", "parquet", "arrow", "xlsx", "html")
ITEM_FORMATS = ("geojson", "json", "html")
PAGE_FORMATS = frozenset({"geojson", "json", "html"})
DOCUMENT_FORMATS = ("json", "html")

_ALSO_CALLED = {
    "application/vnd.apache.arrow.stream": "arrow",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
}


def choose_format(asked: str | None, accept: str | None, default: str, offered: Sequence[str]) -> str:
    """Return the format to answer in. Raises UnknownFormat or NotAcceptable (RFC 9110 §12.5.1)."""
    if asked is not None:
        if asked not in offered:
            raise UnknownFormat(format=asked[:40], known=", ".join(offered))
        return asked
    if accept is None or accept == "*/*":
        return default
    best, best_quality = "", 0.0
    ranges = _ranges(accept)
    if not ranges:
        return default
    for name in (default, *(name for name in offered if name != default)):
        quality = _quality(name, ranges)
        if quality > best_quality:
            best, best_quality = name, quality
    if not best:
        known = ", ".join(MEDIA_TYPES[name].split(";")[0] for name in offered)
        raise NotAcceptable(accept=accept[:200], known=known)
    return best


def _ranges(accept: str) -> list[tuple[str, float]]:
    found = []
    for part in accept.split(",")[:50]:
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = min(1.0, max(0.0, float(parameter[2:])))
                except ValueError:
                    quality = 0.0
        if media:
            found.append((media, quality))
    return found


def _quality(name: str, ranges: Sequence[tuple[str, float]]) -> float:
    media = MEDIA_TYPES[name].split(";")[0]
    names = {media, *(other for other, meaning in _ALSO_CALLED.items() if meaning == name)}
    kind = media.split("/")[0] + "/*"
    specific, quality = -1, 0.0
    for accepted, value in ranges:
        depth = 2 if accepted in names else 1 if accepted == kind else 0 if accepted == "*/*" else -1
        if depth > specific:
            specific, quality = depth, value
    return quality


def language_of(accept_language: str | None) -> str:
    """Return "en" when English is preferred to Japanese, else "ja"."""
    if not accept_language:
        return "ja"
    best = {"ja": 0.0, "en": 0.0}
    for language, quality in _ranges(accept_language):
        short = language[:2]
        if short in best:
            best[short] = max(best[short], quality)
    return "en" if best["en"] > best["ja"] else "ja"
