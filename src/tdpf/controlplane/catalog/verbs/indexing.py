"""Verbs on the search index; only the worker and set-up call them."""

from __future__ import annotations

from collections.abc import Iterable

from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.catalog.reads.finding import documents, documents_of
from tdpf.controlplane.catalog.search.analyzer import analyze
from tdpf.controlplane.catalog.search.index import apply, needs_rebuild, rebuild
from tdpf.controlplane.catalog.search.meaning import is_installed
from tdpf.controlplane.catalog.search.reader import IndexMissing, reader_of
from tdpf.controlplane.catalog.storage import index_folder
from tdpf.controlplane.catalog.verbs.measuring import measure


def reindex() -> int:
    """Build the search index anew from all published datasets, beside the old one; return how many."""
    return rebuild(index_folder(), documents())


def ensure_index() -> int | None:
    """Build the index if it is missing or was made by another analyzer; return how many, None when it was good."""
    analyze("準備")  # Loads the dictionary here, so that no job waits for it inside its transaction.
    return reindex() if needs_rebuild(index_folder()) else None


def index_datasets(*, dataset_uids: Iterable[str]) -> None:
    """Bring some datasets up to date in the index: in when published, out when not."""
    if ensure_index() is not None:
        return
    wanted = list(dict.fromkeys(dataset_uids))
    registered = Dataset.objects.filter(uid__in=wanted, origin=Dataset.Origin.REGISTERED)
    measure(dataset_uids=list(registered.values_list("uid", flat=True)))
    rows = list(Dataset.objects.filter(uid__in=wanted).select_related("provider"))
    put = documents_of(rows)
    found = {document.uid for document in put}
    apply(index_folder(), put=put, remove=[uid for uid in wanted if uid not in found])


def learn_meanings(*, seconds: float) -> int:
    """Make vectors for results by meaning, for so long at most; return how many datasets still lack one.

    Without the optional part `[semantic]`, and before there is an index, there is nothing to do.
    """
    try:
        return reader_of(index_folder()).learn(seconds=seconds) if is_installed() else 0
    except IndexMissing:
        return 0


def index_provider(*, party_id: int) -> None:
    """Bring all published datasets of a provider up to date, after its name changed."""
    uids = Dataset.objects.filter(provider=party_id, state=Dataset.State.PUBLISHED).values_list("uid", flat=True)
    index_datasets(dataset_uids=list(uids))
