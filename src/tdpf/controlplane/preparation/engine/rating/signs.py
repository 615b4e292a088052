"""Signs and words for yes and no, alone in a cell or with more behind them."""

from __future__ import annotations

from collections import defaultdict

from tdpf.controlplane.preparation.engine.rating.folding import sign_of
from tdpf.controlplane.preparation.engine.rating.subject import Column

YES = {
    "有": "word",
    "あり": "kana",
    "有り": "okuri",
    "○": "circle",
    "◎": "circle2",
    "1": "digit",
    "true": "bool",
    "yes": "yes",
    "はい": "hai",
    "可": "can",
    "可能": "can2",
    "対応": "taiou",
    "設置": "setti",
    "●": "dot",
    "✓": "check",
    "✔": "check",
    "☑": "check",
    "レ": "re",
    "■": "box",
    "済": "done",
    "済み": "done2",
    "実施": "carried",
    "実施済": "carried2",
}
NO = {
    "無": "word",
    "なし": "kana",
    "無し": "okuri",
    "×": "cross",
    "0": "digit",
    "false": "bool",
    "no": "no",
    "いいえ": "iie",
    "不可": "cannot",
    "□": "box",
    "未": "not",
    "未実施": "not2",
    "未設置": "setti",
}
_BETWEEN = frozenset("△▲-*…")
_LEADING = frozenset("○◎●×△✓✔☑◯〇⭕✕✖")


def is_signs(column: Column) -> bool:
    """Say whether nearly all of a column, however short, are signs and words for yes and no."""
    if column.filled < 3 or column.different > 16:
        return False
    known = sum(
        count
        for value, count in column.counts.items()
        if (sign := sign_of(value)) in YES or sign in NO or sign in _BETWEEN
    )
    return known * 5 >= column.filled * 4 and any(not sign_of(value).isdigit() for value in column.counts)


def led_by_signs(column: Column) -> list[tuple[str, set[str]]]:
    """Return (a sign that stands alone in cells, what begins or ends with it and says more): ○ beside ○（要予約） and https://… ○.

    Such a column is one of signs whatever stands beside them: nearly every cell begins or ends with one.
    """
    if not column.counts or _LEADING.isdisjoint(column.letters):
        return []
    behind: dict[str, set[str]] = defaultdict(set)
    alone: dict[str, str] = {}
    led = 0
    for value, times in column.counts.items():
        bare = value.strip()
        at = 0 if bare[0] in _LEADING else -1
        if bare[at] in _LEADING:
            led += times
            sign = sign_of(bare[at])
            if len(bare) > 1:
                behind[sign].add(value)
            elif column.counts[value] > column.counts[alone.get(sign, "")]:
                alone[sign] = value
    if led * 5 < column.filled * 4:
        return []
    return [(alone[sign], more) for sign, more in behind.items() if sign in alone]
