"""Reads of data requests: the public list, one request with its history, and what is like it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.errors import SearchNotReady
from tdpf.controlplane.catalog.types import DatasetCard, SearchHit
from tdpf.controlplane.community import errors
from tdpf.controlplane.community.models import DataRequest, DataRequestStep, Vote
from tdpf.controlplane.community.reads.authors import name_of
from tdpf.controlplane.community.rules import bigrams, likeness
from tdpf.controlplane.community.types import (
    DataRequestState,
    DataRequestView,
    RequestFilters,
    RequestKind,
    RequestStepView,
    Visibility,
)
from tdpf.controlplane.members.types import Standing
from tdpf.kit.pages import Page

MOST_COMPARED = 5000
ALIKE = 0.22
SIMILAR_SHOWN = 5
MERGES_FOLLOWED = 20


def request_row(uid: str) -> DataRequest:
    """Return the row with its author and dataset. Raises DataRequestUnknown."""
    found = _rows().filter(uid=uid).first()
    if found is None:
        raise errors.DataRequestUnknown(request=uid)
    return found


def get_data_request(uid: str, standing: Standing) -> DataRequestView:
    """Return a request with its history to whoever may read it. Raises DataRequestUnknown."""
    row = request_row(uid)
    if not may_read(row, standing):
        raise errors.DataRequestUnknown(request=uid)
    return request_views([row], standing, steps=True)[0]


def may_read(row: DataRequest, standing: Standing) -> bool:
    """Say whether a request is for the one who looks: everybody once shown, else its author and the operator."""
    if row.state == DataRequestState.UNCONFIRMED:
        return False
    if row.visibility == Visibility.SHOWN or standing.is_operator:
        return True
    return row.member_id is not None and row.member_id == standing.member_id


def standing_request(row: DataRequest) -> DataRequest:
    """Return the request into which a merged one went, itself when it is not merged."""
    for _ in range(MERGES_FOLLOWED):
        if row.merged_into_id is None:
            break
        row = _rows().get(pk=row.merged_into_id)
    return row


def list_data_requests(
    standing: Standing,
    *,
    filters: RequestFilters | None = None,
    sort: str = "newest",
    offset: int = 0,
    limit: int = 20,
) -> Page[DataRequestView]:
    """Return public requests, the newest, the most wanted or the last changed first."""
    chosen = filters or RequestFilters()
    found = _rows().filter(visibility=Visibility.SHOWN)
    found = found.exclude(state__in=[DataRequestState.UNCONFIRMED, DataRequestState.MERGED])
    if chosen.states:
        found = found.filter(state__in=chosen.states)
    if chosen.kind:
        found = found.filter(kind=chosen.kind)
    if chosen.dataset_uid:
        found = found.filter(dataset__uid=chosen.dataset_uid)
    for word in chosen.words.split()[:5]:
        found = found.filter(Q(title__icontains=word) | Q(text__icontains=word))
    order = {"votes": ("-vote_count", "-id"), "changed": ("-changed_at", "-id")}.get(sort, ("-id",))
    return _page(found.order_by(*order), standing, offset, limit)


def data_requests_by(standing: Standing, *, offset: int = 0, limit: int = 20) -> Page[DataRequestView]:
    """Return what a member asked for, the newest first."""
    return _page(_rows().filter(member=standing.member_id).order_by("-id"), standing, offset, limit)


def to_carry() -> QuerySet[DataRequest]:
    """Return the rows that wait for the operator, the longest first: new, under review, or held back."""
    waiting = Q(state__in=[DataRequestState.NEW, DataRequestState.REVIEW])
    return _rows().filter(waiting).exclude(visibility=Visibility.HIDDEN).order_by("id")


def similar_datasets(words: str) -> tuple[SearchHit, ...]:
    """Return the datasets that may already be what somebody is about to ask for; none while there is no index."""
    if len(words.strip()) < 2:
        return ()
    try:
        return catalog.search(words[:200], limit=SIMILAR_SHOWN, facets=False).hits
    except SearchNotReady:
        return ()


def similar_requests(words: str, standing: Standing, *, leave_out: str = "") -> list[DataRequestView]:
    """Return the public requests whose titles are most like the words, the closest first."""
    asked = bigrams(words)
    if not asked:
        return []
    listed = DataRequest.objects.filter(visibility=Visibility.SHOWN).exclude(uid=leave_out)
    listed = listed.exclude(state__in=[DataRequestState.UNCONFIRMED, DataRequestState.MERGED])
    compared = listed.order_by("-id").values_list("pk", "title")[:MOST_COMPARED]
    scored = ((likeness(asked, bigrams(title)), number) for number, title in compared)
    best = sorted((pair for pair in scored if pair[0] >= ALIKE), reverse=True)[:SIMILAR_SHOWN]
    rows = {row.pk: row for row in _rows().filter(pk__in=[number for _, number in best])}
    return request_views([rows[number] for _, number in best], standing)


def voters_of(row: DataRequest) -> list[Vote]:
    """Return the confirmed votes for a request with who gave them."""
    return list(row.votes.filter(confirmed=True).select_related("member", "visitor").order_by("id"))


def request_views(rows: Iterable[DataRequest], standing: Standing, *, steps: bool = False) -> list[DataRequestView]:
    """Return rows as they are shown, in their order; with `steps`, their history."""
    listed = list(rows)
    numbers = [row.pk for row in listed]
    datasets = [row.dataset for row in listed if row.dataset is not None]
    cards: dict[str, DatasetCard] = {card.uid: card for card in catalog.cards_of(datasets)}
    mine = set(Vote.objects.filter(request__in=numbers, member=standing.member_id).values_list("request_id", flat=True))
    taken: dict[int, list[DataRequestStep]] = {}
    if steps:
        for step in DataRequestStep.objects.filter(request__in=numbers).order_by("id"):
            taken.setdefault(step.request_id, []).append(step)
    return [
        DataRequestView(
            uid=row.uid,
            kind=RequestKind(row.kind),
            title=row.title,
            text=row.text,
            use=row.use,
            holder_name=row.holder_name,
            wanted_format=row.wanted_format,
            dataset=cards.get(row.dataset.uid) if row.dataset is not None else None,
            distribution_name=row.distribution_name,
            author=name_of(row),
            by_visitor=row.member_id is None,
            state=DataRequestState(row.state),
            visibility=Visibility(row.visibility),
            hidden_reason=row.hidden_reason,
            reason=row.reason,
            published_url=row.published_url,
            merged_into=row.merged_into.uid if row.merged_into is not None else "",
            votes=getattr(row, "vote_count", 0),
            made_at=row.made_at,
            changed_at=row.changed_at,
            steps=tuple(
                RequestStepView(state=DataRequestState(step.state), text=step.text, name=step.name, at=step.at)
                for step in taken.get(row.pk, [])
            ),
            has_voted=row.pk in mine,
            is_mine=row.member_id is not None and row.member_id == standing.member_id,
            may_operate=standing.is_operator,
        )
        for row in listed
    ]


def _rows() -> QuerySet[DataRequest]:
    found = DataRequest.objects.select_related("dataset__provider", "member", "visitor", "merged_into")
    return found.annotate(vote_count=Count("votes", filter=Q(votes__confirmed=True)))


def _page(found: QuerySet[DataRequest], standing: Standing, offset: int, limit: int) -> Page[DataRequestView]:
    offset, limit = max(0, offset), max(1, min(limit, 100))
    rows = found[offset : offset + limit]
    return Page(items=request_views(rows, standing), total=found.count(), offset=offset, limit=limit)
