"""Pure decisions of the community: what may be said, by whom, and which step follows which."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from tdpf.controlplane.catalog.types import FILTER_ALIASES
from tdpf.controlplane.community import errors
from tdpf.controlplane.community.types import (
    DataRequestState,
    FeedbackKind,
    FeedbackState,
    Pace,
    RequestKind,
    Target,
    Visibility,
    VisitorWords,
)
from tdpf.kit.clock import JST
from tdpf.kit.text import Text

LONGEST_TEXT = 4000
LONGEST_TITLE = 200
LONGEST_WORD = 200
LONGEST_URL = 1000
REUSE_KINDS = {
    "app": Text("アプリ・サービス", "App or service"),
    "article": Text("記事・報道", "Article"),
    "research": Text("研究・教育", "Research or teaching"),
    "administration": Text("行政の仕事", "Administration"),
    "other": Text("そのほか", "Other"),
}
MAIL = re.compile(r"[^@\s,;<>\"]{1,64}@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Within it the same words about the same are one form that was sent twice.
SAME_FORM = timedelta(minutes=10)
STRANGER_HOURLY, STRANGER_DAILY = 5, 20
MEMBER_DAILY = 50
MORNING = 7
SEARCH_FIELDS = (
    "q", "themes", "areas", "formats", "access", "purposes", "providers", "licences", "frequencies", "origins", "sites",
    "stars", "mqa_bands", "rate_bands", "link_states", "located", "modified_from", "modified_to", "period_from",
    "period_to", "mqa_at_least", "fresh",
)  # fmt: skip
ANSWERS: dict[str, dict[str, tuple[DataRequestState | FeedbackState | None, Text]]] = {
    "request": {
        "promised": (DataRequestState.PROMISED, Text("公開する予定です", "We will publish it")),
        "published": (
            DataRequestState.PUBLISHED,
            Text("公開しています（URLを書く）", "It is published (give the address)"),
        ),
        "not_possible": (DataRequestState.NOT_POSSIBLE, Text("公開できません（理由を書く）", "Not possible (say why)")),
        "not_holder": (None, Text("こちらでは持っていません", "We do not hold it")),
    },
    "feedback": {
        "mended": (FeedbackState.MENDED, Text("直しました・直します", "Mended, or will be")),
        "answered": (FeedbackState.ANSWERED, Text("お答えします（答えを書く）", "Here is the answer")),
        "declined": (FeedbackState.DECLINED, Text("直せません（理由を書く）", "We cannot (say why)")),
        "not_holder": (None, Text("こちらのデータではありません", "It is not our data")),
    },
}
_STEPS: dict[str, tuple[set[DataRequestState], DataRequestState]] = {
    "review": ({DataRequestState.NEW}, DataRequestState.REVIEW),
    "send": (
        {DataRequestState.NEW, DataRequestState.REVIEW, DataRequestState.SENT, DataRequestState.PROMISED},
        DataRequestState.SENT,
    ),
    "promised": (
        {DataRequestState.NEW, DataRequestState.REVIEW, DataRequestState.SENT, DataRequestState.NOT_POSSIBLE},
        DataRequestState.PROMISED,
    ),
    "published": (
        {
            DataRequestState.NEW,
            DataRequestState.REVIEW,
            DataRequestState.SENT,
            DataRequestState.PROMISED,
            DataRequestState.NOT_POSSIBLE,
        },
        DataRequestState.PUBLISHED,
    ),
    "not_possible": (
        {DataRequestState.NEW, DataRequestState.REVIEW, DataRequestState.SENT, DataRequestState.PROMISED},
        DataRequestState.NOT_POSSIBLE,
    ),
    "withdraw": (
        {DataRequestState.NEW, DataRequestState.REVIEW, DataRequestState.SENT, DataRequestState.PROMISED},
        DataRequestState.WITHDRAWN,
    ),
    "merge": (
        {DataRequestState.NEW, DataRequestState.REVIEW, DataRequestState.SENT, DataRequestState.PROMISED},
        DataRequestState.MERGED,
    ),
}
STATE_WORDS = {
    "unconfirmed": Text("確認待ち", "waiting for confirmation"),
    "open": Text("返事待ち", "open"),
    "answered": Text("回答あり", "answered"),
    "mended": Text("修正済み・修正予定", "mended, or will be"),
    "declined": Text("見送り", "declined"),
    "closed": Text("終了", "closed"),
    "new": Text("新しい", "new"),
    "review": Text("確認中", "under review"),
    "sent": Text("照会中", "sent to the holder"),
    "promised": Text("公開予定", "will be published"),
    "published": Text("公開済み", "published"),
    "not_possible": Text("公開できない", "not possible"),
    "withdrawn": Text("取下げ", "withdrawn"),
    "merged": Text("統合済み", "merged"),
    "revoked": Text("取消し", "revoked"),
}
Fault = dict[str, str]


def tidy(text: str) -> str:
    """Return what somebody wrote without control and direction characters, line ends as `\\n`, outer spaces gone."""
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(text: str) -> str:
    """Return a text as one line with single spaces, fit for a title or a mail's subject."""
    return " ".join(tidy(text).split())


def must_fit(faults: Iterable[Fault]) -> None:
    """Raise WordsInvalid when there are faults; each names its field."""
    listed = list(faults)
    if listed:
        raise errors.WordsInvalid(count=len(listed), errors=listed)


def text_faults(field: str, text: str, *, most: int = LONGEST_TEXT, needed: bool = True) -> list[Fault]:
    """Return what is wrong with one text."""
    if needed and not text:
        return [_fault(field, "書いてください。", "Please write something.")]
    if len(text) > most:
        return [
            _fault(
                field,
                f"{most}文字までにしてください（いま{len(text)}文字）。",
                f"At most {most} characters ({len(text)} now).",
            )
        ]
    return []


def url_faults(field: str, url: str, *, needed: bool = True) -> list[Fault]:
    """Return what is wrong with a web address that readers will follow."""
    if not url:
        return [_fault(field, "URLを書いてください。", "Please give an address.")] if needed else []
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and not parts.username
    except ValueError:
        good = False
    if not good or len(url) > LONGEST_URL or re.search(r"[\s<>\"]", url):
        return [_fault(field, "https:// で始まるURLを書いてください。", "Give an address that begins with https://.")]
    return []


def visitor_faults(visitor: VisitorWords | None) -> list[Fault]:
    """Return what is wrong with what a visitor gives of themselves."""
    if visitor is None:
        return []
    faults = text_faults("name", visitor.name, most=100, needed=False)
    if len(visitor.email) > 254 or MAIL.fullmatch(visitor.email) is None:
        faults.append(_fault("email", "メールアドレスを確かめてください。", "Please check the mail address."))
    return faults


def feedback_faults(
    kind: str, *, title: str, text: str, target: Target, url: str, reuse_kind: str, visitor: VisitorWords | None
) -> list[Fault]:
    """Return everything that is wrong with a question, correction or reuse, by field."""
    faults = visitor_faults(visitor)
    if kind not in set(FeedbackKind):
        return [*faults, _fault("kind", "種類を選んでください。", "Choose what it is.")]
    faults += text_faults("title", title, most=LONGEST_TITLE, needed=kind == FeedbackKind.REUSE)
    faults += text_faults("text", text, needed=kind != FeedbackKind.CORRECTION or not target.proposed)
    for entry in fields(Target):
        faults += text_faults(entry.name, str(getattr(target, entry.name)), most=500, needed=False)
    if kind == FeedbackKind.REUSE:
        faults += url_faults("url", url, needed=False)
        if reuse_kind not in REUSE_KINDS:
            faults.append(_fault("reuse_kind", "使い道を選んでください。", "Choose the kind of use."))
    return faults


def request_faults(
    kind: str, *, title: str, text: str, use: str, holder_name: str, wanted_format: str, has_dataset: bool,
    visitor: VisitorWords | None,
) -> list[Fault]:  # fmt: skip
    """Return everything that is wrong with a data request, by field."""
    faults = visitor_faults(visitor)
    if kind not in set(RequestKind):
        faults.append(_fault("kind", "種類を選んでください。", "Choose what it is."))
    faults += text_faults("title", title, most=LONGEST_TITLE)
    faults += text_faults("text", text)
    faults += text_faults("use", use, needed=False)
    faults += text_faults("holder_name", holder_name, most=200, needed=False)
    faults += text_faults("wanted_format", wanted_format, most=40, needed=kind == RequestKind.FORMAT)
    if kind == RequestKind.FORMAT and not has_dataset:
        faults.append(_fault("kind", "形式の要望は、データセットのページから送ってください。",
                             "Ask for a better format from the dataset's page."))  # fmt: skip
    return faults


def rating_faults(points: int, word: str) -> list[Fault]:
    """Return what is wrong with a rating."""
    faults = text_faults("word", word, most=LONGEST_WORD, needed=False)
    if not 1 <= points <= 5:
        faults.append(_fault("points", "1から5で選んでください。", "Choose from 1 to 5."))
    return faults


def first_visibility(kind: str, *, by_visitor: bool) -> Visibility:
    """Say how new words begin: members' questions and corrections are shown, a reuse and strangers' words are held."""
    return Visibility.HELD if by_visitor or kind == FeedbackKind.REUSE else Visibility.SHOWN


def feedback_after(state: FeedbackState, answer: str, *, closed: bool) -> FeedbackState:
    """Return the state after an answer of the owner. Raises WrongStep."""
    allowed = (FeedbackState.ANSWERED, FeedbackState.MENDED, FeedbackState.DECLINED)
    if closed or state is FeedbackState.UNCONFIRMED:
        raise wrong_step("closed" if closed else state.value)
    for after in allowed:
        if after.value == answer:
            return after
    raise errors.WordsInvalid(count=1, errors=[_fault("answer", "答え方を選んでください。", "Choose an answer.")])


def visibility_after_answer(now: Visibility, kind: FeedbackKind) -> Visibility:
    """An owner's answer shows a question or correction; what the operator hid stays hidden, a reuse waits for release."""
    return Visibility.SHOWN if now is Visibility.HELD and kind is not FeedbackKind.REUSE else now


def request_after(state: DataRequestState, step: str) -> DataRequestState:
    """Return where a data request stands after a step. Raises WrongStep, WordsInvalid for a step nobody knows."""
    if step not in _STEPS:
        raise errors.WordsInvalid(
            count=1, errors=[_fault("step", "次の段階を選んでください。", "Choose the next step.")]
        )
    allowed, after = _STEPS[step]
    if state not in allowed:
        raise wrong_step(state.value)
    return after


def steps_from(state: DataRequestState) -> tuple[str, ...]:
    """Return the steps that are possible from a state, in the story's order."""
    return tuple(name for name, (allowed, _) in _STEPS.items() if state in allowed)


def answer_faults(what: str, answer: str, text: str, url: str) -> list[Fault]:
    """Return what is wrong with a holder's answer; `what` is "request" or "feedback"."""
    if answer not in ANSWERS[what]:
        return [_fault("answer", "答えを選んでください。", "Choose an answer.")]
    needed = answer in ("not_possible", "declined", "answered")
    return [
        *text_faults("text", text, needed=needed),
        *url_faults("url", url, needed=answer == "published"),
    ]


def wrong_step(state: str) -> errors.WrongStep:
    """Return the refusal that names the present state."""
    words = STATE_WORDS.get(state, Text(state, state))
    return errors.WrongStep(state=words.en, state_ja=words.ja)


def must_be_slow_enough(instants: Iterable[datetime], now: datetime) -> None:
    """Refuse a stranger who knocked five times within the hour or twenty within the day. Raises TooMuchAtOnce."""
    known = list(instants)
    if sum(at > now - HOUR for at in known) >= STRANGER_HOURLY or sum(at > now - DAY for at in known) >= STRANGER_DAILY:
        raise errors.TooMuchAtOnce(retry_after_seconds=3600)


def digest_boundary(pace: Pace, now: datetime) -> datetime:
    """Return the last instant at which digests of this pace were due: 07:00 JST each day, or on Mondays."""
    local = now.astimezone(JST)
    due = local.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    if due > local:
        due -= DAY
    if pace is Pace.WEEKLY:
        due -= timedelta(days=due.weekday())
    return due


def next_reminder(sent_at: datetime, reminders: int, *, after_days: int = 14, most: int = 2) -> datetime | None:
    """Return when a holder who has not answered is reminded next; None after the last time."""
    return None if reminders >= most else sent_at + timedelta(days=after_days * (reminders + 1))


def planned_change_why(effective_on: date, today: date, columns: Iterable[str], text: str) -> Text | None:
    """Return what is wrong with an announced change of columns, or None."""
    listed = list(columns)
    if effective_on <= today:
        return Text("日付は、あす以降にしてください。", "The day must be after today.")
    if effective_on > today + timedelta(days=3 * 366):
        return Text("日付は、3年以内にしてください。", "The day must be within three years.")
    if not listed and not text:
        return Text("増える列・なくなる列か、説明を書いてください。", "Name the columns, or describe the change.")
    if len(listed) > 500 or any(len(name) > 200 for name in listed) or len(text) > LONGEST_TEXT:
        return Text("列は500まで、名前は200文字まで、説明は4000文字までです。",
                    "At most 500 columns of 200 characters, and 4,000 characters of text.")  # fmt: skip
    return None


def bigrams(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring characters of a text: NFKC, lower case, letters and digits only."""
    folded = "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
    return frozenset(folded[place : place + 2] for place in range(max(1, len(folded) - 1))) if folded else frozenset()


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how alike two texts are by their bigrams, 0 to 1 (Sørensen–Dice)."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def follow_key(kind: str, name: str) -> str:
    """Return the key under which news of a followed thing is kept; at most 80 characters."""
    return f"{kind}:{name}"[:80]


def canonical_search(query: str) -> str:
    """Return a search's query string in one way of writing: known fields only, sorted, no page, no order.

    It may be the page's or the API's.
    """
    try:
        pairs = parse_qsl(query.lstrip("?")[:4000], keep_blank_values=False, max_num_fields=200)
    except ValueError:
        return ""
    pairs = [(FILTER_ALIASES.get(name, name), value) for name, value in pairs]
    kept = {(name, value.strip()[:200]) for name, value in pairs if name in SEARCH_FIELDS and value.strip()}
    return urlencode(sorted(kept))


def may_own(roles: Mapping[int, str], provider_party_id: int) -> bool:
    """Say whether the member works for the provider: editors and administrators do."""
    return roles.get(provider_party_id, "viewer") in ("editor", "administrator")


def _fault(field: str, ja: str, en: str) -> Fault:
    return {"field": field, "message_ja": ja, "message_en": en}


WEBHOOK_FAILURES = 3
_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600))


def webhook_pause(attempts: int) -> timedelta | None:
    """Return how long to wait after so many tries (Standard Webhooks' schedule); None when it is time to give up."""
    return _PAUSES[attempts - 1] if 1 <= attempts <= len(_PAUSES) else None


def webhook_why(url: str, *, allow_plain: bool) -> Text | None:
    """Return what is wrong with an address to be called, or None; `allow_plain` lets http through in a closed network."""
    try:
        parts = urlsplit(url)
        scheme, host, login = parts.scheme, parts.hostname, parts.username
        _ = parts.port
    except ValueError:
        return Text("URLを読めません。", "The address cannot be read.")
    if scheme != "https" and not (allow_plain and scheme == "http"):
        return Text("https:// で始まるURLにしてください。", "The address must begin with https://.")
    if not host or login or len(url) > LONGEST_URL or re.search(r"[\s<>\"]", url):
        return Text(
            "URLを確かめてください。認証情報は含められません。", "Check the address; it must not carry credentials."
        )
    return None
