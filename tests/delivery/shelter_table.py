"""A made-up table of shelters with empty cells, a cell that is not of its type, and a formula."""

from __future__ import annotations

from tdpf.tables.types import Field

Row = list[str | None]

SHELTER_FIELDS = (
    Field("番号", "integer", title="番号"),
    Field("名称", description="避難所の名前"),
    Field("地域コード", "code", codes={"131016": "千代田区"}),
    Field("緯度", "number"),
    Field("経度", "number"),
    Field("定員", "integer", unit="人"),
    Field("開設日", "date"),
    Field("limit", "integer"),
    Field("更新", "datetime"),
    Field("開設中", "boolean"),
)


def shelter_rows(count: int = 250) -> list[Row]:
    return [
        [
            str(number),
            f"第{number}避難所" if number % 50 else "=HYPERLINK(1)",
            f"{131016 + number % 5}",
            f"{35.5 + number / 1000:.3f}" if number % 10 else None,
            f"{139.5 + number / 1000:.3f}",
            str(number * 7 % 300) if number % 11 else "不明",
            f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}",
            str(number % 3),
            f"2024-01-01T{number % 24:02}:00:00",
            "true" if number % 2 else "false",
        ]
        for number in range(1, count + 1)
    ]
