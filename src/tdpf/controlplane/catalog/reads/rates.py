"""How well programs can read the files of datasets, as a band for lists and filters."""

from __future__ import annotations

from tdpf.controlplane.catalog.models import Distribution, Version
from tdpf.controlplane.catalog.rate_bands import band_of, best_band


def rate_bands(numbers: list[int]) -> dict[int, str]:
    """Return the band of the best rated file of each dataset, held or linked; those without a rating are left out."""
    found: dict[int, list[str]] = {}
    active = Distribution.objects.filter(dataset__in=numbers, state=Distribution.State.ACTIVE)
    for dataset, rating in active.exclude(rating=None).values_list("dataset_id", "rating"):
        found.setdefault(dataset, []).append(band_of(rating))
    unrated = active.filter(rating=None)
    latest = Version.objects.filter(distribution__in=unrated, state=Version.State.LATEST)
    # A reading report may be long; a list of twenty datasets needs one number of each.
    for dataset, rating in latest.values_list("distribution__dataset_id", "read_report__rating"):
        found.setdefault(dataset, []).append(band_of(rating))
    return {dataset: band for dataset, bands in found.items() if (band := best_band(bands))}
