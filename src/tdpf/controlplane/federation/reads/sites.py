"""Reads about sites and their runs, for operators' pages and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Q

from tdpf.controlplane.federation import errors
from tdpf.controlplane.federation.models import Record, Run, RunFault, Site
from tdpf.controlplane.federation.reading.registry import readers
from tdpf.controlplane.federation.types import SourceKind
from tdpf.kit.pages import Page


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A site as one line of the list, with its last run and how many records it has."""

    site: Site
    last: Run | None
    live: int
    gone: int


def site_kinds() -> list[SourceKind]:
    """Return the kinds of sites with what each wants."""
    return [reader.kind for reader in readers().values()]


def list_sites() -> list[SiteLine]:
    """Return all sites by name, in a fixed number of queries."""
    sites = list(Site.objects.order_by("name_ja", "pk"))
    counted = Record.objects.values_list("site").annotate(
        live=Count("pk", filter=Q(gone_at__isnull=True)), lost=Count("pk", filter=Q(gone_at__isnull=False))
    )
    counts = {site: (live, gone) for site, live, gone in counted}
    last = _last_runs(sites)
    return [SiteLine(site, last.get(site.pk), *counts.get(site.pk, (0, 0))) for site in sites]


def get_site(name: str) -> Site:
    """Return the site with this uid or short name. Raises SiteUnknown."""
    found = Site.objects.filter(Q(uid=name) | Q(slug=name)).first()
    if found is None:
        raise errors.SiteUnknown(site=name)
    return found


def site_line(site: Site) -> SiteLine:
    """Return one site with its last run and counts."""
    live = Record.objects.filter(site=site, gone_at__isnull=True).count()
    gone = Record.objects.filter(site=site, gone_at__isnull=False).count()
    return SiteLine(site, Run.objects.filter(site=site).order_by("-pk").first(), live, gone)


def runs_of(site: Site, *, limit: int = 30) -> list[Run]:
    """Return the runs of a site, newest first."""
    return list(Run.objects.filter(site=site).order_by("-pk")[:limit])


def get_run(uid: str) -> Run:
    """Return a run with its site. Raises RunUnknown."""
    found = Run.objects.select_related("site").filter(uid=uid).first()
    if found is None:
        raise errors.RunUnknown(run=uid)
    return found


def faults_of(run: Run, *, offset: int = 0, limit: int = 50) -> Page[RunFault]:
    """Return what a run left out: whole records before single fields."""
    found = RunFault.objects.filter(run=run).order_by("part", "pk")
    return Page(items=list(found[offset : offset + limit]), total=found.count(), offset=offset, limit=limit)


def open_runs() -> list[Run]:
    """Return the runs that wait or go on."""
    return list(
        Run.objects.select_related("site").filter(state__in=[Run.State.WAITING, Run.State.RUNNING]).order_by("pk")
    )


def _last_runs(sites: Sequence[Site]) -> dict[int, Run]:
    keys = Run.objects.filter(site__in=[site.pk for site in sites]).values("site").annotate(newest=Max("pk"))
    return {run.site_id: run for run in Run.objects.filter(pk__in=keys.values("newest"))}
