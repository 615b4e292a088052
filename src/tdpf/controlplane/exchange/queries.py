"""The reads of exchange."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.controlplane.exchange import errors, rules, shaping
from tdpf.controlplane.exchange.gate_facts import live_grants_facts as live_grants_facts
from tdpf.controlplane.exchange.gate_facts import live_offers as live_offers
from tdpf.controlplane.exchange.gate_facts import next_midnight_of_change as next_midnight_of_change
from tdpf.controlplane.exchange.gate_facts import one_agreement_each as one_agreement_each
from tdpf.controlplane.exchange.gate_facts import open_offers as open_offers
from tdpf.controlplane.exchange.gate_facts import warranted_identities as warranted_identities
from tdpf.controlplane.exchange.models import Agreement, Offer, OfferRevision, Request, Warranty
from tdpf.controlplane.exchange.passing_on import columns_in_reach as columns_in_reach
from tdpf.controlplane.exchange.passing_on import why_not_passed_on as why_not_passed_on
from tdpf.controlplane.exchange.quotas import quota_states as quota_states
from tdpf.controlplane.exchange.rules import link_identity as link_identity
from tdpf.controlplane.exchange.rules import place_identity as place_identity
from tdpf.controlplane.exchange.rules import stream_identity as stream_identity
from tdpf.controlplane.exchange.speaking import agreement_as_odrl as agreement_as_odrl
from tdpf.controlplane.exchange.speaking import request_purposes as request_purposes
from tdpf.controlplane.exchange.speaking import terms_as_cadde as terms_as_cadde
from tdpf.controlplane.exchange.speaking import terms_as_odrl as terms_as_odrl
from tdpf.controlplane.exchange.speaking import terms_changes_in_words as terms_changes_in_words
from tdpf.controlplane.exchange.speaking import terms_choices as terms_choices
from tdpf.controlplane.exchange.speaking import terms_in_words as terms_in_words
from tdpf.controlplane.exchange.speaking import terms_json as terms_json
from tdpf.controlplane.exchange.speaking import terms_patterns as terms_patterns
from tdpf.controlplane.exchange.speaking import terms_presets as terms_presets
from tdpf.controlplane.exchange.terms import terms_from_mapping as terms_from_mapping
from tdpf.controlplane.exchange.terms import terms_from_stored
from tdpf.controlplane.exchange.types import (
    Access,
    AgreementState,
    AgreementView,
    EndCause,
    Inbox,
    OfferState,
    OfferView,
    PublicationCheck,
    RequestState,
    RequestView,
    Terms,
    TrackRecord,
    WarrantyView,
)
from tdpf.controlplane.exchange.warranty_texts import IN_FORCE, WarrantyWords
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import queries as preparation
from tdpf.kit.clock import jst_date
from tdpf.kit.hashing import sha256_hex
from tdpf.kit.text import Text

_STANDING = sorted(state.value for state in rules.STANDING_OFFERS)
_LIVE = (AgreementState.ACTIVE.value, AgreementState.SUSPENDED.value)


def warranty_in_force() -> WarrantyWords:
    """Return the warranty text that providers sign today: version, ja, en, sha256."""
    return IN_FORCE


def get_offer(uid: str, standing: Standing | None = None) -> OfferView:
    """Return an offer; a draft only to its provider and the operator, else raises OfferUnknown."""
    offer = Offer.objects.select_related("dataset", "provider").filter(uid=uid).first()
    if offer is None or (offer.state == OfferState.DRAFT.value and not _is_side(standing, offer.provider_id)):
        raise errors.OfferUnknown(offer=uid)
    return shaping.offer_view(offer)


def offers_of_dataset(dataset_uid: str, standing: Standing | None = None) -> list[OfferView]:
    """Return a dataset's standing offers; all of them to its provider and the operator."""
    rows = Offer.objects.filter(dataset__uid=dataset_uid)
    if standing is None or not standing.is_operator:
        own = [] if standing is None else list(standing.roles)
        rows = rows.filter(Q(state__in=_STANDING) | Q(provider_id__in=own))
    return shaping.offer_views(rows.order_by("id"))


def offers_of_parties(standing: Standing) -> list[OfferView]:
    """Return all offers of the parties a member speaks for, newest first."""
    return shaping.offer_views(Offer.objects.filter(provider_id__in=list(standing.roles)).order_by("-id"))


def suspended_offers() -> list[OfferView]:
    """Return the offers that the operator has stopped, the longest stopped first; for the operator's desk."""
    rows = Offer.objects.filter(state=OfferState.SUSPENDED.value)
    return shaping.offer_views(rows.order_by("suspended_at", "id"))


def offer_of_dataset(dataset_uid: str) -> OfferView | None:
    """Return the offer that a dataset's page shows first: the open one, else the oldest standing one."""
    offers = offers_of_dataset(dataset_uid)
    return min(offers, key=lambda offer: offer.terms.access is not Access.OPEN, default=None)


def stopped_offer_of_dataset(dataset_uid: str) -> OfferView | None:
    """Return the offer of a dataset that the operator has stopped, where none stands: whoever comes is told why."""
    rows = Offer.objects.filter(dataset__uid=dataset_uid, state=OfferState.SUSPENDED.value)
    stopped = shaping.offer_views(rows.order_by("-suspended_at", "-id")[:1])
    return stopped[0] if stopped and not offers_of_dataset(dataset_uid) else None


def revisions_of_offer(offer_uid: str) -> list[tuple[int, datetime, Terms]]:
    """Return (number, since when, terms) of each revision of an offer, oldest first."""
    rows = OfferRevision.objects.filter(offer__uid=offer_uid).order_by("revision")
    return [(row.revision, row.changed_at, terms_from_stored(row.terms)) for row in rows]


def terms_known_before(offer: OfferView, standing: Standing, read_sha256: str = "") -> Terms | None:
    """Return the terms of an offer that a member knows if they are not today's: those just read, else those agreed to last."""
    if read_sha256 and read_sha256 != offer.terms_sha256:
        read = OfferRevision.objects.filter(offer__uid=offer.uid, terms_sha256=read_sha256).last()
        return terms_from_stored(read.terms) if read else None
    rows = Agreement.objects.filter(offer__uid=offer.uid, consumer_id__in=list(standing.roles))
    agreed = shaping.agreement_views(rows.order_by("-number")[:1])
    return agreed[0].terms if agreed and agreed[0].terms != offer.terms else None


def publishing(offer: Offer, page: DatasetPage) -> rules.Publishing:
    """Return what an offer's publication is judged by, from the dataset's page as its provider sees it."""
    identities: dict[str, str] = {}
    for distribution in page.distributions:
        version = distribution.latest
        if version is not None:
            identities[version.identity] = preparation.screening_outcome_for(version.original_sha256, version.identity)
        elif distribution.kind == "stream":
            identities[rules.stream_identity(distribution.uid)] = "clear"
        elif distribution.place_mark:
            identities[rules.place_identity(distribution.place_mark)] = "clear"
        elif distribution.url:
            identities[rules.link_identity(distribution.url)] = "clear"
    needed = {
        Text("名称", "title"): page.title.ja,
        Text("説明", "description"): page.description.ja,
        Text("ライセンス", "licence"): page.licence,
        Text("連絡先（メールまたはURL）", "contact (mail address or URL)"): page.contact_email or page.contact_url,
    }
    signed = Warranty.objects.filter(dataset_id=offer.dataset_id, party_id=offer.provider_id)
    return rules.Publishing(
        identities=identities,
        warranted=frozenset(signed.values_list("version_identity", flat=True)),
        missing=[what for what, value in needed.items() if not value.strip()],
        unconnected=catalog.to_be_connected_anew(page.uid),
    )


def contradicts_licence(terms: Terms, licence: str) -> bool:
    """Return whether a dataset's licence is open although the terms hold back what such a licence gives to anyone."""
    is_open = any(one.is_open for one in catalog.list_licences() if one.code == licence)
    return is_open and rules.withholds_open_rights(terms)


def contradicts_offers(dataset_uid: str, licence: str) -> bool:
    """Return whether an open licence would give to anyone what the terms of one of the dataset's published offers hold back."""
    closed = [OfferState.DRAFT.value, OfferState.ENDED.value]
    stored = Offer.objects.filter(dataset__uid=dataset_uid).exclude(state__in=closed).values_list("terms", flat=True)
    return any(contradicts_licence(terms_from_stored(terms), licence) for terms in stored)


def publication_check(offer_uid: str, standing: Standing) -> PublicationCheck:
    """Return what still stands between an offer and its publication, for its provider and the operator."""
    offer = Offer.objects.select_related("dataset").filter(uid=offer_uid).first()
    if offer is None or not _is_side(standing, offer.provider_id):
        raise errors.OfferUnknown(offer=offer_uid)
    facts = publishing(offer, catalog.dataset_page(offer.dataset.uid, standing))
    problems = tuple(rules.publication_problems(facts))
    return PublicationCheck(
        offer_uid=offer_uid,
        problems=problems,
        missing=tuple(problem.code for problem in problems),
        unsigned=tuple(sorted(set(facts.identities) - facts.warranted)),
    )


def notice_days_of(offer: Offer) -> list[int]:
    """Return the notice, in days, of an offer's terms and of every agreement that a withdrawal would end."""
    live = Agreement.objects.filter(offer=offer, state__in=_LIVE)
    return [terms_from_stored(offer.terms).notice_days, *live.values_list("notice_days", flat=True)]


def earliest_withdrawal(offer_uid: str, now: datetime) -> date:
    """Return the first day on which an offer may be gone if notice is given now."""
    offer = Offer.objects.filter(uid=offer_uid).first()
    if offer is None:
        raise errors.OfferUnknown(offer=offer_uid)
    return rules.earliest_withdrawal(jst_date(now), notice_days_of(offer))


def affected_by_withdrawal(offer_uid: str, standing: Standing) -> list[AgreementView]:
    """Return the agreements that a withdrawal would end, for the provider and the operator."""
    rows = Agreement.objects.filter(_visible(standing, "provider_id"), offer__uid=offer_uid, state__in=_LIVE)
    return shaping.agreement_views(rows.order_by("number"))


def warranties_of(dataset_uid: str, standing: Standing) -> list[WarrantyView]:
    """Return the signed warranties of a dataset, newest first; for its provider and the operator."""
    rows = Warranty.objects.filter(_visible(standing, "party_id"), dataset__uid=dataset_uid)
    return shaping.warranty_views(rows.order_by("-id"))


def inbox(standing: Standing) -> Inbox:
    """Return what waits for a member, as provider and as consumer; the longest waiting first."""
    own = list(standing.roles)
    waiting = Request.objects.order_by("id")
    return Inbox(
        to_answer=tuple(
            shaping.request_views(waiting.filter(offer__provider_id__in=own, state=RequestState.SUBMITTED.value))
        ),
        to_reply=tuple(shaping.request_views(waiting.filter(consumer_id__in=own, state=RequestState.ASKED.value))),
        notices=tuple(
            shaping.agreement_views(
                Agreement.objects.filter(
                    consumer_id__in=own, state__in=_LIVE, offer__withdraw_on__isnull=False
                ).order_by("offer__withdraw_on", "number")
            )
        ),
    )


def get_request(uid: str, standing: Standing) -> RequestView:
    """Return a request to its two sides and the operator; raises RequestUnknown."""
    rows = Request.objects.filter(_visible(standing, "offer__provider_id", "consumer_id"), uid=uid)
    found = shaping.request_views(rows)
    if not found:
        raise errors.RequestUnknown(request=uid)
    return found[0]


def requests_of_offer(offer_uid: str, standing: Standing) -> list[RequestView]:
    """Return an offer's requests, newest first, to its provider and the operator."""
    rows = Request.objects.filter(_visible(standing, "offer__provider_id"), offer__uid=offer_uid)
    return shaping.request_views(rows.order_by("-id"))


def requests_by(standing: Standing) -> list[RequestView]:
    """Return the requests made by the parties a member speaks for, newest first."""
    return shaping.request_views(Request.objects.filter(consumer_id__in=list(standing.roles)).order_by("-id"))


def requests_to(standing: Standing) -> list[RequestView]:
    """Return the requests made to the parties a member speaks for, newest first."""
    return shaping.request_views(Request.objects.filter(offer__provider_id__in=list(standing.roles)).order_by("-id"))


def agreement_page(uid: str, standing: Standing) -> AgreementView:
    """Return an agreement, the same to both sides and the operator; raises AgreementUnknown for all others."""
    rows = Agreement.objects.filter(_visible(standing, "provider_id", "consumer_id"), uid=uid)
    found = shaping.agreement_views(rows)
    if not found:
        raise errors.AgreementUnknown(agreement=uid)
    return found[0]


def agreements_for(standing: Standing, *, side: str = "both") -> list[AgreementView]:
    """Return the agreements of the parties a member speaks for, newest first; `side` provider, consumer or both."""
    own = list(standing.roles)
    sides = {"provider": Q(provider_id__in=own), "consumer": Q(consumer_id__in=own)}
    wanted = sides["provider"] | sides["consumer"] if side == "both" else sides[side]
    return shaping.agreement_views(Agreement.objects.filter(wanted).order_by("-number"))


def agreements_of_application(application_uid: str) -> list[AgreementView]:
    """Return an application's agreements, newest first; the caller has checked who asks."""
    return shaping.agreement_views(Agreement.objects.filter(application_uid=application_uid).order_by("-number"))


def agreements_of_dataset(dataset_uid: str, standing: Standing) -> list[AgreementView]:
    """Return a dataset's agreements, newest first, to its provider and the operator."""
    rows = Agreement.objects.filter(_visible(standing, "provider_id"), dataset__uid=dataset_uid)
    return shaping.agreement_views(rows.order_by("-number"))


def agreements_to_use(dataset_uid: str, standing: Standing) -> list[AgreementView]:
    """Return the running agreements under which a member may use a dataset, newest first."""
    rows = Agreement.objects.filter(
        consumer_id__in=list(standing.roles), dataset__uid=dataset_uid, state=AgreementState.ACTIVE
    )
    return shaping.agreement_views(rows.order_by("-number"))


def agreements_under_offer(offer_uid: str, standing: Standing) -> list[AgreementView]:
    """Return a member's agreements under an offer that have not ended: their applications cannot ask for it again."""
    rows = Agreement.objects.filter(consumer_id__in=list(standing.roles), offer__uid=offer_uid, state__in=_LIVE)
    return shaping.agreement_views(rows.order_by("-number"))


def agreements_by_number(numbers: list[int]) -> dict[int, AgreementView]:
    """Return agreements by the numbers that stand in the ledger; the caller has checked who asks."""
    found = shaping.agreement_views(Agreement.objects.filter(number__in=numbers))
    return {agreement.number: agreement for agreement in found}


def breaches_to_judge() -> list[AgreementView]:
    """Return agreements in force with a reported breach, the oldest report first; for the operator's desk."""
    rows = Agreement.objects.filter(state=AgreementState.ACTIVE.value, breach_reported_at__isnull=False)
    return shaping.agreement_views(rows.order_by("breach_reported_at"))


def suspended_agreements() -> list[AgreementView]:
    """Return agreements whose use the operator stopped, the longest first; for the operator's desk."""
    rows = Agreement.objects.filter(state=AgreementState.SUSPENDED.value)
    return shaping.agreement_views(rows.order_by("suspended_at"))


def track_record(party_id: int) -> TrackRecord:
    """Return what a party has agreed and kept to so far; for the provider who reads its request."""
    held = Agreement.objects.filter(consumer_id=party_id)
    return TrackRecord(
        requests=Request.objects.filter(consumer_id=party_id).count(),
        agreements=held.count(),
        in_force=held.filter(state__in=_LIVE).count(),
        breaches=held.filter(end_cause=EndCause.BREACH.value).count(),
        first_sealed_at=held.order_by("sealed_at").values_list("sealed_at", flat=True).first(),
    )


def broken_seals() -> list[str]:
    """Return what does not match its own hash any more ("agreement:<uid>", "offer:<uid>#<revision>"); for `tdpf check`."""
    agreements = Agreement.objects.order_by("number").values_list("uid", "sealed", "sha256")
    revisions = OfferRevision.objects.order_by("id").values_list("offer__uid", "revision", "terms", "terms_sha256")
    return [
        *(f"agreement:{uid}" for uid, text, sha256 in agreements.iterator() if sha256_hex(text.encode()) != sha256),
        *(
            f"offer:{uid}#{number}"
            for uid, number, text, sha256 in revisions.iterator()
            if sha256_hex(text.encode()) != sha256
        ),
    ]


def _is_side(standing: Standing | None, *party_ids: int) -> bool:
    return standing is not None and (standing.is_operator or any(party in standing.roles for party in party_ids))


def _visible(standing: Standing, *fields: str) -> Q:
    if standing.is_operator:
        return Q()
    own = list(standing.roles)
    seen = Q(pk__in=[])
    for field in fields:
        seen |= Q(**{f"{field}__in": own})
    return seen
