"""Terms in plain Japanese and plain English: sentences that a resident understands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from tdpf.controlplane.exchange.types import (
    Access,
    Attribution,
    Audience,
    InformationManagement,
    Purpose,
    Region,
    Terms,
)
from tdpf.controlplane.exchange.vocabularies import (
    ACCESS,
    APPROVAL,
    ATTRIBUTION,
    AUDIENCE,
    DISCLOSURE,
    HEADINGS,
    INFORMATION_MANAGEMENT,
    PRICE,
    PURPOSE,
    RATE_PLAN,
    REDISTRIBUTION,
    REGION,
    SECONDARY_USE,
)
from tdpf.kit.text import Text

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One heading of the terms and what it says."""

    field: str
    heading: Text
    sentence: Text


@dataclass(frozen=True, slots=True)
class Change:
    """One heading whose sentence differs between two sets of terms; an empty side says nothing there."""

    field: str
    heading: Text
    before: Text
    after: Text


_NOTHING = Text("", "")


def day_in_words(day: date) -> Text:
    """Return a calendar day as people write it in each language."""
    return Text(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {_MONTHS[day.month - 1]} {day.year}")


def clauses(terms: Terms) -> list[Clause]:
    """Return the terms heading by heading; headings that say nothing are left out."""
    found = []
    for field, speak in _SPEAKERS.items():
        sentence = speak(terms)
        if sentence.ja:
            found.append(Clause(field, HEADINGS[field], sentence))
    return found


def changes(old: Terms, new: Terms) -> list[Change]:
    """Return every heading whose sentence differs, in the order in which terms are read."""
    found = []
    for field, speak in _SPEAKERS.items():
        before, after = speak(old), speak(new)
        if before != after:
            found.append(Change(field, HEADINGS[field], before, after))
    return found


def audience_in_words(terms: Terms) -> Text:
    """Return who may use the data as one phrase."""
    return _listed([AUDIENCE[code].label for code in terms.audience])


def purposes_in_words(terms: Terms) -> Text:
    """Return the purposes as one phrase."""
    return _listed([PURPOSE[code].label for code in terms.purposes], terms.purposes_note)


def _join(*parts: Text) -> Text:
    return Text("".join(part.ja for part in parts), " ".join(part.en for part in parts if part.en))


def _listed(labels: list[Text], note: str = "") -> Text:
    ja, en = "、".join(label.ja for label in labels), ", ".join(label.en for label in labels)
    return Text(f"{ja}（{note}）", f"{en} ({note})") if note else Text(ja, en)


def _note(note: str) -> Text:
    return Text(note, note)


def _audience(terms: Terms) -> Text:
    if len(terms.audience) == 1:
        return AUDIENCE[terms.audience[0]].sentence
    listed = audience_in_words(terms)
    return Text(f"次の団体が申し込めます: {listed.ja}。", f"These organisations may apply: {listed.en}.")


def _purposes(terms: Terms) -> Text:
    if terms.purposes in ((Purpose.ANY,), (Purpose.CONSULT,)):
        return PURPOSE[terms.purposes[0]].sentence
    named = [code for code in terms.purposes if code is not Purpose.CONSULT]
    listed = _listed([PURPOSE[code].label for code in named], terms.purposes_note)
    sentence = Text(f"次の目的に使えます: {listed.ja}。", f"The data may be used for: {listed.en}.")
    if Purpose.CONSULT in terms.purposes:
        more = Text(
            "ほかの目的は、申込みのときに提供者と相談してください。",
            "For any other purpose talk to the provider when you apply.",
        )
        return _join(sentence, more)
    return sentence


def _regions(terms: Terms) -> Text:
    if len(terms.regions) == 1 and terms.regions[0] is not Region.OTHER:
        return REGION[terms.regions[0]].sentence
    listed = _listed([REGION[code].label for code in terms.regions], terms.regions_note)
    return Text(f"次の地域で使えます: {listed.ja}。", f"The data may be used in: {listed.en}.")


def _period(terms: Terms) -> Text:
    start = day_in_words(terms.period_start) if terms.period_start else None
    end = day_in_words(terms.period_end) if terms.period_end else None
    months = terms.period_months
    months_en = f"{months} month" if months == 1 else f"{months} months"
    if start is None and end is None and not months:
        return Text("期限はありません。", "There is no time limit.")
    if months:
        span = Text(
            f"約定の日から{months}か月間使えます。",
            f"The data may be used for {months_en} from the day of the agreement.",
        )
        if start is not None:
            span = Text(
                f"約定の日（{start.ja}より前の約定では、{start.ja}）から{months}か月間使えます。",
                f"The data may be used for {months_en} from the day of the agreement, but not before {start.en}.",
            )
        if end is not None:
            span = _join(span, Text(f"ただし、{end.ja}までです。", f"The use ends on {end.en} at the latest."))
        return span
    if start is not None and end is not None:
        return Text(f"{start.ja}から{end.ja}まで使えます。", f"The data may be used from {start.en} to {end.en}.")
    if start is not None:
        return Text(f"{start.ja}から使えます。", f"The data may be used from {start.en} on.")
    if end is not None:
        return Text(f"{end.ja}まで使えます。", f"The data may be used until {end.en}.")
    return _NOTHING


def _attribution(terms: Terms) -> Text:
    sentence = ATTRIBUTION[terms.attribution].sentence
    if terms.attribution is Attribution.REQUIRED and terms.attribution_text:
        return _join(
            sentence, Text(f"表示する文: 「{terms.attribution_text}」", f"In these words: “{terms.attribution_text}”")
        )
    return sentence


def _quota(terms: Terms) -> Text:
    day, month = terms.quota_day, terms.quota_month
    if day and month:
        many = Text(
            f"1日に{day:,}回、1か月に{month:,}回まで使えます。", f"Up to {day:,} calls a day and {month:,} a month."
        )
    elif day:
        many = Text(f"1日に{day:,}回まで使えます。", f"Up to {day:,} calls a day.")
    elif month:
        many = Text(f"1か月に{month:,}回まで使えます。", f"Up to {month:,} calls a month.")
    else:
        many = Text("使う回数の上限はありません。", "There is no limit to the number of calls.")
    return _join(many, RATE_PLAN[terms.rate_plan].sentence)


def _approval(terms: Terms) -> Text:
    return APPROVAL[terms.approval].sentence if terms.access is Access.CONDITIONAL else _NOTHING


def _notice(terms: Terms) -> Text:
    days = terms.notice_days
    return Text(
        f"提供者が提供をやめるときは、{days}日以上前に知らせます。",
        f"If the provider ends the offer, you are told at least {days} {'day' if days == 1 else 'days'} before.",
    )


def _information_management(terms: Terms) -> Text:
    if terms.access is Access.OPEN:
        return _NOTHING
    sentence = INFORMATION_MANAGEMENT[terms.information_management].sentence
    if terms.information_management is InformationManagement.NONE or not terms.information_management_note:
        return sentence
    return _join(sentence, _note(terms.information_management_note))


def _confidentiality(terms: Terms) -> Text:
    if not terms.confidentiality:
        return _NOTHING
    return Text(
        "データの内容は秘密として守ってください。約定が終わった後も同じです。",
        "Keep the content of the data secret, also after the agreement has ended.",
    )


def _columns(terms: Terms) -> Text:
    if not terms.columns:
        return Text("すべての項目を使えます。", "All columns are covered.")
    count = len(terms.columns)
    return Text(
        f"次の{count}項目を使えます: {'、'.join(terms.columns)}。",
        f"{'This column is' if count == 1 else f'These {count} columns are'} covered: {', '.join(terms.columns)}.",
    )


def _areas(terms: Terms) -> Text:
    if not terms.areas:
        return _NOTHING
    return Text(
        f"次の地域のデータだけを使えます: {'、'.join(terms.areas)}。",
        f"Only data of these areas are covered: {', '.join(terms.areas)}.",
    )


def _notices(terms: Terms) -> Text:
    return Text(terms.notices_ja or terms.notices_en, terms.notices_en or terms.notices_ja)


_SPEAKERS: Mapping[str, Callable[[Terms], Text]] = {
    "access": lambda terms: ACCESS[terms.access].sentence,
    "audience": lambda terms: _NOTHING if terms.audience == (Audience.ANYONE,) else _audience(terms),
    "purposes": _purposes,
    "regions": _regions,
    "period": _period,
    "redistribution": lambda terms: REDISTRIBUTION[terms.redistribution].sentence,
    "secondary_use": lambda terms: SECONDARY_USE[terms.secondary_use].sentence,
    "disclosure": lambda terms: DISCLOSURE[terms.disclosure].sentence,
    "attribution": _attribution,
    "price": lambda terms: PRICE[terms.price].sentence,
    "quota": _quota,
    "approval": _approval,
    "notice_days": _notice,
    "information_management": _information_management,
    "confidentiality": _confidentiality,
    "columns": _columns,
    "areas": _areas,
    "notices": _notices,
}
