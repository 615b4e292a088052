"""Trying a site before it is added: what answers at an address, and the first records there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from tdpf.controlplane.federation import rules
from tdpf.controlplane.federation.reading.finding import guess_kind, tidy_address
from tdpf.controlplane.federation.reading.registry import reader_of
from tdpf.controlplane.federation.types import KindGuess, LeftOut, ReadingOrder, ReadRecord
from tdpf.controlplane.federation.visiting.manners import Manners
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import AddressRefused, vetted_address

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """The first records of a site, and what of its first page could not be read."""

    records: tuple[ReadRecord, ...]
    left_out: tuple[LeftOut, ...]
    announced: int | None


def guess_kinds(url: str) -> list[KindGuess]:
    """Return what kinds of catalogue answer at or near an address, the surest first; it takes half a minute at most.

    Raises AddressRefused, FetchFailed when nobody answers there, SourceTimeOver, and RobotsForbid when we may not look.
    """
    with Visitor(_hurried()) as visitor:
        return guess_kind(visitor, url)


def is_inside(url: str) -> bool:
    """Say whether an address lies inside the organisation: it is read only where operator and site allow that."""
    try:
        vetted_address(tidy_address(url), allow_private=False)
    except AddressRefused:
        return True
    except Problem:
        return False
    return False


def preview_site(*, kind: str, url: str, options: Mapping[str, str]) -> Preview:
    """Return the first records that a site would give.

    Raises whatever stands in the way of reading it, KindUnknown, and SiteIncomplete for options that the kind does not know.
    """
    rules.must_fit(options, reader_of(kind).kind)
    with Visitor(_hurried()) as visitor:
        for page in reader_of(kind).read(visitor, ReadingOrder(url=url, options=options)):
            if page.records or page.left_out or page.is_last:
                return Preview(page.records[:_SHOWN], page.left_out[:_SHOWN], page.announced)
    return Preview((), (), None)


def _hurried() -> Manners:
    return Manners(
        contact_url=f"{settings.PUBLIC_URL}/help",
        pause=0.2,
        source_seconds=30.0,
        request_seconds=15.0,
        retries=1,
        allow_private=settings.ALLOW_PRIVATE_FETCH,
    )
