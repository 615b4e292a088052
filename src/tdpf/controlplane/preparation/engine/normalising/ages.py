"""Ages and age bands as column names and cells write them."""

from __future__ import annotations

import re

from tdpf.controlplane.preparation.engine.normalising.marks import DASHES, plain

Band = tuple[int, int | None]

_BAND = re.compile(
    r"(?<!\d)(\d{1,3})\s*(?:歳|才)?\s*(?:~|〜|-|_|から|ー)\s*(\d{1,3})\s*(?:歳|才|$|(?=の|男|女|_|\)|）))"
)
_OPEN = re.compile(r"(?<!\d)(\d{1,3})\s*(?:歳|才)?\s*(?:以上|(?:~|\+)(?!\s*\d))")
_ONE = re.compile(r"(?<!\d)(\d{1,3})\s*(?:歳|才)(?!児)")
_BARE = re.compile(r"(\d{1,3})")
_BELOW = re.compile(r"(?<!\d)(\d{1,3})\s*(?:歳|才)\s*未満")
_MALE = re.compile(r"男(?!女)|(?<![a-z])(?:male|men|man)(?![a-z])", re.IGNORECASE)
_FEMALE = re.compile(r"女|(?<![a-z])(?:female|woman|women)(?![a-z])", re.IGNORECASE)
_BOTH = re.compile(r"男女|総数|合計|計$|(?<![a-z])total", re.IGNORECASE)


def band(text: str, *, bare: bool = False) -> Band | None:
    """Return the first and last age of a text: 0～4歳, 85歳以上, 7歳; with `bare` a number alone is an age too."""
    clean = DASHES.sub("-", plain(text)).replace(" ", "")
    found = _OPEN.search(clean)
    if found:
        return int(found.group(1)), None
    ranges = _BAND.findall(clean) if "_" not in clean or "歳" in clean or "才" in clean else []
    if ranges:
        first, last = int(ranges[-1][0]), int(ranges[-1][1])
        return (first, last) if first <= last <= 130 else None
    below = _BELOW.search(clean)
    if below:
        return 0, int(below.group(1)) - 1
    one = _ONE.search(clean)
    if one and int(one.group(1)) <= 130:
        return int(one.group(1)), int(one.group(1))
    if bare and _BARE.fullmatch(clean) and int(clean) <= 130:
        return int(clean), int(clean)
    return None


def sex(text: str) -> str:
    """Return "male", "female", "both" or nothing for the sex a text speaks of."""
    clean = plain(text)
    if _BOTH.search(clean) and not (_MALE.search(clean) or (_FEMALE.search(clean) and "男女" not in clean)):
        return "both"
    if "男女" in clean:
        return "both"
    if _MALE.search(clean):
        return "male"
    if _FEMALE.search(clean):
        return "female"
    return ""
