"""Whether an application may pass a dataset on: what a gathered table (集約) is judged by when it is made, agreed and compiled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import orjson
from django.db.models import Q

from tdpf.controlplane.exchange.codes import Access, Redistribution
from tdpf.controlplane.exchange.gate_facts import live_offers
from tdpf.controlplane.exchange.models import Agreement, Offer
from tdpf.controlplane.exchange.terms import terms_from_stored
from tdpf.controlplane.exchange.types import AgreementState
from tdpf.kit.clock import jst_date
from tdpf.kit.text import Text

NOT_OFFERED = Text(
    "提供されていないか、この利用アプリの約定がありません", "it is not offered, or this application has no agreement"
)
NOT_TO_PASS_ON = Text("利用条件が、そのままの再配布を許していません", "its terms do not allow passing it on")


def why_not_passed_on(
    dataset_uids: Iterable[str], application_uid: str, party_id: int, now: datetime
) -> Mapping[str, Text]:
    """Return, for each dataset that may not be passed on by an application of a party, why; what may be is left out.

    An open offer or an agreement in force must allow redistribution; a party's own data need only be within reach.
    """
    wanted = set(dataset_uids)
    standing = {offer.offer_uid for offer in live_offers(now)}
    reach: dict[str, bool] = {}
    for offer in Offer.objects.filter(dataset__uid__in=wanted, uid__in=standing).select_related("dataset"):
        terms = terms_from_stored(offer.terms)
        if terms.access is Access.OPEN:
            _note(reach, offer.dataset.uid, terms.redistribution, own=offer.provider_id == party_id)
    today = jst_date(now)
    agreements = Agreement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today), starts_on__lte=today, application_uid=application_uid,
        dataset__uid__in=wanted, state=AgreementState.ACTIVE.value, offer__uid__in=standing,
    ).select_related("dataset")  # fmt: skip
    for agreement in agreements:
        terms = terms_from_stored(orjson.loads(agreement.sealed)["terms"])
        _note(reach, agreement.dataset.uid, terms.redistribution, own=agreement.provider_id == party_id)
    return {uid: NOT_TO_PASS_ON if uid in reach else NOT_OFFERED for uid in sorted(wanted) if not reach.get(uid)}


def _note(reach: dict[str, bool], uid: str, redistribution: Redistribution, *, own: bool) -> None:
    reach[uid] = reach.get(uid, False) or own or redistribution is Redistribution.ALLOWED
