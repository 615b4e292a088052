"""What announced events are called on the operator's pages."""

from __future__ import annotations

from tdpf.kit.text import Text

EVENT_WORDS: dict[str, Text] = {
    "operations.ChainBegan": Text("監査ログの始まり", "Audit log began"),
    "members.MemberRegistered": Text("会員登録", "Member signed up"),
    "members.AddressConfirmed": Text("メールアドレスの確認", "Mail address confirmed"),
    "members.AddressChanged": Text("メールアドレスの変更", "Mail address changed"),
    "members.PasswordChanged": Text("パスワードの変更", "Password changed"),
    "members.AuthenticatorAdded": Text("多要素認証の追加", "Second factor added"),
    "members.AuthenticatorRemoved": Text("多要素認証の削除", "Second factor removed"),
    "members.RecoveryCodesRenewed": Text("リカバリーコードの再発行", "Recovery codes renewed"),
    "members.ProfileEdited": Text("プロフィールの変更", "Profile edited"),
    "members.OperatorAppointed": Text("運営者の任命", "Operator appointed"),
    "members.OrganizationApplied": Text("団体の申請", "Organisation applied"),
    "members.OrganizationWithdrew": Text("団体申請の取下げ", "Application withdrawn"),
    "members.OrganizationReviewed": Text("団体の審査", "Organisation reviewed"),
    "members.OrganizationEdited": Text("団体情報の変更", "Organisation edited"),
    "members.MemberInvited": Text("団体への招待", "Member invited"),
    "members.InvitationClosed": Text("招待への回答・取消", "Invitation closed"),
    "members.RoleGiven": Text("役割の付与・変更", "Role given"),
    "members.RoleEnded": Text("団体からの離脱・除名", "Role ended"),
    "members.PartySuspended": Text("利用停止", "Suspended"),
    "members.SuspensionEnded": Text("利用停止の終了", "Suspension ended"),
}


def word_for(name: str) -> Text:
    """Return an event's words, or its name where it has none yet."""
    return EVENT_WORDS.get(name, Text(name, name))
