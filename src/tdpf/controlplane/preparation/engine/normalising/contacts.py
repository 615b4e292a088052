"""Telephone numbers, extensions, e-mail and web addresses, postal codes."""

from __future__ import annotations

import re
import unicodedata

from tdpf.controlplane.preparation.engine.normalising.marks import DASHES, changed, missing, plain, says_none
from tdpf.controlplane.preparation.engine.normalising.outcome import Outcome

_PHONE = re.compile(r"\(?(0\d{1,4})\)?[-. ]{0,2}\(?(\d{1,4})\)?[-. ]{0,2}(\d{3,4})(?!\d)")
_JOINED = re.compile(r"0\d{9,10}")
_LOCAL = re.compile(r"\d{1,4}-\d{4}|\d{6,8}")
_SHORT = re.compile(r"#\d{3,4}|1\d\d")
_LOST_ZERO = re.compile(r"[1-9]\d{8}|[789]0\d{8}")
_SHARED_HEAD = re.compile(r"(?P<head>0\d{1,4}-\d{1,4}-)(?P<first>\d{4})\s*[・,、/]\s*(?P<last>\d{4})")
# Area code and office of numbers that can be parted without a table of all areas (総務省 電気通信番号計画).
_AREAS = (
    (re.compile(r"0[5789]0"), 3, 4),
    (re.compile(r"0800"), 4, 3),
    (re.compile(r"03|06"), 2, 4),
    (re.compile(r"0422"), 4, 2),
    (re.compile(r"0499[2468]"), 5, 1),
    (re.compile(r"042[3-79]|011|04[45]|052|075|078"), 3, 3),
)
_ABROAD = re.compile(r"^\+?81[-. ]?\(?0?\)?[-. ]?(?=[1-9])")
_EXTENSION = re.compile(r"[(（]?\s*(?:内線|内)\s*(?:番号)?[:：]?\s*([\d,、・/~-]+)\s*[)）]?")
_WORDS = re.compile(r"^(?:TEL|Tel|tel|電話|℡|代表|直通)[:：.\s]*|[(（](?:代表?|直通|代)[)）]|\s*(?:代表|直通)$")
_FAX = re.compile(
    r"\s*[(（]?\s*(?:FAX|ＦＡＸ|ファックス|ファクス|ファクシミリ)\s*(?:番号)?\s*[:：]?\s*[(（]?0[\d()（）-]{8,14}\s*[)）]?",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\s*(?:[、,，;；／/\n]|又は|または|\s{2,}|　+|・)\s*")
_MAIL = re.compile(r"[A-Za-z0-9._%+'/=!#$&*?^`{|}~\-]+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}")
_URL = re.compile(r"https?://[^\s　<>\"]+", re.IGNORECASE)
_BARE = re.compile(r"(?:www\.|[A-Za-z0-9\-]+\.)[A-Za-z0-9.\-]+\.[A-Za-z]{2,}(?:/[^\s　]*)?", re.IGNORECASE)


def phone(value: str) -> Outcome:
    """Return a telephone number with hyphens; several become one list, a number without area code is told."""
    clean = DASHES.sub("-", plain(value)).replace("ー", "-")
    if says_none(clean):
        return missing()
    without_fax = _FAX.sub("", clean).strip()
    if without_fax and without_fax != clean and (beside := phone(without_fax)).value:
        return Outcome(beside.value, "phone.remark", 0.85, beside.reason, rest=clean)
    extension = _EXTENSION.search(clean)
    rest = f"内線{extension.group(1)}" if extension else ""
    body = _EXTENSION.sub("", clean) if extension else clean
    body = _WORDS.sub("", body.strip()).strip()
    one = _one(body)
    if one:
        return changed(value, one, "phone.hyphens", rest=rest)
    several = [_one(part.strip()) for part in _SEVERAL.split(body) if part.strip()]
    if len(several) > 1 and all(several):
        return changed(
            value, ";".join(dict.fromkeys(part for part in several if part)), "phone.several", confidence=0.9
        )
    bare = re.sub(r"[-() ]", "", body)
    if _LOST_ZERO.fullmatch(bare) and bare == body:
        return Outcome(_parted(f"0{bare}"), "phone.lost-zero", 0.85)
    if _LOST_ZERO.fullmatch(bare) and (mended := _one(f"0{body}")):
        return Outcome(mended, "phone.lost-zero", 0.85)
    shared = _SHARED_HEAD.fullmatch(body)
    if shared:
        head = shared.group("head")
        return Outcome(f"{head}{shared.group('first')};{head}{shared.group('last')}", "phone.several", 0.85, rest=clean)
    if _SHORT.fullmatch(body):
        return changed(value, body, "phone.hyphens", confidence=0.9)
    if _LOCAL.fullmatch(body):
        return changed(value, body, "phone.hyphens", confidence=0.5, reason="phone-local", rest=rest)
    inside = ["-".join(match) for match in _PHONE.findall(body)]
    if len(inside) > 1 and not re.search(r"\d{2}", _PHONE.sub("", body)) and all(_one(found) for found in inside):
        return Outcome(";".join(dict.fromkeys(inside)), "phone.several", 0.85, rest=clean)
    if len(inside) == 1 and _one(inside[0]) and not re.search(r"\d{3}", _PHONE.sub("", body)):
        return Outcome(inside[0], "phone.remark", 0.8, rest=clean)
    return Outcome(None, "", 0.0, "not-a-phone", rest=clean)


def _one(body: str) -> str | None:
    body = _ABROAD.sub("0", body)
    match = _PHONE.fullmatch(body)
    if match and not _JOINED.fullmatch(body):
        digits = "".join(match.groups())
        return "-".join(match.groups()) if len(digits) in (10, 11) else None
    return _parted(body) if _JOINED.fullmatch(body) else None


def _parted(digits: str) -> str:
    """Put hyphens into digits where the area code is certain from its first digits; others are left as they are."""
    for opening, first, second in _AREAS:
        if opening.match(digits) and len(digits) == first + second + 4:
            return f"{digits[:first]}-{digits[first : first + second]}-{digits[first + second :]}"
    toll_free = re.fullmatch(r"(0120|0570|0180|0990)(\d{3})(\d{3})", digits)
    return "-".join(toll_free.groups()) if toll_free else digits


def extension(value: str) -> Outcome:
    """Return an extension's digits."""
    clean = re.sub(r"^(?:内線|内)[:：]?\s*", "", DASHES.sub("-", plain(value)))
    return missing() if says_none(clean) else changed(value, clean, "extension.width")


def email(value: str) -> Outcome:
    """Return an e-mail address."""
    clean = re.sub(r"\s*(?:\(at\)|\[at\]|【@】|★|☆|●|_at_|アットマーク)\s*", "@", plain(value))
    if says_none(clean):
        return missing()
    found = _MAIL.findall(clean)
    if not found or not re.fullmatch(r"[\s;,、/]*", _MAIL.sub("", clean)):
        return Outcome(None, "", 0.0, "not-mail", rest=clean)
    return changed(value, ";".join(found), "mail.width")


def url(value: str) -> Outcome:
    """Return a web address; it must say http or https."""
    clean = "".join(
        unicodedata.normalize("NFKC", part) if part.isascii() is False and "！" <= part[:1] <= "～" else part
        for part in value.strip()
    )
    if says_none(clean):
        return missing()
    found = _URL.findall(clean)
    if len(found) == 1 and found[0] == clean:
        return changed(value, clean, "url.width")
    if found and not re.sub(r"[\s;,、　]", "", _URL.sub("", clean)):
        return changed(value, ";".join(found), "url.several")
    if found and re.fullmatch(r"https?://[^\s/]+\n[!-~\n]+", clean):
        return Outcome(None, "", 0.0, "not-a-url", rest=clean)  # Half a host's name is nobody's address.
    if found:
        return Outcome(found[0], "url.remark", 0.8, rest=clean)
    if _BARE.fullmatch(clean):
        return changed(value, clean, "url.width", confidence=0.5, reason="no-scheme")
    if re.fullmatch(r"[\w./-]+\.(?:jpe?g|png|gif|pdf|html?)", clean, re.IGNORECASE) or clean.startswith(
        ("ATTACH/", "/")
    ):
        return changed(value, clean, "url.width", confidence=0.5, reason="no-scheme")
    return Outcome(None, "", 0.0, "not-a-url", rest=clean)


def postal_code(value: str) -> Outcome:
    """Return a postal code as 000-0000; a lost zero in front is put back."""
    clean = DASHES.sub("-", plain(value)).replace("ー", "-").removeprefix("〒").strip()
    if says_none(clean):
        return missing()
    digits = re.sub(r"[-\s]", "", re.sub(r"\.0$", "", clean))
    if digits.isascii() and digits.isdigit():
        if len(digits) == 7:
            return changed(value, f"{digits[:3]}-{digits[3:]}", "postal.hyphen")
        if len(digits) == 6 and "-" not in clean:
            return Outcome(f"0{digits[:2]}-{digits[2:]}", "postal.lost-zero", 0.9)
    return Outcome(None, "", 0.0, "not-a-postal-code", rest=clean)
