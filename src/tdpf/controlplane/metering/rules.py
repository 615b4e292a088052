"""Pure decisions about the ledger: what is new in a chunk, what a line adds, what disagrees."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from tdpf.controlplane.metering.errors import BadOffset, BadPeriod, BadReadings, BadSegmentName
from tdpf.controlplane.metering.types import SPEED_BOUNDS_MS, HourKey, Totals
from tdpf.kit.clock import JST
from tdpf.wire.codec import MalformedMessage
from tdpf.wire.leases import opening
from tdpf.wire.messages import ANONYMOUS, ANY_KEY, FIRST_APPLICATION, UsageLine

LONGEST_LINE = 64 * 1024
LONGEST_PERIOD_DAYS = 800
LONGEST_WORDS = 100
_MAY_NAME_SOMEBODY = re.compile(r"@|://|\d[\d -]{5,}\d")
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
_EPOCH = date(1970, 1, 1)
_HOUR_MS = 3_600_000
_JST_HOURS = 9
_NOTHING = Totals()

CounterKey = tuple[str, int, int, int]
"""gateway, agreement, application, dataset"""


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a chunk adds to a segment: how many of its bytes repeat known ones, and whole new lines."""

    repeated: int
    data: bytes


def kept_words(text: str) -> str:
    """Return the words of a search as they may be counted: folded, at most 100 characters, "" for what could name a person.

    Mail addresses, long numbers and web addresses are nobody's subject and often somebody's; they are not kept at all.
    """
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if len(folded) > LONGEST_WORDS or _MAY_NAME_SOMEBODY.search(folded):
        return ""
    return "".join(sign for sign in folded if sign.isprintable())


@dataclass(frozen=True, slots=True)
class Lease:
    """What a gateway holds from now on; whether nothing can come any more, and whether so little is left that others are asked."""

    held: int
    spent: bool
    scarce: bool


def leased(
    *, limit: int, used: int, held: int, others: Sequence[tuple[int, int]], live: int, short: bool = True
) -> Lease:
    """Decide what a gateway holds of a quota, given what the others hold and have used of it as (held, used).

    Nothing that another holds is given twice. What is free is given by shares of the `live` gateways, so that the last
    shares are single calls; one alone gets all of it.
    """
    away = sum(other_held for other_held, _ in others)
    free = limit - away - used
    if not short:
        return Lease(held, spent=False, scarce=False)
    if free <= 0:
        unspent = sum(other_held - other_used for other_held, other_used in others)
        return Lease(held, spent=unspent <= len(others), scarce=True)
    share = max(1, free // max(1, live))
    return Lease(max(held, used + share), spent=False, scarce=share < opening(limit, max(2, live)))


def check_name(name: str) -> None:
    """Refuse a gateway or segment name that could lead out of its folder; raises BadSegmentName."""
    if _NAME.fullmatch(name) is None:
        raise BadSegmentName(name=name)


def fresh_part(*, committed: int, offset: int, data: bytes) -> Fresh:
    """Return the whole lines of `data` (at `offset`) that lie beyond `committed`.

    A chunk beyond a gap adds nothing: the gateway is told where to go on. A last line without its end is left for the
    next chunk, unless it is longer than any line can be.
    """
    if offset < 0:
        raise BadOffset(offset=offset)
    if offset > committed:
        return Fresh(0, b"")
    skip = committed - offset
    rest = data[skip:]
    end = rest.rfind(b"\n") + 1
    if end == 0 and len(rest) >= LONGEST_LINE:
        end = len(rest)
    return Fresh(min(skip, len(data)), rest[:end])


def check_line(line: UsageLine) -> None:
    """Refuse numbers that no ledger column can hold; raises MalformedMessage."""
    for name in ("application", "agreement", "dataset", "bytes_sent"):
        if not 0 <= getattr(line, name) < 2**53:
            raise MalformedMessage(name, "must be below 2^53")


def check_readings(rows: Iterable[tuple[str, int, int, int, int, int]]) -> None:
    """Refuse readings (gateway, agreement, application, dataset, day, used) that no column can hold.

    Raises BadSegmentName, BadReadings.
    """
    for gateway, *numbers in rows:
        check_name(gateway)
        if not all(0 <= number < 2**53 for number in numbers) or numbers[3] >= 2**31:
            raise BadReadings(what="a number is negative or too large")


def is_call(line: UsageLine) -> bool:
    """Say whether a request was admitted, whatever its answer; a pre-flight question (OPTIONS) never counts."""
    return line.counted and line.method != "OPTIONS"


def is_timed(line: UsageLine) -> bool:
    """Say whether a request's time tells how fast it was answered: a stream, an upgrade or a caller who left tells nothing."""
    return is_call(line) and line.path_class != "stream" and line.status >= 200


def hour_of(milliseconds: int) -> tuple[int, int]:
    """Return the JST day number and the JST hour of an instant in Unix milliseconds."""
    day, hour = divmod(milliseconds // _HOUR_MS + _JST_HOURS, 24)
    return day, hour


def hour_begins(day: int, hour: int) -> datetime:
    """Return when an hour of a JST day began."""
    return datetime.combine(day_of_number(day), time(hour), JST)


def status_class(status: int) -> str:
    """Return "2xx" and so on; "0xx" when the caller left before an answer."""
    return f"{status // 100 if 0 <= status < 600 else 5}xx"


def sum_lines(lines: Iterable[UsageLine]) -> dict[HourKey, Totals]:
    """Return what the lines add to each hour."""
    sums: dict[HourKey, Totals] = {}
    for line in lines:
        day, hour = hour_of(line.time)
        key = HourKey(
            day, hour, line.dataset, line.application, line.agreement, status_class(line.status), line.path_class
        )
        sums[key] = sums.get(key, _NOTHING).plus(totals_of(line))
    return sums


def totals_of(line: UsageLine) -> Totals:
    """Return what one line adds to its hour."""
    plain = Totals(1, int(is_call(line)), line.bytes_sent)
    if not is_timed(line):
        return plain
    return Totals(*plain[:3], 1, line.duration_ms, *(int(line.duration_ms <= bound) for bound in SPEED_BOUNDS_MS))


def counter_principal(agreement: int, application: int) -> int:
    """Return the principal whose counter a logged call ticks: open data are counted per kind of caller."""
    if agreement:
        return application
    return ANY_KEY if application >= FIRST_APPLICATION or application == ANY_KEY else ANONYMOUS


def differences(
    logged: Mapping[CounterKey, int], counted: Mapping[CounterKey, int]
) -> dict[CounterKey, tuple[int, int]]:
    """Return the counters whose logged and counted calls are not the same, as (logged, counted)."""
    pairs = {key: (logged.get(key, 0), counted.get(key, 0)) for key in logged.keys() | counted.keys()}
    return {key: pair for key, pair in sorted(pairs.items()) if pair[0] != pair[1]}


def day_number(day: date) -> int:
    """Return days since 1970-01-01."""
    return (day - _EPOCH).days


def day_of_number(number: int) -> date:
    """Return the day that lies `number` days after 1970-01-01."""
    return _EPOCH + timedelta(days=number)


def period(first: date, last: date) -> range:
    """Return the day numbers from `first` to `last`, both included; raises BadPeriod."""
    if last < first or (last - first).days >= LONGEST_PERIOD_DAYS:
        raise BadPeriod(first=first.isoformat(), last=last.isoformat(), most=LONGEST_PERIOD_DAYS)
    return range(day_number(first), day_number(last) + 1)


def instant_of(milliseconds: int) -> datetime:
    """Return the aware instant of Unix milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
