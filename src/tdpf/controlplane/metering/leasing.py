"""Who holds what of a quota that several gateways share."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import cast

from django.db import transaction
from django.db.models import Q, Sum

from tdpf.controlplane.metering import rules
from tdpf.controlplane.metering.models import CounterDay, QuotaLease
from tdpf.controlplane.metering.types import LEDGER
from tdpf.kit import clock
from tdpf.wire.leases import LeaseAnswer, LeaseAsk, Period, opening

RECALLED_FOR = timedelta(seconds=5)
ASKED_AGAIN_AFTER = timedelta(seconds=60)
MOST_RECALLED = 1_000
KEEP_DAYS, KEEP_MONTHS = 3, 1


def lease(
    *, gateway: str, asks: Iterable[LeaseAsk], gateways: Collection[str], live: int, given_up: Collection[str] = ()
) -> list[LeaseAnswer]:
    """Note what a gateway holds, and return what it holds from now on and what is recalled from it.

    `gateways` are all that may hold an opening; one that has never said what it holds is taken to hold that, or what its
    counters say it has used; so is one of `given_up`, which have been silent until their snapshots ended.
    Raises BadSegmentName for a name that no gateway has.
    """
    rules.check_name(gateway)
    answers = [_lease_one(gateway, ask, gateways, live, given_up) for ask in asks]
    return [*answers, *_recalled(gateway)]


def forget_old_leases(*, day: int, month: int) -> int:
    """Remove leases of days and months long past; return how many rows that were."""
    past = Q(period="day", number__lt=day - KEEP_DAYS) | Q(period="month", number__lt=month - KEEP_MONTHS)
    removed, _ = QuotaLease.objects.using(LEDGER).filter(past).delete()
    return removed


def _lease_one(
    gateway: str, ask: LeaseAsk, gateways: Collection[str], live: int, given_up: Collection[str]
) -> LeaseAnswer:
    quota = {name: getattr(ask, name) for name in ("agreement", "application", "dataset", "period", "number")}
    rows = QuotaLease.objects.using(LEDGER)
    # Committed before any row is locked: of two gateways that ask for the first time at once, the second sees the first.
    rows.bulk_create([QuotaLease(gateway=gateway, **quota, held=ask.held, used=ask.used)], ignore_conflicts=True)
    with transaction.atomic(using=LEDGER):
        found = {row.gateway: row for row in rows.select_for_update().filter(**quota).order_by("id")}
        own = found.pop(gateway)
        silent = {name: found.pop(name).used for name in given_up if name in found and name in gateways}
        others = [(row.held, row.used) for row in found.values()]
        unsaid = [name for name in gateways if name != gateway and name not in found]
        counted = _counted(unsaid, ask) if unsaid else {}
        for name in unsaid:
            use = max(counted.get(name, 0), silent.get(name, 0))
            others.append((max(opening(ask.limit, len(gateways)), use), use))
        decided = rules.leased(limit=ask.limit, used=ask.used, held=ask.held, others=others, live=live, short=ask.short)
        instant = clock.now()
        since = own.short_at if own.short_at and instant - own.short_at < ASKED_AGAIN_AFTER else instant
        own.held, own.used, own.short_at = decided.held, ask.used, since if decided.scarce else None
        own.save(using=LEDGER)
    # Whoever has not given back by now is gone, and what it holds with it.
    spent = decided.spent or (ask.short and decided.held <= ask.held and instant - since > RECALLED_FOR)
    return LeaseAnswer(**quota, held=decided.held, spent=spent)


def _counted(gateways: Collection[str], ask: LeaseAsk) -> dict[str, int]:
    """Return what gateways have used of a quota by the readings of their counters: the only one never asks."""
    first, beyond = ask.number, ask.number + 1
    if ask.period == "month":
        first, beyond = (rules.day_number(date(month // 12, month % 12 + 1, 1)) for month in (first, beyond))
    rows = CounterDay.objects.using(LEDGER).filter(
        gateway__in=gateways, agreement=ask.agreement, application=ask.application, dataset=ask.dataset,
        day__gte=first, day__lt=beyond,
    )  # fmt: skip
    return dict(rows.values_list("gateway").annotate(Sum("used")))


def _recalled(gateway: str) -> list[LeaseAnswer]:
    """Return the quotas of which others have little left while this gateway may hold more than it needs."""
    instant = clock.now()
    names = ("agreement", "application", "dataset", "period", "number")
    rows = QuotaLease.objects.using(LEDGER)
    lately = rows.filter(short_at__gte=instant - RECALLED_FOR).exclude(gateway=gateway)
    short = set(lately.order_by("short_at").values_list(*names)[:MOST_RECALLED])
    if not short:
        return []
    own = rows.filter(
        gateway=gateway, agreement__in={key[0] for key in short}, period__in={key[3] for key in short},
        number__in={key[4] for key in short},
    )  # fmt: skip
    busy = {
        (row.agreement, row.application, row.dataset, row.period, row.number)
        for row in own
        if row.held - row.used <= 1 or (row.short_at and instant - row.short_at < ASKED_AGAIN_AFTER)
    }
    return [
        LeaseAnswer(agreement, application, dataset, cast(Period, period), number, recalled=True)
        for agreement, application, dataset, period, number in sorted(short - busy)
    ]
