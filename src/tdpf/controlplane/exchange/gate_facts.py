"""What the gate snapshot is compiled from: offers that stand, agreements in force, data under warranty."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from tdpf.controlplane.exchange import rules
from tdpf.controlplane.exchange.models import Agreement, Offer, Warranty, WithdrawalNotice
from tdpf.controlplane.exchange.terms import terms_from_stored
from tdpf.controlplane.exchange.types import Access, AgreementState, GrantFact, OfferFact, RatePlan
from tdpf.controlplane.members.queries import stopped_offer_uids
from tdpf.kit.clock import jst_date, jst_midnight

_STANDING = sorted(state.value for state in rules.STANDING_OFFERS)


def live_grants_facts(now: datetime, application_uids: Collection[str] | None = None) -> list[GrantFact]:
    """Return every agreement in force now or later whose offer stands and is not stopped; in order of number.

    With `application_uids` only those of these applications.
    """
    today = jst_date(now)
    whose = Q() if application_uids is None else Q(application_uid__in=list(application_uids))
    rows = (
        Agreement.objects.filter(
            whose,
            Q(ends_on__isnull=True) | Q(ends_on__gte=today),
            Q(offer__withdraw_on__isnull=True) | Q(offer__withdraw_on__gt=today),
            state=AgreementState.ACTIVE.value,
            offer__state__in=_STANDING,
        )
        .exclude(offer__uid__in=stopped_offer_uids(now))
        .order_by("number")
        .values_list(
            "number",
            "uid",
            "application_uid",
            "provider_id",
            "consumer_id",
            "dataset_id",
            "columns",
            "quota_day",
            "quota_month",
            "rate_plan",
            "starts_on",
            "ends_on",
            "offer__withdraw_on",
            "areas",
        )
    )
    facts = []
    for (
        number,
        uid,
        application,
        provider,
        consumer,
        dataset,
        columns,
        day,
        month,
        plan,
        first,
        last,
        gone,
        areas,
    ) in rows:
        starts_at, ends_at = rules.in_force(first, last, gone)
        facts.append(
            GrantFact(
                agreement=number,
                agreement_uid=uid,
                application_uid=application,
                provider_party_id=provider,
                consumer_party_id=consumer,
                dataset_id=dataset,
                columns=tuple(columns),
                quota_day=day,
                quota_month=month,
                rate_plan=RatePlan(plan),
                starts_at=starts_at,
                ends_at=ends_at,
                areas=tuple(areas),
            )
        )
    return facts


def one_agreement_each(grants: Iterable[GrantFact], now: datetime) -> list[GrantFact]:
    """Return one agreement per application and dataset, for the gate has one slot for the two.

    One that has begun goes before one that has not; of several the newest.
    """

    def rank(grant: GrantFact) -> tuple[bool, int]:
        return grant.starts_at <= now, grant.agreement

    chosen: dict[tuple[str, int], GrantFact] = {}
    for grant in grants:
        slot = (grant.application_uid, grant.dataset_id)
        if slot not in chosen or rank(chosen[slot]) < rank(grant):
            chosen[slot] = grant
    return list(chosen.values())


def live_offers(now: datetime) -> list[OfferFact]:
    """Return every standing offer, open and conditional; suspended, stopped and due ones are left out."""
    today = jst_date(now)
    rows = (
        Offer.objects.filter(Q(withdraw_on__isnull=True) | Q(withdraw_on__gt=today), state__in=_STANDING)
        .exclude(uid__in=stopped_offer_uids(now))
        .order_by("id")
    )
    offers = list(rows)
    running = WithdrawalNotice.objects.filter(offer__in=offers, taken_back_at__isnull=True)
    noticed = dict(running.values_list("offer_id", "noticed_at"))
    facts = []
    for offer in offers:
        terms = terms_from_stored(offer.terms)
        facts.append(
            OfferFact(
                offer_uid=offer.uid,
                dataset_id=offer.dataset_id,
                provider_party_id=offer.provider_id,
                access=terms.access,
                columns=terms.columns,
                rate_plan=terms.rate_plan,
                attribution_text=terms.attribution_text,
                noticed_at=noticed.get(offer.pk),
                ends_at=jst_midnight(offer.withdraw_on) if offer.withdraw_on else None,
            )
        )
    return facts


def open_offers(now: datetime) -> list[OfferFact]:
    """Return the standing open offers."""
    return [offer for offer in live_offers(now) if offer.access is Access.OPEN]


def warranted_identities() -> frozenset[tuple[int, str]]:
    """Return (dataset id, identity) of all data whose warranty is signed; nothing else may be served."""
    return frozenset(Warranty.objects.values_list("dataset_id", "version_identity"))


def next_midnight_of_change(now: datetime) -> datetime | None:
    """Return the next midnight (JST) at which an agreement begins or ends or an offer ends by itself, or None."""
    today = jst_date(now)
    active = Agreement.objects.filter(state=AgreementState.ACTIVE.value)
    days = [
        active.filter(starts_on__gt=today).order_by("starts_on").values_list("starts_on", flat=True).first(),
        Offer.objects.filter(withdraw_on__gt=today)
        .order_by("withdraw_on")
        .values_list("withdraw_on", flat=True)
        .first(),
    ]
    last = active.filter(ends_on__gte=today).order_by("ends_on").values_list("ends_on", flat=True).first()
    if last is not None:
        days.append(last + timedelta(days=1))
    coming = [day for day in days if day is not None]
    return jst_midnight(min(coming)) if coming else None
