"""Refusals that only the API edge knows."""

from __future__ import annotations

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class RequestInvalid(Problem):
    """Parameters or body do not fit the description of the call; `errors` names each place."""

    code = "api/request-invalid"
    status = 422
    title = Text("リクエストの内容に誤りがあります", "The request has mistakes")
    detail = Text("errors に挙げた項目を直してください。", "Please mend what errors lists.")
    cure = Text(
        "項目の名前と型を /api/v1/openapi.json で確かめてください。",
        "Compare names and types with /api/v1/openapi.json.",
    )


class BodyUnreadable(Problem):
    """The body is not the JSON or form that was announced."""

    code = "api/body-unreadable"
    status = 400
    title = Text("本文を読めません", "The body cannot be read")
    detail = Text("理由: {what}", "Reason: {what}")
    cure = Text("Content-Type と本文の形式を確かめてください。", "Check Content-Type and the form of the body.")


class MethodNotAllowed(Problem):
    """The address knows other methods."""

    code = "api/method-not-allowed"
    status = 405
    title = Text("このメソッドは使えません", "This method is not allowed here")
    detail = Text("使えるメソッド: {allowed}", "Allowed: {allowed}")
    cure = Text("/api/v1/openapi.json で呼び方を確かめてください。", "See /api/v1/openapi.json for how to call.")


class OffsetMissing(Problem):
    """A part of an upload says at which byte it begins."""

    code = "api/offset-missing"
    status = 400
    title = Text("Upload-Offset ヘッダーが必要です", "Upload-Offset is missing")
    detail = Text(
        "Upload-Offset に、この部分が始まる位置（バイト数）を指定してください。",
        "Say in Upload-Offset at which byte this part begins.",
    )
    cure = Text(
        "HEAD で現在の位置を確かめ、そこから続けてください。", "Ask by HEAD where to go on, and send from there."
    )


class MediaTypeNotSupported(Problem):
    """The body has a media type this call does not take."""

    code = "api/media-type-not-supported"
    status = 415
    title = Text("この Content-Type は受け付けていません", "This media type is not taken")
    detail = Text("使える Content-Type: {allowed}", "Allowed: {allowed}")
    cure = Text("Content-Type ヘッダーを直してください。", "Mend the Content-Type header.")


class PartTooLarge(Problem):
    """One part of an upload is larger than a part may be."""

    code = "api/part-too-large"
    status = 413
    title = Text("一回に送れる大きさを超えています", "The part is too large")
    detail = Text("一回の送信は {limit} バイトまでです。", "One part holds at most {limit} bytes.")
    cure = Text("小さく分けて、続きを PATCH で送ってください。", "Send smaller parts, each by PATCH.")


class NotYourDataset(Problem):
    """Only who offers a dataset sees all its use."""

    code = "api/not-your-dataset"
    status = 403
    title = Text("この提供者のデータセットではありません", "Not a dataset of this party")
    detail = Text(
        "データセット {dataset} の利用状況を見られるのは、その提供者だけです。",
        "Only the provider of {dataset} sees all its use.",
    )
    cure = Text(
        "約定ごとの利用状況は /api/v1/use/agreements で見られます。", "See /api/v1/use/agreements for your own use."
    )


class NoSuchDistribution(Problem):
    """The dataset has no distribution of this name."""

    code = "api/no-such-distribution"
    status = 404
    title = Text("配信が見つかりません", "No such distribution")
    detail = Text(
        "データセット {dataset} に配信「{distribution}」はありません。",
        "The dataset {dataset} has no distribution {distribution}.",
    )
    cure = Text(
        "先に POST /api/v1/datasets/…/distributions で追加してください。", "Add it by POST …/distributions first."
    )
