"""Letters that this room sends: plain text, one thing in the subject, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tdpf.kit.clock import JST
from tdpf.kit.text import Text

ROLES = {
    "administrator": Text("管理者", "administrator"),
    "editor": Text("編集者", "editor"),
    "viewer": Text("閲覧者", "viewer"),
}
OUTCOMES = {
    "approve": Text("承認されました", "was approved"),
    "ask_back": Text("確認のお願いがあります", "needs a correction"),
    "reject": Text("承認されませんでした", "was not approved"),
}
NEXT_STEPS = {
    "approve": Text(
        "団体の名義でデータの提供と利用を始められます。メンバーの招待もできます（多要素認証の設定が必要です）。",
        "You can now provide and use data in its name, and invite members (a second factor is needed).",
    ),
    "ask_back": Text("内容を直して、もう一度申請してください。", "Please correct the application and submit it again."),
    "reject": Text("ご不明な点は運営者へお問い合わせください。", "Contact the operator if you have questions."),
}
FAREWELL = Text("TDPF（東京データプラットフォーム）", "TDPF (Tokyo Data Platform)")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it has an address."""

    subject: Text
    body: Text


def invitation(*, organization: Text, role: str, invited_by: str, address: str, expires_at: datetime) -> Letter:
    """Return the letter that offers a role in an organisation; `address` is the page to answer on."""
    offered = ROLES[role]
    return Letter(
        Text(f"「{organization.ja}」への招待", f"Invitation to “{organization.en}”"),
        _signed(
            f"{invited_by} さんから、「{organization.ja}」の{offered.ja}に招待されています。\n\n"
            f"次のページで回答してください（期限: {_day(expires_at)}）。\n{address}\n\n"
            "会員でない方は、このメールを受け取ったアドレスで会員登録をしてください。"
            "お心当たりのない場合は、何もする必要はありません。",
            f"{invited_by} invites you to be {offered.en} of “{organization.en}”.\n\n"
            f"Please answer on this page (until {_day(expires_at)}):\n{address}\n\n"
            "If you are not a member yet, sign up with the address that received this mail. "
            "If you do not know what this is about, you need not do anything.",
        ),
    )


def review_result(*, organization: Text, decision: str, reason: str, address: str) -> Letter:
    """Return the letter that tells the applicants what was decided about their organisation."""
    outcome, following = OUTCOMES[decision], NEXT_STEPS[decision]
    said_ja = f"\n\n運営者から:\n{reason}" if reason else ""
    said_en = f"\n\nThe operator says:\n{reason}" if reason else ""
    return Letter(
        Text(f"団体「{organization.ja}」の申請: {outcome.ja}", f"Organisation “{organization.en}” {outcome.en}"),
        _signed(
            f"団体「{organization.ja}」の申請について、{outcome.ja}。{said_ja}\n\n{following.ja}\n{address}",
            f"The application of “{organization.en}” {outcome.en}.{said_en}\n\n{following.en}\n{address}",
        ),
    )


def application_waiting(*, organization: Text, address: str) -> Letter:
    """Return the letter that tells operators of an application to review."""
    return Letter(
        Text(f"審査待ちの団体: {organization.ja}", f"Organisation to review: {organization.en}"),
        _signed(
            f"団体「{organization.ja}」から申請がありました。\n{address}",
            f"“{organization.en}” has applied.\n{address}",
        ),
    )


def suspension(
    *,
    party: Text,
    reason: str,
    continues: str,
    until_at: datetime | None,
    stops_keys: bool,
    offers: int,
    stops_sign_in: bool,
) -> Letter:
    """Return the letter that tells a suspended party what stops, what continues, why, and until when."""
    stops_ja = ["この名義での操作"] + ["すべてのAPIキー"] * stops_keys + [f"提供{offers}件"] * bool(offers)
    stops_en = ["acting in its name"] + ["all API keys"] * stops_keys + [f"{offers} offer(s)"] * bool(offers)
    if stops_sign_in:
        stops_ja.append("ログイン")
        stops_en.append("signing in")
    until_ja = _day(until_at) if until_at else "運営者が解除するまで"
    until_en = _day(until_at) if until_at else "until an operator lifts it"
    return Letter(
        Text(f"利用停止のお知らせ: {party.ja}", f"Suspension of {party.en}"),
        _signed(
            f"「{party.ja}」の利用を停止しました。\n\n停止するもの: {'、'.join(stops_ja)}\n"
            f"続くもの: {continues or '約定の記録の閲覧'}\n期限: {until_ja}\n理由:\n{reason}\n\n"
            "ご意見がある場合は運営者へお知らせください。",
            f"“{party.en}” has been suspended.\n\nWhat stops: {', '.join(stops_en)}\n"
            f"What continues: {continues or 'reading the records of agreements'}\nUntil: {until_en}\nReason:\n{reason}\n\n"
            "Contact the operator if you disagree.",
        ),
    )


def suspension_ended(*, party: Text, reason: str, others: int) -> Letter:
    """Return the letter that tells a party that a suspension is over, and how many others of it go on."""
    over = Text(f"「{party.ja}」の利用停止は終わりました。", f"The suspension of “{party.en}” has ended.")
    if others:
        over = Text(
            f"「{party.ja}」の利用停止が一つ終わりました。ほかに{others}件の利用停止が続いています。",
            f"One suspension of “{party.en}” has ended; {others} more are still in force.",
        )
    return Letter(
        Text(f"利用停止の終了: {party.ja}", f"Suspension of {party.en} has ended"),
        _signed(
            over.ja + (f"\n\n運営者から:\n{reason}" if reason else ""),
            over.en + (f"\n\nThe operator says:\n{reason}" if reason else ""),
        ),
    )


def _signed(ja: str, en: str) -> Text:
    return Text(f"{ja}\n\n--\n{FAREWELL.ja}\n", f"{en}\n\n--\n{FAREWELL.en}\n")


def _day(instant: datetime) -> str:
    return f"{instant.astimezone(JST):%Y-%m-%d %H:%M} JST"
