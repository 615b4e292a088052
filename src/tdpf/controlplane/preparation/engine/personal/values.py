"""What a value is that belongs to a person: mail, telephone, numbers given to individuals, accounts, days of birth."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from tdpf.controlplane.preparation.engine.numbers import is_card_number, is_my_number
from tdpf.controlplane.preparation.engine.personal.headers import Header
from tdpf.controlplane.preparation.engine.personal.lexicon.tables import state_pattern

_NINE_DIGITS = re.compile(r"(?:[0-9０-９][-－ー‐−―()（）\s]{0,2}){9}")
_NARROW = str.maketrans("０１２３４５６７８９－―‐−ー（）＋．／", "0123456789-----()+./")
_ACCOUNT = re.compile(
    r"(?:普通|当座|貯蓄)(?:預金)?(?:口座)?(?:番号)?[\s　:：№]*\d{6,8}|記号[\s　:：]*\d{5}\D{0,8}番号[\s　:：]*\d{6,8}"
)
_POST_ACCOUNT = re.compile(r"^1\d{4}-?\d{6,8}1$")
_MOBILE = re.compile(r"(?<![\d.-])\(?0[6789]0\)?[-－ー‐()（）\s]?\d{4}[-－ー‐()（）\s]?\d{4}(?!\d)")
_MOBILE_ABROAD = re.compile(r"(?:\+|(?<!\d)00)81[-\s]?(?:\(0\)|0)?[-\s]?[789]0[-\s]?\d{4}[-\s]?\d{4}(?!\d)")
_MOBILE_SHORT = re.compile(r"^\(?(?:[789]0[-\s]?\d{4}[-\s]?\d{4}|0[789]0[.・/]\d{4}[.・/]\d{4})$")
_LOCAL_PHONE = re.compile(
    r"^(?:(?P<mobile>\(?(?:[789]0[-\s]?\d{4}[-\s]?\d{4}|0[789]0[.・/]\d{4}[.・/]\d{4}))|\(?\d{2,4}\)?[-\s]\d{4})$"
)
_PLAIN_PHONE = re.compile(r"\s*0\d{9}\s*")
_PHONE = re.compile(r"(?<![\d.-])\(?0\d{1,4}\)?[-－ー‐()（）]\d{1,4}[-－ー‐()（）]\d{3,4}(?!\d)")
_MAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}")
_PUBLIC_MAIL = re.compile(
    r"@(?:[a-z0-9\-]+\.)*(?:lg|go|ed|ac|or|co|ne|pref|city|metro)\.(?:[a-z\-]+\.)*jp$|@(?:city|pref|town|vill)\.|^(?:info|contact|soudan|madoguchi|kouhou|koho|office|mail|toiawase)[@._\-]",
    re.IGNORECASE,
)
_FREE_MAIL = re.compile(
    r"@(?:gmail|yahoo|ymail|hotmail|outlook|icloud|docomo|ezweb|au|softbank|i\.softbank|nifty|live|me)\.", re.IGNORECASE
)
_TWELVE = re.compile(r"(?<!\d)(?<!\d[-\s])\d{4}[-\s]?\d{4}[-\s]?\d{4}(?!\d|[-\s]\d)")
_CARD = re.compile(r"(?<!\d)(?:\d{4}[-\s]?\d{4}[-\s]?\d{4}[-\s]?\d{4}|3[47]\d{2}[-\s]?\d{6}[-\s]?\d{5})(?!\d)")
_SAYS_NUMBER = re.compile(r"個人番号|マイナンバ[ー-]")
_SAYS_CARD = re.compile(r"カ[ー-]ド|クレジット|card|visa|master", re.IGNORECASE)
_DAY = re.compile(
    r"\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:1[89]|20)\d{2}|(?:明治|大正|昭和|平成|令和|[MTSHR明大昭平令])\s?(?:元|\d{1,2})[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}|"
    r"(?:明治|大正|昭和|平成|令和)[元一二三四五六七八九十]{1,4}年|"
    r"(?<!\d)(?:1[89]|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)|"
    r"^[MTSHRmtshr1-5]\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$|"
    r"^\d{1,2}[月/]\s?\d{1,2}日?$|^[1-4]\d{4}$|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[-\s.,]*\d{1,2}|\d{1,2}[-\s](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
)
_YEAR = re.compile(r"^(?:(?:1[89]|20)\d{2}|(?:明治|大正|昭和|平成|令和|[MTSHR])\s?(?:元|\d{1,2}))年?$")
# Addresses of machines outside: those of a house's own network say nothing about persons.
_OUTSIDE = r"(?!10\.|127\.|0\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)\d{1,3}(?:\.\d{1,3}){3}"
_SENDER = re.compile(rf"(?<![\d.]){_OUTSIDE}(?![\d.])")
_WHOLE: dict[str, re.Pattern[str]] = {
    "address": re.compile(
        r"(?:〒?\d{3}-?\d{4}\s*)?[一-龥々ヶケノぁ-んァ-ヶー]{2}[^:;。、]*?(?:\d-\d|\d番|[一二三四五六七八九十\d]丁目(?=.*[\d一二三四五六七八九十])|番地)[^:;。]*(?<!地内)(?<!地先)(?<!付近)(?<!周辺)"
    ),
    "numbered": re.compile(r"(?=.*\d).{1,60}"),
    "whole_day": re.compile(
        r"(?:1[89]|20)\d{2}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}日?|(?:明治|大正|昭和|平成|令和|[MTSHR明大昭平令])\s?(?:元|\d{1,2})[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.](?:1[89]|20)\d{2}"
    ),
    "day_code": re.compile(
        r"[1-5MTSHR]\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    ),
    "four_by_four": re.compile(r"[2-6]\d{3}([ -])\d{4}\1\d{4}\1\d{4}"),
    "within": re.compile(r".*\d{6,8}.{0,3}"),
    "age": re.compile(r"(?:満)?(?:\d{1,2}|1[01]\d)\s*[歳才]"),
    "paper": re.compile(r"[A-Z]{2}\d{7,8}[A-Z]{0,2}|[A-Z]\d{7}[A-Z]?|\d{4}-\d{6}"),
    "long_number": re.compile(r"[A-Z]{0,2}-?\d{6,16}|\d{2,6}(?:-\d{2,8}){1,2}"),
    "plate": re.compile(r"[一-龥ぁ-んァ-ヶ]{1,4}\s?(?:\d{2,3}[0-9A-Z]?\s?)?[ぁ-んA-Z]\s?[\d・.]{1,2}-?[\d・.]{2}"),
    "network": re.compile(rf"{_OUTSIDE}|[23][0-9a-fA-F]{{3}}(?::[0-9a-fA-F]{{0,4}}){{2,7}}"),
    "handle": re.compile(r"@[A-Za-z0-9_.]{3,30}|U[0-9a-f]{32}"),
    "room": re.compile(
        r"[^\d、。]*(?:コーポ|ハイツ|ハイム|荘|マンション|アパート|メゾン|レジデンス|パーク|ビル|団地|住宅|寮|ヒルズ|ドミトリー|シャトー|カーサ|コート|ハウス|テラス|プラザ|タワー|館)[^\d、。]*(?:\d{1,2}[-号]?(?:棟|-))?\d{2,4}(?:号室?)?"
    ),
    "lot": re.compile(r"(?:\d+|[一二三四五六七八九十]+)(?:地割|丁目|番地|番)\S*"),
    "file": re.compile(r".+\.(?:jpe?g|png|gif|tiff?|heic|pdf|docx?|xlsx?|pptx?|zip|mp[34]|mov|wav)", re.IGNORECASE),
    "post_symbol": re.compile(r"1\d{3}0"),
    "post_number": re.compile(r"\d{1,7}1"),
    "login": re.compile(r"@?[A-Za-z0-9_.\-]{3,30}"),
}
# What a value without any digit may still be.
_WITHOUT_DIGITS = {name: _WHOLE[name] for name in ("address", "lot", "file", "handle", "login", "plate")}
_DIGIT = re.compile(r"\d")
_PHONE_BEHIND = re.compile(r"\s*(?:TEL|電話|携帯)?[:\s]*\(?0\d{1,4}[-()\s]{1,2}\d{1,4}[-()\s]{1,2}\d{3,4}$")
_CODE_OF_DAY = re.compile(r"[1-5]\d{6}")


def kinds_of(value: str, header: Header) -> list[tuple[str, str]]:
    """Return what a value holds that may belong to a person: (kind, the part of the value)."""
    found: list[tuple[str, str]] = []
    if "@" in value and (mail := _MAIL.search(value)):
        address = mail.group()
        public = "public_mail" if _PUBLIC_MAIL.search(address) else "mail"
        found.append(("free_mail" if _FREE_MAIL.search(address) else public, address))
    if len(value) >= 9 and _NINE_DIGITS.search(value):
        found.extend(_numbers_of(value.translate(_NARROW), header))
    elif header.phone and (local := _LOCAL_PHONE.search(value.translate(_NARROW))):
        found.append(("mobile" if local.lastgroup else "phone", local.group()))
    if header.born and (day := _DAY.search(value.translate(_NARROW))):
        found.append(("day", day.group()))
    elif header.born and value:
        year = _YEAR.search(value.translate(_NARROW))
        found.append(("year" if year else "part", value))
    if ("番号" in value or "普通" in value or "当座" in value) and (account := _ACCOUNT.search(value)):
        found.append(("account", account.group()))
    return found


def sender_in(line: str) -> str:
    """Return the first address of a machine outside in a line of a log, an empty text when there is none."""
    found = _SENDER.search(line)
    return found.group() if found else ""


def shapes_of(value: str) -> set[str]:
    """Return which shapes a short value has as a whole: address with a house's number, day, year, digits, papers' numbers, state of health."""
    bare = unicodedata.normalize("NFKC", value).translate(_NARROW).strip()
    shapes = _WHOLE if _DIGIT.search(bare) else _WITHOUT_DIGITS
    found = {name for name, shape in shapes.items() if shape.fullmatch(bare)}
    if shapes is _WHOLE and (rest := _PHONE_BEHIND.sub("", bare)) != bare and _WHOLE["address"].fullmatch(rest):
        found.add("home_and_phone")
    if state_pattern().search(bare):
        found.add("state")
    return found


def year_of(value: str) -> int | None:
    """Return the year of a day in a Western or Japanese calendar, None when it has none."""
    if _CODE_OF_DAY.fullmatch(value):
        return (1867, 1911, 1925, 1988, 2018)[int(value[0]) - 1] + int(value[1:3])
    if western := re.search(r"(?<!\d)(?:1[89]|20)\d{2}", value):
        return int(western.group())
    if era := re.match(r"\s*(?:明治|大正|昭和|平成|令和|[MTSHR明大昭平令])\s?(元|\d{1,2})", value.translate(_NARROW)):
        first = {
            "明": 1867,
            "M": 1867,
            "大": 1911,
            "T": 1911,
            "昭": 1925,
            "S": 1925,
            "平": 1988,
            "H": 1988,
            "令": 2018,
            "R": 2018,
        }
        return first[value.strip()[0].upper()] + (1 if era.group(1) == "元" else int(era.group(1)))
    return None


def _numbers_of(value: str, header: Header) -> Iterator[tuple[str, str]]:
    if mobile := _MOBILE.search(value) or _MOBILE_ABROAD.search(value):
        yield "mobile", mobile.group()
    elif header.phone and (short := _MOBILE_SHORT.search(value)):
        yield "mobile", short.group()
    elif phone := _PHONE.search(value) or (_PLAIN_PHONE.fullmatch(value) if header.phone else None):
        yield "phone", phone.group()
    if twelve := _TWELVE.search(value):
        yield "twelve", twelve.group()
        if is_my_number(twelve.group()):
            yield "my_number", twelve.group()
            if _SAYS_NUMBER.search(value):
                yield "told_number", twelve.group()
    if card := _CARD.search(value):
        yield "sixteen", card.group()
        if is_card_number(card.group()):
            yield "card", card.group()
            if _SAYS_CARD.search(value):
                yield "told_card", card.group()
    if "記号番号" in header.key and (account := _POST_ACCOUNT.search(value)):
        yield "account", account.group()
