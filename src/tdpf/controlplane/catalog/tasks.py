"""What the worker does for this room: it keeps the index, and removes what retention says.

Handlers: `catalog.tasks.index_dataset` for every event of this room that has a `dataset_uid`,
`catalog.tasks.index_provider` for members.ProfileEdited and members.OrganizationEdited.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from tdpf.controlplane.catalog import queries, services
from tdpf.djangokit.jobs import enqueue, every, handler
from tdpf.kit.clock import now
from tdpf.tables.errors import TableDamaged, TableMissing

log = logging.getLogger(__name__)

_LEARN = "catalog.tasks.learn_meanings"


@handler("catalog.tasks.index_dataset")
def index_dataset(payload: dict[str, Any]) -> None:
    """Bring the dataset of an event up to date in the search index."""
    services.index_datasets(dataset_uids=[payload["dataset_uid"]])


@handler("catalog.tasks.index_batch", lane="long")
def index_batch(payload: dict[str, Any]) -> None:
    """Bring the datasets of a batch up to date in the search index; doing it twice changes nothing."""
    services.index_datasets(dataset_uids=payload["dataset_uids"])


@handler("catalog.tasks.index_provider")
def index_provider(payload: dict[str, Any]) -> None:
    """Bring a provider's datasets up to date after its name changed."""
    services.index_provider(party_id=payload["party_id"])


@every(seconds=30, name="catalog.tasks.ensure_index")
def ensure_index() -> int | None:
    """Build the search index when there is none, or when the analyzer has changed."""
    return services.ensure_index()


@every(seconds=10, name="catalog.tasks.ask_to_learn")
def ask_to_learn() -> None:
    """Have vectors made for what is new in the index, if results by meaning are installed."""
    if queries.meaning_is_installed():
        enqueue(_LEARN, {}, key=_LEARN)


@handler(_LEARN, lane="long")
def learn_meanings(_payload: dict[str, Any]) -> None:
    """Make vectors for a second, then let other long jobs pass; a large library takes its hours beside all else."""
    if services.learn_meanings(seconds=1.0):
        enqueue(_LEARN, {}, key=_LEARN, run_at=now() + timedelta(seconds=1))


@every(seconds=3600, name="catalog.tasks.apply_retention")
def apply_retention() -> int:
    """Remove the files of older versions whose retention is over; return how many versions."""
    return len(services.apply_retention(now=now()).retired_versions)


@handler("catalog.tasks.mend_table", lane="long")
def mend_table(payload: dict[str, Any]) -> None:
    """Make a table anew that a node found damaged; doing it twice changes nothing."""
    try:
        services.mend_table(identity=payload["identity"])
    except (TableDamaged, TableMissing) as fault:
        # Trying again helps no more; as long as a node meets it, its health says so to the operator.
        log.error("table %s cannot be made anew from its own files: %s", payload["identity"], fault)
