"""Pure decisions of exchange; instants and days are given, never read from a clock."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from tdpf.controlplane.exchange import errors
from tdpf.controlplane.exchange.types import (
    Access,
    AgreementState,
    Answer,
    Approval,
    Attribution,
    Audience,
    OfferState,
    Purpose,
    Redistribution,
    RequestState,
    SecondaryUse,
    Terms,
)
from tdpf.controlplane.exchange.vocabularies import HEADINGS
from tdpf.controlplane.exchange.words import audience_in_words, purposes_in_words
from tdpf.kit.clock import jst_midnight
from tdpf.kit.errors import Problem
from tdpf.kit.hashing import canonical_json, sha256_hex
from tdpf.kit.text import Text

State = TypeVar("State", bound=StrEnum)

TEXT_LENGTH = 4000

OFFER_STEPS: Mapping[tuple[OfferState, str], OfferState] = {
    (OfferState.DRAFT, "publish"): OfferState.PUBLISHED,
    (OfferState.PUBLISHED, "notice"): OfferState.WITHDRAWING,
    (OfferState.WITHDRAWING, "take_back"): OfferState.PUBLISHED,
    (OfferState.PUBLISHED, "suspend"): OfferState.SUSPENDED,
    (OfferState.WITHDRAWING, "suspend"): OfferState.SUSPENDED,
    (OfferState.SUSPENDED, "lift"): OfferState.PUBLISHED,
    (OfferState.WITHDRAWING, "end"): OfferState.ENDED,
    (OfferState.SUSPENDED, "end"): OfferState.ENDED,
}
REQUEST_STEPS: Mapping[tuple[RequestState, str], RequestState] = {
    (RequestState.SUBMITTED, "accept"): RequestState.ACCEPTED,
    (RequestState.SUBMITTED, "ask"): RequestState.ASKED,
    (RequestState.SUBMITTED, "decline"): RequestState.DECLINED,
    (RequestState.SUBMITTED, "withdraw"): RequestState.WITHDRAWN,
    (RequestState.ASKED, "reply"): RequestState.SUBMITTED,
    (RequestState.ASKED, "accept"): RequestState.ACCEPTED,
    (RequestState.ASKED, "decline"): RequestState.DECLINED,
    (RequestState.ASKED, "withdraw"): RequestState.WITHDRAWN,
}
AGREEMENT_STEPS: Mapping[tuple[AgreementState, str], AgreementState] = {
    (AgreementState.ACTIVE, "suspend"): AgreementState.SUSPENDED,
    (AgreementState.SUSPENDED, "lift"): AgreementState.ACTIVE,
    (AgreementState.ACTIVE, "end"): AgreementState.ENDED,
    (AgreementState.SUSPENDED, "end"): AgreementState.ENDED,
}
STANDING_OFFERS = frozenset({OfferState.PUBLISHED, OfferState.WITHDRAWING})

_STATES: Mapping[str, Text] = {
    "draft": Text("下書き", "a draft"),
    "published": Text("提供中", "standing"),
    "withdrawing": Text("提供停止の予告中", "under notice"),
    "suspended": Text("停止中", "suspended"),
    "ended": Text("終了", "ended"),
    "submitted": Text("回答待ち", "waiting for an answer"),
    "asked": Text("質問への返事待ち", "waiting for a reply"),
    "accepted": Text("承諾済み", "accepted"),
    "declined": Text("見送り", "declined"),
    "withdrawn": Text("取り下げ済み", "taken back"),
    "active": Text("有効", "in force"),
}
_VERBS: Mapping[str, Text] = {
    "publish": Text("公開", "published"),
    "notice": Text("提供停止の予告", "put under notice"),
    "take_back": Text("予告の取消し", "freed from notice"),
    "suspend": Text("停止", "suspended"),
    "lift": Text("停止の解除", "freed from suspension"),
    "end": Text("終了", "ended"),
    "accept": Text("承諾", "accepted"),
    "ask": Text("質問", "answered by a question"),
    "decline": Text("見送り", "declined"),
    "withdraw": Text("取り下げ", "taken back"),
    "reply": Text("返事", "replied to"),
    "revise": Text("利用条件の変更", "revised"),
    "request": Text("申込み", "asked for"),
    "sign": Text("署名", "signed for"),
    "report": Text("違反の報告", "reported"),
}
_THINGS: Mapping[str, Text] = {
    "offer": Text("提供", "offer"),
    "request": Text("申込み", "request"),
    "agreement": Text("約定", "agreement"),
}


def step_not_possible(thing: str, state: StrEnum, verb: str) -> errors.StepNotPossible:
    """Return the problem of a step that leads nowhere from the present state."""
    return errors.StepNotPossible(
        thing=thing,
        state=state.value,
        verb=verb,
        thing_ja=_THINGS[thing].ja,
        thing_en=_THINGS[thing].en,
        state_ja=_STATES[state.value].ja,
        state_en=_STATES[state.value].en,
        verb_ja=_VERBS[verb].ja,
        verb_en=_VERBS[verb].en,
    )


def _after(steps: Mapping[tuple[State, str], State], thing: str, state: State, verb: str) -> State:
    after = steps.get((state, verb))
    if after is None:
        raise step_not_possible(thing, state, verb)
    return after


def offer_after(state: OfferState, verb: str, *, under_notice: bool = False) -> OfferState:
    """Return the state of an offer after a step; lifting a suspension leads back to a notice that still runs."""
    after = _after(OFFER_STEPS, "offer", state, verb)
    return OfferState.WITHDRAWING if verb == "lift" and under_notice else after


def request_after(state: RequestState, verb: str) -> RequestState:
    """Return the state of a request after a step."""
    return _after(REQUEST_STEPS, "request", state, verb)


def agreement_after(state: AgreementState, verb: str) -> AgreementState:
    """Return the state of an agreement after a step."""
    return _after(AGREEMENT_STEPS, "agreement", state, verb)


def must_stand(state: OfferState, verb: str) -> None:
    """Raise StepNotPossible unless the offer stands (published, or under notice)."""
    if state not in STANDING_OFFERS:
        raise step_not_possible("offer", state, verb)


def must_write(text: str, what: Text, *, limit: int = TEXT_LENGTH) -> str:
    """Return the text without outer spaces; raises ReasonNeeded when empty, TextTooLong over the limit."""
    clean = may_write(text, what, limit=limit)
    if not clean:
        raise errors.ReasonNeeded(what_ja=what.ja, what_en=what.en)
    return clean


def may_write(text: str, what: Text, *, limit: int = TEXT_LENGTH) -> str:
    """Return the text, which may be empty, without outer spaces and NULs; raises TextTooLong."""
    # PostgreSQL keeps no U+0000 in a text.
    clean = text.replace("\x00", "").strip()
    if len(clean) > limit:
        raise errors.TextTooLong(what_ja=what.ja, what_en=what.en, limit=limit)
    return clean


def must_be_answer(answer: str) -> Answer:
    """Return the answer by its word; raises WordUnknown."""
    try:
        return Answer(answer)
    except ValueError:
        raise errors.WordUnknown(given=str(answer)[:60], known=", ".join(one.value for one in Answer)) from None


def admits(audience: Iterable[Audience], organization_kind: str | None) -> bool:
    """Say whether a party of that kind may ask; None is a person."""
    kinds = {
        "municipality": Audience.MUNICIPALITIES,
        "national_body": Audience.NATIONAL_BODIES,
        "company": Audience.COMPANIES,
        "university": Audience.UNIVERSITIES,
        "npo": Audience.NPOS,
    }
    fitting = {Audience.ANYONE, Audience.MEMBERS}
    if organization_kind is not None:
        fitting |= {Audience.ORGANIZATIONS, kinds[organization_kind]}
    return any(audience_code in fitting for audience_code in audience)


def must_fit(terms: Terms, organization_kind: str | None, purpose: str) -> Purpose:
    """Return the purpose of a request that fits the terms.

    Raises OpenNeedsNoAgreement, NotForYou, WordUnknown, PurposeNotOffered.
    """
    if terms.access is Access.OPEN:
        raise errors.OpenNeedsNoAgreement
    if not admits(terms.audience, organization_kind):
        said = audience_in_words(terms)
        raise errors.NotForYou(audience_ja=said.ja, audience_en=said.en)
    known = [one for one in Purpose if one not in (Purpose.ANY, Purpose.CONSULT)]
    chosen = next((one for one in known if one.value == purpose), None)
    if chosen is None:
        raise errors.WordUnknown(given=str(purpose)[:60], known=", ".join(one.value for one in known))
    if not {Purpose.ANY, Purpose.CONSULT, chosen} & set(terms.purposes):
        said = purposes_in_words(terms)
        raise errors.PurposeNotOffered(purposes_ja=said.ja, purposes_en=said.en)
    return chosen


def seals_at_once(terms: Terms, *, own: bool) -> bool:
    """Say whether a fitting request needs no answer: automatic terms, or the provider's own application asks."""
    return own or terms.approval is Approval.AUTOMATIC


def last_day_after_months(first: date, months: int) -> date:
    """Return the last day of a span of months that begins on `first`: 15 January + 1 month ends on 14 February."""
    index = first.year * 12 + first.month - 1 + months
    year, month = divmod(index, 12)
    days = calendar.monthrange(year, month + 1)[1]
    if first.day > days:
        return date(year, month + 1, days)
    return date(year, month + 1, first.day) - timedelta(days=1)


def agreement_period(terms: Terms, today: date) -> tuple[date, date | None]:
    """Return the first and the last day of an agreement sealed today; raises PeriodOver."""
    starts_on = max(today, terms.period_start) if terms.period_start else today
    ends = [terms.period_end] if terms.period_end else []
    if terms.period_months:
        ends.append(last_day_after_months(starts_on, terms.period_months))
    ends_on = min(ends) if ends else None
    if ends_on is not None and ends_on < starts_on:
        raise errors.PeriodOver(last_day=ends_on.isoformat())
    return starts_on, ends_on


def in_force(starts_on: date, ends_on: date | None, withdraw_on: date | None) -> tuple[datetime, datetime | None]:
    """Return the instants between which an agreement grants use: from the first midnight (JST) to the last, excluded."""
    ends = [jst_midnight(ends_on + timedelta(days=1))] if ends_on else []
    if withdraw_on is not None:
        ends.append(jst_midnight(withdraw_on))
    return jst_midnight(starts_on), min(ends) if ends else None


def earliest_withdrawal(today: date, notice_days: Iterable[int]) -> date:
    """Return the first day on which an offer may be gone, given the notice of its terms and of every agreement."""
    return today + timedelta(days=max(notice_days, default=0))


def must_give_notice(effective_on: date, today: date, notice_days: Sequence[int]) -> None:
    """Raise WithdrawalTooEarly with the earliest day when the notice is shorter than agreed."""
    earliest = earliest_withdrawal(today, notice_days)
    if effective_on < earliest:
        raise errors.WithdrawalTooEarly(
            earliest=earliest.isoformat(),
            notice_days=max(notice_days, default=0),
            effective_on=effective_on.isoformat(),
        )


def must_not_narrow(old: Terms, new: Terms) -> None:
    """Check revised terms of a standing offer; raises TermsNarrowed.

    Its access stays what it is. Open data are used without an agreement, so nothing may be taken away from those who
    use them: no column, no notice time, no speed. Conditional terms are free to change: agreements keep their own.
    """
    narrowed = []
    if new.access is not old.access:
        narrowed.append("access")
    if old.access is Access.OPEN and new.access is Access.OPEN:
        if new.columns and not (old.columns and set(old.columns) <= set(new.columns)):
            narrowed.append("columns")
        if new.notice_days < old.notice_days:
            narrowed.append("notice_days")
        if int(new.rate_plan.value[1:]) < int(old.rate_plan.value[1:]):
            narrowed.append("quota")
    if narrowed:
        raise errors.TermsNarrowed(
            fields=narrowed,
            fields_ja="、".join(HEADINGS[name].ja for name in narrowed),
            fields_en=", ".join(HEADINGS[name].en for name in narrowed),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Publishing:
    """What an offer's publication is judged by.

    `identities` maps the identity of each latest version or link to the outcome of its screening (links: "clear");
    `missing` lists what the description lacks, `unconnected` the distributions whose source is to be connected anew.
    """

    identities: Mapping[str, str]
    warranted: frozenset[str]
    missing: Sequence[Text]
    unconnected: Sequence[str] = ()


SCREENING_PROBLEMS: Mapping[str, type[Problem]] = {
    "doubtful": errors.ScreeningWaits,
    "confirmed": errors.ScreeningRefused,
    "refused": errors.ScreeningRefused,
}


def screening_problem(outcome: str) -> Problem | None:
    """Return what stands against publishing data with this screening outcome: nothing if clear or accepted."""
    if outcome in ("clear", "accepted"):
        return None
    return SCREENING_PROBLEMS.get(outcome, errors.ScreeningMissing)()


def publication_problems(facts: Publishing) -> list[Problem]:
    """Return everything that stands against publishing, the first to be mended first."""
    found: list[Problem] = []
    if not facts.identities:
        found.append(errors.NothingToPublish())
    if facts.missing:
        found.append(
            errors.MetadataIncomplete(
                missing_ja="、".join(text.ja for text in facts.missing),
                missing_en=", ".join(text.en for text in facts.missing),
            )
        )
    if facts.unconnected:
        found.append(errors.ConnectAnew(names="、".join(facts.unconnected[:20])))
    judged = (screening_problem(outcome) for _, outcome in sorted(facts.identities.items()))
    by_code = {problem.code: problem for problem in judged if problem is not None}
    found.extend(by_code.values())
    unsigned = set(facts.identities) - facts.warranted
    if unsigned:
        found.append(errors.WarrantyMissing(count=len(unsigned)))
    return found


def withholds_open_rights(terms: Terms) -> bool:
    """Return whether the terms hold back what an open licence gives to anyone: passing on as is, and derived works."""
    return terms.redistribution != Redistribution.ALLOWED or terms.secondary_use != SecondaryUse.ALLOWED


def link_identity(url: str) -> str:
    """Return the identity under which the warranty for data that stay at a URL is signed."""
    return sha256_hex(canonical_json({"link": url}))


def stream_identity(distribution_uid: str) -> str:
    """Return the identity under which the warranty for what flows through a stream is signed."""
    return sha256_hex(canonical_json({"stream": distribution_uid}))


def place_identity(mark: str) -> str:
    """Return the identity under which the warranty for a connected table is signed; another place is another promise."""
    return sha256_hex(canonical_json({"place": mark}))


def badges(terms: Terms) -> tuple[str, ...]:
    """Return short codes by which a dataset can be told apart in search: what may be done, and how to get there."""
    found = []
    if terms.access is Access.CONDITIONAL:
        found.append(terms.approval.value)
    if {Purpose.ANY, Purpose.COMMERCIAL} & set(terms.purposes):
        found.append("commercial")
    if terms.secondary_use is SecondaryUse.ALLOWED:
        found.append("secondary-use")
    if terms.redistribution is Redistribution.ALLOWED:
        found.append("redistribution")
    if terms.attribution is Attribution.REQUIRED:
        found.append("attribution")
    return tuple(found)
