"""Check digits of numbers that belong to persons."""

from __future__ import annotations


def is_my_number(text: str) -> bool:
    """Say whether twelve digits pass the check of an 個人番号 (総務省令第85号: 11 − Σ Pn·Qn mod 11; above 9 it is 0)."""
    digits = [int(character) for character in text if character.isdigit()]
    if len(digits) != 12 or len(set(digits)) == 1:
        return False
    total = sum(
        digit * (place + 1 if place <= 6 else place - 5) for place, digit in enumerate(reversed(digits[:11]), start=1)
    )
    rest = total % 11
    return digits[11] == (0 if rest <= 1 else 11 - rest)


def is_card_number(text: str) -> bool:
    """Say whether sixteen digits pass the Luhn check (ISO/IEC 7812-1) and begin like a payment card."""
    digits = [int(character) for character in text if character.isdigit()]
    if len(digits) != 16 or digits[0] not in (2, 3, 4, 5, 6):
        return False
    doubled = [digit if place % 2 == 0 else digit * 2 for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
