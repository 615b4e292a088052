"""Looking for other sites' records about the same data, by the keys under which they meet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Count

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.federation.matching import Likeness, are_different, compare, match_keys, title_without
from tdpf.controlplane.federation.models import MatchKey, Pair, Record, Site
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import PartyKind
from tdpf.kit.text import Text

# A key that more records share says nothing: a page that many name, a template's identifier.
_MOST_MET = 20
# So many are not even looked at one by one.
_MOST_COUNTED = 1000
_MATCHING = 7_310_226


@dataclass(slots=True)
class Found:
    """The record whose dataset a new one joins, and those about which a person is to decide."""

    same: Record | None = None
    doubtful: list[tuple[Record, Text]] = field(default_factory=list)


def find_alike(*, site: Site, fresh: Sequence[tuple[Record, Likeness]]) -> dict[int, Found]:
    """Look for what records of a site are the same as that are no place of it yet; answers by `id()` of the record.

    Of datasets that are the same one of the same title is joined, the oldest of them, unless this site lists it already or another of its places is apart.
    """
    keys = {id(row): match_keys(likeness) for row, likeness in fresh}
    met = _records_by_key({digest for digests in keys.values() for digest in digests}, site)
    whole = _places({row.dataset_uid for rows in met.values() for row in rows})
    taken: set[str] = set()
    answers: dict[int, Found] = {}
    for row, likeness in fresh:
        found = answers[id(row)] = Found()
        candidates = {
            other.pk: other
            for digest in keys[id(row)]
            for other in met.get(digest, ())
            if other.dataset_uid != row.dataset_uid
        }
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
    """Return the uids of datasets that these parties provide here themselves, by party and folded title, each title once.

    A publisher that became a member later finds the datasets of that member.
    """
    parties = members.parties_by_id(set(party_ids))
    bodies = members.organizations_of_publishers(
        party.pk for party in parties.values() if party.kind == PartyKind.PUBLISHER
    )
    own = {party.pk: {party.pk} for party in parties.values() if party.kind != PartyKind.PUBLISHER}
    for publisher, organization in bodies.items():
        own.setdefault(organization, set()).add(publisher)
    found: dict[tuple[int, str], str] = {}
    twice: set[tuple[int, str]] = set()
    for uid, organization, name, words in catalog.titles_registered_by(own):
        title = title_without(words, (name, name.removeprefix("東京都")))
        for party in own[organization]:
            twice |= {(party, title)} & found.keys()
            found[party, title] = uid
    return {key: uid for key, uid in found.items() if key not in twice}


def keep_pairs(found: Sequence[tuple[Record, Record, Text]]) -> None:
    """Put pairs before the operator; one that was decided, or waits already, stays as it is."""
    pairs = []
    for one, other, why in found:
        first, second = sorted((one, other), key=lambda record: record.pk)
        pairs.append(Pair(first=first, second=second, why_ja=why.ja[:500], why_en=why.en[:500]))
    Pair.objects.bulk_create(pairs, ignore_conflicts=True)


def let_nobody_else_match() -> None:
    """Let no other transaction look for likenesses until this one has ended, so that two runs see each other's records.

    SQLite has one writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MATCHING])


def _records_by_key(digests: set[int], site: Site) -> dict[int, list[Record]]:
    met: dict[int, list[Record]] = defaultdict(list)
    wanted = sorted(digests)
    for begun in range(0, len(wanted), 500):
        elsewhere = MatchKey.objects.filter(digest__in=_telling(wanted[begun : begun + 500], site))
        for key in elsewhere.exclude(record__site=site).select_related("record").defer("record__kept"):
            met[key.digest].append(key.record)
    return met


def _telling(digests: Sequence[int], site: Site) -> list[int]:
    """Return the keys that few records of other sites share; what they share is counted before any of them is read."""
    number = Count("pk")
    counts: dict[int, int] = dict(MatchKey.objects.filter(digest__in=digests).values_list("digest").annotate(number))
    several = [digest for digest, count in counts.items() if _MOST_MET < count <= _MOST_COUNTED]
    others = MatchKey.objects.filter(digest__in=several).exclude(record__site=site)
    few: dict[int, int] = dict(others.values_list("digest").annotate(number)) if several else {}
    return [
        digest for digest, count in counts.items() if few.get(digest, 0 if digest in several else count) <= _MOST_MET
    ]


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
