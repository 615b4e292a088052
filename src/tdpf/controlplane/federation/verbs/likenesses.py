"""Looking for other sites' records about the same data, by the keys under which they meet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.federation.matching import Likeness, are_different, compare, match_keys, title_without
from tdpf.controlplane.federation.models import MatchKey, Pair, Record, Site
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import PartyKind
from tdpf.kit.text import Text

# A key that more records share says nothing: a page that many name, a template's identifier.
_MOST_MET = 20
_MOST_REGISTERED = 1000


@dataclass(slots=True)
class Found:
    """The record whose dataset a new one joins, and those about which a person is to decide."""

    same: Record | None = None
    doubtful: list[tuple[Record, Text]] = field(default_factory=list)


def find_alike(*, site: Site, fresh: Sequence[tuple[Record, Likeness]]) -> dict[int, Found]:
    """Look for what new records of a site are the same as; answers by `id()` of the record.

    Of datasets that are the same one of the same title is joined, the oldest of them, unless this site lists it already or another of its places is apart.
    """
    keys = {id(row): match_keys(likeness) for row, likeness in fresh}
    met = _records_by_key({digest for digests in keys.values() for digest in digests}, site)
    whole = _places({row.dataset_uid for rows in met.values() for row in rows})
    taken: set[str] = set()
    answers: dict[int, Found] = {}
    for row, likeness in fresh:
        found = answers[id(row)] = Found()
        candidates = {other.pk: other for digest in keys[id(row)] for other in met.get(digest, ())}
        compared = [(other, Likeness.of_json(other.likeness)) for other in candidates.values()]
        for other, known_as in sorted(compared, key=lambda entry: _rank(likeness, *entry)):
            comparison = compare(likeness, known_as)
            if comparison.verdict == "apart" or any(other.pk == known.pk for known, _ in found.doubtful):
                continue
            fits = comparison.verdict == "same" and _fits(likeness, whole[other.dataset_uid], site)
            if fits and found.same is None and other.dataset_uid not in taken:
                found.same = other
                taken.add(other.dataset_uid)
            elif found.same is None or found.same.dataset_uid != other.dataset_uid:
                found.doubtful.append((other, comparison.why))
    return answers


def _rank(likeness: Likeness, other: Record, known_as: Likeness) -> tuple[bool, datetime, int]:
    return known_as.title != likeness.title, other.first_seen_at, other.pk


def registered_titles(party_ids: Iterable[int]) -> dict[tuple[int, str], str]:
    """Return the uids of datasets that these parties provide here themselves, by party and folded title, each title once."""
    parties = members.parties_by_id(set(party_ids))
    own = [party.pk for party in parties.values() if party.kind != PartyKind.PUBLISHER]
    found: dict[tuple[int, str], str] = {}
    twice: set[tuple[int, str]] = set()
    for card in catalog.list_datasets(provider_party_ids=own, limit=_MOST_REGISTERED).items if own else ():
        party = parties[card.provider.party_id]
        key = (party.pk, title_without(card.title.ja, (party.name_ja, party.name_ja.removeprefix("東京都"))))
        twice |= {key} & found.keys()
        if card.origin == "registered":
            found[key] = card.uid
    return {key: uid for key, uid in found.items() if key not in twice}


def keep_pairs(found: Sequence[tuple[Record, Record, Text]]) -> None:
    """Put pairs before the operator; one that was decided, or waits already, stays as it is."""
    pairs = []
    for one, other, why in found:
        first, second = sorted((one, other), key=lambda record: record.pk)
        pairs.append(Pair(first=first, second=second, why_ja=why.ja[:500], why_en=why.en[:500]))
    Pair.objects.bulk_create(pairs, ignore_conflicts=True)


def _records_by_key(digests: set[int], site: Site) -> dict[int, list[Record]]:
    met: dict[int, list[Record]] = defaultdict(list)
    wanted = sorted(digests)
    for begun in range(0, len(wanted), 500):
        keys = MatchKey.objects.filter(digest__in=wanted[begun : begun + 500]).exclude(record__site=site)
        for key in keys.select_related("record").defer("record__kept"):
            met[key.digest].append(key.record)
    return {digest: rows for digest, rows in met.items() if len(rows) <= _MOST_MET}


def _places(dataset_uids: set[str]) -> dict[str, list[Record]]:
    places: dict[str, list[Record]] = defaultdict(list)
    for row in Record.objects.defer("kept").filter(dataset_uid__in=dataset_uids):
        places[row.dataset_uid].append(row)
    return places


def _fits(likeness: Likeness, places: Sequence[Record], site: Site) -> bool:
    """Say whether a record may join: its site lists the dataset nowhere else, and no place of it is another edition."""
    if any(place.site_id == site.pk and place.gone_at is None for place in places):
        return False
    return not any(are_different(likeness, Likeness.of_json(place.likeness)) for place in places)
