"""Points and stars of a dataset: MQA in five dimensions with its bands, and the five-star scheme of open data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tdpf.controlplane.catalog.enriching.types import Enriched
from tdpf.controlplane.catalog.quality.indicators import (
    DIMENSIONS,
    INDICATORS,
    WHOLE,
    Dimension,
    Indicator,
    OfDataset,
    OfDistribution,
)
from tdpf.controlplane.catalog.quality.inputs import (
    QualityDistribution,
    QualityInput,
    effective_licence,
    input_of_enriched,
    input_of_page,
)
from tdpf.controlplane.catalog.types import DatasetPage, QualityFact
from tdpf.controlplane.catalog.vocabularies.formats import FORMATS
from tdpf.controlplane.catalog.vocabularies.licences import LICENCES
from tdpf.kit.text import Text

_AT = {dimension.code: at for at, dimension in enumerate(DIMENSIONS)}
_OF_DATASET: tuple[tuple[int, int, int, OfDataset], ...] = tuple(
    (at, _AT[entry.dimension], entry.weight, entry.of_dataset)
    for at, entry in enumerate(INDICATORS)
    if entry.of_dataset is not None
)
_OF_DISTRIBUTION: tuple[tuple[int, int, int, OfDistribution], ...] = tuple(
    (at, _AT[entry.dimension], entry.weight, entry.of_distribution)
    for at, entry in enumerate(INDICATORS)
    if entry.of_distribution is not None
)
_MOST = sum(weight for _, _, weight, _ in _OF_DISTRIBUTION)
_BANDS = (
    (351, "excellent", Text("とてもよい", "Excellent")),
    (221, "good", Text("よい", "Good")),
    (121, "sufficient", Text("十分", "Sufficient")),
    (0, "bad", Text("もう少し", "Bad")),
)
LINKS = frozenset({"access_url_answers", "download_url_answers"})


@dataclass(frozen=True, slots=True)
class Points:
    """The measure of one dataset: MQA points 0–405, the same by dimension, stars 0–5, and the codes of what is met.

    With `is_unchecked` it has links, and nobody has looked at any of them yet: what they would give is not known.
    """

    points: int
    dimensions: tuple[int, int, int, int, int]
    stars: int
    met: frozenset[str]
    is_unchecked: bool = False

    @property
    def band(self) -> str:
        """The rating band: excellent, good, sufficient or bad."""
        return band_of(self.points)[0]


def band_of(points: int) -> tuple[str, Text]:
    """Return (code, name) of the band of some points."""
    return next((code, label) for least, code, label in _BANDS if points >= least)


def points_of(facts: QualityInput) -> Points:
    """Return the measure of some facts; indicators of distributions are measured on the one with most points."""
    sums = [0, 0, 0, 0, 0]
    met = [at for at, _, _, test in _OF_DATASET if test(facts)]
    best: list[int] = []
    most = -1
    for part in facts.distributions:
        kept = [at for at, _, _, test in _OF_DISTRIBUTION if test(facts, part)]
        worth = sum(INDICATORS[at].weight for at in kept)
        if worth > most:
            best, most = kept, worth
            if worth == _MOST:
                break
    if not facts.distributions and effective_licence(facts, None):
        best = [at for at, entry in enumerate(INDICATORS) if entry.code == "licence"]
    for at in (*met, *best):
        sums[_AT[INDICATORS[at].dimension]] += INDICATORS[at].weight
    dimensions = (sums[0], sums[1], sums[2], sums[3], sums[4])
    codes = frozenset(INDICATORS[at].code for at in (*met, *best))
    return Points(sum(sums), dimensions, stars_of(facts), codes, is_unchecked=_is_unchecked(facts))


def _is_unchecked(facts: QualityInput) -> bool:
    return bool(facts.distributions) and all(part.link_state == "unknown" for part in facts.distributions)


def stars_of(facts: QualityInput) -> int:
    """Return the stars (5stardata.info) of the best distribution: open licence, structured, open format, URIs, linked.

    Without an open licence there is no star; formats found by the file's name count.
    """
    return max((_stars(facts, part) for part in facts.distributions), default=0)


def quality_points(made: Enriched, link_states: Mapping[str, str] | None = None) -> Points:
    """Return the measure of a harvested description; `link_states` by address of the distribution, where known."""
    return points_of(input_of_enriched(made, link_states))


def page_points(page: DatasetPage) -> Points:
    """Return the measure of a dataset as its page shows it."""
    return points_of(input_of_page(page))


@dataclass(frozen=True, slots=True)
class Measured:
    """One dimension as shown: its points, what it can give, and its indicators with reason and cure."""

    code: str
    label: Text
    points: int
    whole: int
    facts: tuple[QualityFact, ...]


@dataclass(frozen=True, slots=True)
class Mqa:
    """The whole measure as shown on a page."""

    points: Points
    whole: int
    band: Text
    dimensions: tuple[Measured, ...]

    @property
    def worst(self) -> tuple[QualityFact, ...]:
        """What is not met, heaviest first."""
        missing = [fact for dimension in self.dimensions for fact in dimension.facts if not fact.met]
        return tuple(sorted(missing, key=lambda fact: -fact.weight))


def quality_guide() -> tuple[tuple[Dimension, tuple[Indicator, ...]], ...]:
    """Return the five dimensions with their indicators, in the official order: what is measured, why, and how to meet it."""
    return tuple(
        (dimension, tuple(entry for entry in INDICATORS if entry.dimension == dimension.code))
        for dimension in DIMENSIONS
    )


def mqa_of(page: DatasetPage) -> Mqa:
    """Return the measure of a dataset with reason and cure for every indicator."""
    facts = input_of_page(page)
    points = points_of(facts)
    dimensions = tuple(
        Measured(
            dimension.code,
            dimension.label,
            points.dimensions[at],
            dimension.points,
            tuple(
                QualityFact(
                    code=entry.code,
                    met=entry.code in points.met,
                    weight=entry.weight,
                    title=entry.title,
                    reason=_NOT_CHECKED if points.is_unchecked and entry.code in LINKS else entry.why,
                    cure=_WAIT if points.is_unchecked and entry.code in LINKS else entry.cure,
                )
                for entry in INDICATORS
                if entry.dimension == dimension.code
            ),
        )
        for at, dimension in enumerate(DIMENSIONS)
    )
    return Mqa(points, WHOLE, band_of(points.points)[1], dimensions)


_NOT_CHECKED = Text(
    "リンクはまだ確かめていません。確かめるまでは点に入れません。",
    "The link has not been looked at yet, so it does not count yet.",
)
_WAIT = Text("定期のリンク確認をお待ちください。", "Wait for the scheduled check of links.")


def _stars(facts: QualityInput, part: QualityDistribution) -> int:
    licence = LICENCES.get(effective_licence(facts, part))
    if licence is None or not licence.is_open or part.link_state == "broken":
        return 0
    return FORMATS[part.format].stars if part.format in FORMATS else 1
