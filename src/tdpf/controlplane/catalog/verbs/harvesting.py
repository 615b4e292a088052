"""Verbs on datasets of other sites: put, retire, show their places, note their links, correct what was worked out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from tdpf.controlplane.catalog import events, rules
from tdpf.controlplane.catalog.enriching.composing import enrich
from tdpf.controlplane.catalog.enriching.types import Enriched
from tdpf.controlplane.catalog.keeping import packed_inferred, packed_stated
from tdpf.controlplane.catalog.models import Dataset, Distribution, Place, SlugAlias
from tdpf.controlplane.catalog.quality.scoring import quality_points
from tdpf.controlplane.catalog.stated import HarvestedDataset, LinkFact
from tdpf.controlplane.catalog.stated import Place as PlaceFacts
from tdpf.controlplane.catalog.types import PutOutcome
from tdpf.controlplane.catalog.verbs.linked_files import keep_linked_files
from tdpf.controlplane.catalog.verbs.measuring import measure
from tdpf.djangokit.many_rows import insert_objects, insert_rows, update_objects
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.hashing import sha256_hex
from tdpf.kit.ids import new_uid
from tdpf.kit.text import Text

MOST_AT_ONCE = 1_000
_LISTS = ("themes", "keywords", "area_codes", "languages")
_PLAIN = (
    "title_ja", "title_en", "description_ja", "description_en", "licence", "licence_name", "licence_url", "attribution",
    "period_start", "period_end", "update_frequency", "contact_name", "contact_email", "contact_url", "landing_url",
    "access",
)  # fmt: skip
_JUDGED = frozenset({"mqa_points", "stars"})
_WRITTEN = (
    *_LISTS, *_PLAIN, "stated", "inferred", "not_understood", "source_issued_at", "modified_at", "recorded_at", "provider_id", "state", "publisher_area",
    "withdrawn_at", "withdrawn_reason", "mqa_points", "stars",
)  # fmt: skip


@dataclass(slots=True)
class _Put:
    """One dataset on its way into the tables."""

    asked: HarvestedDataset
    enriched: Enriched
    row: Dataset
    what: str


def put_harvested(*, batch: Sequence[HarvestedDataset]) -> list[PutOutcome]:
    """Keep datasets as other sites state them, tidied and enriched; answers in the batch's order, one event for all.

    A dataset of the batch that is already kept is replaced, its slug, followers and corrections stay; one that was retired
    comes back, one that was led on to another must not be named. At most MOST_AT_ONCE at a time; no two entries of a batch
    name the same dataset.
    """
    if len(batch) > MOST_AT_ONCE:
        raise ValueError(f"a batch has {MOST_AT_ONCE} datasets at most, this one has {len(batch)}")
    instant = now()
    with transaction.atomic():
        wanted = [item.dataset_uid for item in batch if item.dataset_uid]
        rows = {row.uid: row for row in Dataset.objects.select_for_update().filter(uid__in=wanted)}
        if led_on := [row.uid for row in rows.values() if row.slug == _slug_when_merged(row)]:
            raise ValueError(f"entries that were merged into others are put no more: {', '.join(led_on)}")
        links = link_states_of([row.pk for row in rows.values()])
        puts = [_prepared(item, rows.get(item.dataset_uid), links, instant) for item in batch]
        _give_slugs([put for put in puts if put.what == "added"])
        fresh = [put.row for put in puts if put.what == "added"]
        _insert(fresh, instant)
        update_objects([put.row for put in puts if put.what in ("changed", "revived")], _WRITTEN)
        touched = keep_linked_files({put.row: put.enriched.distributions for put in puts}, instant)
        moved = _keep_places({put.row: put.asked.places for put in puts})
        refreshed = [put for put in puts if put.what == "unchanged" and put.row.pk in touched]
        for put in refreshed:
            put.what = "changed"
        Dataset.objects.filter(pk__in=[put.row.pk for put in refreshed]).update(recorded_at=instant)
        _note_moved(set(moved) - {row.uid for row in fresh}, instant)
        _announce(puts, moved)
    return [PutOutcome(dataset_uid=put.row.uid, slug=put.row.slug, what=put.what) for put in puts]


def retire_harvested(*, dataset_uids: Iterable[str], reason: Text) -> int:
    """Show datasets as gone from all their sites; the pages stay, with the reason; return how many were shown until now."""
    instant = now()
    with transaction.atomic():
        rows = list(
            Dataset.objects.select_for_update().filter(
                uid__in=list(dataset_uids), origin=Dataset.Origin.HARVESTED, state=Dataset.State.PUBLISHED
            )
        )
        for row in rows:
            row.state, row.withdrawn_at, row.withdrawn_reason = Dataset.State.WITHDRAWN, instant, reason.ja
        update_objects(rows, ["state", "withdrawn_at", "withdrawn_reason"])
        if rows:
            announce(
                events.HarvestedRetired(
                    actor="system",
                    subject="catalog",
                    reason=reason.ja,
                    dataset_uids=tuple(row.uid for row in rows),
                )
            )
    return len(rows)


def lead_on(*, dataset_uid: str, to_uid: str, reason: Text) -> None:
    """Retire a dataset that is the same as another one, to which every address it ever had leads from now on, for good.

    Its own page keeps an address by its uid and says the reason. It is no entry any more, so nothing is put into it again.
    Announces HarvestedMerged.
    """
    instant = now()
    with transaction.atomic():
        rows = {row.uid: row for row in Dataset.objects.select_for_update().filter(uid__in=(dataset_uid, to_uid))}
        given_up, kept = rows[dataset_uid], rows[to_uid]
        SlugAlias.objects.filter(dataset=given_up).update(dataset=kept)
        given_up.slug = _slug_when_merged(given_up)
        SlugAlias.objects.create(slug=given_up.slug, dataset=given_up, given_at=instant)
        given_up.state, given_up.withdrawn_at = Dataset.State.WITHDRAWN, given_up.withdrawn_at or instant
        given_up.withdrawn_reason = reason.ja
        given_up.save(update_fields=["slug", "state", "withdrawn_at", "withdrawn_reason"])
        announce(
            events.HarvestedMerged(
                actor="system", subject="catalog", reason=reason.ja, dataset_uids=(dataset_uid,), into_uid=to_uid
            )
        )


def _slug_when_merged(row: Dataset) -> str:
    return f"merged-{row.uid}"


def set_places(*, places: Mapping[str, Sequence[PlaceFacts]]) -> None:
    """Replace the places of datasets, registered ones included; keys are uids. Nothing else of them changes.

    An entry that other sites list now is a changed one for whoever reads what changed here.
    """
    with transaction.atomic():
        rows = {row.uid: row for row in Dataset.objects.filter(uid__in=list(places))}
        _note_moved(_keep_places({rows[uid]: listed for uid, listed in places.items() if uid in rows}), now())
        if rows:
            announce(events.PlacesSet(actor="system", subject="catalog", dataset_uids=tuple(rows)))


def touch_places(*, site: str, seen_at: datetime, record_ids: Sequence[str] | None = None) -> int:
    """Note that a whole site was read at an instant: its places that are not gone were seen then; return how many.

    With `record_ids` only those of these records were.
    """
    places = Place.objects.filter(site=site, gone_at__isnull=True)
    if record_ids is None:
        return places.update(last_seen_at=seen_at)
    parts = (record_ids[begun : begun + 500] for begun in range(0, len(record_ids), 500))
    return sum(places.filter(record_id__in=part).update(last_seen_at=seen_at) for part in parts)


def note_links(*, facts: Sequence[LinkFact]) -> int:
    """Keep what looking at distributions' addresses showed; return how many changed their state."""
    by_uid = {fact.distribution_uid: fact for fact in facts}
    with transaction.atomic():
        rows = list(Distribution.objects.select_for_update().select_related("dataset").filter(uid__in=list(by_uid)))
        changed: dict[str, None] = {}
        for row in rows:
            fact = by_uid[row.uid]
            row.link_asked_at = fact.checked_at
            if fact.state == Distribution.LinkState.UNKNOWN:
                continue
            if row.link_state != fact.state:
                changed[row.dataset.uid] = None
            row.link_state = Distribution.LinkState(fact.state)
            row.link_checked_at, row.link_status = fact.checked_at, fact.status
            row.link_note = {"ja": fact.note.ja, "en": fact.note.en} if fact.note.ja else {}
            row.size = row.size if row.size is not None else fact.size
            row.media_type = row.media_type or fact.media_type[:150]
        fields = ["link_state", "link_checked_at", "link_status", "link_note", "link_asked_at", "size", "media_type"]
        update_objects(rows, fields)
        measure(dataset_uids=list(changed))
        if changed:
            announce(events.LinksChecked(actor="system", subject="catalog", dataset_uids=tuple(changed)))
    return len(changed)


def link_states_of(dataset_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return what looking at the addresses of datasets' files showed, by dataset and address; one query."""
    found: dict[int, dict[str, str]] = {}
    active = Distribution.objects.filter(dataset__in=dataset_ids, state=Distribution.State.ACTIVE)
    for dataset_id, url, state in active.values_list("dataset_id", "url", "link_state"):
        found.setdefault(dataset_id, {})[url] = state
    return found


def _prepared(
    asked: HarvestedDataset, row: Dataset | None, links: Mapping[int, Mapping[str, str]], instant: datetime
) -> _Put:
    corrected = {name: item["value"] for name, item in row.corrected.items()} if row is not None else {}
    enriched = enrich(asked.stated, publisher_area=asked.publisher_area, corrected=corrected)
    values = columns_of(enriched, links.get(row.pk, {}) if row is not None else {}) | {
        "stated": packed_stated(asked.stated),
        "publisher_area": asked.publisher_area,
        "provider_id": asked.publisher_party_id,
    }
    if row is None:
        row = Dataset(
            uid=new_uid(),
            origin=Dataset.Origin.HARVESTED,
            state=Dataset.State.PUBLISHED,
            created_at=instant,
            published_at=instant,
            retention_days=None,
            **{"modified_at": instant, **values},
        )
        return _Put(asked, enriched, row, "added")
    revived = row.state != Dataset.State.PUBLISHED
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    if revived:
        row.state, row.withdrawn_at, row.withdrawn_reason = Dataset.State.PUBLISHED, None, ""
        row.recorded_at = instant
        return _Put(asked, enriched, row, "revived")
    # Points are our judgement of an entry, no part of it.
    changed = any(before[name] != value for name, value in values.items() if name not in _JUDGED)
    if changed:
        row.recorded_at = instant
        row.modified_at = values.get("modified_at", instant)
    return _Put(asked, enriched, row, "changed" if changed else "unchanged")


def columns_of(enriched: Enriched, link_states: Mapping[str, str]) -> dict[str, Any]:
    """Return the effective columns of a dataset's row, `modified_at` only where the source dates its change.

    `link_states` maps addresses of files to what looking at them showed, for the points of metadata quality.
    """
    points = quality_points(enriched, link_states)
    values: dict[str, Any] = {name: getattr(enriched, name) for name in _PLAIN}
    values |= {name: list(getattr(enriched, name)) for name in _LISTS}
    values |= {
        "inferred": packed_inferred(enriched.inferred),
        "not_understood": [[note.field, note.stated, note.reason.ja, note.reason.en] for note in enriched.notes],
        "source_issued_at": enriched.issued_at,
        "mqa_points": points.points,
        "stars": points.stars,
    }
    if enriched.modified_at is not None:
        values["modified_at"] = enriched.modified_at
    return values


def _insert(fresh: Sequence[Dataset], instant: datetime) -> None:
    insert_objects(fresh)
    keys = dict(Dataset.objects.filter(uid__in=[row.uid for row in fresh]).values_list("uid", "pk"))
    for row in fresh:
        row.pk = keys[row.uid]
    insert_rows(SlugAlias, ("slug", "dataset_id", "given_at"), [(row.slug, row.pk, instant) for row in fresh])


def _give_slugs(puts: Sequence[_Put]) -> None:
    """Give new datasets free slugs in two queries; one that is taken gets a piece of the hash of site and record."""
    proposed = [rules.slug_from(put.asked.slug_hint) for put in puts]
    taken = set(SlugAlias.objects.filter(slug__in=[slug for slug in proposed if slug]).values_list("slug", flat=True))
    for put, slug in zip(puts, proposed, strict=True):
        if not slug or slug in taken:
            first = put.asked.places[0] if put.asked.places else None
            mark = sha256_hex(f"{first.site if first else ''}\n{put.asked.stated.record_id}".encode())
            slug = f"{(slug or 'data')[:46].rstrip('-')}-{mark[:12]}"
            if slug in taken:
                slug = f"data-{put.row.uid}"
        taken.add(slug)
        put.row.slug = slug
    made = [put.row.slug for put in puts]
    again = set(SlugAlias.objects.filter(slug__in=made).values_list("slug", flat=True))
    for put in puts:
        if put.row.slug in again:
            put.row.slug = f"data-{put.row.uid}"


def _keep_places(wanted: Mapping[Dataset, Sequence[PlaceFacts]]) -> list[str]:
    """Write where datasets are listed; return the uids of those whose sites are others now."""
    moved_uids: dict[str, None] = {}
    kept: dict[int, dict[tuple[str, str], Place]] = {}
    for row in Place.objects.filter(dataset__in=list(wanted)):
        kept.setdefault(row.dataset_id, {})[(row.site, row.record_id)] = row
    fresh: list[dict[str, Any]] = []
    changed: list[Place] = []
    lost: list[int] = []
    for dataset, places in wanted.items():
        own = kept.get(dataset.pk, {})
        if {row.site for row in own.values() if row.gone_at is None} != {
            facts.site for facts in places if facts.gone_at is None
        }:
            moved_uids[dataset.uid] = None
        for facts in places:
            listed = own.pop((facts.site, facts.record_id[:500]), None)
            values = _place_values(facts)
            if listed is None:
                named = {"dataset_id": dataset.pk, "site": facts.site, "record_id": facts.record_id[:500]}
                fresh.append({**named, **values})
            elif any(getattr(listed, name) != value for name, value in values.items()):
                for name, value in values.items():
                    setattr(listed, name, value)
                changed.append(listed)
        lost += [row.pk for row in own.values()]
    _delete_places(lost)
    # The primary place may change hands: nobody holds it while the rows are written one after the other.
    Place.objects.filter(pk__in=[row.pk for row in changed], is_primary=True).update(is_primary=False)
    update_objects(
        sorted(changed, key=lambda row: row.is_primary),
        ["site_name_ja", "site_name_en", "url", "first_seen_at", "last_seen_at", "gone_at", "is_primary"],
    )
    moved = {(row["site"], row["record_id"]) for row in fresh}
    for site in {site for site, _ in moved}:
        records = [record for listed, record in moved if listed == site]
        left = list(Place.objects.filter(site=site, record_id__in=records).values_list("pk", "dataset__uid"))
        moved_uids |= dict.fromkeys(uid for _, uid in left)
        _delete_places(pk for pk, _ in left)
    if fresh:
        insert_rows(Place, list(fresh[0]), [tuple(row.values()) for row in fresh])
    return list(moved_uids)


def _note_moved(uids: Iterable[str], instant: datetime) -> None:
    Dataset.objects.filter(uid__in=list(uids)).update(recorded_at=instant)


def _delete_places(keys: Iterable[int]) -> None:
    if found := list(keys):
        Place.objects.filter(pk__in=found).delete()


def _place_values(facts: PlaceFacts) -> dict[str, Any]:
    return {
        "site_name_ja": facts.site_name.ja[:200],
        "site_name_en": facts.site_name.en[:200],
        "url": facts.url[:2000],
        "first_seen_at": facts.first_seen_at,
        "last_seen_at": facts.last_seen_at,
        "gone_at": facts.gone_at,
        "is_primary": facts.is_primary,
    }


def _announce(puts: Sequence[_Put], moved: Sequence[str]) -> None:
    by_what = {what: tuple(put.row.uid for put in puts if put.what == what) for what in ("added", "changed", "revived")}
    if any(by_what.values()):
        announce(
            events.HarvestedPut(
                actor="system",
                subject="catalog",
                dataset_uids=tuple(uid for uids in by_what.values() for uid in uids),
                added=len(by_what["added"]),
                changed=len(by_what["changed"]),
                revived=len(by_what["revived"]),
            )
        )
    told = {uid for uids in by_what.values() for uid in uids}
    if only_moved := tuple(uid for uid in moved if uid not in told):
        announce(events.PlacesSet(actor="system", subject="catalog", dataset_uids=only_moved))
