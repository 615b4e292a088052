"""Official Japanese code numbers and their check digits."""

from __future__ import annotations


def municipality_check_digit(five: str) -> str:
    """Return the check digit of a five-digit 全国地方公共団体コード (JIS X 0401/0402, modulus 11, weights 6…2)."""
    total = sum(int(digit) * weight for digit, weight in zip(five, (6, 5, 4, 3, 2), strict=True))
    if total < 11:
        return str((11 - total) % 10)
    return str((11 - total % 11) % 10)


def is_municipality_code(text: str) -> bool:
    """Say whether the text is a six-digit 全国地方公共団体コード with the right check digit."""
    return len(text) == 6 and text.isascii() and text.isdigit() and municipality_check_digit(text[:5]) == text[5]


def corporate_number_check_digit(twelve: str) -> str:
    """Return the first digit of a 法人番号 from its other twelve (財務省令: 9 − Σ Pn·Qn mod 9, Qn = 1, 2 from the right)."""
    total = sum(int(digit) * (1 if place % 2 == 0 else 2) for place, digit in enumerate(reversed(twelve)))
    return str(9 - total % 9)


def is_corporate_number(text: str) -> bool:
    """Say whether the text is a thirteen-digit 法人番号 with the right check digit."""
    return len(text) == 13 and text.isascii() and text.isdigit() and corporate_number_check_digit(text[1:]) == text[0]
