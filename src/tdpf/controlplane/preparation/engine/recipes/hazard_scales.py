"""One hazard judged twice, for the planned and for the largest scale (洪水 L1 and L2): one answer where both agree, else a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tdpf.controlplane.preparation.engine.mapping.names import fold, name_score, names_it
from tdpf.controlplane.preparation.engine.normalising.flags import mark
from tdpf.controlplane.preparation.engine.normalising.marks import plain
from tdpf.controlplane.preparation.engine.schemas.types import Schema, SchemaField

_SCALE = re.compile(r"[(]?(?:計画(?:規模|降雨)?|想定最大(?:規模)?|最大(?:規模)?|既往(?:最大)?|レベル[12]|l[12])[)]?$")


def scales_in(names: Iterable[str], schema: Schema) -> dict[str, tuple[str, ...]]:
    """Return {field: columns} of the hazards that several columns judge, one for each scale."""
    found: dict[str, list[str]] = {}
    hazards = [field for field in schema.fields if field.normaliser == "flag_mark"]
    for name in names:
        stem = _SCALE.sub("", fold(name))
        if stem == fold(name) or not hazards:
            continue
        best: SchemaField = max(hazards, key=lambda field: name_score(stem, (stem,), field))
        if names_it(stem, best):
            found.setdefault(best.name, []).append(name)
    return {field: tuple(columns) for field, columns in found.items() if len(columns) > 1}


def agreed(names: Sequence[str], cells: Sequence[str]) -> str:
    """Return what all scales say, or each with its name where they differ: that is no yes and no no."""
    said = {
        (outcome.value, outcome.reason in ("partly", "not-a-flag"))
        for cell in cells
        for outcome in (mark(cell or "-"),)
    }
    if len(said) == 1 and (None, True) not in said:
        return next((cell for cell in cells if cell), "")
    return "、".join(f"{name}：{plain(cell) or '空欄'}" for name, cell in zip(names, cells, strict=True))


def names_scales(words: str) -> bool:
    """Say whether words are answers that differ by scale, as `agreed` writes them."""
    return words.count("：") > 1 and all(_SCALE.search(fold(part.partition("：")[0])) for part in words.split("、"))
