"""Pure decisions about tables that renew themselves: what may be a source, and when sources are looked at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from tdpf.controlplane.preparation import errors

LOOKED_AT_EVERY = timedelta(hours=24)
MOST_SOURCES = 10
MOST_MERGES = 50


def source_of(text: str, public_url: str) -> tuple[str, str]:
    """Return ("dataset", slug) or ("address", URL) of what a person wrote: a page of this platform, a slug or another address.

    Raises SourceNotUnderstood.
    """
    words = text.strip()
    if words.startswith(("http://", "https://")):
        own = words.removeprefix(public_url) if words.startswith(f"{public_url}/") else ""
        parts = [part for part in urlsplit(own).path.split("/") if part]
        if parts[:1] == ["en"]:
            parts = parts[1:]
        if len(parts) == 2 and parts[0] == "datasets":
            return "dataset", parts[1]
        return "address", words
    slug = words.removeprefix("/datasets/").strip("/")
    if not slug or not all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in slug):
        raise errors.SourceNotUnderstood(given=words[:200])
    return "dataset", slug


def must_be_few(count: int) -> None:
    """Refuse more sources than one table may have. Raises TooManySources."""
    if count > MOST_SOURCES:
        raise errors.TooManySources(limit=MOST_SOURCES)


def must_renew_itself(files: Sequence[Mapping[str, Any]], own: int) -> None:
    """Refuse to keep a table of which a file came by hand, or one too many. Raises SourcesMissing, TooManySources."""
    by_hand = [str(entry["name"]) for entry in files if not entry.get("source")]
    if by_hand or not files:
        raise errors.SourcesMissing(files="・".join(by_hand))
    if own >= MOST_MERGES:
        raise errors.TooManySources(limit=MOST_MERGES)


def is_due(checked_at: datetime, instant: datetime) -> bool:
    """Say whether a table's sources are to be looked at again."""
    return instant - checked_at >= LOOKED_AT_EVERY
