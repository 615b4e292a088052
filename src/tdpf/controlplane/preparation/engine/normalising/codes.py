"""Official numbers: local government codes and corporate numbers, repaired only where the check digit proves it."""

from __future__ import annotations

import re

from tdpf.controlplane.preparation.engine.municipalities import by_code
from tdpf.controlplane.preparation.engine.normalising.marks import changed, missing, plain, says_none
from tdpf.controlplane.preparation.engine.normalising.outcome import Outcome
from tdpf.controlplane.preparation.engine.normalising.texts import undamaged
from tdpf.controlplane.preparation.engine.places import prefectures
from tdpf.kit.codes import is_corporate_number, is_municipality_code, municipality_check_digit

_EXPONENT = re.compile(r"[-+]?\d(?:\.\d+)?[eE]\+?\d{1,3}")


def municipality_code(value: str) -> Outcome:
    """Return a six-digit 全国地方公共団体コード.

    Five digits get their check digit, a lost zero is put back, the corporate number of a local government is read; each
    only when the result is a code that exists.
    """
    clean = plain(value)
    if says_none(clean):
        return missing()
    if _EXPONENT.fullmatch(clean):
        exact = undamaged(clean)
        if exact is None:
            return Outcome(None, "code.damaged", 0.0, "excel-damaged")
        clean = exact
    digits = re.sub(r"[\s\-_]|\.0+$", "", clean)
    digits = re.sub(r"^(\d{5,6})[^\d].*$", r"\1", digits)
    if not (digits.isascii() and digits.isdigit()):
        return Outcome(None, "", 0.0, "not-a-code", rest=clean)
    if len(digits) == 6:
        if is_municipality_code(digits):
            return changed(value, digits, "code.notation")
        return Outcome(None, "", 0.0, "wrong-check-digit", rest=clean)
    if len(digits) == 13 and digits[1:7] == "000020" and is_corporate_number(digits):
        return Outcome(digits[7:], "code.corporate-number", 0.95)
    readings = {code for code in _readings(digits) if _exists(code)}
    if len(readings) == 1:
        return Outcome(readings.pop(), "code.repaired", 0.95)
    return Outcome(None, "", 0.0, "code-ambiguous" if readings else "not-a-code", rest=clean)


def _readings(digits: str) -> list[str]:
    if len(digits) == 5:
        return [digits + municipality_check_digit(digits), f"0{digits}"]
    if len(digits) == 4:
        return [f"0{digits}{municipality_check_digit(f'0{digits}')}"]
    if len(digits) in (1, 2):
        five = f"{int(digits):02}000"
        return [five + municipality_check_digit(five)]
    return []


def _exists(code: str) -> bool:
    return is_municipality_code(code) and (code in by_code() or code in prefectures().values())


def corporate_number(value: str) -> Outcome:
    """Return a thirteen-digit 法人番号 whose check digit is right."""
    clean = plain(value)
    if says_none(clean):
        return missing()
    if _EXPONENT.fullmatch(clean):
        return Outcome(None, "code.damaged", 0.0, "excel-damaged")
    digits = re.sub(r"[\s\-]|\.0+$", "", clean.removeprefix("T"))
    if len(digits) == 13 and digits.isascii() and digits.isdigit():
        if is_corporate_number(digits):
            return changed(value, digits, "code.notation")
        return Outcome(None, "", 0.0, "wrong-check-digit", rest=clean)
    return Outcome(None, "", 0.0, "not-a-code", rest=clean)
