"""What can go wrong with streams, at the push and at the following."""

from typing import ClassVar

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class StreamProblem(Problem):
    """A push or a following that cannot be."""


class NoStream(StreamProblem):
    """There is no stream of this name, or the caller may not know of it."""

    code: ClassVar[str] = "stream/no-stream"
    status: ClassVar[int] = 404
    title: ClassVar[Text] = Text("ストリームがありません", "No such stream")
    detail: ClassVar[Text] = Text("ストリーム {stream} はありません。", "There is no stream {stream}.")
    cure: ClassVar[Text] = Text(
        "データセットのページで名前を確かめてください。", "Check the name on the dataset's page."
    )


class TokenRefused(StreamProblem):
    """The device's token is missing, unknown or taken back."""

    code: ClassVar[str] = "stream/token-refused"
    status: ClassVar[int] = 401
    title: ClassVar[Text] = Text("送信トークンが使えません", "The device's token is not accepted")
    detail: ClassVar[Text] = Text(
        "Authorization: Bearer で、このストリームの送信トークンを送ってください。",
        "Send a token of this stream as Authorization: Bearer.",
    )
    cure: ClassVar[Text] = Text(
        "提供者の「ストリームのつなぎ方」のページで、新しいトークンを発行してください。",
        "Issue a new token on the stream's page of the provider.",
    )


class EventsRefused(StreamProblem):
    """What was pushed does not fit the stream's columns; `errors` names each place. Nothing of the push was taken."""

    code: ClassVar[str] = "stream/events-refused"
    status: ClassVar[int] = 422
    title: ClassVar[Text] = Text("送られたデータが列の決まりに合いません", "The events do not fit the stream's columns")
    detail: ClassVar[Text] = Text(
        "{count} か所が合いません。送られたものは一件も取り込んでいません。",
        "{count} places do not fit. Nothing of this push was taken.",
    )
    cure: ClassVar[Text] = Text(
        "errors に挙げた場所を直し、同じ Idempotency-Key で送り直してください。",
        "Mend what errors lists and send it again with the same Idempotency-Key.",
    )


class PushTooLarge(StreamProblem):
    """One push is larger than what is taken at once."""

    code: ClassVar[str] = "stream/push-too-large"
    status: ClassVar[int] = 413
    title: ClassVar[Text] = Text("一度に送る量が多すぎます", "The push is too large")
    detail: ClassVar[Text] = Text(
        "一度に送れるのは {most_bytes} バイトまでです。Content-Length が必要です。",
        "At most {most_bytes} bytes at once, with a Content-Length.",
    )
    cure: ClassVar[Text] = Text("分けて送ってください。", "Send it in parts.")


class PushTooFast(StreamProblem):
    """A device pushes more often than it may."""

    code: ClassVar[str] = "stream/push-too-fast"
    status: ClassVar[int] = 429
    title: ClassVar[Text] = Text("送信が速すぎます", "Too many pushes")
    detail: ClassVar[Text] = Text("毎秒 {per_second} 回までです。", "At most {per_second} pushes a second.")
    cure: ClassVar[Text] = Text(
        "1秒待って送り直すか、いくつかのデータを一度に送ってください。",
        "Wait a second, or send several events at once.",
    )


class DifferentEvents(StreamProblem):
    """The Idempotency-Key was used before, for other events."""

    code: ClassVar[str] = "stream/different-events"
    status: ClassVar[int] = 409
    title: ClassVar[Text] = Text(
        "同じ Idempotency-Key で別のデータが届きました", "The same Idempotency-Key, other events"
    )
    detail: ClassVar[Text] = Text(
        "この Idempotency-Key は、24時間以内に別のデータに使われています。",
        "This Idempotency-Key was used for other events within 24 hours.",
    )
    cure: ClassVar[Text] = Text("新しいデータには新しいキーを使ってください。", "Use a new key for new events.")


class NotKept(StreamProblem):
    """The disk did not take the events."""

    code: ClassVar[str] = "stream/not-kept"
    status: ClassVar[int] = 503
    title: ClassVar[Text] = Text("いまは受け取れません", "Events cannot be taken just now")
    detail: ClassVar[Text] = Text(
        "保存できませんでした。一件も取り込んでいません。", "They could not be kept; none was taken."
    )
    cure: ClassVar[Text] = Text(
        "少し待って、同じ Idempotency-Key で送り直してください。",
        "Wait a little and send them again with the same Idempotency-Key.",
    )


class TooManyStreams(StreamProblem):
    """As many streams are open as may be at once."""

    code: ClassVar[str] = "stream/too-many-streams"
    status: ClassVar[int] = 429
    title: ClassVar[Text] = Text("同時に開けるストリームの数を超えました", "Too many open streams")
    detail: ClassVar[Text] = Text("同時に開けるのは {most} 本までです。", "At most {most} may be open at once.")
    cure: ClassVar[Text] = Text("使っていない接続を閉じてください。", "Close connections that are not used.")


class InletNotOpened(StreamProblem):
    """The events of a stream cannot be fetched: its credential cannot be opened here."""

    code: ClassVar[str] = "stream/inlet-not-opened"
    status: ClassVar[int] = 502
    title: ClassVar[Text] = Text("取り込み口を開けません", "The inlet cannot be opened")
    detail: ClassVar[Text] = Text(
        "ストリーム {stream} の認証の値を開けません。", "The credential of the stream {stream} cannot be opened."
    )
    cure: ClassVar[Text] = Text(
        "「ストリームのつなぎ方」のページで、認証の値をもう一度入力してください。",
        "Give the secret anew on the stream's page.",
    )
