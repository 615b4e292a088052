"""Taking what a run read into the catalogue: one look-up, the unchanged skipped, the rest put, all in one transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.types import HarvestedDataset, Place, StatedDataset
from tdpf.controlplane.federation import rules
from tdpf.controlplane.federation.matching import Likeness, likeness_of, match_keys
from tdpf.controlplane.federation.models import MatchKey, Record, RecordChange, Run, Site
from tdpf.controlplane.federation.packing import Words, stated_of, words_of
from tdpf.controlplane.federation.types import ReadRecord
from tdpf.controlplane.federation.verbs.likenesses import (
    Found,
    find_alike,
    keep_pairs,
    let_nobody_else_match,
    registered_titles,
)
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import PublisherFacts
from tdpf.djangokit.many_rows import insert_objects, insert_rows, update_objects
from tdpf.kit.text import Text

_WRITTEN = (
    "alias", "publisher_id", "url", "digest", "original_digest", "kept", "likeness", "last_seen_at", "changed_at",
    "last_run_id", "changed_run_id", "missing_since", "show_again", "gone_at",
)  # fmt: skip


@dataclass(slots=True)
class Taken:
    """What became of a batch, counted; `reworded` are the records of which other words are compared now."""

    seen: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    reworded: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Item:
    """One record on its way in: what was read, the row it has or gets, and what is different about it.

    Without `is_news` nothing changed at its site: only what is shown with it here is written anew.
    """

    read: ReadRecord
    row: Record
    is_new: bool
    likeness: Likeness
    is_news: bool = True
    was_gone: bool = False
    old_url: str = ""
    is_reworded: bool = False
    pairs: list[tuple[Record, Text]] = field(default_factory=list)


def take_records(*, run: Run, site: Site, records: Sequence[ReadRecord], instant: datetime) -> Taken:
    """Take records of one site, each key once; must be called inside a transaction. Records of this run count once."""
    known = {
        row.record_id: row
        for row in Record.objects.defer("kept").filter(
            site=site, record_id__in=[record.stated.record_id[:500] for record in records]
        )
    }
    taken = Taken()
    same: list[int] = []
    refreshed: list[Record] = []
    differing: list[tuple[ReadRecord, Words]] = []
    for record in records:
        row, words = known.get(record.stated.record_id[:500]), words_of(record.stated, record.original)
        if row is not None and row.last_run_id == run.pk:
            if row.digest == words.digest:
                continue
        else:
            taken.seen += 1
        if row is None or row.show_again or _is_news(row, record, words):
            differing.append((record, words))
            continue
        same.append(row.pk)
        if row.original_digest != words.original_digest:
            row.original_digest, row.kept = words.original_digest, words.packed()
            refreshed.append(row)
    Record.objects.filter(pk__in=same).update(last_run=run, last_seen_at=instant, missing_since=None)
    # Counters and the like in an original change by the day and are no news: the original is kept, nothing else happens.
    update_objects(refreshed, ["original_digest", "kept"])
    taken.unchanged = len(same)
    if differing:
        _take_differing(run, site, differing, known, taken, instant)
    return taken


def places_of(dataset_uids: Iterable[str]) -> dict[str, tuple[Place, ...]]:
    """Return every place of datasets as the catalogue shows them, the primary one marked."""
    listed: dict[str, list[Record]] = defaultdict(list)
    rows = Record.objects.defer("kept", "likeness").select_related("site")
    for row in rows.filter(dataset_uid__in=list(dataset_uids)).order_by("first_seen_at", "pk"):
        listed[row.dataset_uid].append(row)
    return {uid: as_places(found) for uid, found in listed.items()}


def as_places(rows: Sequence[Record]) -> tuple[Place, ...]:
    """Return the places of one dataset."""
    best = primary_of(rows)
    return tuple(
        Place(
            site=row.site.slug,
            site_name=Text(row.site.name_ja, row.site.name_en or row.site.name_ja),
            url=row.url,
            record_id=row.record_id,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            gone_at=row.gone_at,
            is_primary=row is best,
        )
        for row in rows
    )


def primary_of(rows: Sequence[Record]) -> Record:
    """Return the record whose words are shown. The records need their site."""
    standings = [
        rules.Standing(
            key=place,
            site=row.site.slug,
            is_own=row.site.standing == Site.Standing.OWN,
            gone_at=row.gone_at,
            first_seen_at=row.first_seen_at,
        )
        for place, row in enumerate(rows)
    ]
    return rows[rules.primary_of(standings)]


def _take_differing(
    run: Run,
    site: Site,
    records: Sequence[tuple[ReadRecord, Words]],
    known: Mapping[str, Record],
    taken: Taken,
    instant: datetime,
) -> None:
    let_nobody_else_match()
    _whose_they_are(known.values())
    facts = [publisher_facts(record.stated, site) for record, _ in records]
    parties = member_services.ensure_publishers(facts=facts)
    items: list[_Item] = []
    for (record, words), publisher in zip(records, facts, strict=True):
        key = members.key_of_publisher(publisher)
        likeness = likeness_of(record.stated, publisher=key, publisher_names=_names(publisher))
        item = _item(site, record, words, known.get(record.stated.record_id[:500]), likeness, instant)
        item.row.digest, item.row.original_digest, item.row.kept = words.digest, words.original_digest, words.packed()
        item.row.publisher_id, item.row.last_run = parties[key], run
        item.row.changed_run = run if item.is_news else item.row.changed_run
        items.append(item)
    found = find_alike(site=site, fresh=[(item.row, item.likeness) for item in items if item.is_new])
    registered = registered_titles(parties.values())
    for item in items:
        if item.is_new:
            _join(item, found[id(item.row)], taken, registered)
    _put(items)
    _insert(site, [item.row for item in items if item.is_new])
    update_objects([item.row for item in items if not item.is_new], _WRITTEN)
    MatchKey.objects.filter(record__in=[item.row.pk for item in items if not item.is_new]).delete()
    insert_rows(
        MatchKey,
        ("record_id", "digest"),
        [(item.row.pk, digest) for item in items for digest in sorted(match_keys(item.likeness))],
    )
    keep_pairs([(item.row, other, why) for item in items for other, why in item.pairs])
    _show_shared(items)
    _note_changes(run, items, instant)
    counted = Counter("added" if item.is_new else "changed" if item.is_news else "unchanged" for item in items)
    taken.added, taken.changed = counted["added"], counted["changed"]
    taken.unchanged += counted["unchanged"]
    taken.reworded = [item.row.pk for item in items if item.is_reworded]


def _insert(site: Site, rows: Sequence[Record]) -> None:
    insert_objects(rows)
    kept = Record.objects.filter(site=site, record_id__in=[row.record_id for row in rows])
    keys = dict(kept.values_list("record_id", "pk"))
    for row in rows:
        row.pk = keys[row.record_id]


def _whose_they_are(rows: Iterable[Record]) -> None:
    """Read anew, where nobody else can change it, to which datasets records belong: an operator may have merged them."""
    by_key = {row.pk: row for row in rows}
    keys = list(by_key)
    for begun in range(0, len(keys), 500):
        found = Record.objects.filter(pk__in=keys[begun : begun + 500]).values_list("pk", "dataset_uid", "registered")
        for pk, uid, registered in found:
            by_key[pk].dataset_uid, by_key[pk].registered = uid, registered


def _is_news(row: Record, record: ReadRecord, words: Words) -> bool:
    """Say whether a record is other than it was when it was last seen at its site."""
    return row.gone_at is not None or (row.digest, row.url) != (words.digest, record.url[:2000])


def _item(
    site: Site, record: ReadRecord, words: Words, row: Record | None, likeness: Likeness, instant: datetime
) -> _Item:
    is_new = row is None
    is_news = row is None or _is_news(row, record, words)
    if row is None:
        row = Record(site=site, record_id=record.stated.record_id[:500], first_seen_at=instant)
    item = _Item(record, row, is_new, likeness, is_news, row.gone_at is not None, "" if is_new else row.url)
    item.is_reworded = not is_new and row.likeness != likeness.as_json()
    row.site = site
    row.alias, row.url = record.alias[:500], record.url[:2000]
    row.likeness = likeness.as_json()
    row.last_seen_at = instant
    row.changed_at = instant if is_news else row.changed_at
    row.gone_at = row.missing_since = None
    row.show_again = False
    return item


def _join(item: _Item, found: Found, taken: Taken, registered: dict[tuple[int, str], str]) -> None:
    """Let a new record be a further place of a dataset that is the same for sure; note what is doubtful."""
    item.pairs = [*found.doubtful]
    if found.same is not None:
        item.row.dataset_uid, item.row.registered = found.same.dataset_uid, found.same.registered
        taken.duplicates += 1
        return
    # Each is joined by one record of a batch only; a second one of the same name is another edition.
    uid = registered.pop((item.row.publisher_id, item.likeness.title), "")
    if uid and not Record.objects.filter(dataset_uid=uid, site=item.row.site, gone_at__isnull=True).exists():
        item.row.dataset_uid, item.row.registered = uid, True
        taken.duplicates += 1


def _put(items: Sequence[_Item]) -> None:
    """Put the datasets of which these records are the only place, and give new ones their uid."""
    shared = _shared(items)
    alone = [item for item in items if item.row.dataset_uid not in shared]
    outcomes = catalog.put_harvested(
        batch=[
            HarvestedDataset(
                dataset_uid=item.row.dataset_uid,
                publisher_party_id=item.row.publisher_id,
                slug_hint=slug_hint(item.read),
                stated=item.read.stated,
                places=as_places([item.row]),
                publisher_area=item.row.site.publisher_area,
            )
            for item in alone
        ]
    ) if alone else []  # fmt: skip
    for item, outcome in zip(alone, outcomes, strict=True):
        item.row.dataset_uid = outcome.dataset_uid


def _shared(items: Sequence[_Item]) -> set[str]:
    """Return the datasets that are more than one of these records: registered here, or listed at other places too."""
    uids = [item.row.dataset_uid for item in items if item.row.dataset_uid]
    others = Record.objects.filter(dataset_uid__in=uids).exclude(pk__in=[item.row.pk for item in items if item.row.pk])
    registered = {item.row.dataset_uid for item in items if item.row.registered}
    return registered | set(others.values_list("dataset_uid", flat=True))


def _show_shared(items: Sequence[_Item]) -> None:
    """Show anew the datasets that have several places, now that all of them are kept."""
    uids = [item.row.dataset_uid for item in items]
    counts = Counter(Record.objects.filter(dataset_uid__in=uids).values_list("dataset_uid", flat=True))
    registered = {item.row.dataset_uid for item in items if item.row.registered}
    show_places(registered | {uid for uid, count in counts.items() if count > 1})


def show_places(dataset_uids: Iterable[str]) -> None:
    """Show datasets as their best place states them, with all their places; of registered ones the places only."""
    listed: dict[str, list[Record]] = defaultdict(list)
    rows = Record.objects.select_related("site").filter(dataset_uid__in=list(dataset_uids))
    for row in rows.order_by("first_seen_at", "pk"):
        listed[row.dataset_uid].append(row)
    own = {uid: as_places(found) for uid, found in listed.items() if any(row.registered for row in found)}
    if own:
        catalog.set_places(places=own)
    batch = [_harvested(primary_of(found), as_places(found)) for uid, found in listed.items() if uid not in own]
    if batch:
        catalog.put_harvested(batch=batch)


def show_alone(row: Record) -> str:
    """Show a kept record as a dataset of its own; return the uid of the new entry."""
    (outcome,) = catalog.put_harvested(batch=[replace(_harvested(row, as_places([row])), dataset_uid="")])
    return outcome.dataset_uid


def _harvested(row: Record, places: tuple[Place, ...]) -> HarvestedDataset:
    return HarvestedDataset(
        dataset_uid=row.dataset_uid,
        publisher_party_id=row.publisher_id,
        slug_hint=row.alias or row.record_id,
        stated=stated_of(row.kept),
        places=places,
        publisher_area=row.site.publisher_area,
    )


def _note_changes(run: Run, items: Sequence[_Item], instant: datetime) -> None:
    changes = []
    for item in items:
        if item.is_new or not item.is_news:
            continue
        what, note = RecordChange.What.CHANGED, Text("", "")
        if item.was_gone:
            what = RecordChange.What.BACK
        elif item.old_url != item.row.url:
            what = RecordChange.What.MOVED
            note = Text(f"{item.old_url} → {item.row.url}", f"{item.old_url} → {item.row.url}")
        changes.append(
            RecordChange(
                record=item.row,
                run=run,
                what=what,
                dataset_uid=item.row.dataset_uid,
                note_ja=note.ja[:1000],
                note_en=note.en[:1000],
                at=instant,
            )
        )
    insert_objects(changes)


def publisher_facts(stated: StatedDataset, site: Site) -> PublisherFacts:
    """Return who publishes a record: whom it names, else whom the site belongs to."""
    own = site.publisher_name or site.name_ja
    name = stated.publisher_name.strip() or own
    is_own = name == own or (site.standing == Site.Standing.OWN and not stated.publisher_name.strip())
    return PublisherFacts(
        name_ja=name,
        name_en=stated.publisher_name_en,
        municipality_code=site.publisher_area if is_own else "",
        website=stated.publisher_url,
        contact_email=stated.contact_email,
        slug_hint=stated.publisher_id,
    )


def slug_hint(record: ReadRecord) -> str:
    """Return what a slug is made from: the record's readable key at its site, else its English title."""
    return record.alias or record.stated.title_en or record.stated.record_id


def _names(publisher: PublisherFacts) -> tuple[str, ...]:
    name = publisher.name_ja
    return (name, name.removeprefix("東京都"))
