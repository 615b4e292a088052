"""Entries and counters to the bytes of grant-table slots, and back."""

import mmap
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from tdpf.kit.clock import jst_date, jst_midnight
from tdpf.wire import grant_layout as layout
from tdpf.wire.leases import opening
from tdpf.wire.messages import Access, Collection, GrantEntry, KeyEntry
from tdpf.wire.rate_plans import RATE_PLANS, rate_plan

_PLAN_CODES = {plan.number: plan.code for plan in RATE_PLANS}


@dataclass(frozen=True)
class Use:
    """Calls used by one grant: by day number and by month number, for the periods its counters still hold."""

    days: Mapping[int, int] = field(default_factory=dict)
    months: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Periods:
    """The day and the month the counters stand in."""

    day: int
    month: int


def key_static(entry: KeyEntry) -> bytes:
    """Return a key slot's static bytes."""
    return layout.KEY_STATIC.pack(bytes.fromhex(entry.sha256), entry.application, entry.expires_at)


def key_from_slot(data: mmap.mmap, at: int) -> KeyEntry:
    """Read a key slot."""
    digest, application, expires_at = layout.KEY_STATIC.unpack_from(data, at)
    return KeyEntry(digest.hex(), application, expires_at)


def collection_static(entry: Collection, slug: str, canonical: int) -> bytes:
    """Return the static bytes of one slug's slot; ``sunset`` is midnight in Japan of its date, 0 = none."""
    sunset = int(jst_midnight(entry.sunset).timestamp()) if entry.sunset else 0
    return layout.COLLECTION_STATIC.pack(
        slug.encode().ljust(64, b"\0"),
        entry.dataset,
        layout.ACCESS_NUMBERS[entry.access],
        canonical,
        sunset,
        entry.deprecated_at or 0,
    )


def collection_from_slot(data: mmap.mmap, at: int) -> tuple[Collection, bool]:
    """Read a collection slot; the second value says whether its slug is an alias."""
    slug, dataset, access, _canonical, sunset, deprecated, _check, flags = layout.COLLECTION.unpack_from(data, at)
    entry = Collection(
        dataset,
        slug.rstrip(b"\0").decode(),
        access=cast(Access, layout.ACCESS_NAMES[access]),
        sunset=jst_date(datetime.fromtimestamp(sunset, UTC)) if sunset else None,
        deprecated_at=deprecated or None,
    )
    return entry, bool(flags & layout.ALIAS)


def grant_static(entry: GrantEntry) -> bytes:
    """Return a grant slot's static bytes; times beyond 2106 become 'no end'."""
    not_after = entry.not_after if entry.not_after < 2**32 else 0
    return layout.GRANT_STATIC.pack(
        entry.application,
        entry.dataset,
        entry.agreement,
        entry.view,
        min(entry.not_before, 2**32 - 1),
        not_after,
        entry.day_limit,
        entry.month_limit,
        rate_plan(entry.rate_plan).number,
    )


def grant_from_slot(data: mmap.mmap, at: int) -> GrantEntry:
    """Read a grant slot."""
    application, dataset, agreement, view, not_before, not_after, day, month, plan = layout.GRANT_STATIC.unpack_from(
        data, at
    )
    return GrantEntry(
        application, dataset, agreement, view, not_before, not_after, day, month, _PLAN_CODES.get(plan, "r1")
    )


def counters_for(entry: GrantEntry, periods: Periods, use: Use, gateways: int = 1) -> bytes:
    """Return a new slot's counters: filled for this day and month and for the next ones, less what was used.

    One of several ``gateways`` begins with its opening (``wire.leases``).
    """
    day_words, month_words = [0, 0], [0, 0]
    day_of, month_of = [0, 0], [0, 0]
    day_fill, month_fill = [0, 0], [0, 0]
    for number in (periods.day, periods.day + 1):
        used = use.days.get(number, 0)
        fill = max(opening(entry.day_limit, gateways) or layout.UNLIMITED, used)
        day_words[number & 1], day_of[number & 1], day_fill[number & 1] = fill - used, number, fill
    for number in (periods.month, periods.month + 1):
        used = use.months.get(number, 0)
        fill = max(opening(entry.month_limit, gateways) or layout.UNLIMITED, used)
        month_words[number & 1], month_of[number & 1], month_fill[number & 1] = fill - used, number, fill
    return layout.GRANT_COUNTERS.pack(*day_words, *month_words, *day_of, *month_of, *day_fill, *month_fill)
