"""Quality as the EU measures it (405 points) and the five stars: weights, best distribution, links, guesses, DQV, sums."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.catalog.enriching.composing import enrich
from tdpf.controlplane.catalog.quality.aggregates import summed
from tdpf.controlplane.catalog.quality.dqv import dqv_metrics
from tdpf.controlplane.catalog.quality.indicators import DIMENSIONS, INDICATORS, METRIC_ROOT, WHOLE
from tdpf.controlplane.catalog.quality.inputs import QualityDistribution, QualityInput
from tdpf.controlplane.catalog.quality.scoring import band_of, points_of, quality_points
from tdpf.controlplane.catalog.stated import StatedDataset, StatedDistribution
from tdpf.controlplane.catalog.vocabularies.formats import FORMATS

PART = QualityDistribution(
    has_address=True, has_download=True, link_state="ok", declared="CSV", format="CSV", has_format_words=True,
    has_media_type=True, has_size=True, licence="CC-BY-4.0",
)  # fmt: skip
BEST = QualityInput(
    has_title=True, has_description=True, keywords=3, has_theme=True, has_spatial=True, has_temporal=True,
    licence="CC-BY-4.0", access_rights="PUBLIC", has_access_words=True, has_contact=True, has_publisher=True, has_rights=True,
    has_issued=True, has_modified=True, has_faults=False, distributions=(PART,),
)  # fmt: skip
OFFICIAL = {
    "findability": {"keywords": 30, "theme": 30, "spatial": 20, "temporal": 20},
    "accessibility": {"access_url_answers": 50, "download_url": 20, "download_url_answers": 30},
    "interoperability": {
        "format": 20, "media_type": 10, "format_vocabulary": 10, "non_proprietary": 20, "machine_readable": 20, "dcat_ap": 30,
    },
    "reusability": {
        "licence": 20, "licence_vocabulary": 10, "access_rights": 10, "access_rights_vocabulary": 5, "contact": 20,
        "publisher": 10,
    },
    "contextuality": {"rights": 5, "byte_size": 5, "issued": 5, "modified": 5},
}  # fmt: skip


def test_the_weights_are_the_official_ones() -> None:
    found: dict[str, dict[str, int]] = {}
    for entry in INDICATORS:
        found.setdefault(entry.dimension, {})[entry.code] = entry.weight
        assert entry.title.ja
        assert entry.why.en
        assert entry.cure.ja
    assert found == OFFICIAL
    assert WHOLE == 405
    assert {dimension.code: dimension.points for dimension in DIMENSIONS} == {
        name: sum(weights.values()) for name, weights in OFFICIAL.items()
    }


def test_a_faultless_description_has_all_points_and_an_empty_one_few() -> None:
    assert points_of(BEST).points == 405
    assert points_of(BEST).dimensions == (100, 100, 110, 75, 20)
    assert points_of(BEST).stars == 3
    empty = quality_points(enrich(StatedDataset(record_id="x", title="")))
    assert empty.points <= 30
    assert empty.stars == 0


@pytest.mark.parametrize(
    ("facts", "lost"),
    [
        ({"keywords": 0}, 30), ({"has_theme": False}, 30), ({"has_spatial": False}, 20), ({"has_temporal": False}, 20),
        ({"has_contact": False}, 20), ({"has_publisher": False}, 10), ({"has_rights": False}, 5), ({"has_issued": False}, 5),
        ({"has_modified": False}, 5), ({"has_faults": True}, 30), ({"has_description": False}, 30), ({"access_rights": ""}, 5),
        ({"has_access_words": False, "access_rights": ""}, 15),
    ],
)  # fmt: skip
def test_what_lacks_costs_its_weight(facts: dict[str, Any], lost: int) -> None:
    assert points_of(replace(BEST, **facts)).points == 405 - lost


@pytest.mark.parametrize(
    ("part", "lost", "stars"),
    [
        ({"link_state": "broken"}, 80, 0), ({"link_state": "unknown"}, 80, 3), ({"link_state": "suspect"}, 80, 3),
        ({"link_state": "moved"}, 0, 3), ({"has_download": False}, 50, 3), ({"has_media_type": False}, 10, 3),
        ({"declared": "", "has_format_words": False}, 70, 3), ({"declared": ""}, 50, 3), ({"has_size": False}, 5, 3),
        ({"declared": "XLSX", "format": "XLSX"}, 20, 2), ({"declared": "PDF", "format": "PDF"}, 20, 1),
        ({"declared": "RDF", "format": "RDF"}, 0, 4),
    ],
)  # fmt: skip
def test_what_a_file_lacks_costs_its_weight(part: dict[str, Any], lost: int, stars: int) -> None:
    found = points_of(replace(BEST, distributions=(replace(PART, **part),)))
    assert (found.points, found.stars) == (405 - lost, stars)


def test_licences_decide_points_and_stars() -> None:
    for code, points, stars in (("custom", 395, 0), ("not-stated", 375, 0), ("", 375, 0), ("CC-BY-NC-4.0", 405, 0)):
        found = points_of(replace(BEST, licence=code, distributions=(replace(PART, licence=""),)))
        assert (found.points, found.stars) == (points, stars), code


def test_the_best_distribution_counts() -> None:
    poor = replace(PART, link_state="broken", declared="PDF", format="PDF", has_media_type=False, has_size=False)
    assert points_of(replace(BEST, distributions=(poor, PART, poor))).points == 405
    assert points_of(replace(BEST, distributions=())).points == 405 - 180 - 10 - 5


def test_bands_are_the_official_ones() -> None:
    edges = {
        0: "bad",
        120: "bad",
        121: "sufficient",
        220: "sufficient",
        221: "good",
        350: "good",
        351: "excellent",
        405: "excellent",
    }
    assert {points: band_of(points)[0] for points in edges} == edges


def test_guesses_do_not_count_and_links_do_when_they_are_known() -> None:
    stated = StatedDataset(
        record_id="1",
        title="新宿区 人口 令和6年",
        description="人口です。",
        publisher_name="新宿区",
        distributions=(StatedDistribution(url="https://x.example/a.csv"),),
    )
    made = enrich(stated)
    assert made.themes
    assert made.area_codes
    assert made.period_start
    found = quality_points(made)
    assert not {"theme", "spatial", "temporal", "format", "machine_readable", "access_url_answers"} & found.met
    assert {"publisher", "dcat_ap", "download_url"} <= found.met
    checked = quality_points(made, {"https://x.example/a.csv": "ok"})
    assert checked.points == found.points + 80
    corrected = quality_points(enrich(stated, corrected={"themes": ["population"], "area_codes": ["131041"]}))
    assert corrected.points == found.points + 50


def test_dqv_defines_every_metric_it_measures_with() -> None:
    graph = dqv_metrics(base_url="https://data.example")["@graph"]
    defined = {node["@id"] for node in graph}
    assert {METRIC_ROOT + entry.metric for entry in INDICATORS} <= defined
    assert METRIC_ROOT + "scoring" in defined
    assert len(defined) == len(graph)


parts = st.builds(
    QualityDistribution,
    **{
        name: st.booleans()
        for name in ("has_address", "has_download", "has_format_words", "has_media_type", "has_size")
    },
    link_state=st.sampled_from(["unknown", "ok", "moved", "suspect", "broken"]),
    declared=st.sampled_from(["", *FORMATS]),
    format=st.sampled_from(list(FORMATS)),
    licence=st.sampled_from(["", "custom", "CC-BY-4.0", "not-stated", "no such"]),
)


@given(st.lists(parts, max_size=4), parts)
def test_another_file_never_lowers_the_measure(files: list[QualityDistribution], more: QualityDistribution) -> None:
    facts = replace(BEST, has_faults=True, distributions=tuple(files))
    longer = replace(facts, distributions=(*files, more))
    assert points_of(facts).points <= points_of(longer).points <= 405
    assert points_of(facts).stars <= points_of(longer).stars <= 5
    assert sum(points_of(longer).dimensions) == points_of(longer).points


def test_sums_over_datasets_name_the_heaviest_gap_first() -> None:
    summary = summed([points_of(BEST), points_of(replace(BEST, has_theme=False, has_issued=False))])
    assert summary.datasets == 2
    assert summary.points == pytest.approx(387.5)
    assert [(gap.code, gap.datasets, gap.lost) for gap in summary.gaps] == [("theme", 1, 30), ("issued", 1, 5)]
    assert summary.dimensions[0].share == 85
    assert [(code, number) for code, _, number in summary.bands] == [
        ("excellent", 2),
        ("good", 0),
        ("sufficient", 0),
        ("bad", 0),
    ]
    assert summed([]).points == 0


def test_links_that_nobody_looked_at_are_no_gap() -> None:
    """Of two datasets one is known to be broken; of the other it is not known whether its links answer."""
    unseen = replace(BEST, distributions=(replace(PART, link_state="unknown"),))
    broken = replace(BEST, distributions=(replace(PART, link_state="broken"),))
    summary = summed([points_of(unseen), points_of(broken), points_of(BEST)])
    answers = [gap for gap in summary.gaps if gap.code == "access_url_answers"]
    assert [(gap.datasets, gap.lost) for gap in answers] == [(1, 50)]
    assert summary.unchecked == 1
    assert not [gap for gap in summed([points_of(unseen)]).gaps if gap.code.endswith("answers")]
