"""TDPF's barrier-free toilet format: flat and nested say the same, and nothing is lost from and to the lists it wraps."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.preparation.engine.barrier_free.forms import Flat, flatten, nest, schema
from tdpf.controlplane.preparation.engine.barrier_free.national import from_national, to_national
from tdpf.controlplane.preparation.engine.barrier_free.tokyo import from_tokyo, to_tokyo
from tdpf.controlplane.preparation.engine.recipes.outputs import as_json
from tdpf.controlplane.preparation.engine.recipes.preparing import prepare
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema

_VALUES = st.one_of(st.none(), st.sampled_from(["有", "無", "1", "東公園"]))
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 99), st.text(max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=4), inner, max_size=2)),
    max_leaves=5,
)
_MEMBERS = [
    "id",
    "facility_name",
    "features",
    "opening_hours",
    "location",
    "photos",
    "metadata",
    "toilet_seq_id",
    "extra",
]


def as_bag(rows: list[Flat]) -> Counter[tuple[tuple[str, str | None], ...]]:
    return Counter(tuple(row.items()) for row in rows)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(load_schema("public_toilet").names, _VALUES)), max_size=4))
def test_the_national_list_comes_back_whole(rows: list[Flat]) -> None:
    flat = [from_national(row) for row in rows]
    assert [to_national(row) for row in flat] == rows
    assert as_bag(flatten(nest(flat))) == as_bag(flat)


@given(st.dictionaries(st.sampled_from(_MEMBERS), _JSON))
def test_any_record_of_the_bureau_comes_back_whole(record: dict[str, Any]) -> None:
    flat = from_tokyo(record)
    assert tuple(flat) == schema().names
    assert to_tokyo(flat) == record
    assert to_tokyo(flatten(nest([flat]))[0]) == record


def test_a_facility_has_areas_and_booths() -> None:
    rows = [dict.fromkeys(schema().names) for _ in range(3)]
    for row, (area, booth) in zip(rows, (("1階", "a"), ("1階", "b"), ("3階", "c")), strict=True):
        row.update({"施設名称": "庁舎", "区画名称": area, "便房ID": booth, "手すり": "有"})
    assert nest(rows)["facilities"] == [
        {
            "施設名称": "庁舎",
            "areas": [
                {"区画名称": "1階", "booths": [{"便房ID": "a", "手すり": "有"}, {"便房ID": "b", "手すり": "有"}]},
                {"区画名称": "3階", "booths": [{"便房ID": "c", "手すり": "有"}]},
            ],
        }
    ]


def test_real_lists_come_back_whole(corpus: Path, tmp_path: Path) -> None:
    path = corpus / "toilet/chiyoda_barrier_free_toilet.json"
    records = json.loads(path.read_text(encoding="utf-8"))
    flat = [from_tokyo(record) for record in records]
    assert [to_tokyo(row) for row in flat] == records
    assert as_bag(flatten(nest(flat))) == as_bag(flat)
    assert all(row["施設名称"] and row["緯度"] and row["利用時間"] for row in flat)
    prepared = prepare([path], schema(), folder=tmp_path)
    assert len(prepared.run.rows()) == len(records)
    nested = json.loads(as_json(prepared.run, schema()))
    assert sum(len(area["booths"]) for facility in nested["facilities"] for area in facility["areas"]) == len(records)
    assert len(nested["facilities"]) < len(records)
    with (corpus / "toilet/oyama_092088_public_toilet.csv").open(encoding="utf-8-sig", newline="") as file:
        oyama = [dict(row) for row in csv.DictReader(file)]
    assert oyama
