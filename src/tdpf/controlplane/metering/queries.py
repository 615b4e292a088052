"""Reads of the ledger: the same numbers for both sides."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from tdpf.controlplane.exchange.types import QuotaUse
from tdpf.controlplane.metering import rules
from tdpf.controlplane.metering.evidence import compare_evidence, read_evidence, write_evidence
from tdpf.controlplane.metering.models import CounterDay, Difference, HourlyUse, InterestDay, Reconciliation, Segment
from tdpf.controlplane.metering.recent_calls import Place, last_calls
from tdpf.controlplane.metering.types import (
    LEDGER,
    SPEED_BOUNDS_MS,
    CallSeen,
    DatasetInterest,
    DayUse,
    DifferenceFacts,
    EvidenceCompared,
    HourUse,
    InterestKind,
    LedgerTotals,
    ReconciliationFacts,
    SegmentFacts,
    ShareOfUse,
    Speed,
    WordsCount,
)
from tdpf.kit import clock
from tdpf.kit.home import home

Side = Literal["dataset", "application", "agreement"]
_RECENT_DAYS = 31
_SEGMENTS_LOOKED_AT = 8
_CALLERS_LOOKED_FOR = 30
_SPEED_COLUMNS = ("timed", "ms", *(f"within_{bound}" for bound in SPEED_BOUNDS_MS))
_FAILED = Q(status_class__in=("4xx", "5xx", "0xx"))


def use_of_dataset(dataset: int, first: date, last: date) -> list[DayUse]:
    """Return one dataset's use per JST day, days without use included; raises BadPeriod."""
    return _daily(Q(dataset=dataset), first, last)


def use_by_hour(side: Side, number: int, day: date) -> list[HourUse]:
    """Return one day's 24 hours (JST) of a dataset, an application or an agreement, hours without use included."""
    rows = _summed(_of(side, [number], day, day), "hour")
    found = {x["hour"]: _hour_use(rules.day_number(day), x) for x in rows}
    return [found.get(hour) or HourUse(rules.hour_begins(rules.day_number(day), hour)) for hour in range(24)]


def use_of_application(application: int, first: date, last: date) -> list[DayUse]:
    """Return one application's use per JST day (`application` is its number on the wire)."""
    return _daily(Q(application=application), first, last)


def use_of_agreement(agreement: int, first: date, last: date) -> list[DayUse]:
    """Return one agreement's use per JST day."""
    return _daily(Q(agreement=agreement), first, last)


def hours_of_agreement(agreement: int) -> list[HourUse]:
    """Return all hours in which an agreement was used, the earliest first."""
    rows = _summed(HourlyUse.objects.using(LEDGER).filter(agreement=agreement), "day", "hour")
    return [_hour_use(x["day"], x) for x in rows]


def evidence_of_agreement(agreement: int, terms_sha256: str) -> bytes:
    """Return the evidence file of an agreement (see `metering.evidence`); both sides are given the same bytes."""
    return write_evidence(
        agreement=agreement, terms_sha256=terms_sha256, hours=hours_of_agreement(agreement), now=clock.now()
    )


def evidence_beside_ledger(held: bytes, agreement: int, terms_sha256: str) -> EvidenceCompared:
    """Return in which hours a file that somebody holds (`ours`) and the ledger now (`theirs`) disagree.

    Raises BrokenEvidence, OtherEvidence.
    """
    return compare_evidence(read_evidence(held), read_evidence(evidence_of_agreement(agreement, terms_sha256)))


def shares(side: Side, numbers: Collection[int], first: date, last: date, by: Side) -> list[ShareOfUse]:
    """Return the period's use split by dataset, application or agreement, most calls first."""
    rows = _summed(_of(side, numbers, first, last), by)
    found = [ShareOfUse(x[by], x["c"], x["b"], x["e"] or 0, x["r"] or 0) for x in rows]
    return sorted(found, key=lambda share: (-share.calls, share.number))


def calls_of_all(first: date, last: date) -> int:
    """Return the calls of all datasets together in the period."""
    days = rules.period(first, last)
    within = HourlyUse.objects.using(LEDGER).filter(day__gte=days.start, day__lt=days.stop, dataset__gt=0)
    return within.aggregate(c=Sum("calls"))["c"] or 0


def calls_of_datasets(datasets: Collection[int], first: date, last: date) -> dict[int, int]:
    """Return the calls of each dataset in the period; datasets without calls are absent."""
    return {share.number: share.calls for share in shares("dataset", datasets, first, last, "dataset")}


def quota_use(instant: datetime) -> list[QuotaUse]:
    """Return the calls of the day and of the month (JST) under each agreement used in the month, by the gateways' counters.

    They are what a quota is guarded by, at all gateways together; a line of the log may be lost with a machine.
    """
    today = clock.jst_date(instant)
    days = rules.period(today.replace(day=1), today)
    rows = CounterDay.objects.using(LEDGER).filter(agreement__gt=0, used__gt=0, day__gte=days.start, day__lt=days.stop)
    sums = rows.values("agreement").annotate(today=Sum("used", filter=Q(day=days.stop - 1)), month=Sum("used"))
    return [QuotaUse(x["agreement"], x["today"] or 0, x["month"]) for x in sums.order_by("agreement")]


def segments(gateway: str | None = None) -> list[SegmentFacts]:
    """Return how far each segment has been taken in."""
    rows = Segment.objects.using(LEDGER).order_by("gateway", "name")
    if gateway is not None:
        rows = rows.filter(gateway=gateway)
    return [SegmentFacts(s.gateway, s.name, s.offset, s.lines, s.malformed, s.chain, s.last_at) for s in rows]


def recent_calls(applications: Collection[int], *, dataset: int | None = None, limit: int = 20) -> list[CallSeen]:
    """Return the last requests of some applications, refused ones included, the newest first.

    The ledger says who called where lately, and only there the end of the evidence is read: with much traffic of
    others at a gateway what is older is not found there.
    """
    since = clock.jst_day_number(clock.now()) - _RECENT_DAYS
    used = HourlyUse.objects.using(LEDGER).filter(application__in=list(applications), day__gte=since)
    if dataset is not None:
        used = used.filter(dataset=dataset)
    latest = used.values_list("gateway", "application", "agreement", "dataset").annotate(
        at=Max(F("day") * 24 + F("hour"))
    )
    callers: dict[str, set[tuple[int, int, int]]] = {}
    for gateway, *caller, _ in latest.order_by("-at")[:_CALLERS_LOOKED_FOR]:
        callers.setdefault(gateway, set()).add((caller[0], caller[1], caller[2]))
    return last_calls([Place(_newest_files(gateway), found) for gateway, found in callers.items()], limit=limit)


def _newest_files(gateway: str) -> list[Path]:
    rows = Segment.objects.using(LEDGER).filter(gateway=gateway).order_by("-last_at")
    return [home().evidence / gateway / name for name in rows.values_list("name", flat=True)[:_SEGMENTS_LOOKED_AT]]


def segment_offset(gateway: str, segment: str) -> int:
    """Return how many bytes of a segment are safe; 0 when it is not known."""
    row = Segment.objects.using(LEDGER).filter(gateway=gateway, name=segment).values_list("offset", flat=True)
    return row.first() or 0


def totals() -> LedgerTotals:
    """Return what the ledger has taken in altogether, and how many counters disagreed when last compared."""
    sums = Segment.objects.using(LEDGER).aggregate(lines=Sum("lines"), malformed=Sum("malformed"), bytes=Sum("offset"))
    differences = Difference.objects.using(LEDGER).count()
    return LedgerTotals(sums["lines"] or 0, sums["malformed"] or 0, sums["bytes"] or 0, differences)


def reconciliation_of(day: date) -> ReconciliationFacts | None:
    """Return the last comparison of that day, or None when there was none."""
    row = Reconciliation.objects.using(LEDGER).filter(day=rules.day_number(day)).first()
    return None if row is None else _facts(row)


def reconciliations(limit: int = 31) -> list[ReconciliationFacts]:
    """Return the newest comparisons, latest day first."""
    return [_facts(row) for row in Reconciliation.objects.using(LEDGER).order_by("-day")[:limit]]


def daily_csv(rows: Iterable[DayUse]) -> str:
    """Return daily use as CSV (RFC 4180) with a header line; days in ISO 8601."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["日", "呼び出し", "バイト", "エラー", "拒否"])
    writer.writerows([row.day.isoformat(), row.calls, row.bytes, row.errors, row.refused] for row in rows)
    return text.getvalue()


def _of(side: Side, numbers: Collection[int], first: date, last: date) -> QuerySet[HourlyUse]:
    days = rules.period(first, last)
    return HourlyUse.objects.using(LEDGER).filter(
        **{f"{side}__in": list(numbers)}, day__gte=days.start, day__lt=days.stop
    )


def _summed(rows: QuerySet[HourlyUse], *by: str) -> list[dict[str, Any]]:
    # What is neither a call nor a failure is free: the list of collections, a redirect, a pre-flight question.
    refused = Sum(F("requests") - F("calls"), filter=_FAILED)
    sums = {"r": refused, "c": Sum("calls"), "b": Sum("bytes"), "e": Sum("calls", filter=_FAILED)}
    speed = {name: Sum(name) for name in _SPEED_COLUMNS}
    callers = {"a": Count("application", distinct=True, filter=Q(calls__gt=0))}
    return list(rows.values(*by).annotate(**callers, **sums, **speed).order_by(*by))


def _hour_use(day: int, x: dict[str, Any]) -> HourUse:
    begins = rules.hour_begins(day, x["hour"])
    return HourUse(begins, x["c"], x["b"], x["e"] or 0, x["r"] or 0, x["a"], _speed(x))


def _speed(x: dict[str, Any]) -> Speed:
    timed, ms, *within = (int(x[name] or 0) for name in _SPEED_COLUMNS)
    return Speed(timed, ms, tuple(within))


def _daily(which: Q, first: date, last: date) -> list[DayUse]:
    days = rules.period(first, last)
    rows = HourlyUse.objects.using(LEDGER).filter(which, day__gte=days.start, day__lt=days.stop)
    found = {x["day"]: x for x in _summed(rows, "day")}
    result = []
    for number in days:
        x = found.get(number)
        day = rules.day_of_number(number)
        if x is None:
            result.append(DayUse(day, 0, 0, 0, 0))
        else:
            result.append(DayUse(day, x["c"], x["b"], x["e"] or 0, x["r"] or 0, x["a"], _speed(x)))
    return result


def _facts(row: Reconciliation) -> ReconciliationFacts:
    found = Difference.objects.using(LEDGER).filter(reconciliation=row).order_by("dataset", "application", "gateway")
    return ReconciliationFacts(
        rules.day_of_number(row.day), row.checked_at, row.pairs, row.logged_calls, row.counted_calls,
        tuple(DifferenceFacts(d.gateway, d.agreement, d.application, d.dataset, d.logged, d.counted) for d in found),
    )  # fmt: skip


def interest_in(datasets: Collection[int], first: date, last: date) -> dict[int, DatasetInterest]:
    """Return how each dataset was found and looked at from `first` to `last` (JST); raises BadPeriod."""
    sums: dict[int, dict[str, int]] = {number: {} for number in datasets}
    for row in (
        _interest(first, last).filter(dataset__in=list(datasets)).values("dataset", "kind").annotate(n=Sum("times"))
    ):
        sums[row["dataset"]][row["kind"]] = int(row["n"])
    return {
        number: DatasetInterest(
            dataset=number,
            seen=found.get(InterestKind.SEEN, 0),
            opened=found.get(InterestKind.OPENED, 0),
            left_for_file=found.get(InterestKind.LEFT_FOR_FILE, 0),
        )
        for number, found in sums.items()
    }


def words_that_led_to(datasets: Collection[int], first: date, last: date, *, limit: int = 30) -> list[WordsCount]:
    """Return the words whose results led to these datasets, most frequent first; raises BadPeriod."""
    rows = _interest(first, last).filter(kind=InterestKind.OPENED, dataset__in=list(datasets)).exclude(words="")
    return _counted_words(rows, limit, 1)


def words_that_found_nothing(first: date, last: date, *, limit: int = 50, at_least: int = 2) -> list[WordsCount]:
    """Return the words that no dataset has, most frequent first; raises BadPeriod.

    What was looked for fewer than `at_least` times is left out: rare words may tell of a person.
    """
    rows = _interest(first, last).filter(kind=InterestKind.FOUND_NOTHING).exclude(words="")
    return _counted_words(rows, limit, at_least)


def words_searched(first: date, last: date, *, limit: int = 50, at_least: int = 2) -> list[WordsCount]:
    """Return what was looked for most, without what was looked for fewer than `at_least` times; raises BadPeriod."""
    rows = _interest(first, last).filter(kind=InterestKind.SEARCHED).exclude(words="")
    return _counted_words(rows, limit, at_least)


def _interest(first: date, last: date) -> QuerySet[InterestDay]:
    days = rules.period(first, last)
    return InterestDay.objects.using(LEDGER).filter(day__range=(days.start, days.stop - 1))


def _counted_words(rows: QuerySet[InterestDay], limit: int, at_least: int) -> list[WordsCount]:
    found = rows.values("words").annotate(n=Sum("times")).filter(n__gte=at_least).order_by("-n", "words")[:limit]
    return [WordsCount(words=row["words"], times=int(row["n"])) for row in found]
