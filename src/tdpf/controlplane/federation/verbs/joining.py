"""Making entries one: their records become places of the one that stays, and the other's address leads there."""

from __future__ import annotations

from collections import Counter

from django.db import transaction

from tdpf.controlplane.catalog import queries as catalog_queries
from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.errors import DatasetUnknown
from tdpf.controlplane.federation import errors
from tdpf.controlplane.federation.matching import title_without
from tdpf.controlplane.federation.models import Record, RecordChange
from tdpf.controlplane.federation.verbs.likenesses import let_nobody_else_match, registered_titles
from tdpf.controlplane.federation.verbs.records import show_places
from tdpf.controlplane.members import queries as members
from tdpf.kit.clock import now
from tdpf.kit.text import Text


def join_entries(*, kept: str, given_up: str, by: str, is_registered: bool = False) -> None:
    """Let the records of one entry be places of another; must be called inside a transaction.

    The entry that is given up is retired and says where it went, its address leads to the one that stays. With
    `is_registered` that one is provided by a member here. Raises PairIncompatible (a site lists both).
    """
    rows = list(Record.objects.select_related("site").filter(dataset_uid__in=(kept, given_up)).order_by("pk"))
    live: dict[int, str] = {}
    for row in rows:
        if row.gone_at is None:
            other = live.setdefault(row.site_id, row.dataset_uid)
            if other != row.dataset_uid:
                raise errors.PairIncompatible(site=row.site.name_ja)
    moved = [row for row in rows if row.dataset_uid == given_up]
    registered = is_registered or any(row.registered for row in rows if row.dataset_uid == kept)
    Record.objects.filter(pk__in=[row.pk for row in moved]).update(dataset_uid=kept, registered=registered)
    page = catalog_queries.dataset_page(kept)
    said = Text(
        f"同じデータのため「{page.title.ja}」（/datasets/{page.slug}）にまとめました。",
        f"It is the same data as “{page.title.en or page.title.ja}” (/datasets/{page.slug}).",
    )
    note_changes(moved, RecordChange.What.JOINED, uid=kept, by=by, words=said.ja)
    catalog.set_places(places={given_up: ()})
    show_places([kept])
    catalog.lead_on(dataset_uid=given_up, to_uid=kept, reason=said)


def note_changes(rows: list[Record], what: RecordChange.What, *, uid: str, by: str, words: str) -> None:
    """Keep in the history of records what was done with them."""
    instant = now()
    RecordChange.objects.bulk_create(
        [
            RecordChange(
                record=row, what=what, dataset_uid=uid, by=by, note_ja=words[:1000], note_en=words[:1000], at=instant
            )
            for row in rows
        ]
    )  # fmt: skip


@transaction.atomic
def match_registered(*, dataset_uid: str) -> int:
    """Make what other sites list of a dataset that a member provides here further places of it; return how many entries joined.

    As when a record is read for the first time: the title must be the provider's only one, and a site's only one, too.
    What an operator parted stays apart.
    """
    try:
        dataset = catalog_queries.dataset_page(dataset_uid)
    except DatasetUnknown:
        return 0
    party = dataset.provider.party_id
    let_nobody_else_match()
    title = title_without(dataset.title.ja, (dataset.provider.name.ja, dataset.provider.name.ja.removeprefix("東京都")))
    if registered_titles([party]).get((party, title)) != dataset_uid:
        return 0
    published = Record.objects.filter(publisher__in=[party, *members.publishers_of_organization(party)])
    alike = published.filter(likeness__title=title, gone_at__isnull=True, registered=False)
    parted = RecordChange.objects.filter(what=RecordChange.What.PARTED, record__in=alike)
    rows = list(alike.exclude(pk__in=parted.values("record")).order_by("first_seen_at", "pk"))
    times = Counter(row.site_id for row in rows)
    joined = 0
    for uid in dict.fromkeys(row.dataset_uid for row in rows if times[row.site_id] == 1):
        try:
            with transaction.atomic():
                join_entries(kept=dataset_uid, given_up=uid, by="system", is_registered=True)
        except errors.PairIncompatible:
            continue
        joined += 1
    return joined
