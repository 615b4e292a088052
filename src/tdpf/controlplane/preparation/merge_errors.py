"""What can stand in the way of fetching sources and of tables that renew themselves."""

from __future__ import annotations

from typing import ClassVar

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class SourceNotUnderstood(Problem):
    """What was given is neither an address nor a dataset of this platform."""

    code: ClassVar[str] = "preparation/source-not-understood"
    status: ClassVar[int] = 422
    title = Text("データの場所として読めません", "This is no place of data")
    detail = Text(
        "「{given}」は、URLでも、このプラットフォームのデータセットでもありません。",
        "“{given}” is neither a URL nor a dataset of this platform.",
    )
    cure = Text(
        "http または https のURLか、データセットのページの住所を、1行に一つ入れてください。",
        "Give one http or https URL, or one address of a dataset's page, per line.",
    )


class SourceNotOpen(Problem):
    """The dataset is not the party's own and is not offered to everybody, or has no table."""

    code: ClassVar[str] = "preparation/source-not-open"
    status: ClassVar[int] = 403
    title = Text("このデータセットは材料に使えません", "This dataset cannot be used as a source")
    detail = Text(
        "「{dataset}」は、自分の団体のものでも、だれでも使える表でもありません。",
        "“{dataset}” is neither your own party's nor a table open to everybody.",
    )
    cure = Text(
        "条件のあるデータは、利用条件を確かめて申し込み、ファイルで受け取ってください。",
        "Ask for data with conditions first, and take them as a file.",
    )


class SourcesMissing(Problem):
    """A table can renew itself only when the program may fetch all of its files again."""

    code: ClassVar[str] = "preparation/sources-missing"
    status: ClassVar[int] = 422
    title = Text("自動で新しくできません", "This table cannot renew itself")
    detail = Text(
        "手で渡したファイル（{files}）は、プログラムが取り直せません。",
        "Files handed in by hand ({files}) cannot be fetched again.",
    )
    cure = Text(
        "すべての材料を、URLかデータセットで指定して整え直してください。",
        "Prepare it again with every source given as a URL or a dataset.",
    )


class TooManySources(Problem):
    """More sources, or more tables that renew themselves, than allowed."""

    code: ClassVar[str] = "preparation/too-many-sources"
    status: ClassVar[int] = 422
    title = Text("数が多すぎます", "Too many")
    detail = Text("上限は {limit} 個です。", "At most {limit} are allowed.")
    cure = Text("減らすか、使わないものをやめてください。", "Take fewer, or stop those that are not needed.")


class KeptMergeUnknown(Problem):
    """There is no such table that renews itself, or it belongs to somebody else."""

    code: ClassVar[str] = "preparation/kept-merge-unknown"
    status: ClassVar[int] = 404
    title = Text("自動で新しくする表が見つかりません", "No such table that renews itself")
    detail = Text("「{merge}」という表はありません。", "There is no such table “{merge}”.")
    cure = Text("一覧から選び直してください。", "Choose it from the list.")
