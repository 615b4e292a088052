"""Every write of this room: keyword-only verbs, one transaction each; the actor is a Standing."""

from __future__ import annotations

from tdpf.controlplane.catalog.verbs.columns import note_columns, note_ratings
from tdpf.controlplane.catalog.verbs.correcting import correct_dataset
from tdpf.controlplane.catalog.verbs.datasets import (
    create_dataset,
    edit_metadata,
    publish_dataset,
    rename_dataset,
    set_terms_facets,
    withdraw_dataset,
)
from tdpf.controlplane.catalog.verbs.distributions import (
    add_distribution,
    edit_distribution,
    remove_distribution,
    set_connected,
    set_source_columns,
)
from tdpf.controlplane.catalog.verbs.erasing import apply_retention, purge_dataset, purge_version
from tdpf.controlplane.catalog.verbs.harvesting import (
    lead_on,
    note_links,
    put_harvested,
    retire_harvested,
    set_places,
    touch_places,
)
from tdpf.controlplane.catalog.verbs.indexing import (
    ensure_index,
    index_datasets,
    index_provider,
    learn_meanings,
    reindex,
)
from tdpf.controlplane.catalog.verbs.linked_files import forget_removed
from tdpf.controlplane.catalog.verbs.mending import ask_to_mend, mend_table, note_mended
from tdpf.controlplane.catalog.verbs.synonyms import put_synonyms, remove_synonyms
from tdpf.controlplane.catalog.verbs.versions import add_version, pin_version

__all__ = [
    "add_distribution",
    "add_version",
    "apply_retention",
    "ask_to_mend",
    "correct_dataset",
    "create_dataset",
    "edit_distribution",
    "edit_metadata",
    "ensure_index",
    "forget_removed",
    "index_datasets",
    "index_provider",
    "lead_on",
    "learn_meanings",
    "mend_table",
    "note_columns",
    "note_links",
    "note_mended",
    "note_ratings",
    "pin_version",
    "publish_dataset",
    "purge_dataset",
    "purge_version",
    "put_harvested",
    "put_synonyms",
    "reindex",
    "remove_distribution",
    "remove_synonyms",
    "rename_dataset",
    "retire_harvested",
    "set_connected",
    "set_places",
    "set_source_columns",
    "set_terms_facets",
    "touch_places",
    "withdraw_dataset",
]
