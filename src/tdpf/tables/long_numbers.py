"""Whole numbers with more digits than a floating-point number holds: kept as text in rows files, compared and sorted as numbers.

All SQL is made of the name of a column alone; values stand beside it.
"""

from __future__ import annotations

from math import floor

LEAST = 10**15
"""From here on a whole number is kept as text (values.INTEGER)."""
_MOST_HELD = 2**62
_MOST_DIGITS = 40


def as_number(literal: object) -> int | float | None:
    """Return the number that a literal stands for, None when it stands for none or has too many digits."""
    if isinstance(literal, str):
        digits = literal.removeprefix("-")
        whole = digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS
        try:
            literal = int(literal) if whole else float(literal)
        except ValueError:
            return None
    if isinstance(literal, bool) or not isinstance(literal, int | float) or not abs(literal) < 10**_MOST_DIGITS:
        return None
    return literal


def held(number: int) -> int | float:
    """Return a whole number as it is compared with cells that are numbers."""
    return number if abs(number) < _MOST_HELD else float(number)


def compared(cell: str, operator: str, number: float) -> tuple[str, tuple[object, ...]]:
    """Return `cell operator number` (`<`, `<=`, `>`, `>=`) for numbers and for long ones that are text; other texts are like none."""
    if number != floor(number):
        number, operator = floor(number), {"<": "<=", ">=": ">"}.get(operator, operator)
    whole = int(number)
    above = operator[0] == ">"
    numbers = f"{cell} {operator} ? AND {cell} < ''"
    text, size = str(whole), len(str(whole))
    if whole >= LEAST:
        beyond = f"{_positive(cell)} AND (length({cell}), {cell}) {operator} (?, ?)"
        return _any(numbers, beyond, "" if above else _negative(cell)), (held(whole), size, text)
    if whole <= -LEAST:
        # The longer the text, the smaller the number.
        turned = operator.translate(str.maketrans("<>", "><"))
        beyond = f"{_negative(cell)} AND (length({cell}), {cell}) {turned} (?, ?)"
        return _any(numbers, beyond, _positive(cell) if above else ""), (held(whole), size, text)
    return _any(numbers, _positive(cell) if above else _negative(cell)), (whole,)


def sorted_by(cell: str, *, descending: bool) -> list[str]:
    """Return the terms of an order by number: empty cells, numbers with the long ones among them, other texts."""
    negative, positive = _negative(cell), _positive(cell)
    one, other = ("DESC", "ASC") if descending else ("ASC", "DESC")
    return [
        f"CASE WHEN {cell} IS NULL THEN 0 WHEN {negative} THEN 1 WHEN {cell} < '' THEN 2 WHEN {positive} THEN 3 ELSE 4 END {one}",
        f"CASE WHEN {negative} THEN -length({cell}) WHEN {positive} THEN length({cell}) END {one}",
        f"CASE WHEN {negative} THEN NULL ELSE {cell} END {one}",
        f"CASE WHEN {negative} THEN {cell} END {other}",
    ]


def _positive(cell: str) -> str:
    return f"({cell} > '' AND {cell} GLOB '[1-9]*' AND {cell} NOT GLOB '*[^0-9]*' AND length({cell}) > 15)"


def _negative(cell: str) -> str:
    digits = f"substr({cell}, 2)"
    return f"({cell} > '' AND {cell} GLOB '-[1-9]*' AND {digits} NOT GLOB '*[^0-9]*' AND length({cell}) > 16)"


def _any(*conditions: str) -> str:
    return "(" + " OR ".join(f"({condition})" for condition in conditions if condition) + ")"
