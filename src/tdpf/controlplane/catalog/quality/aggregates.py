"""The quality of many datasets at once, as a publisher's or a site's page shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tdpf.controlplane.catalog.quality.indicators import DIMENSIONS, INDICATORS, Indicator
from tdpf.controlplane.catalog.quality.scoring import LINKS, Points, band_of
from tdpf.kit.text import Text


@dataclass(frozen=True, slots=True)
class DimensionMean:
    """One dimension's mean over datasets; `share` is the mean in percent of what the dimension can give."""

    label: Text
    points: float
    whole: int
    share: int


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that `datasets` of them lack; `lost` are the points it costs all of them together."""

    code: str
    title: Text
    why: Text
    cure: Text
    datasets: int
    lost: int


@dataclass(frozen=True, slots=True)
class QualitySummary:
    """The quality of `datasets` datasets: means of points and stars, how many in each band, what mending would gain most.

    Of `unchecked` ones no link has been looked at yet: whether their links answer is no gap, it is not known.
    """

    datasets: int
    points: float
    stars: float
    band: Text
    dimensions: tuple[DimensionMean, ...]
    bands: tuple[tuple[str, Text, int], ...]
    gaps: tuple[Gap, ...]
    unchecked: int


def summed(measures: Iterable[Points], *, most_gaps: int = 8) -> QualitySummary:
    """Return the summary of some measures; gaps come heaviest first, and only where something is lacking."""
    number = total = stars = unchecked = 0
    sums = [0] * len(DIMENSIONS)
    met: Counter[str] = Counter()
    bands: Counter[str] = Counter()
    for measure in measures:
        number += 1
        total += measure.points
        stars += measure.stars
        for at, part in enumerate(measure.dimensions):
            sums[at] += part
        met.update(measure.met)
        bands[measure.band] += 1
        unchecked += measure.is_unchecked
    divisor = number or 1
    known = {entry.code: number - unchecked if entry.code in LINKS else number for entry in INDICATORS}
    lacking = [_gap(entry, known[entry.code] - met[entry.code]) for entry in INDICATORS]
    gaps = sorted((gap for gap in lacking if gap.datasets > 0), key=lambda gap: -gap.lost)
    names = [band_of(least) for least in (405, 221, 121, 0)]
    return QualitySummary(
        datasets=number,
        points=total / divisor,
        stars=stars / divisor,
        band=band_of(round(total / divisor))[1],
        dimensions=tuple(
            DimensionMean(entry.label, sums[at] / divisor, entry.points, round(100 * sums[at] / divisor / entry.points))
            for at, entry in enumerate(DIMENSIONS)
        ),
        bands=tuple((code, label, bands[code]) for code, label in names),
        gaps=tuple(gaps[:most_gaps]),
        unchecked=unchecked,
    )


def _gap(entry: Indicator, lacking: int) -> Gap:
    return Gap(entry.code, entry.title, entry.why, entry.cure, lacking, lacking * entry.weight)
