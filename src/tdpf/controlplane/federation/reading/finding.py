"""Finding out what answers at an address: an operator pastes anything, and sees which kinds of source are there and why."""

from __future__ import annotations

import logging
from dataclasses import replace
from urllib.parse import urlsplit

from tdpf.controlplane.federation.errors import AnswerNotUnderstood, SourceTimeOver
from tdpf.controlplane.federation.reading.json_text import read_json
from tdpf.controlplane.federation.reading.registry import readers
from tdpf.controlplane.federation.reading.xml_text import parse_xml
from tdpf.controlplane.federation.types import KindGuess
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import AddressRefused
from tdpf.kit.sites import Answer

log = logging.getLogger("tdpf.federation")

# What answers soonest and most surely is asked first; a sure answer ends the search.
_ORDER = ("ckan", "plateau", "data_json", "dcat", "csw", "ogc_records", "list_table", "schema_org")
_SURE = 90
_NEARNESS = {"here": 0, "within": 1, "near": 2}


def guess_kind(visitor: Visitor, url: str) -> list[KindGuess]:
    """Return the kinds that answer at or near an address: what that very address answers first, then the surest.

    An empty list: there is a page, and nothing that we can read. Raises AddressRefused, SourceTimeOver, RobotsForbid when
    nothing was found and robots.txt kept us from looking, and else what stands in the way there (FetchFailed, TooLarge,
    TooSlow, SourceRefuses, AnswerNotUnderstood).
    """
    address = tidy_address(url)
    is_file = _is_file(visitor, address)
    found: list[KindGuess] = []
    known = readers()
    for kind in (*_ORDER, *(kind for kind in known if kind not in _ORDER)):
        reader = known.get(kind)
        if reader is None:
            continue
        try:
            guess = _asked(visitor, address, kind)
        except SourceTimeOver:
            if not found:
                raise
            break
        if guess is None:
            continue
        if is_file and guess.url == address:
            guess = replace(guess, place="here")
        found.append(guess)
        # A file that is asked for by its address is read to the end: a neighbour's answer says nothing about it.
        settled = guess.place == "here" if is_file else guess.place == "within" and kind != "dcat"
        if settled and guess.certainty >= _SURE:
            break
    if not found and visitor.forbidden is not None:
        raise visitor.forbidden
    if not found:
        _say_what_hinders(visitor, address)
    return sorted(found, key=lambda guess: (_NEARNESS[guess.place], -guess.certainty))


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


def _asked(visitor: Visitor, address: str, kind: str) -> KindGuess | None:
    try:
        return readers()[kind].guess(visitor, address)
    except (AddressRefused, SourceTimeOver):
        raise
    except Problem:
        return None
    except Exception:
        log.warning("%s cannot say whether it is at %s", kind, address, exc_info=True)
        return None


def _is_file(visitor: Visitor, address: str) -> bool:
    """Say whether an address answers something else than a web page."""
    answer = visitor.peek(address)
    return answer is not None and answer.status == 200 and not _is_page(answer)


def _is_page(answer: Answer) -> bool:
    return answer.body[:2000].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _say_what_hinders(visitor: Visitor, address: str) -> None:
    """Tell a page where no kind answers from what nobody can read, and say why. Raises as `guess_kind`."""
    answer = visitor.get(address)
    if _is_page(answer):
        return
    start = answer.body[:2000].lstrip()
    if start.startswith((b"{", b"[")):
        read_json(answer)
    elif start.startswith(b"<"):
        parse_xml(answer.body, url=answer.url, charset=answer.charset)
    raise AnswerNotUnderstood(
        url=answer.url,
        why_ja=f"知っている目録の形ではありません（{answer.media_type or '種類の表示なし'}、{len(answer.body)} バイト）",
        why_en=f"it is no form of catalogue that we know ({answer.media_type or 'no media type'}, {len(answer.body)} bytes)",
    )
