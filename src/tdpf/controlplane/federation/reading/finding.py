"""Finding out what answers at an address: an operator pastes anything, and sees which kinds of source are there and why."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from tdpf.controlplane.federation.errors import SourceTimeOver
from tdpf.controlplane.federation.reading.registry import readers
from tdpf.controlplane.federation.types import KindGuess
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import AddressRefused, FetchFailed

# What answers soonest and most surely is asked first; a sure answer ends the search.
_ORDER = ("ckan", "plateau", "data_json", "dcat", "csw", "ogc_records", "list_table", "schema_org")
_SURE = 90


def guess_kind(visitor: Visitor, url: str) -> list[KindGuess]:
    """Return the kinds that answer at or near an address, the surest first; an empty list when none does.

    Raises AddressRefused, FetchFailed (nobody answers there at all), SourceTimeOver, and RobotsForbid when nothing was found
    and robots.txt kept us from looking.
    """
    address = tidy_address(url)
    found: list[KindGuess] = []
    known = readers()
    for kind in (*_ORDER, *(kind for kind in known if kind not in _ORDER)):
        reader = known.get(kind)
        if reader is None:
            continue
        guess = _asked(visitor, address, kind)
        if guess is not None:
            found.append(guess)
            if guess.certainty >= _SURE and kind != "dcat":
                break
    if not found and visitor.forbidden is not None:
        raise visitor.forbidden
    if not found:
        _must_answer(visitor, address)
    return sorted(found, key=lambda guess: -guess.certainty)


def tidy_address(url: str) -> str:
    """Return what an operator typed as an address: without blanks and with a scheme. Raises AddressRefused."""
    plain = "".join(url.split())
    if "://" not in plain:
        plain = f"https://{plain}"
    try:
        parts = urlsplit(plain)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise AddressRefused(
            url=url, why_ja="http または https のURLではありません", why_en="it is not an http or https URL"
        )
    return plain


def surest(guesses: Sequence[KindGuess]) -> KindGuess | None:
    """Return the guess to propose."""
    return max(guesses, key=lambda guess: guess.certainty, default=None)


def _asked(visitor: Visitor, address: str, kind: str) -> KindGuess | None:
    try:
        return readers()[kind].guess(visitor, address)
    except (AddressRefused, SourceTimeOver):
        raise
    except Problem:
        return None


def _must_answer(visitor: Visitor, address: str) -> None:
    """Tell a site where no kind answers from one where nobody does."""
    try:
        visitor.get(address, also=frozenset(range(400, 600)), cut_at=1024)
    except (AddressRefused, FetchFailed, SourceTimeOver):
        raise
    except Problem:
        return
