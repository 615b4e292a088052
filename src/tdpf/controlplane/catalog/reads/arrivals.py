"""Which datasets are new, read in order so that whoever looks again and again sees each once, however many came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet

from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.catalog.types import Arrival
from tdpf.kit.text import Text


def harvested_after(number: int, *, before: datetime, limit: int = 2_000) -> Sequence[Arrival]:
    """Return published datasets of other sites with a higher number, in its order; only those stored before a moment."""
    rows = Dataset.objects.filter(pk__gt=number, origin="harvested", state="published", created_at__lt=before)
    return [_arrival(row) for row in _brief(rows).order_by("pk")[:limit]]


def registered_between(after: datetime, until: datetime) -> Sequence[Arrival]:
    """Return members' datasets that were published within a span of time, the earliest first."""
    rows = Dataset.objects.filter(state="published", modified_at__gt=after, origin="registered")
    rows = rows.filter(published_at__gt=after, published_at__lte=until)
    return [_arrival(row) for row in _brief(rows).order_by("published_at", "pk")]


def titles_registered_by(party_ids: Iterable[int]) -> Sequence[tuple[str, int, str, str]]:
    """Return uid, party, name of the party and Japanese title of the published datasets that these parties provide here."""
    rows = Dataset.objects.filter(provider__in=set(party_ids), origin="registered", state="published")
    return list(rows.order_by("pk").values_list("uid", "provider", "provider__name_ja", "title_ja"))


def newest_number() -> int:
    """Return the highest number of any dataset, 0 when there is none."""
    newest = Dataset.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def _brief(rows: QuerySet[Dataset]) -> QuerySet[Dataset]:
    return rows.select_related("provider").only("uid", "slug", "title_ja", "title_en", "themes", "provider__uid")


def _arrival(row: Dataset) -> Arrival:
    return Arrival(
        number=row.pk,
        uid=row.uid,
        slug=row.slug,
        title=Text(row.title_ja, row.title_en or row.title_ja),
        provider_uid=row.provider.uid,
        themes=tuple(row.themes),
    )
