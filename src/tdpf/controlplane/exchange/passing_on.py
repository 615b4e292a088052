"""Whether an application may pass a dataset on: what a gathered table (集約) is judged by when it is made, agreed and compiled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from tdpf.controlplane.catalog.types import GatheredFrom
from tdpf.controlplane.exchange.codes import Redistribution
from tdpf.controlplane.exchange.gate_facts import live_grants_facts, one_agreement_each, open_offers
from tdpf.controlplane.exchange.models import Agreement, Offer
from tdpf.controlplane.exchange.terms import terms_from_stored
from tdpf.kit.text import Text

NOT_OFFERED = Text(
    "提供されていないか、この利用アプリの約定がありません", "it is not offered, or this application has no agreement"
)
NOT_TO_PASS_ON = Text("利用条件が、そのままの再配布を許していません", "its terms do not allow passing it on")
NOT_ALL_COLUMNS = Text(
    "約定または公開の対象でない列を使っています", "it takes columns that the agreement or the open offer does not cover"
)


@dataclass(frozen=True)
class _Grant:
    """What the gate lets an application have of a dataset; `columns` None means all."""

    own: bool
    allowed: bool
    columns: frozenset[str] | None


def why_not_passed_on(parts: Sequence[GatheredFrom], party_id: int, now: datetime) -> Mapping[str, Text]:
    """Return, for each collection that an application of a party may not pass on, why; what may be is left out.

    The one grant that the gate gives must allow redistribution and cover the columns: the application's agreement, the
    open offer only without one. A party's own data need only be covered. A part that does not name its columns takes all.
    """
    if not parts:
        return {}
    grants = _grants(parts, party_id, now)
    return {part.collection: why for part in parts if (why := _why_not(part, grants[part.collection]))}


def columns_in_reach(
    parts: Sequence[GatheredFrom], party_id: int, now: datetime
) -> Mapping[str, frozenset[str] | None]:
    """Return the columns of each collection that the gate lets an application of a party have; None means all of them.

    A collection for which there is no grant is left out.
    """
    grants = _grants(parts, party_id, now) if parts else {}
    return {collection: grant.columns for collection, grant in grants.items() if grant is not None}


def _grants(parts: Sequence[GatheredFrom], party_id: int, now: datetime) -> dict[str, _Grant | None]:
    opened, agreed = _opened(parts, party_id, now), _agreed(parts, party_id, now)
    return {
        part.collection: agreed.get((part.application_uid, part.dataset_uid), opened.get(part.dataset_uid))
        for part in parts
    }


def _why_not(part: GatheredFrom, grant: _Grant | None) -> Text | None:
    if grant is None:
        return NOT_OFFERED
    if not (grant.own or grant.allowed):
        return NOT_TO_PASS_ON
    if grant.columns is not None and not (part.columns and grant.columns.issuperset(part.columns)):
        return NOT_ALL_COLUMNS
    return None


def _opened(parts: Sequence[GatheredFrom], party_id: int, now: datetime) -> dict[str, _Grant]:
    """Return the first open offer of each dataset, which is the one that the gate shows."""
    standing = [offer.offer_uid for offer in open_offers(now)]
    wanted = {part.dataset_uid for part in parts}
    rows = Offer.objects.filter(uid__in=standing, dataset__uid__in=wanted).select_related("dataset").order_by("id")
    found: dict[str, _Grant] = {}
    for offer in rows:
        terms = terms_from_stored(offer.terms)
        allowed = terms.redistribution is Redistribution.ALLOWED
        columns = frozenset(terms.columns) if terms.columns else None
        found.setdefault(offer.dataset.uid, _Grant(offer.provider_id == party_id, allowed, columns))
    return found


def _agreed(parts: Sequence[GatheredFrom], party_id: int, now: datetime) -> dict[tuple[str, str], _Grant | None]:
    """Return the agreement of each application and dataset; None while it has not begun."""
    facts = one_agreement_each(live_grants_facts(now, {part.application_uid for part in parts}), now)
    chosen = {fact.agreement: fact for fact in facts}
    rows = Agreement.objects.filter(number__in=chosen, dataset__uid__in={part.dataset_uid for part in parts})
    found: dict[tuple[str, str], _Grant | None] = {}
    for agreement in rows.select_related("dataset"):
        fact = chosen[agreement.number]
        terms = terms_from_stored(orjson.loads(agreement.sealed)["terms"])
        allowed = terms.redistribution is Redistribution.ALLOWED
        grant = _Grant(fact.provider_party_id == party_id, allowed, frozenset(fact.columns))
        found[fact.application_uid, agreement.dataset.uid] = grant if fact.starts_at <= now else None
    return found
