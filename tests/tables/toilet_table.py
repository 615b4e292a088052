"""A small table of public toilets with everything that real ones have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tdpf.tables.types import Field, TableManifest

TOILET_FIELDS = (
    Field("番号", "integer"),
    Field("名称"),
    Field("地域コード", "code"),
    Field("緯度", "number"),
    Field("経度", "number"),
    Field("設置日", "date"),
    Field("個数", "integer"),
    Field("車椅子", "boolean"),
    Field("更新", "datetime"),
)
TOILET_ROWS: list[list[str | None]] = [
    ["1", "中央公園", "013101", "35.6895", "139.6917", "2019-04-01", "3", "true", "2024-01-31T10:00:00"],
    [
        "2",
        'いわゆる"駅前"\tトイレ',
        "013102",
        "35.70",
        "139.70",
        "2020-04-01",
        "12",
        "false",
        "2024-02-01T00:30:00+09:00",
    ],
    ["3", "海辺,南", "013103", "35.5", "139.9", "令和3年", "不明", None, "2024-03-01 09:00"],
    ["4", None, "013101", None, "139.1", None, "007", "有", None],
    ["5", "=1+1", "013101", "95.0", "139.1", "2021-02-29", "1,234", "true", "さっき"],
]
MakeTable = Callable[..., tuple[Path, TableManifest]]
