"""What the tests of runs do: add a fake site, run it, look at what is shown."""

from __future__ import annotations

from typing import Any

from federation_sites import hurried

from tdpf.controlplane.catalog.models import Dataset, Place
from tdpf.controlplane.federation import services
from tdpf.controlplane.federation.models import Run, Site
from tdpf.controlplane.federation.types import SiteFacts


def site_at(url: str, *, slug: str = "ward", kind: str = "ckan", **changes: Any) -> Site:
    """Add a site at an address of this machine."""
    plain: dict[str, Any] = {
        "name_ja": f"{slug}のカタログ",
        "name_en": f"Catalogue of {slug}",
        "kind": kind,
        "url": url,
        "slug": slug,
        "pause_seconds": 0.0,
        "allow_private": True,
    }
    return services.keep_site(facts=SiteFacts(**{**plain, **changes}))


def run(site: Site, **how: Any) -> Run:
    """Run a site to the end of the run."""
    site.refresh_from_db()
    begun = services.begin_run(site=site, **how)
    done = services.perform_run(run_uid=begun.uid, manners=hurried())
    assert done is not None
    return done


def shown() -> dict[str, str]:
    """Return the titles of published harvested datasets by slug."""
    found = Dataset.objects.filter(origin="harvested", state="published")
    return dict(found.values_list("slug", "title_ja"))


def places_of(dataset: Dataset) -> list[tuple[str, bool, bool]]:
    """Return the places of a dataset: site, whether it is the primary one, whether it is gone."""
    return [
        (place.site, place.is_primary, place.gone_at is not None)
        for place in Place.objects.filter(dataset=dataset).order_by("site")
    ]
