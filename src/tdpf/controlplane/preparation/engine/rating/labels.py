"""Numbers with words that are labels, not measures: classes from 0～4歳 to 100万円以上, and the first of several (1年, 2組)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from tdpf.controlplane.preparation.engine.cells import has_digit

_UNIT = r"[^\d\s~〜～\-]{0,7}"
_BAND = re.compile(rf"\d[\d,.]*\s*{_UNIT}\s*[~〜～–—−-]\s*\d[\d,.]*\s*{_UNIT}(?:以下|未満|まで)?")
_OPEN = re.compile(
    rf"(?:\d[\d,.]*\s*{_UNIT}?(?:以上|以下|未満|超|以前|以後|以降|以内|より小さい|より大きい)(?:\d[\d,.]*\s*{_UNIT}?(?:以下|未満))?|[~〜～]\s*\d[\d,.]*\s*{_UNIT}|\d[\d,.]*\s*{_UNIT}\s*[~〜～])"
)
_CLASS_NAME = re.compile(
    r"対象|資格|要件|条件|階級|階層|規模|区分|年代|帯$|別$|クラス|レンジ|区間|class|band|bracket|range|group",
    re.IGNORECASE,
)
_KIND_NAME = re.compile(
    r"区分|種別|階級|階層|帯$|任期|契約期間|有効期[間限]|保存期[間限]|保存年限|貸出期間|サイズ|規格|寸法|種目|口径|袋|コース"
)
_FEW = 20
_YEAR = re.compile(r"(?:[6-9]\d\d|1\d{3}|20\d\d|21\d\d)年度?(?:頃|ごろ|代)?")
_DECADE = re.compile(r"(?:\d{1,2}0|0)代(?:以上|以下|前半|後半)?|\d{1,2}歳(?:未満|以上|以下)|不明|未回答")
_INTENSITY = re.compile(r"[0-7][弱強]?")
_STEP = re.compile(r"(?P<number>\d{1,3})\s*(?P<unit>歳児?|才|[かヶカケ]月|年目|日目|週|時)")
_CLASS = re.compile(r"(?P<number>\d{1,3})(?P<unit>[^\d\s]{1,3}?)(?P<open>以上)?")
_FIRST = 15
_ORDER_UNITS = "年生|学年|年|組|便|区画|期|回|号車|号|級|番線|番|班|区|時限|限|学期|部|等|段|巻|話|系"
_ORDER = re.compile(rf"\d{{1,4}}\s*(?P<unit>{_ORDER_UNITS})")
_SCHOOL_YEAR = re.compile(r"学年|年次生|^grade$", re.IGNORECASE)
_NOT_ORDER = re.compile(r"数(?:$|[（(_])|年齢|年間|期間|勤続|経過|耐用|築")


def names_labels(name: str, sample: Sequence[str], *, different: int, filled: int, counted: bool) -> bool:
    """Say whether values that look like numbers with words are labels of a column called `name`.

    `counted` says that the name speaks of a count or an amount; there only classes that come again and again are labels.
    """
    values = [unicodedata.normalize("NFKC", value).strip() for value in sample]
    if not values:
        return False
    years = sum(1 for value in values if _YEAR.fullmatch(value))
    if years * 10 >= len(values) * 9 and not counted and not _NOT_ORDER.search(name):
        return True
    if all(map(_DECADE.fullmatch, values)) and not counted:
        return True
    if all(map(_INTENSITY.fullmatch, values)) and any(value[-1] in "弱強" for value in values):
        return True
    if (_count_up(values) and not counted) or _end_open(values):
        return True
    return _are_classes(name, values, different=different, filled=filled, counted=counted) or _are_ordinals(
        name, values
    )


def _are_classes(name: str, values: Sequence[str], *, different: int, filled: int, counted: bool) -> bool:
    if _KIND_NAME.search(name) and different * 2 <= filled and different <= _FEW:
        return True
    bands = sum(1 for value in values if _BAND.fullmatch(value))
    classes = bands + sum(1 for value in values if _OPEN.fullmatch(value))
    if classes * 2 < len(values) or len(values) < 2:
        return False
    if _CLASS_NAME.search(name):
        return True
    if counted:
        again = different * (2 if bands else 3) <= filled and (bands > 0 or classes * 10 >= len(values) * 9)
        return again and name[-1:] not in (")", "）")
    if not bands:
        return False
    return bands * 10 >= len(values) * 3


def _count_up(values: Sequence[str]) -> bool:
    """Say whether values are the steps of an axis, one after the other: 0歳, 1歳, 2歳 …"""
    found = [_STEP.fullmatch(value) for value in values]
    steps = [(int(match.group("number")), match.group("unit")) for match in found if match]
    if len(steps) < 3 or len(steps) < len(values) - 2 or steps[0][0] > _FIRST:
        return False
    return all(step == (steps[0][0] + place, steps[0][1]) for place, step in enumerate(steps))


def _end_open(values: Sequence[str]) -> bool:
    """Say whether values are the classes of a whole axis, one by one up to an open end: 1人, 2人, 3人, 4人以上."""
    found = [_CLASS.fullmatch(value) for value in values]
    if len(values) < 3 or not all(found) or len({match.group("unit") for match in found if match}) > 1:
        return False
    steps = sorted((int(match.group("number")), bool(match.group("open"))) for match in found if match)
    first = steps[0][0]
    return steps == [(first + place, place == len(steps) - 1) for place in range(len(steps))]


def _are_ordinals(name: str, values: Sequence[str]) -> bool:
    found = [_ORDER.fullmatch(value) for value in values]
    units = {match.group("unit") for match in found if match}
    others = [value for value, match in zip(values, found, strict=True) if not match]
    if len(units) != 1 or len(others) * 2 > len(values) or any(map(has_digit, others)) or _NOT_ORDER.search(name):
        return False
    unit = units.pop()
    return name.endswith(unit) or (unit in ("年", "年生") and _SCHOOL_YEAR.search(name) is not None)
