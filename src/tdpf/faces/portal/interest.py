"""What visitors look for and at, noted without who they are; programs that read the pages are not counted."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from django.http import HttpRequest

from tdpf.controlplane.catalog.types import DatasetPage, SearchPage
from tdpf.controlplane.metering import services as metering
from tdpf.controlplane.metering.types import Interest, InterestKind

_PROGRAM = re.compile(r"bot|crawl|spider|slurp|curl|wget|python|httpx|headlesscheck|monitor", re.IGNORECASE)


def note_search(request: HttpRequest, words: str, found: SearchPage) -> None:
    """Note what was looked for on the first page of results, and that nothing has all of it."""
    if not words or not found.understood or found.offset or _is_program(request):
        return
    metering.note_interest(interest=Interest(InterestKind.SEARCHED, words=words))
    if not found.total or found.relaxed:
        metering.note_interest(interest=Interest(InterestKind.FOUND_NOTHING, words=words))


def note_dataset(request: HttpRequest, page: DatasetPage) -> None:
    """Note that a dataset's page was seen, and which words led to it when it was opened from the results."""
    if page.state == "draft" or _is_program(request):
        return
    metering.note_interest(interest=Interest(InterestKind.SEEN, page.number))
    try:
        came_from = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return
    if came_from.netloc == request.get_host() and came_from.path.removeprefix("/en") == "/search":
        words = parse_qs(came_from.query).get("q", [""])[0]
        metering.note_interest(interest=Interest(InterestKind.OPENED, page.number, words))


def note_leaving(request: HttpRequest, page: DatasetPage) -> None:
    """Note that somebody followed the link to a file that stays with its provider."""
    if not _is_program(request):
        metering.note_interest(interest=Interest(InterestKind.LEFT_FOR_FILE, page.number))


def _is_program(request: HttpRequest) -> bool:
    agent = request.headers.get("User-Agent", "")
    return not agent or _PROGRAM.search(agent) is not None
