"""Every read of this room."""

from __future__ import annotations

from tdpf.controlplane.federation.reads.history import history_of, original_record, provenance_of, sources_of
from tdpf.controlplane.federation.reads.links import link_history
from tdpf.controlplane.federation.reads.pairs import DecidedPair, PairView, decided_pairs, waiting_pairs
from tdpf.controlplane.federation.reads.preview import Preview, guess_kinds, is_inside, preview_site
from tdpf.controlplane.federation.reads.proposals import open_proposals
from tdpf.controlplane.federation.reads.sites import (
    SiteLine,
    faults_of,
    get_run,
    get_site,
    list_sites,
    open_runs,
    runs_of,
    site_kinds,
    site_line,
)

__all__ = [
    "DecidedPair",
    "PairView",
    "Preview",
    "SiteLine",
    "decided_pairs",
    "faults_of",
    "get_run",
    "get_site",
    "guess_kinds",
    "history_of",
    "is_inside",
    "link_history",
    "list_sites",
    "open_proposals",
    "open_runs",
    "original_record",
    "preview_site",
    "provenance_of",
    "runs_of",
    "site_kinds",
    "site_line",
    "sources_of",
    "waiting_pairs",
]
