"""Every refusal of delivery, the part that answers ``/data``; ``/problems/{code}`` explains them."""

from typing import ClassVar

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text

_TRY_LATER = Text("しばらくしてから、もう一度お試しください。", "Try again a little later.")


class DeliveryProblem(Problem):
    """A refusal by delivery."""


class NotFound(DeliveryProblem):
    code: ClassVar[str] = "delivery/not-found"
    status: ClassVar[int] = 404
    title: ClassVar[Text] = Text("見つかりません", "Not found")
    detail: ClassVar[Text] = Text("{path} には何もありません。", "There is nothing at {path}.")
    cure: ClassVar[Text] = Text(
        "/data/collections の一覧か、/data/api の説明でアドレスを確かめてください。",
        "See the list at /data/collections or the description at /data/api for the right address.",
    )


class NoCollection(DeliveryProblem):
    code: ClassVar[str] = "delivery/no-collection"
    status: ClassVar[int] = 404
    title: ClassVar[Text] = Text("このデータはありません", "There is no such collection")
    detail: ClassVar[Text] = Text(
        "「{collection}」という提供中の表はありません。近い名前: {near}",
        "No table called “{collection}” is offered. Similar names: {near}",
    )
    cure: ClassVar[Text] = Text(
        "/data/collections の一覧で名前を確かめてください。提供が終わったデータは一覧にありません。",
        "Check the name in the list at /data/collections. Data no longer offered is not in it.",
    )


class NoRow(DeliveryProblem):
    code: ClassVar[str] = "delivery/no-row"
    status: ClassVar[int] = 404
    title: ClassVar[Text] = Text("この行はありません", "There is no such row")
    detail: ClassVar[Text] = Text(
        "「{collection}」に id「{id}」の行はありません。", "“{collection}” has no row with the id “{id}”."
    )
    cure: ClassVar[Text] = Text(
        "id は宣言された主キーの値、なければ行番号（1から）です。/items で確かめてください。",
        "An id is the value of the declared key, else the row number from 1. See /items.",
    )


class NoFile(DeliveryProblem):
    code: ClassVar[str] = "delivery/no-file"
    status: ClassVar[int] = 404
    title: ClassVar[Text] = Text("このファイルはありません", "There is no such file")
    detail: ClassVar[Text] = Text(
        "「{slug}」に「{name}」というファイルはありません。あるもの: {known}",
        "“{slug}” has no file called “{name}”. It has: {known}",
    )
    cure: ClassVar[Text] = Text(
        "データセットのページのダウンロードのリンクを使ってください。", "Use the download links on the dataset's page."
    )


class NoSuchVersion(DeliveryProblem):
    code: ClassVar[str] = "delivery/no-such-version"
    status: ClassVar[int] = 404
    title: ClassVar[Text] = Text("この版はありません", "There is no such version")
    detail: ClassVar[Text] = Text(
        "版 {version} はありません。提供中の版: {known}", "There is no version {version}. Versions served: {known}"
    )
    cure: ClassVar[Text] = Text("version を外すと最新の版が返ります。", "Leave version out to get the latest.")


class VersionGone(DeliveryProblem):
    code: ClassVar[str] = "delivery/version-gone"
    status: ClassVar[int] = 410
    title: ClassVar[Text] = Text("この版の提供は終わりました", "This version is no longer served")
    detail: ClassVar[Text] = Text(
        "版 {version} は新しい版に置き換わりました。提供中の版: {known}",
        "Version {version} was replaced by a newer one. Versions served: {known}",
    )
    cure: ClassVar[Text] = Text(
        "version を外して、最初のページから読み直してください。",
        "Leave version out and read again from the first page.",
    )


class NoView(DeliveryProblem):
    code: ClassVar[str] = "delivery/no-view"
    status: ClassVar[int] = 403
    title: ClassVar[Text] = Text("このデータを見る権限がありません", "You may not see this data")
    detail: ClassVar[Text] = Text(
        "「{collection}」は約定のある利用アプリだけが使えます。",
        "“{collection}” is only for applications with an agreement.",
    )
    cure: ClassVar[Text] = Text(
        "データセットのページから利用を申し込み、利用アプリのキーを付けてください。",
        "Apply on the dataset's page and send your application's key.",
    )


class OutsideAgreement(DeliveryProblem):
    code: ClassVar[str] = "delivery/outside-agreement"
    status: ClassVar[int] = 403
    title: ClassVar[Text] = Text("このファイルは約定の範囲外です", "This file is outside your agreement")
    detail: ClassVar[Text] = Text(
        "約定は一部の列だけを対象にしています。元のファイル「{name}」には、ほかの列も含まれます。",
        "Your agreement covers some columns only. The original file “{name}” holds others too.",
    )
    cure: ClassVar[Text] = Text(
        "約定の列だけのファイルを使ってください: {known}", "Use the files made of your columns: {known}"
    )


class UnknownParameter(DeliveryProblem):
    code: ClassVar[str] = "delivery/unknown-parameter"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = Text("知らないパラメータです", "Unknown parameter")
    detail: ClassVar[Text] = Text(
        "「{parameter}」というパラメータも列もありません。近い名前: {near}",
        "There is no parameter or column called “{parameter}”. Similar names: {near}",
    )
    cure: ClassVar[Text] = Text(
        "列の一覧は /queryables にあります。パラメータの一覧は /data/api にあります。",
        "The columns are listed at /queryables, the parameters at /data/api.",
    )


class UnknownColumn(DeliveryProblem):
    code: ClassVar[str] = "delivery/unknown-column"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = Text("知らない列です", "Unknown column")
    detail: ClassVar[Text] = Text(
        "{parameter} の「{column}」という列はありません。近い名前: {near}",
        "{parameter} names the column “{column}”, which does not exist. Similar names: {near}",
    )
    cure: ClassVar[Text] = Text(
        '列の一覧は /queryables にあります。記号を含む名前は filter の中では "…" で囲んでください。',
        'The columns are listed at /queryables. Inside filter, write names with symbols as "…".',
    )


class BadParameter(DeliveryProblem):
    code: ClassVar[str] = "delivery/bad-parameter"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = Text("パラメータの値が正しくありません", "A parameter has a wrong value")
    detail: ClassVar[Text] = Text(
        "{parameter} の値「{value}」は使えません。書き方: {expected}",
        "{parameter} cannot be “{value}”. Expected: {expected}",
    )
    cure: ClassVar[Text] = Text(
        "値の書き方は /data/api で説明しています。", "The form of each value is described at /data/api."
    )


class RepeatedParameter(DeliveryProblem):
    code: ClassVar[str] = "delivery/repeated-parameter"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = Text("同じパラメータが二つあります", "A parameter is given twice")
    detail: ClassVar[Text] = Text("{parameter} が二回以上あります。", "{parameter} occurs more than once.")
    cure: ClassVar[Text] = Text(
        "一つだけにしてください。いずれかの値に合う行は filter=列 IN ('a','b') で選べます。",
        "Give it once. Rows with any of several values: filter=column IN ('a','b').",
    )


class BadFilter(DeliveryProblem):
    code: ClassVar[str] = "delivery/bad-filter"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = Text("filter が読めません", "The filter cannot be read")
    detail: ClassVar[Text] = Text(
        "CQL2 として読めません（{position}文字目の近く）。", "It is not CQL2 (near character {position})."
    )
    cure: ClassVar[Text] = Text(
        "例: filter=定員 > 100 AND 種別 IN ('公園','駅') 。記号を含む列名は \"…\" で、文字は '…' で囲みます。",
        "Example: filter=capacity > 100 AND kind IN ('park','station'). Quote odd names as \"…\" and text as '…'.",
    )


class FilterTooLarge(DeliveryProblem):
    code: ClassVar[str] = "delivery/filter-too-large"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = Text("filter が大きすぎます", "The filter is too large")
    detail: ClassVar[Text] = Text(
        "filter は {most_characters} 文字、入れ子 {most_depth} 段、比較 {most_terms} 個までです。",
        "A filter may have {most_characters} characters, {most_depth} levels and {most_terms} comparisons.",
    )
    cure: ClassVar[Text] = Text("条件を分けて、何回かに分けて尋ねてください。", "Split the question into several.")


class FilterNotSupported(DeliveryProblem):
    code: ClassVar[str] = "delivery/filter-not-supported"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = Text("filter に使えない書き方があります", "The filter uses something not supported")
    detail: ClassVar[Text] = Text("「{operation}」は使えません。", "“{operation}” cannot be used.")
    cure: ClassVar[Text] = Text(
        "使えるもの: = <> < <= > >= AND OR NOT BETWEEN IN LIKE IS NULL、"
        "S_INTERSECTS(geometry, BBOX(…) か POINT(…))、T_AFTER などの時刻の比較。列は左、値は右に書きます。",
        "Supported: = <> < <= > >= AND OR NOT BETWEEN IN LIKE IS NULL, S_INTERSECTS(geometry, BBOX(…) or POINT(…)), "
        "T_AFTER and the other T_ comparisons. Columns stand on the left, values on the right.",
    )


class NotLocated(DeliveryProblem):
    code: ClassVar[str] = "delivery/not-located"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = Text("この表には場所がありません", "This table has no places")
    detail: ClassVar[Text] = Text(
        "「{collection}」には緯度と経度の列がないか、見る権限がありません。",
        "“{collection}” has no latitude and longitude, or you may not see them.",
    )
    cure: ClassVar[Text] = Text("bbox と S_INTERSECTS を外してください。", "Leave bbox and S_INTERSECTS out.")


class UnknownFormat(DeliveryProblem):
    code: ClassVar[str] = "delivery/unknown-format"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = Text("知らない形式です", "Unknown format")
    detail: ClassVar[Text] = Text(
        "f=「{format}」は使えません。使える形式: {known}", "f=“{format}” is not offered here. Formats: {known}"
    )
    cure: ClassVar[Text] = Text("f を外すと既定の形式で返ります。", "Leave f out to get the default format.")


class NotAcceptable(DeliveryProblem):
    code: ClassVar[str] = "delivery/not-acceptable"
    status: ClassVar[int] = 406
    title: ClassVar[Text] = Text("求められた形式では返せません", "None of the accepted formats is offered")
    detail: ClassVar[Text] = Text(
        "Accept「{accept}」に合う形式がありません。使える形式: {known}",
        "Nothing here matches Accept “{accept}”. Media types: {known}",
    )
    cure: ClassVar[Text] = Text(
        "Accept を直すか、f= で形式を選んでください。", "Change Accept, or choose a format with f=."
    )


class QueryTooLong(DeliveryProblem):
    code: ClassVar[str] = "delivery/query-too-long"
    status: ClassVar[int] = 414
    title: ClassVar[Text] = Text("問い合わせが長すぎます", "The query is too long")
    detail: ClassVar[Text] = Text(
        "? の後ろは {most_bytes} バイト、パラメータは {most_parameters} 個までです。",
        "After the ? at most {most_bytes} bytes and {most_parameters} parameters are read.",
    )
    cure: ClassVar[Text] = Text("条件を減らすか、分けてください。", "Use fewer conditions, or split the request.")


class MethodNotAllowed(DeliveryProblem):
    code: ClassVar[str] = "delivery/method-not-allowed"
    status: ClassVar[int] = 405
    title: ClassVar[Text] = Text("使えないメソッドです", "This method is not allowed")
    detail: ClassVar[Text] = Text(
        "{method} は使えません。/data は読み取り専用です。", "{method} is not allowed; /data is read-only."
    )
    cure: ClassVar[Text] = Text("GET か HEAD を使ってください。", "Use GET or HEAD.")


class RangeNotSatisfiable(DeliveryProblem):
    code: ClassVar[str] = "delivery/range-not-satisfiable"
    status: ClassVar[int] = 416
    title: ClassVar[Text] = Text("ファイルにない範囲です", "The range lies outside the file")
    detail: ClassVar[Text] = Text(
        "Range「{range}」は {bytes} バイトのファイルにありません。",
        "The range “{range}” is not inside the file of {bytes} bytes.",
    )
    cure: ClassVar[Text] = Text(
        "HEAD で大きさを確かめ、bytes=0-499 のように書いてください。",
        "Ask for the size with HEAD and write bytes=0-499.",
    )


class TooManyGroups(DeliveryProblem):
    code: ClassVar[str] = "delivery/too-many-groups"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = Text("集計の組が多すぎます", "The aggregate has too many groups")
    detail: ClassVar[Text] = Text("組は {most} 個までです。", "At most {most} groups are returned.")
    cure: ClassVar[Text] = Text(
        "group_by の列を減らすか、filter で絞るか、limit を付けてください。",
        "Group by fewer columns, narrow the rows with filter, or give a limit.",
    )


class TooSlow(DeliveryProblem):
    code: ClassVar[str] = "delivery/too-slow"
    status: ClassVar[int] = 503
    title: ClassVar[Text] = Text("時間内に答えられませんでした", "The question took too long")
    detail: ClassVar[Text] = Text(
        "{seconds} 秒以内に答えが出ませんでした。", "It could not be answered within {seconds} seconds."
    )
    cure: ClassVar[Text] = Text(
        "条件を絞るか、ファイル全体を受け取ってください。", "Narrow the question, or take the whole file."
    )


class Busy(DeliveryProblem):
    code: ClassVar[str] = "delivery/busy"
    status: ClassVar[int] = 503
    title: ClassVar[Text] = Text("混み合っています", "Too busy just now")
    detail: ClassVar[Text] = Text(
        "重い問い合わせが重なっています。", "Too many heavy questions are being answered at once."
    )
    cure: ClassVar[Text] = _TRY_LATER


class NotReady(DeliveryProblem):
    code: ClassVar[str] = "delivery/not-ready"
    status: ClassVar[int] = 503
    title: ClassVar[Text] = Text("準備中です", "Getting ready")
    detail: ClassVar[Text] = Text("提供する表の一覧を用意しています。", "The list of offered tables is being prepared.")
    cure: ClassVar[Text] = _TRY_LATER


class Closed(DeliveryProblem):
    code: ClassVar[str] = "delivery/closed"
    status: ClassVar[int] = 503
    title: ClassVar[Text] = Text("データの提供を止めています", "Data is closed for safety")
    detail: ClassVar[Text] = Text(
        "権限の情報が長い間更新されていないため、安全のために閉じています。",
        "The information about who may use what is too old, so delivery has closed itself.",
    )
    cure: ClassVar[Text] = Text(
        "運営者が復旧を進めています。しばらくしてからお試しください。",
        "The operator is restoring it. Try again a little later.",
    )


class UnexpectedFailure(DeliveryProblem):
    code: ClassVar[str] = "delivery/unexpected-failure"
    status: ClassVar[int] = 500
    title: ClassVar[Text] = Text("思わぬ障害が起きました", "Something went wrong here")
    detail: ClassVar[Text] = Text(
        "記録番号 {incident} で運営者に知らせました。", "The operator was told; the incident is {incident}."
    )
    cure: ClassVar[Text] = Text(
        "もう一度お試しください。続くときは記録番号を添えてお知らせください。",
        "Try again. If it happens again, tell us the incident number.",
    )
