"""Every refusal of the gateway. Envoy answers with these texts rendered beforehand; ``/problems/{code}`` explains them."""

from typing import ClassVar

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text

_TRY_LATER = Text("しばらくしてから、もう一度お試しください。", "Try again a little later.")


class GatewayProblem(Problem):
    """A refusal by the gateway itself."""


class BadRequest(GatewayProblem):
    """The request is not HTTP as Envoy reads it, or its path is ambiguous."""

    code: ClassVar[str] = "gateway/bad-request"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = Text("リクエストの形が正しくありません", "The request is malformed")
    detail: ClassVar[Text] = Text(
        "HTTPとして読めないリクエスト、またはそのままでは送れない文字（日本語、空白、%2F など）を含むアドレスです。",
        "The request is not valid HTTP, or its address holds characters that cannot be sent as they are (Japanese, spaces, %2F).",
    )
    cure: ClassVar[Text] = Text(
        "日本語や空白はパーセントエンコードしてください（トイレ → %E3%83%88%E3%82%A4%E3%83%AC。curl なら -G --data-urlencode 'q=トイレ'）。"
        "名前に / は使えません。",
        "Percent-encode Japanese and spaces (as in %E3%83%88%E3%82%A4%E3%83%AC; with curl: -G --data-urlencode 'q=...'). "
        "A name cannot contain a slash.",
    )


class TwoKeys(GatewayProblem):
    """More than one key came with one call."""

    code: ClassVar[str] = "gateway/two-keys"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = Text("APIキーが二つ以上あります", "More than one API key was sent")
    detail: ClassVar[Text] = Text(
        "Authorization、X-API-Key、apikey のうち二つ以上で、または同じものを二回、キーが送られました。",
        "Keys came in more than one of Authorization, X-API-Key and apikey, or twice in the same one.",
    )
    cure: ClassVar[Text] = Text("キーは一つだけ送ってください。", "Send exactly one key.")


class NoKey(GatewayProblem):
    """The data needs a key and none came."""

    code: ClassVar[str] = "gateway/no-key"
    status: ClassVar[int] = 401
    title: ClassVar[Text] = Text("APIキーが必要です", "An API key is needed")
    detail: ClassVar[Text] = Text(
        "このデータは、約定した利用アプリのAPIキーがないと利用できません。",
        "This data is served only with the API key of an application that has an agreement.",
    )
    cure: ClassVar[Text] = Text(
        "データセットのページから利用を申し込み、発行したキーを Authorization: Bearer で送ってください。",
        "Apply on the dataset's page and send the key you make there as Authorization: Bearer.",
    )


class KeyUnknown(GatewayProblem):
    """The key is malformed, unknown or revoked."""

    code: ClassVar[str] = "gateway/key-unknown"
    status: ClassVar[int] = 401
    title: ClassVar[Text] = Text("APIキーが正しくありません", "The API key is not known")
    detail: ClassVar[Text] = Text(
        "送られたキーは、形が違うか、発行されていないか、取り消されているか、持ち主が利用停止中です。",
        "The key that was sent is malformed, was never issued, has been revoked, or its owner is suspended.",
    )
    cure: ClassVar[Text] = Text(
        "利用アプリのページでキーを確かめ、新しいキーを発行してください。利用停止のお知らせが届いているときは、運営者へお問い合わせください。公開データはキーなしでも利用できます。",
        "Check the key on your application's page and issue a new one; if you were told of a suspension, write to the operator. "
        "Open data also works without any key.",
    )


class KeyExpired(GatewayProblem):
    """The key's time is over."""

    code: ClassVar[str] = "gateway/key-expired"
    status: ClassVar[int] = 401
    title: ClassVar[Text] = Text("APIキーの期限が切れています", "The API key has expired")
    detail: ClassVar[Text] = Text("送られたキーの有効期限が過ぎています。", "The key's expiry time has passed.")
    cure: ClassVar[Text] = Text(
        "利用アプリのページで新しいキーを発行するか、新しいトークンを取得してください。",
        "Issue a new key on your application's page, or mint a new token.",
    )


class NotGranted(GatewayProblem):
    """The key's application has no grant for this data."""

    code: ClassVar[str] = "gateway/not-granted"
    status: ClassVar[int] = 403
    title: ClassVar[Text] = Text("このデータを利用する権限がありません", "This application may not use this data")
    detail: ClassVar[Text] = Text(
        "キーは正しいものですが、この利用アプリには、このデータについて有効な約定がありません。",
        "The key is valid, but its application has no agreement in force for this data.",
    )
    cure: ClassVar[Text] = Text(
        "データセットのページから利用を申し込んでください。申込や停止の状態は利用アプリのページで分かります。",
        "Apply on the dataset's page. Your application's page shows pending, suspended and ended agreements.",
    )


class NotInForce(GatewayProblem):
    """There is a grant, but not for this moment."""

    code: ClassVar[str] = "gateway/not-in-force"
    status: ClassVar[int] = 403
    title: ClassVar[Text] = Text("約定の期間外です", "The agreement is not in force now")
    detail: ClassVar[Text] = Text(
        "この約定の利用期間は、まだ始まっていないか、終わっています。",
        "The agreement's period has not begun yet, or is over.",
    )
    cure: ClassVar[Text] = Text(
        "約定のページで利用期間を確かめ、必要なら改めて申し込んでください。",
        "See the period on the agreement's page and apply again if needed.",
    )


class NotFound(GatewayProblem):
    """Nothing stands at this address."""

    code: ClassVar[str] = "gateway/not-found"
    status: ClassVar[int] = 404
    title: ClassVar[Text] = Text("見つかりません", "Not found")
    detail: ClassVar[Text] = Text("このアドレスには何もありません。", "There is nothing at this address.")
    cure: ClassVar[Text] = Text(
        "/data/collections の一覧でアドレスを確かめてください。",
        "See the list at /data/collections for the right address.",
    )


class MethodNotAllowed(GatewayProblem):
    """Data are only read; a provider's API allows what it lists."""

    code: ClassVar[str] = "gateway/method-not-allowed"
    status: ClassVar[int] = 405
    title: ClassVar[Text] = Text("使えないメソッドです", "This method is not allowed")
    detail: ClassVar[Text] = Text(
        "このアドレスでは、このメソッドを使えません。", "This address does not take this method."
    )
    cure: ClassVar[Text] = Text(
        "Allow ヘッダーにあるメソッドを使ってください。データの読み取りは GET か HEAD です。",
        "Use a method that the Allow header names; data are read with GET or HEAD.",
    )


class UpgradeNeeded(GatewayProblem):
    """The address is one of WebSockets, and the call came without an upgrade."""

    code: ClassVar[str] = "gateway/upgrade-needed"
    status: ClassVar[int] = 426
    title: ClassVar[Text] = Text("WebSocketでつないでください", "This address speaks WebSocket")
    detail: ClassVar[Text] = Text(
        "このアドレスは、WebSocketでつないだときだけ使えます。", "This address answers WebSocket connections only."
    )
    cure: ClassVar[Text] = Text(
        "wss://（または ws://）のアドレスとして、WebSocketのライブラリでつないでください。HTTP/1.1を使います。",
        "Connect with a WebSocket library, to the same address with wss:// (or ws://), over HTTP/1.1.",
    )


class UpgradeRefused(GatewayProblem):
    """An upgrade was asked for where there is none."""

    code: ClassVar[str] = "gateway/upgrade-refused"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = Text("ここではWebSocketを使えません", "No WebSocket here")
    detail: ClassVar[Text] = Text(
        "Upgrade ヘッダーのあるリクエストが、それを受けないアドレスに届きました。",
        "A request with an Upgrade header came to an address that does not take it.",
    )
    cure: ClassVar[Text] = Text(
        "データセットのページの操作の一覧で、WEBSOCKET とあるアドレスにつないでください。",
        "Connect to an address that the list of operations on the dataset's page marks as WEBSOCKET.",
    )


class TooManyStreams(GatewayProblem):
    """The application has as many connections open at this API as it may."""

    code: ClassVar[str] = "gateway/too-many-streams"
    status: ClassVar[int] = 429
    title: ClassVar[Text] = Text("同時に開ける数を超えています", "Too many open at once")
    detail: ClassVar[Text] = Text(
        "このAPIで、一つの利用アプリが同時に開いたままにできる接続の数に達しています。",
        "Your application has as many connections open at this API as one may have at once.",
    )
    cure: ClassVar[Text] = Text(
        "使っていない接続を閉じてから、もう一度つないでください。",
        "Close connections you do not use, then connect again.",
    )


class RequestTimeout(GatewayProblem):
    """The request took too long to arrive."""

    code: ClassVar[str] = "gateway/request-timeout"
    status: ClassVar[int] = 408
    title: ClassVar[Text] = Text("リクエストが時間内に届きませんでした", "The request did not arrive in time")
    detail: ClassVar[Text] = Text(
        "ヘッダーまたは本文の送信に時間がかかりすぎました。", "Sending the headers or the body took too long."
    )
    cure: ClassVar[Text] = Text("通信の状態を確かめ、もう一度お試しください。", "Check your connection and try again.")


class BodyTooLarge(GatewayProblem):
    """The body is over the limit."""

    code: ClassVar[str] = "gateway/body-too-large"
    status: ClassVar[int] = 413
    title: ClassVar[Text] = Text("本文が大きすぎます", "The request body is too large")
    detail: ClassVar[Text] = Text("本文が上限を超えています。", "The body is over the limit.")
    cure: ClassVar[Text] = Text(
        "大きなファイルは、分割アップロード（/api/v1/uploads）で送ってください。",
        "Send large files in pieces with resumable uploads (/api/v1/uploads).",
    )


class AddressTooLong(GatewayProblem):
    """The address is over the limit."""

    code: ClassVar[str] = "gateway/address-too-long"
    status: ClassVar[int] = 414
    title: ClassVar[Text] = Text("アドレスが長すぎます", "The address is too long")
    detail: ClassVar[Text] = Text("アドレスが8,192バイトを超えています。", "The address is over 8,192 bytes.")
    cure: ClassVar[Text] = Text("条件を減らすか、分けてお試しください。", "Use fewer conditions, or split the request.")


class TooFast(GatewayProblem):
    """The speed limit of the plan was passed; nothing was spent."""

    code: ClassVar[str] = "gateway/too-fast"
    status: ClassVar[int] = 429
    title: ClassVar[Text] = Text("呼び出しが速すぎます", "Too many calls in a short time")
    detail: ClassVar[Text] = Text(
        "速度制限を超えました。この呼び出しは使用量に数えません。",
        "The speed limit was passed. This call does not count against the quota.",
    )
    cure: ClassVar[Text] = Text(
        "Retry-After の秒数だけ待ってください。キーを使うと制限が緩くなることがあります。",
        "Wait for the seconds in Retry-After. Calls with a key may have a higher limit.",
    )


class QuotaSpent(GatewayProblem):
    """The agreement's calls of the day or month are used up."""

    code: ClassVar[str] = "gateway/quota-spent"
    status: ClassVar[int] = 429
    title: ClassVar[Text] = Text("使用量の上限に達しました", "The quota is spent")
    detail: ClassVar[Text] = Text(
        "約定で決めた一日または一か月の呼び出し回数を使い切りました。",
        "The calls per day or per month fixed in the agreement have all been used.",
    )
    cure: ClassVar[Text] = Text(
        "日本時間の零時（月の上限は翌月一日）に戻ります。Retry-After は、それまでの秒数です。",
        "It is refilled at midnight in Japan (monthly quotas on the first). Retry-After holds the seconds until then.",
    )


class HeadersTooLarge(GatewayProblem):
    """The headers are over the limit."""

    code: ClassVar[str] = "gateway/headers-too-large"
    status: ClassVar[int] = 431
    title: ClassVar[Text] = Text("ヘッダーが大きすぎます", "The request headers are too large")
    detail: ClassVar[Text] = Text(
        "アドレスとヘッダーの合計、またはヘッダーの数が上限を超えています。",
        "The address and headers together are too large, or there are too many headers.",
    )
    cure: ClassVar[Text] = Text("ヘッダーやアドレスを短くしてください。", "Shorten the headers or the address.")


class UnexpectedFailure(GatewayProblem):
    """A fault inside the gateway."""

    code: ClassVar[str] = "gateway/unexpected-failure"
    status: ClassVar[int] = 500
    title: ClassVar[Text] = Text("思わぬ障害が起きました", "Something went wrong here")
    detail: ClassVar[Text] = Text("ゲートウェイの中で障害が起きました。", "A fault happened inside the gateway.")
    cure: ClassVar[Text] = _TRY_LATER


class BadUpstream(GatewayProblem):
    """The source's answer was not HTTP."""

    code: ClassVar[str] = "gateway/bad-upstream"
    status: ClassVar[int] = 502
    title: ClassVar[Text] = Text("データ元の応答が読めません", "The source gave an unreadable answer")
    detail: ClassVar[Text] = Text(
        "データ元のサーバーの応答が、HTTPとして読めませんでした。", "The source's answer was not valid HTTP."
    )
    cure: ClassVar[Text] = _TRY_LATER


class Unavailable(GatewayProblem):
    """The source or an internal server cannot be reached."""

    code: ClassVar[str] = "gateway/unavailable"
    status: ClassVar[int] = 503
    title: ClassVar[Text] = Text("ただいま応答できません", "Not available just now")
    detail: ClassVar[Text] = Text(
        "データ元または内部のサーバーに届きません。準備中か、再起動しています。",
        "The source or an internal server cannot be reached; it is starting or restarting.",
    )
    cure: ClassVar[Text] = _TRY_LATER


class NotReady(GatewayProblem):
    """The table of grants, or the day's counters, are not there yet."""

    code: ClassVar[str] = "gateway/not-ready"
    status: ClassVar[int] = 503
    title: ClassVar[Text] = Text("ゲートウェイの準備中です", "The gateway is getting ready")
    detail: ClassVar[Text] = Text(
        "権限の表、または新しい日の使用量を用意しています。",
        "The table of grants, or the new day's quota, is being prepared.",
    )
    cure: ClassVar[Text] = _TRY_LATER


class Closed(GatewayProblem):
    """The snapshot is too old to decide by."""

    code: ClassVar[str] = "gateway/closed"
    status: ClassVar[int] = 503
    title: ClassVar[Text] = Text("データの提供を止めています", "Data is closed for safety")
    detail: ClassVar[Text] = Text(
        "権限の情報が長い間更新されていないため、安全のために閉じています。",
        "The information about who may use what is too old, so the gateway has closed itself.",
    )
    cure: ClassVar[Text] = Text(
        "運営者が復旧を進めています。しばらくしてからお試しください。",
        "The operator is restoring it. Try again a little later.",
    )


class NotDecided(GatewayProblem):
    """The decision itself failed, so the answer is no."""

    code: ClassVar[str] = "gateway/not-decided"
    status: ClassVar[int] = 503
    title: ClassVar[Text] = Text("利用の可否を判定できませんでした", "The gateway could not decide")
    detail: ClassVar[Text] = Text(
        "権限の判定に失敗したため、安全のために断りました。",
        "Checking the permission failed, so the call was refused for safety.",
    )
    cure: ClassVar[Text] = _TRY_LATER


class UpstreamTimeout(GatewayProblem):
    """The source did not answer in time."""

    code: ClassVar[str] = "gateway/upstream-timeout"
    status: ClassVar[int] = 504
    title: ClassVar[Text] = Text("データ元の応答に時間がかかっています", "The source took too long")
    detail: ClassVar[Text] = Text(
        "データ元のサーバーが時間内に応答しませんでした。", "The source did not answer in time."
    )
    cure: ClassVar[Text] = Text(
        "条件を絞るか、しばらくしてからお試しください。", "Narrow the request, or try again a little later."
    )
