"""The base map is cut out rightly."""

from __future__ import annotations

from tdpf.processes.coastline import land_within

_SQUARE = {
    "type": "Topology",
    "transform": {"scale": [1.0, 1.0], "translate": [0.0, 0.0]},
    "arcs": [[[0, 0], [10, 0], [0, 10]], [[0, 0], [0, 10], [10, 0]], [[90, 80], [1, 0], [0, 1], [-1, -1]]],
    "objects": {
        "land": {"type": "GeometryCollection", "geometries": [{"type": "MultiPolygon", "arcs": [[[0, -2]], [[2]]]}]}
    },
}


def test_land_is_cut_at_the_edges_and_far_land_left_out() -> None:
    cut = land_within(_SQUARE, (5.0, 5.0, 20.0, 20.0))
    (polygon,) = cut["features"][0]["geometry"]["coordinates"]
    assert sorted({(x, y) for x, y in polygon[0]}) == [(5.0, 5.0), (5.0, 10.0), (10.0, 5.0), (10.0, 10.0)]
    assert polygon[0][0] == polygon[0][-1]


def test_land_inside_stays_whole() -> None:
    cut = land_within(_SQUARE, (-5.0, -5.0, 20.0, 20.0))
    (polygon,) = cut["features"][0]["geometry"]["coordinates"]
    assert sorted({(x, y) for x, y in polygon[0]}) == [(0.0, 0.0), (0.0, 10.0), (10.0, 0.0), (10.0, 10.0)]
