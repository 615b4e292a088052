"""From and to the national list of public toilets (自治体標準オープンデータセット 13.公衆トイレ一覧), nothing lost on the way."""

from __future__ import annotations

from collections.abc import Mapping

from tdpf.controlplane.preparation.engine.barrier_free.forms import Flat, schema
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema

_OTHER_NAMES = {
    "ID": "便房ID",
    "名称": "施設名称",
    "名称_カナ": "施設名称_カナ",
    "名称_英語": "施設名称_英語",
    "車椅子使用者用トイレ有無": "車椅子使用者対応",
    "乳幼児用設備設置トイレ有無": "乳幼児用設備",
    "オストメイト設置トイレ有無": "オストメイト用設備",
}


def from_national(row: Mapping[str, str | None]) -> Flat:
    """Return a row of the national list in the flat form; each of its 39 items has a column here."""
    found: Flat = dict.fromkeys(schema().names)
    for name in load_schema("public_toilet").names:
        found[_OTHER_NAMES.get(name, name)] = row.get(name)
    return found


def to_national(row: Mapping[str, str | None]) -> Flat:
    """Return a row of the flat form as the national list has it; what that list has no item for is left behind."""
    return {name: row.get(_OTHER_NAMES.get(name, name)) for name in load_schema("public_toilet").names}
