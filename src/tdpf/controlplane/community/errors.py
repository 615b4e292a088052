"""What can stand in the way of saying, wishing and following, and how to mend it."""

from __future__ import annotations

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class FeedbackUnknown(Problem):
    """There is no such thread, or it is not for the one who asks."""

    code = "community/feedback-unknown"
    status = 404
    title = Text("このやりとりは見つかりません", "No such thread")
    detail = Text(
        "やりとり {feedback} は無いか、公開されていません。", "Thread {feedback} does not exist or is not public."
    )
    cure = Text(
        "データセットのページの「声・質問・活用」から開いてください。",
        "Open it from the dataset's page, under “Voices”.",
    )


class DataRequestUnknown(Problem):
    """There is no such data request, or it is not for the one who asks."""

    code = "community/data-request-unknown"
    status = 404
    title = Text("このリクエストは見つかりません", "No such data request")
    detail = Text(
        "リクエスト {request} は無いか、公開されていません。", "Data request {request} does not exist or is not public."
    )
    cure = Text("リクエストの一覧からお探しください。", "Look for it in the list of data requests.")


class WordsInvalid(Problem):
    """What was written does not fit; every mistake is listed with its field."""

    code = "community/words-invalid"
    status = 422
    title = Text("入力を直してください", "Please correct what you wrote")
    detail = Text("{count}か所を直してください。", "{count} place(s) need a correction.")
    cure = Text("欄ごとの説明に従って直し、もう一度送ってください。", "Correct each field as it says and send again.")


class WrongStep(Problem):
    """The thing is in a state from which this cannot be done."""

    code = "community/wrong-step"
    status = 409
    title = Text("いまはできない操作です", "This cannot be done now")
    detail = Text(
        "いまの状態（{state_ja}）では、この操作はできません。", "It is {state}; this cannot be done from there."
    )
    cure = Text(
        "ページを読み込み直して、いまの状態を確かめてください。", "Reload the page and look at its present state."
    )


class OwnData(Problem):
    """Providers do not rate their own data."""

    code = "community/own-data"
    status = 403
    title = Text("ご自身のデータは評価できません", "You cannot rate your own data")
    detail = Text("提供者は、自分が出しているデータを評価できません。", "A provider cannot rate what it provides.")
    cure = Text("使った人の評価をお待ちください。", "Leave it to those who use the data.")


class NotYours(Problem):
    """Only the author may do this."""

    code = "community/not-yours"
    status = 403
    title = Text("書いた人だけができる操作です", "Only its author may do this")
    detail = Text("ほかの人が書いたものは変えられません。", "You cannot change what somebody else wrote.")
    cure = Text(
        "ご自身のものかどうか、ログインしている名前を確かめてください。", "Check under which name you are signed in."
    )


class TooMuchAtOnce(Problem):
    """Too many things were sent in a short time."""

    code = "community/too-much-at-once"
    status = 429
    title = Text("短い間に多く送られました", "Too much in a short time")
    detail = Text(
        "短い間に多くの投稿があったため、いったん止めています。入力した内容は消えていません。",
        "There were too many in a short time, so we pause. What you typed is not lost.",
    )
    cure = Text("1時間ほどたってから、もう一度お送りください。", "Send it again in about an hour.")


class LinkNotValid(Problem):
    """A link from a mail is unknown, over, revoked, or was replaced by a newer one."""

    code = "community/link-not-valid"
    status = 404
    title = Text("このリンクは使えません", "This link does not work")
    detail = Text(
        "リンクが途中で切れているか、期限が過ぎたか、取り消されています。",
        "The link is cut off, its time is over, or it was revoked.",
    )
    cure = Text(
        "メールのリンク全体を開いているか確かめてください。期限が過ぎたときは、もう一度お送りになるか、メールの差出人にご連絡ください。",
        "Check that the whole link of the mail was opened. If its time is over, send again or contact the sender.",
    )


class AlreadyAnswered(Problem):
    """The answer page was used; each link answers once."""

    code = "community/already-answered"
    status = 409
    title = Text("回答はすでに受け取っています", "The answer has been received")
    detail = Text("このお願いには、すでに回答をいただいています。", "This has been answered already.")
    cure = Text(
        "回答を変えたいときは、メールの差出人（運営者）にご連絡ください。",
        "To change the answer, contact the operator.",
    )


class MergeNotPossible(Problem):
    """A request cannot be put into itself, into a merged one, or into one that nobody sees."""

    code = "community/merge-not-possible"
    status = 409
    title = Text("このリクエストにはまとめられません", "Cannot be merged into that request")
    detail = Text(
        "まとめ先は、公開されている、別の、まだまとめられていないリクエストにしてください。",
        "The other request must be public, a different one, and not merged itself.",
    )
    cure = Text("まとめ先のURLを確かめてください。", "Check the address of the other request.")


class FollowNotPossible(Problem):
    """There is nothing of that kind to follow, or there are too many follows."""

    code = "community/follow-not-possible"
    status = 422
    title = Text("お知らせの登録ができません", "This cannot be followed")
    detail = Text("受け付けられません。{why_ja}", "Not accepted: {why_en}")
    cure = Text(
        "データ、提供者、分野、検索、リクエストから選んでください。",
        "Choose a dataset, publisher, theme, search or request.",
    )


class WebhookUnknown(Problem):
    """There is no such webhook of this member."""

    code = "community/webhook-unknown"
    status = 404
    title = Text("Webhookが見つかりません", "No such webhook")
    detail = Text("Webhook {webhook} は、あなたのものとして登録されていません。", "You have no webhook {webhook}.")
    cure = Text("マイページの一覧を確かめてください。", "Look at the list on your pages.")


class WebhookRefused(Problem):
    """The address cannot be called."""

    code = "community/webhook-refused"
    status = 422
    title = Text("このURLは呼び出せません", "This address cannot be called")
    detail = Text("受け付けられません。{why_ja}", "Not accepted: {why_en}")
    cure = Text(
        "インターネットに公開された https のURLを指定してください。",
        "Give an https URL that is public on the internet.",
    )


class PlannedChangeInvalid(Problem):
    """An announced change needs a day to come and at least one column or a sentence."""

    code = "community/planned-change-invalid"
    status = 422
    title = Text("予告の内容を直してください", "Please correct the announcement")
    detail = Text("受け付けられません。{why_ja}", "Not accepted: {why_en}")
    cure = Text(
        "あすより後の日と、変わる列か説明を書いてください。", "Give a day after today, and columns or a sentence."
    )
