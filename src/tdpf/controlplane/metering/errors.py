"""What can go wrong when use is reported."""

from __future__ import annotations

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class BadSegmentName(Problem):
    """A gateway or segment name is not a plain name."""

    code = "metering/bad-segment-name"
    status = 422
    title = Text("名前の形が正しくありません", "Not a plain name")
    detail = Text("「{name}」は使えません。", "“{name}” cannot be a name.")
    cure = Text(
        "英数字・ハイフン・下線・点だけで、1〜100文字（先頭は点以外）にしてください。",
        "Use 1-100 letters, digits, hyphens, underscores and dots, not beginning with a dot.",
    )


class BadOffset(Problem):
    """An offset is not a non-negative number."""

    code = "metering/bad-offset"
    status = 422
    title = Text("位置の指定が正しくありません", "Not an offset")
    detail = Text("offset には 0 以上の整数を指定してください。", "The offset is a whole number from 0 upwards.")
    cure = Text("ファイルの先頭からのバイト数を送ってください。", "Send the number of bytes from the file's beginning.")


class SegmentDiffers(Problem):
    """Bytes sent again are not the bytes kept as evidence."""

    code = "metering/segment-differs"
    status = 409
    title = Text("証跡と一致しません", "The bytes differ from the evidence")
    detail = Text(
        "{gateway}/{segment} の {offset} バイト目からの内容が、受け取り済みの記録と異なります。",
        "{gateway}/{segment} differs from what was taken in, from byte {offset} on.",
    )
    cure = Text(
        "区間の名前を使い回していないか、記録が書き換えられていないか、確かめてください。",
        "Check that the segment's name was not used twice and that the log was not altered.",
    )


class BadReadings(Problem):
    """Counter readings could not be read."""

    code = "metering/bad-readings"
    status = 422
    title = Text("カウンタの値を読めません", "The readings cannot be read")
    detail = Text("理由: {what}", "Reason: {what}")
    cure = Text("CounterReading の一覧（JSON）を送ってください。", "Send a JSON list of CounterReading.")


class BadPeriod(Problem):
    """A period ends before it begins, or is too long."""

    code = "metering/bad-period"
    status = 422
    title = Text("期間の指定が正しくありません", "Not a period")
    detail = Text("{first} から {last} までの期間は使えません。", "The period from {first} to {last} cannot be used.")
    cure = Text(
        "開始日は終了日以前、長さは {most} 日以内にしてください。", "Begin before the end, at most {most} days."
    )


class BrokenEvidence(Problem):
    """A file of evidence is not as it was written."""

    code = "metering/broken-evidence"
    status = 422
    title = Text("証跡が壊れています", "The evidence is broken")
    detail = Text(
        "{line} 行目が、書かれたときのままではありません（数字が変わった、行が抜けた、あるいは証跡のファイルではありません）。",
        "Line {line} is not as it was written: a number changed, a line is missing, or this is not a file of evidence.",
    )
    cure = Text(
        "約定のページから証跡をもう一度受け取り、手を加えずに確かめてください。",
        "Get the evidence again from the agreement's page and check it unchanged.",
    )


class OtherEvidence(Problem):
    """Two files of evidence are about different agreements."""

    code = "metering/other-evidence"
    status = 422
    title = Text("別の約定の証跡です", "Evidence of another agreement")
    detail = Text(
        "約定 第{first}号と第{second}号の証跡、または条件の異なる証跡は比べられません。",
        "Evidence of agreement {first} and of {second}, or under other terms, cannot be compared.",
    )
    cure = Text("同じ約定の証跡を選んでください。", "Choose evidence of the same agreement.")
