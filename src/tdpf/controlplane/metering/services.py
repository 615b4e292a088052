"""Writes to the ledger; every one may be repeated without changing the sums."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from django.db import connections, transaction

from tdpf.controlplane.metering import queries, rules
from tdpf.controlplane.metering.errors import SegmentDiffers
from tdpf.controlplane.metering.interest import counter
from tdpf.controlplane.metering.leasing import forget_old_leases as forget_old_leases
from tdpf.controlplane.metering.leasing import lease as lease
from tdpf.controlplane.metering.models import CounterDay, Difference, HourlyUse, InterestDay, Reconciliation, Segment
from tdpf.controlplane.metering.reading_lines import read_lines
from tdpf.controlplane.metering.types import LEDGER, HourKey, Interest, ReconciliationFacts, Totals
from tdpf.kit import clock
from tdpf.kit.home import home
from tdpf.wire.messages import CounterReading

_KEPT_BY = ("gateway", *HourKey._fields)
_ADD_TO_HOUR = f"""
INSERT INTO metering_hourlyuse ({", ".join((*_KEPT_BY, *Totals._fields))})
VALUES ({", ".join(["%s"] * len((*_KEPT_BY, *Totals._fields)))})
ON CONFLICT ({", ".join(_KEPT_BY)}) DO UPDATE SET
  {", ".join(f"{name} = metering_hourlyuse.{name} + excluded.{name}" for name in Totals._fields)}
"""  # noqa: S608 - names of our own columns
_RAISE_COUNTER = """
INSERT INTO metering_counterday (gateway, agreement, application, dataset, day, used)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (gateway, agreement, application, dataset, day) DO UPDATE SET
  used = CASE WHEN excluded.used > metering_counterday.used THEN excluded.used ELSE metering_counterday.used END
"""


def ingest_segment(*, gateway: str, segment: str, offset: int, data: bytes) -> int:
    """Take in part of a gateway's log and return how many bytes of the segment are safe now.

    `data` are the segment's bytes from `offset` on. Bytes known already add nothing, a chunk beyond a gap adds nothing
    (go on from the returned offset), a last line without its end waits for the next chunk. A line that cannot be read
    is counted and stays in the evidence. Raises BadSegmentName, BadOffset, SegmentDiffers.
    """
    rules.check_name(gateway)
    rules.check_name(segment)
    instant = clock.now()
    with transaction.atomic(using=LEDGER):
        Segment.objects.using(LEDGER).bulk_create(
            [Segment(gateway=gateway, name=segment, first_at=instant, last_at=instant)], ignore_conflicts=True
        )
        row = Segment.objects.using(LEDGER).select_for_update().get(gateway=gateway, name=segment)
        fresh = rules.fresh_part(committed=row.offset, offset=offset, data=data)
        evidence = home().evidence / gateway / segment
        if fresh.repeated:
            _compare(evidence, gateway=gateway, segment=segment, offset=offset, repeated=data[: fresh.repeated])
        if not fresh.data:
            return row.offset
        _keep(evidence, row.offset, fresh.data)
        read = read_lines(fresh.data, row.chain)
        _add_to_hours(gateway, read.sums)
        row.offset += len(fresh.data)
        row.lines += read.count
        row.malformed += read.malformed
        row.chain = read.chain
        row.last_at = instant
        row.save(using=LEDGER)
        return row.offset


def ingest_counters(*, readings: Iterable[CounterReading]) -> int:
    """Keep the highest reading of each counter and day; return how many readings were given. Raises BadReadings."""
    rows = sorted((r.gateway, r.agreement, r.application, r.dataset, r.day, r.used) for r in readings)
    rules.check_readings(rows)
    if rows:
        with transaction.atomic(using=LEDGER), connections[LEDGER].cursor() as cursor:
            cursor.executemany(_RAISE_COUNTER, rows)
    return len(rows)


def reconcile(*, day: date) -> ReconciliationFacts:
    """Compare a day's logged calls with the counters, keep the outcome in place of an earlier one, and return it."""
    number = rules.day_number(day)
    with transaction.atomic(using=LEDGER):
        Reconciliation.objects.using(LEDGER).bulk_create(
            [Reconciliation(day=number, checked_at=clock.now())], ignore_conflicts=True
        )
        row = Reconciliation.objects.using(LEDGER).select_for_update().get(day=number)
        logged, counted = _logged(number), _counted(number)
        row.checked_at = clock.now()
        row.pairs = len(logged.keys() | counted.keys())
        row.logged_calls = sum(logged.values())
        row.counted_calls = sum(counted.values())
        row.save(using=LEDGER)
        Difference.objects.using(LEDGER).filter(reconciliation=row).delete()
        Difference.objects.using(LEDGER).bulk_create(
            Difference(
                reconciliation=row, gateway=gateway, agreement=agreement, application=application, dataset=dataset,
                logged=pair[0], counted=pair[1],
            )
            for (gateway, agreement, application, dataset), pair in rules.differences(logged, counted).items()
        )  # fmt: skip
    found = queries.reconciliation_of(day)
    if found is None:
        raise RuntimeError(f"the reconciliation of {day} is gone")
    return found


def note_interest(*, interest: Interest) -> None:
    """Count that somebody looked for or at something; written within seconds, without who it was."""
    counter.add((clock.jst_day_number(clock.now()), interest.kind, interest.dataset, rules.kept_words(interest.words)))


def forget_old_interest(*, before: date) -> int:
    """Remove what was counted before a day (JST); return how many rows that were."""
    removed, _ = InterestDay.objects.using(LEDGER).filter(day__lt=rules.day_number(before)).delete()
    return removed


def _keep(path: Path, offset: int, data: bytes) -> None:
    """Write evidence at its place and make it durable; a repeat after a crash writes the same bytes again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        written = 0
        while written < len(data):
            written += os.pwrite(handle, data[written:], offset + written)
        os.fsync(handle)
    finally:
        os.close(handle)


def _compare(path: Path, *, gateway: str, segment: str, offset: int, repeated: bytes) -> None:
    if not path.exists():
        return
    with path.open("rb") as stream:
        stream.seek(offset)
        known = stream.read(len(repeated))
    if known != repeated[: len(known)]:
        raise SegmentDiffers(gateway=gateway, segment=segment, offset=offset)


def _add_to_hours(gateway: str, sums: Mapping[HourKey, Totals]) -> None:
    rows = [(gateway, *key, *total) for key, total in sorted(sums.items())]
    if rows:
        with connections[LEDGER].cursor() as cursor:
            cursor.executemany(_ADD_TO_HOUR, rows)


def _logged(day: int) -> dict[rules.CounterKey, int]:
    sums: dict[rules.CounterKey, int] = {}
    rows = HourlyUse.objects.using(LEDGER).filter(day=day, calls__gt=0)
    for gateway, agreement, application, dataset, calls in rows.values_list(
        "gateway", "agreement", "application", "dataset", "calls"
    ):
        key = (gateway, agreement, rules.counter_principal(agreement, application), dataset)
        sums[key] = sums.get(key, 0) + calls
    return sums


def _counted(day: int) -> dict[rules.CounterKey, int]:
    sums: dict[rules.CounterKey, int] = {}
    rows = CounterDay.objects.using(LEDGER).filter(day=day, used__gt=0)
    for gateway, agreement, application, dataset, used in rows.values_list(
        "gateway", "agreement", "application", "dataset", "used"
    ):
        # The platform's own application has counters of its own for open data.
        key = (gateway, agreement, rules.counter_principal(agreement, application), dataset)
        sums[key] = sums.get(key, 0) + used
    return sums
