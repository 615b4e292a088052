"""Making, checking, storing and hashing terms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields as dataclass_fields
from datetime import date
from enum import StrEnum
from typing import TypeVar

import orjson

from tdpf.controlplane.exchange.errors import PaidNotOffered, TermsInvalid
from tdpf.controlplane.exchange.types import (
    Access,
    Approval,
    Attribution,
    Audience,
    Disclosure,
    InformationManagement,
    Price,
    Purpose,
    RatePlan,
    Redistribution,
    Region,
    SecondaryUse,
    Terms,
)
from tdpf.kit.hashing import canonical_json, sha256_hex
from tdpf.kit.text import Text

Code = TypeVar("Code", bound=StrEnum)

MAX_NOTICE_DAYS = 730
MAX_MONTHS = 1200
MAX_QUOTA = 1_000_000_000_000
MAX_COLUMNS = 5000
NOTE_LENGTH = 300
NOTICES_LENGTH = 2000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]")
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
_FIELD_NAMES = frozenset(field.name for field in dataclass_fields(Terms))

ALWAYS: Mapping[Access, Mapping[str, object]] = {
    Access.OPEN: {
        "audience": (Audience.ANYONE,),
        "purposes": (Purpose.ANY,),
        "purposes_note": "",
        "regions": (Region.ANY,),
        "regions_note": "",
        "areas": (),
        "period_start": None,
        "period_end": None,
        "period_months": 0,
        "redistribution": Redistribution.ALLOWED,
        "secondary_use": SecondaryUse.ALLOWED,
        "disclosure": Disclosure.ANY,
        "quota_day": 0,
        "quota_month": 0,
        "approval": Approval.AUTOMATIC,
        "information_management": InformationManagement.NONE,
        "information_management_note": "",
        "confidentiality": False,
    },
}


class _Reader:
    """Takes the values of a mapping one by one and collects what is wrong with them."""

    def __init__(self, given: Mapping[str, object]) -> None:
        self.given = given
        self.errors: list[dict[str, str]] = []

    def wrong(self, field: str, why: Text) -> None:
        self.errors.append({"field": field, "message_ja": why.ja, "message_en": why.en})

    def code(self, field: str, codes: type[Code], default: Code) -> Code:
        value = self.given.get(field)
        if value is None or value == "":
            return default
        try:
            return codes(str(value))
        except ValueError:
            self._not_a_choice(field, value, codes)
            return default

    def codes(self, field: str, codes: type[Code], default: tuple[Code, ...]) -> tuple[Code, ...]:
        value = self.given.get(field)
        if value is None or value == "":
            return default
        items = [value] if isinstance(value, str) else list(value) if isinstance(value, Iterable) else [value]
        chosen = set()
        for item in items:
            try:
                chosen.add(codes(str(item)))
            except ValueError:
                self._not_a_choice(field, item, codes)
        if not items:
            self.wrong(field, Text("一つ以上選んでください。", "Choose at least one."))
        return tuple(code for code in codes if code in chosen)

    def _not_a_choice(self, field: str, value: object, codes: type[StrEnum]) -> None:
        known = ", ".join(code.value for code in codes)
        shown = str(value)[:60]
        self.wrong(field, Text(f"「{shown}」は選べません（{known}）。", f"“{shown}” is not one of {known}."))

    def text(self, field: str, limit: int) -> str:
        value = self.given.get(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.wrong(field, Text("文字で書いてください。", "Write text here."))
            return ""
        clean = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
        if _CONTROL.search(clean):
            self.wrong(field, Text("使えない制御文字が入っています。", "There is a control character in it."))
            return ""
        if len(clean) > limit:
            self.wrong(field, Text(f"{limit}文字までです。", f"At most {limit} characters."))
        return clean

    def number(self, field: str, default: int, smallest: int, largest: int) -> int:
        value = self.given.get(field)
        if value is None or value == "":
            return default
        digits = unicodedata.normalize("NFKC", value).replace(",", "").strip() if isinstance(value, str) else value
        if isinstance(digits, str) and digits.isascii() and digits.isdigit() and len(digits) <= 15:
            digits = int(digits)
        if isinstance(digits, bool) or not isinstance(digits, int) or not smallest <= digits <= largest:
            between = (f"{smallest:,}", f"{largest:,}")
            self.wrong(
                field,
                Text(
                    "{}から{}までの整数で書いてください。".format(*between),
                    "Write a whole number from {} to {}.".format(*between),
                ),
            )
            return default
        return digits

    def day(self, field: str) -> date | None:
        value = self.given.get(field)
        if value is None or value == "":
            return None
        if type(value) is date:
            day = value
        else:
            try:
                day = date.fromisoformat(str(value).strip())
            except ValueError:
                self.wrong(field, Text("2026-04-01 の形の日付で書いてください。", "Write a date like 2026-04-01."))
                return None
        if not _FIRST_DAY <= day <= _LAST_DAY:
            self.wrong(
                field, Text("2000年から2199年までの日付にしてください。", "Choose a date between 2000 and 2199.")
            )
            return None
        return day

    def yes(self, field: str) -> bool:
        value = self.given.get(field)
        if value in (None, "", False, "false", "off", "no", "0"):
            return False
        if value in (True, "true", "on", "yes", "1"):
            return True
        self.wrong(field, Text("はい・いいえで答えてください。", "Answer yes or no."))
        return False

    def columns(self, field: str) -> tuple[str, ...]:
        value = self.given.get(field)
        if value is None or value == "":
            return ()
        items = [value] if isinstance(value, str) else list(value) if isinstance(value, Iterable) else []
        names = [unicodedata.normalize("NFC", item) for item in items if isinstance(item, str) and item]
        if len(names) != len(items):
            self.wrong(field, Text("項目名を文字で書いてください。", "Columns are named by text."))
        if len(names) > MAX_COLUMNS:
            self.wrong(field, Text(f"{MAX_COLUMNS}項目までです。", f"At most {MAX_COLUMNS} columns."))
        return tuple(dict.fromkeys(names))


def terms_from_mapping(given: Mapping[str, object]) -> Terms:
    """Return valid terms from what a form or the API gives; what is left out takes its usual value.

    Codes and numbers may come as text, dates as ISO 8601. Raises TermsInvalid with one error per wrong field, and
    PaidNotOffered.
    """
    return _read(given, contradictions)


def terms_from_stored(stored: str | bytes | Mapping[str, object]) -> Terms:
    """Return terms as they were stored; rules that came later do not make old terms unreadable."""
    return _read(stored if isinstance(stored, Mapping) else orjson.loads(stored), lambda _: [])


def _read(given: Mapping[str, object], check: Callable[[Terms], list[tuple[str, Text]]]) -> Terms:
    if given.get("access") == "paid" or given.get("price") not in (None, "", Price.FREE):
        raise PaidNotOffered
    reader = _Reader(given)
    for name in given:
        if name not in _FIELD_NAMES and name != "format":
            reader.wrong(str(name)[:60], Text("知らない項目です。", "There is no such field."))
    if given.get("format", Terms.FORMAT) != Terms.FORMAT:
        reader.wrong("format", Text("知らない書式の版です。", "This format version is not known."))
    access = reader.code("access", Access, Access.CONDITIONAL)
    is_open = access is Access.OPEN
    terms = Terms(
        access=access,
        audience=reader.codes("audience", Audience, (Audience.ANYONE,) if is_open else (Audience.MEMBERS,)),
        purposes=reader.codes("purposes", Purpose, (Purpose.ANY,)),
        purposes_note=reader.text("purposes_note", NOTE_LENGTH),
        regions=reader.codes("regions", Region, (Region.ANY,)),
        regions_note=reader.text("regions_note", NOTE_LENGTH),
        period_start=reader.day("period_start"),
        period_end=reader.day("period_end"),
        period_months=reader.number("period_months", 0, 0, MAX_MONTHS),
        redistribution=reader.code(
            "redistribution", Redistribution, Redistribution.ALLOWED if is_open else Redistribution.FORBIDDEN
        ),
        secondary_use=reader.code("secondary_use", SecondaryUse, SecondaryUse.ALLOWED),
        disclosure=reader.code("disclosure", Disclosure, Disclosure.ANY),
        attribution=reader.code("attribution", Attribution, Attribution.NONE),
        attribution_text=reader.text("attribution_text", NOTE_LENGTH),
        quota_day=reader.number("quota_day", 0, 0, MAX_QUOTA),
        quota_month=reader.number("quota_month", 0, 0, MAX_QUOTA),
        rate_plan=reader.code("rate_plan", RatePlan, RatePlan.R10),
        approval=reader.code("approval", Approval, Approval.AUTOMATIC if is_open else Approval.REVIEWED),
        notice_days=reader.number("notice_days", 30, 1, MAX_NOTICE_DAYS),
        information_management=reader.code("information_management", InformationManagement, InformationManagement.NONE),
        information_management_note=reader.text("information_management_note", NOTICES_LENGTH),
        confidentiality=reader.yes("confidentiality"),
        columns=reader.columns("columns"),
        areas=reader.columns("areas"),
        notices_ja=reader.text("notices_ja", NOTICES_LENGTH),
        notices_en=reader.text("notices_en", NOTICES_LENGTH),
    )
    if not reader.errors:
        for field, why in check(terms):
            reader.wrong(field, why)
    if reader.errors:
        raise TermsInvalid(count=len(reader.errors), errors=reader.errors)
    return terms


def contradictions(terms: Terms) -> list[tuple[str, Text]]:
    """Return every field that does not go with the others, and why."""
    found: list[tuple[str, Text]] = []

    def say(field: str, ja: str, en: str) -> None:
        found.append((field, Text(ja, en)))

    for field, value in ALWAYS.get(terms.access, {}).items():
        if getattr(terms, field) != value:
            say(field, "オープンの提供では、この制限は付けられません。", "An open offer cannot carry this restriction.")
    if terms.access is Access.CONDITIONAL and Audience.ANYONE in terms.audience:
        say("audience", "条件付きの提供は、会員に対して行います。", "A conditional offer is made to members.")
    for whole in (Audience.ANYONE, Audience.MEMBERS, Audience.ORGANIZATIONS):
        if whole in terms.audience and len(terms.audience) > 1:
            say(
                "audience",
                "ほかの相手を含むので、これだけを選んでください。",
                "It includes the others; choose it alone.",
            )
            break
    if Purpose.ANY in terms.purposes and len(terms.purposes) > 1:
        say("purposes", "「制限なし」は単独で選んでください。", "Choose “no restriction” alone.")
    if Region.ANY in terms.regions and len(terms.regions) > 1:
        say("regions", "「制限なし」は単独で選んでください。", "Choose “no restriction” alone.")
    for field, chosen, note in (
        ("purposes_note", Purpose.OTHER in terms.purposes, terms.purposes_note),
        ("regions_note", Region.OTHER in terms.regions, terms.regions_note),
    ):
        if chosen and not note:
            say(field, "「その他」の内容を書いてください。", "Say what “other” is.")
        if note and not chosen:
            say(field, "「その他」を選んだときに書いてください。", "Only goes with “other”.")
    if Purpose.CONSULT in terms.purposes and terms.approval is Approval.AUTOMATIC:
        say(
            "approval",
            "目的を相談して決めるときは「提供者が確認」にしてください。",
            "A purpose to be discussed needs review.",
        )
    if terms.period_start and terms.period_end and terms.period_end < terms.period_start:
        say("period_end", "終わりの日が、始まりの日より前です。", "The last day is before the first.")
    if terms.quota_day and terms.quota_month and terms.quota_day > terms.quota_month:
        say("quota_day", "1日の回数が、1か月の回数より多くなっています。", "More calls a day than a month.")
    if terms.attribution_text and terms.attribution is Attribution.NONE:
        say(
            "attribution_text",
            "出典の表示を「必要」にしたときに書いてください。",
            "Only goes with a source that is to be named.",
        )
    if terms.redistribution is Redistribution.ALLOWED and (
        terms.confidentiality or terms.disclosure is not Disclosure.ANY
    ):
        say(
            "redistribution",
            "見せてよい範囲や秘密保持があるときは、そのままの再配布は「できる」にできません。",
            "Data with limits on who may see them cannot be passed on freely.",
        )
    if terms.information_management_note and terms.information_management is InformationManagement.NONE:
        say("information_management", "管理の水準を選んでください。", "Choose a level for keeping the data.")
    return found


def terms_to_dict(terms: Terms) -> dict[str, object]:
    """Return terms as plain JSON values: every field stands in it, dates as ISO 8601, `format` says how to read it.

    Only `areas` is left out when empty: terms that were hashed before it was known keep their hash.
    """
    plain: dict[str, object] = {"format": Terms.FORMAT}
    for name in sorted(_FIELD_NAMES):
        value = getattr(terms, name)
        if name == "areas" and not value:
            continue
        if isinstance(value, tuple):
            plain[name] = [str(item) for item in value]
        elif isinstance(value, date):
            plain[name] = value.isoformat()
        else:
            plain[name] = str(value) if isinstance(value, StrEnum) else value
    return plain


def terms_json(terms: Terms) -> bytes:
    """Return the canonical JSON of terms: the same terms always give the same bytes."""
    return canonical_json(terms_to_dict(terms))


def terms_sha256(terms: Terms) -> str:
    """Return the SHA-256 of the canonical JSON, which names these terms in offers and agreements."""
    return sha256_hex(terms_json(terms))
