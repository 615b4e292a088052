"""Letters about threads, data requests and what is carried to holders: pure functions of what is known."""

from __future__ import annotations

from datetime import datetime

from tdpf.controlplane.community.news import Letter
from tdpf.controlplane.community.rules import STATE_WORDS
from tdpf.kit.clock import JST
from tdpf.kit.text import Text

KINDS = {
    "question": Text("質問", "Question"),
    "correction": Text("まちがいの指摘", "Correction"),
    "reuse": Text("活用の紹介", "Reuse"),
}
_NAME = Text("TDPF（東京データプラットフォーム）", "TDPF (Tokyo Data Platform)")


def confirmation(*, address: str, expires_at: datetime) -> Letter:
    """Return the letter with the link by which a visitor confirms; nothing a stranger typed stands in it."""
    return _signed(
        Text("投稿の確認", "Please confirm"),
        "このメールアドレスで、東京データプラットフォームに投稿がありました。\n"
        f"ご自身の投稿であれば、次のページを開いて「確認する」を押してください（{_day(expires_at)}まで）。\n{address}\n\n"
        "お心当たりのない場合は、何もする必要はありません。投稿は自動で消えます。",
        "Something was sent to the Tokyo Data Platform with this mail address.\n"
        f"If it was you, open this page and press “Confirm” (until {_day(expires_at)}):\n{address}\n\n"
        "If it was not, you need not do anything; it will be removed.",
    )


def to_owner(*, kind: str, dataset: Text, text: str, address: str) -> Letter:
    """Return the letter that tells an owner of a new thread or a new turn in it."""
    word = KINDS[kind]
    return _signed(
        Text(f"{word.ja}: {dataset.ja}", f"{word.en}: {dataset.en}"),
        f"「{dataset.ja}」に{word.ja}が届きました。\n\n{_quoted(text)}\n\n次のページで答えられます。\n{address}",
        f"There is a {word.en.lower()} about “{dataset.en}”.\n\n{_quoted(text)}\n\nYou can answer here:\n{address}",
    )


def to_author(*, kind: str, dataset: Text, state: str, answer: str, address: str) -> Letter:
    """Return the letter that tells whoever wrote that there is an answer."""
    word, stands = KINDS[kind], STATE_WORDS[state]
    said_ja = f"\n\n{_quoted(answer)}" if answer else ""
    return _signed(
        Text(f"回答がありました: {dataset.ja}", f"Answered: {dataset.en}"),
        f"「{dataset.ja}」への{word.ja}に回答がありました（{stands.ja}）。{said_ja}\n\n{address}",
        f"Your {word.en.lower()} about “{dataset.en}” was answered ({stands.en}).{said_ja}\n\n{address}",
    )


def errand(*, subject: str, text: str, of_request: bool, message: str, name: str, address: str, until: datetime,
           reminder: int) -> Letter:  # fmt: skip
    """Return the letter that carries a request or a thread to its holder, with the page that needs no account."""
    what_ja = "データの提供・連携のお願い" if of_request else "データについての声のお知らせ"
    what_en = "Request for data" if of_request else "Word about your data"
    again_ja, again_en = ("（再送）", " (reminder)") if reminder else ("", "")
    note_ja = f"運営者から:\n{message}\n\n" if message else ""
    note_en = f"The operator says:\n{message}\n\n" if message else ""
    return _signed(
        Text(f"{what_ja}{again_ja}: {subject}", f"{what_en}{again_en}: {subject}"),
        f"{name} 御中\n\n東京データプラットフォームの運営者です。利用者から次の声が届いています。\n\n"
        f"「{subject}」\n{_quoted(text)}\n\n{note_ja}"
        f"次のページで、アカウントなしで回答いただけます（{_day(until)}まで。開いただけでは何も送られません）。\n{address}\n\n"
        "このリンクは、この件だけに使える専用のものです。担当の方以外に渡さないでください。",
        f"To {name}\n\nThis is the operator of the Tokyo Data Platform. We received this:\n\n"
        f"“{subject}”\n{_quoted(text)}\n\n{note_en}"
        f"You can answer on this page without an account (until {_day(until)}; opening it sends nothing):\n{address}\n\n"
        "The link is for this matter only. Please do not pass it on.",
    )


def request_moved(*, title: str, state: str, text: str, url: str, address: str) -> Letter:
    """Return the letter that tells the one who asked, and those who voted, of a step."""
    word = STATE_WORDS[state]
    more = "".join(f"\n\n{part}" for part in (_quoted(text) if text else "", url) if part)
    return _signed(
        Text(f"リクエスト「{title}」: {word.ja}", f"Data request “{title}”: {word.en}"),
        f"リクエスト「{title}」は、いま「{word.ja}」です。{more}\n\n{address}",
        f"The data request “{title}” is now: {word.en}.{more}\n\n{address}",
    )


def desk_waits(*, feedback: int, requests: int, answers: int, address: str) -> Letter:
    """Return the letter that tells operators what waits on their desk."""
    return _signed(
        Text("声の机に届いています", "New on the listening desk"),
        f"確認を待つ声 {feedback} 件、運ぶのを待つリクエスト {requests} 件、届いた回答 {answers} 件があります。\n{address}",
        f"{feedback} piece(s) of feedback to review, {requests} request(s) to carry, {answers} answer(s).\n{address}",
    )


def webhook_disabled(*, url: str, address: str) -> Letter:
    """Return the letter that tells a member that a webhook is no longer called."""
    return _signed(
        Text("Webhookを止めました", "A webhook was stopped"),
        f"次のURLへの通知が何度も失敗したため、呼び出しを止めました。\n{url}\n\n直してから、次のページで再開できます。\n{address}",
        f"Calls to this address failed again and again, so they were stopped:\n{url}\n\nStart it again here:\n{address}",
    )


def _signed(subject: Text, ja: str, en: str) -> Letter:
    return Letter(subject, Text(f"{ja}\n\n--\n{_NAME.ja}\n", f"{en}\n\n--\n{_NAME.en}\n"))


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text[:4000].splitlines())


def _day(instant: datetime) -> str:
    local = instant.astimezone(JST)
    return f"{local:%Y-%m-%d %H:%M} JST"
