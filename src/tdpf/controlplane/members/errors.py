"""What can stand in a member's way, and how to mend it."""

from __future__ import annotations

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class SignInNeeded(Problem):
    """The act needs somebody who is signed in."""

    code = "members/sign-in-needed"
    status = 401
    title = Text("ログインが必要です", "Please sign in")
    detail = Text("この操作にはログインが必要です。", "This needs a signed-in member.")
    cure = Text(
        "ログインするか、会員登録をしてからもう一度お試しください。",
        "Sign in, or sign up first, then try again.",
    )


class MfaNeeded(Problem):
    """The act needs an account with a second factor."""

    code = "members/mfa-needed"
    status = 403
    title = Text("多要素認証の設定が必要です", "A second factor is needed")
    detail = Text(
        "データの提供、約定、審査などの操作には、多要素認証（認証アプリまたはパスキー）の設定が必要です。",
        "Providing data, signing and reviewing need an account with an authenticator app or a passkey.",
    )
    cure = Text(
        "アカウント設定の「多要素認証」で認証アプリまたはパスキーを登録してから、もう一度お試しください。",
        "Add an authenticator app or a passkey under account settings, then try again.",
    )


class MemberSuspended(Problem):
    """The member may not act while a suspension is in force."""

    code = "members/member-suspended"
    status = 403
    title = Text("利用停止中です", "The account is suspended")
    detail = Text(
        "このアカウントは利用停止中のため、操作できません。",
        "This account is suspended and cannot act.",
    )
    cure = Text(
        "停止の理由と期限はアカウントのページで確認できます。お心当たりのない場合は運営者へお問い合わせください。",
        "Your account page shows the reason and the end. Contact the operator if you disagree.",
    )


class PartySuspended(Problem):
    """Nobody may act for the party while a suspension is in force."""

    code = "members/party-suspended"
    status = 403
    title = Text("この団体は利用停止中です", "The organisation is suspended")
    detail = Text(
        "利用停止中のため、この名義では操作できません。",
        "The organisation is suspended; nobody can act in its name.",
    )
    cure = Text(
        "停止の理由と期限は団体のページで確認できます。運営者へお問い合わせください。",
        "The organisation's page shows the reason and the end. Contact the operator.",
    )


class OrganizationNotApproved(Problem):
    """The organisation has not been approved by an operator yet."""

    code = "members/organization-not-approved"
    status = 403
    title = Text("団体の審査が終わっていません", "The organisation is not approved yet")
    detail = Text(
        "この団体はまだ承認されていないため、団体の名義では操作できません。",
        "The organisation is not approved, so nobody can act in its name yet.",
    )
    cure = Text(
        "審査の結果をお待ちください。確認のお願いが届いている場合は、内容を直して再申請してください。",
        "Wait for the review. If you were asked back, correct the application and submit it again.",
    )


class RoleNeeded(Problem):
    """The member's role for the party does not allow the act, or there is none."""

    code = "members/role-needed"
    status = 403
    title = Text("権限がありません", "Your role does not allow this")
    detail = Text(
        "この操作には「{needed_ja}」以上の役割が必要です。",
        "This needs the role “{needed}” or higher.",
    )
    cure = Text(
        "団体の管理者に役割の変更を依頼してください。",
        "Ask an administrator of the organisation to give you the role.",
    )


class OperatorNeeded(Problem):
    """The act belongs to the operator of the platform."""

    code = "members/operator-needed"
    status = 403
    title = Text("運営者だけができる操作です", "Only the operator may do this")
    detail = Text("この操作は運営者に限られています。", "This is reserved for the operator of the platform.")
    cure = Text("必要な場合は運営者へお問い合わせください。", "Contact the operator if you need this done.")


class OwnOrganization(Problem):
    """An operator may not judge an organisation to which they belong, nor themselves."""

    code = "members/own-organization"
    status = 403
    title = Text("ご自身に関わる判断はできません", "You cannot judge your own case")
    detail = Text(
        "ご自身、またはご自身が所属する団体について、審査や利用停止の判断はできません。",
        "An operator cannot review or suspend themselves or an organisation they belong to.",
    )
    cure = Text("別の運営者に判断を依頼してください。", "Ask another operator to decide.")


class PartyNotFound(Problem):
    """No person or organisation has this name or identifier."""

    code = "members/party-not-found"
    status = 404
    title = Text("該当する会員・団体がありません", "No such person or organisation")
    detail = Text("「{party}」という会員・団体はありません。", "There is no person or organisation “{party}”.")
    cure = Text("URLを確かめてください。", "Check the address.")


class MemberNotFound(Problem):
    """No member has this identifier."""

    code = "members/member-not-found"
    status = 404
    title = Text("該当する会員がいません", "No such member")
    detail = Text("「{member}」という会員はいません。", "There is no member “{member}”.")
    cure = Text("指定を確かめてください。", "Check what you asked for.")


class OrganizationNotFound(Problem):
    """No organisation has this identifier, or the asking member may not know of it."""

    code = "members/organization-not-found"
    status = 404
    title = Text("該当する団体がありません", "No such organisation")
    detail = Text("「{organization}」という団体はありません。", "There is no organisation “{organization}”.")
    cure = Text("URLを確かめてください。", "Check the address.")


class InvitationNotFound(Problem):
    """No open invitation of this identifier is addressed to the member."""

    code = "members/invitation-not-found"
    status = 404
    title = Text("該当する招待がありません", "No such invitation")
    detail = Text(
        "この招待は、取り消されたか、期限が切れたか、別のメールアドレス宛てです。",
        "The invitation was withdrawn, has expired, or is addressed to another mail address.",
    )
    cure = Text(
        "招待されたメールアドレスを確認済みのアカウントでログインしているか確かめ、必要なら招待し直してもらってください。",
        "Sign in with the account that has confirmed the invited address, or ask to be invited again.",
    )


class SuspensionNotFound(Problem):
    """No suspension of this identifier is in force."""

    code = "members/suspension-not-found"
    status = 404
    title = Text("該当する利用停止がありません", "No such suspension")
    detail = Text("この利用停止はないか、すでに終わっています。", "There is no such suspension in force.")
    cure = Text("一覧を読み込み直して確かめてください。", "Reload the list and look again.")


class ApplicationIncomplete(Problem):
    """What an organisation says of itself does not hold together; `errors` names the fields."""

    code = "members/application-incomplete"
    status = 422
    title = Text("申請の内容を確かめてください", "Please correct the application")
    detail = Text("{count}か所に直すところがあります。", "{count} entries need correction.")
    cure = Text("示された項目を直して、もう一度送信してください。", "Correct the named entries and send again.")


class OrganizationExists(Problem):
    """An approved organisation already has this code number."""

    code = "members/organization-exists"
    status = 409
    title = Text("この団体はすでに登録されています", "The organisation is already registered")
    detail = Text(
        "この番号の団体「{name}」はすでに承認されています。",
        "An approved organisation “{name}” already has this number.",
    )
    cure = Text("その団体の管理者に、メンバーとして招待してもらってください。", "Ask its administrator to invite you.")


class TooManyApplications(Problem):
    """A member has as many undecided applications as are allowed at a time."""

    code = "members/too-many-applications"
    status = 429
    title = Text("審査待ちの申請が多すぎます", "Too many applications are waiting")
    detail = Text(
        "同時に審査を待てる申請は{limit}件までです。",
        "A member may have {limit} applications waiting at a time.",
    )
    cure = Text("審査の結果を待つか、不要な申請を取り下げてください。", "Wait for a decision, or withdraw one.")


class SlugTaken(Problem):
    """Another person or organisation already has this short name."""

    code = "members/slug-taken"
    status = 409
    title = Text("この短い名前は使われています", "The short name is taken")
    detail = Text("「{slug}」はすでに使われています。", "“{slug}” is already in use.")
    cure = Text("別の短い名前にしてください。", "Choose another short name.")


class WrongState(Problem):
    """The step does not fit where the application stands."""

    code = "members/wrong-state"
    status = 409
    title = Text("いまの状態ではできません", "Not possible in the present state")
    detail = Text(
        "この申請は「{state_ja}」のため、この操作はできません。",
        "The application is “{state}”; this step does not fit.",
    )
    cure = Text("ページを読み込み直して、いまの状態を確かめてください。", "Reload the page to see where it stands.")


class ReasonNeeded(Problem):
    """A judgement needs its reason in words."""

    code = "members/reason-needed"
    status = 422
    title = Text("理由を書いてください", "Please give the reason")
    detail = Text(
        "この判断には理由が必要です。相手にも示されます。",
        "This decision needs a reason; it is shown to the other side.",
    )
    cure = Text("理由を文章で書いて、もう一度送信してください。", "Write the reason and send again.")


class LastAdministrator(Problem):
    """An organisation always keeps one administrator."""

    code = "members/last-administrator"
    status = 409
    title = Text("最後の管理者は外れることができません", "The last administrator cannot leave")
    detail = Text(
        "団体には少なくとも1人の管理者が必要です。",
        "An organisation needs at least one administrator.",
    )
    cure = Text("先に別のメンバーを管理者にしてください。", "Make another member administrator first.")


class AlreadyMember(Problem):
    """The member already has a role in the organisation."""

    code = "members/already-member"
    status = 409
    title = Text("すでにメンバーです", "Already a member of the organisation")
    detail = Text("この方はすでに団体のメンバーです。", "This person already has a role in the organisation.")
    cure = Text("役割を変える場合は、メンバー一覧から変更してください。", "Change the role in the list of members.")


class AlreadyInvited(Problem):
    """An invitation to this address is still open."""

    code = "members/already-invited"
    status = 409
    title = Text("すでに招待しています", "Already invited")
    detail = Text("{email} への招待は回答待ちです。", "An invitation to {email} is still open.")
    cure = Text("回答を待つか、招待を取り消してから招待し直してください。", "Wait, or withdraw it and invite again.")


class AddressInUse(Problem):
    """A member with this mail address exists already."""

    code = "members/address-in-use"
    status = 409
    title = Text("このメールアドレスは登録済みです", "The mail address is in use")
    detail = Text("{email} の会員はすでに登録されています。", "A member with {email} exists already.")
    cure = Text("別のメールアドレスにしてください。", "Use another mail address.")


class AddressInvalid(Problem):
    """The text is not a mail address."""

    code = "members/address-invalid"
    status = 422
    title = Text("メールアドレスの形ではありません", "Not a mail address")
    detail = Text("「{email}」はメールアドレスとして読めません。", "“{email}” cannot be read as a mail address.")
    cure = Text("name@example.jp の形で入力してください。", "Write it like name@example.jp.")


class SignInOnlyForPeople(Problem):
    """Only a person signs in, so an organisation's suspension cannot stop that."""

    code = "members/sign-in-only-for-people"
    status = 422
    title = Text("団体にはログインの停止はありません", "Organisations do not sign in")
    detail = Text(
        "ログインの停止は個人の会員だけが対象です。団体では、キーと提供を停止できます。",
        "Signing in can be stopped for persons only; for an organisation, stop keys and offers.",
    )
    cure = Text(
        "ログインの停止を外すか、該当する会員を停止してください。", "Leave it out, or suspend the member concerned."
    )


class EndsInThePast(Problem):
    """A suspension must end after it begins."""

    code = "members/ends-in-the-past"
    status = 422
    title = Text("終了日時が過去です", "The end lies in the past")
    detail = Text("利用停止の終了は、いまより後の日時にしてください。", "A suspension must end later than now.")
    cure = Text("終了日時を直すか、空欄（無期限）にしてください。", "Correct the end, or leave it empty for no end.")


class PasswordTooWeak(Problem):
    """The password does not pass the platform's checks."""

    code = "members/password-too-weak"
    status = 422
    title = Text("パスワードが弱すぎます", "The password is too weak")
    detail = Text("このパスワードは使えません。{why}", "This password cannot be used. {why}")
    cure = Text(
        "10文字以上の、推測されにくいパスワードにしてください。", "Use ten or more characters that are hard to guess."
    )


class ProfileInvalid(Problem):
    """An entry of the profile cannot be kept as it is; `errors` names the fields."""

    code = "members/profile-invalid"
    status = 422
    title = Text("入力内容を確かめてください", "Please correct your entries")
    detail = Text("{count}か所に直すところがあります。", "{count} entries need correction.")
    cure = Text("示された項目を直して、もう一度送信してください。", "Correct the named entries and send again.")
