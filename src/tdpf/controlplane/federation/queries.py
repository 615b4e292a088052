"""Every read of this room."""

from __future__ import annotations

from tdpf.controlplane.federation.reads.sites import (
    SiteLine,
    faults_of,
    get_run,
    get_site,
    guess_kinds,
    kind_names,
    list_sites,
    open_runs,
    runs_of,
    site_kinds,
    site_line,
)

__all__ = [
    "SiteLine",
    "faults_of",
    "get_run",
    "get_site",
    "guess_kinds",
    "kind_names",
    "list_sites",
    "open_runs",
    "runs_of",
    "site_kinds",
    "site_line",
]
