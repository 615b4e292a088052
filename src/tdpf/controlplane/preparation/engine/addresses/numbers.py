"""Chome and street numbers in all their spellings: 1丁目2番3号, 一丁目2-3, 1-2-3, 488番地の1, 3番1."""

from __future__ import annotations

import re
from collections.abc import Container

from tdpf.controlplane.preparation.engine.place_spelling import whole_number

Numbers = tuple[int | None, tuple[str, ...], int]

_N = r"[0-9十百]++(?!階|F|f|室|棟|号[室棟館]|[条級]|ケ[月所]|時|人|年|歳|ツ)"
_NUMBERS = re.compile(
    rf"[ 字]{{0,2}}(?:({_N}) ?丁目?(?: ?[-ノ])?(?: |(?!目)))?"
    rf"(?:([甲乙丙]?{_N})"
    rf"(?:( ?番地?|[-ノ]|号)(?: ?[ノ-]? ?({_N})(?:(?:号|番)?[-ノ]({_N})(?:号?[-ノ]({_N}))?)?)?)?(?: ?号(?![室棟館])| ?番地?)?)?"
)


def read_numbers(folded: str, begin: int, chomes: Container[int]) -> Numbers:
    """Return the chome, the numbers behind it and where they end.

    `chomes` are those the town is known to have: the first of bare numbers is one of them unless 番 follows it.
    """
    match = _NUMBERS.match(folded, begin)
    if match is None or match.end() == begin:
        return None, (), begin
    stated, first, unit, second, third, fourth = match.groups()
    numbers: tuple[str, ...]
    if first is None:
        return (None if stated is None else whole_number(stated)), (), match.end()
    if second is None:
        numbers = (_plain(first),)
    elif third is None:
        numbers = (_plain(first), _plain(second))
    else:
        numbers = tuple([_plain(number) for number in (first, second, third, fourth) if number])
    if stated is not None:
        return whole_number(stated), *_without_room(numbers, match)
    if chomes and not (unit and "番" in unit):
        chome = int(numbers[0]) if numbers[0].isdigit() else 0
        if chome in chomes:
            return chome, *_without_room(numbers[1:], match)
    return None, numbers, match.end()


def _without_room(numbers: tuple[str, ...], match: re.Match[str]) -> tuple[tuple[str, ...], int]:
    """Return the numbers behind a chome and where they end: a third one of three digits is a room's (6-1-1-1205)."""
    last = 6 if match[6] else 5
    if len(numbers) == 3 and len(numbers[2]) >= 3 and match[last]:
        return numbers[:2], match.start(last)
    return numbers, match.end()


def _plain(digits: str) -> str:
    if digits.isdigit() and digits[0] != "0":
        return digits
    if digits[0] in "甲乙丙":
        return digits[0] + _plain(digits[1:])
    return digits.lstrip("0") or "0" if digits.isdigit() else str(whole_number(digits))
