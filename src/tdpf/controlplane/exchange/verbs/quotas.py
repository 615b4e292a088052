"""Writes about quotas: what of their use was told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from tdpf.controlplane.exchange import events, quotas
from tdpf.controlplane.exchange.models import Agreement, QuotaTold
from tdpf.controlplane.exchange.types import AgreementState, QuotaState, QuotaUse
from tdpf.controlplane.exchange.verbs.locking import agreement_fields
from tdpf.djangokit.outbox import announce

_LOOKED_AT = 500


def tell_quota_use(*, uses: Iterable[QuotaUse], now: datetime) -> int:
    """Tell the consumers of agreements in force that a mark of their quota is reached; return how many were told.

    `uses` are the calls of the day and the month in which `now` lies. Each mark is told once per agreement and day or
    month, however often it is reported. Announces QuotaReached for each, every agreement in its own transaction.
    """
    reported, told = list(uses), 0
    for first in range(0, len(reported), _LOOKED_AT):
        some = {use.agreement: use for use in reported[first : first + _LOOKED_AT]}
        told += sum(_tell(use, now) for use in _with_news(some, now))
    return told


def _with_news(uses: dict[int, QuotaUse], now: datetime) -> list[QuotaUse]:
    """Return those of which there is something to tell, read without a lock: at most times there is nothing."""
    rows = Agreement.objects.filter(number__in=uses, state=AgreementState.ACTIVE.value)
    limits = rows.values_list("number", "quota_day", "quota_month")
    states = {
        number: quotas.quota_states(quota_day=day, quota_month=month, use=uses[number], instant=now)
        for number, day, month in limits
    }
    marked = [number for number, found in states.items() if any(state.mark for state in found)]
    told = _told(marked)
    return [uses[number] for number in marked if any(_news(number, state, told) for state in states[number])]


@transaction.atomic
def _tell(use: QuotaUse, now: datetime) -> int:
    rows = Agreement.objects.select_for_update(of=("self",)).select_related("offer", "dataset", "provider", "consumer")
    agreement = rows.filter(number=use.agreement, state=AgreementState.ACTIVE.value).first()
    if agreement is None:
        return 0
    told, count = _told([agreement.number]), 0
    for state in quotas.quota_states(
        quota_day=agreement.quota_day, quota_month=agreement.quota_month, use=use, instant=now
    ):
        mark = _news(agreement.number, state, told)
        if not mark:
            continue
        QuotaTold.objects.update_or_create(
            agreement=agreement, period=state.period.value, defaults={"number": state.number, "mark": mark}
        )
        announce(
            events.QuotaReached(
                actor="system", period=state.period.value, mark=mark, used=state.used, limit=state.limit,
                renews_on=state.renews_on, **agreement_fields(agreement),
            )
        )  # fmt: skip
        count += 1
    return count


def _told(agreements: Iterable[int]) -> dict[tuple[int, str], tuple[int, int]]:
    rows = QuotaTold.objects.filter(agreement__in=list(agreements))
    found = rows.values_list("agreement", "period", "number", "mark")
    return {(agreement, period): (number, mark) for agreement, period, number, mark in found}


def _news(agreement: int, state: QuotaState, told: dict[tuple[int, str], tuple[int, int]]) -> int:
    return quotas.mark_to_tell(state, told=told.get((agreement, state.period.value)))
