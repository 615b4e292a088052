"""Refusals that only the tools know."""

from __future__ import annotations

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class NoSuchTable(Problem):
    """The dataset has no table of this name."""

    code = "standards/no-such-table"
    status = 404
    title = Text("表が見つかりません", "No such table")
    detail = Text(
        "データセット {dataset} に表「{table}」はありません。ある表: {tables}",
        "The dataset {dataset} has no table {table}. Tables: {tables}",
    )
    cure = Text(
        "get_dataset で表の名前を確かめてください。表のないデータセットはファイルへのリンクだけです。",
        "See the names by get_dataset. A dataset without tables has links to files only.",
    )


class NoPlaces(Problem):
    """The table has no coordinates."""

    code = "standards/no-places"
    status = 422
    title = Text("位置のない表です", "The table has no places")
    detail = Text("{dataset} の行には緯度経度がありません。", "The rows of {dataset} have no coordinates.")
    cure = Text(
        "search_datasets で located を true にして、位置のあるデータを探してください。",
        "Find located data by search_datasets with located set to true.",
    )


class RowsRefused(Problem):
    """The gateway did not give the rows."""

    code = "standards/rows-refused"
    status = 502
    title = Text("行を受け取れませんでした", "The rows did not come")
    detail = Text("ゲートウェイの答え: {reason}", "The gateway said: {reason}")
    cure = Text(
        "条件付きのデータには、約定のある利用アプリのキーが要ります。条件の書き方は describe_columns の列で確かめてください。",
        "Data with terms need the key of an application with an agreement. See the columns by describe_columns.",
    )


class NeedsKey(Problem):
    """The data are not open to callers without a key."""

    code = "standards/needs-key"
    status = 401
    title = Text("キーが必要です", "A key is needed")
    detail = Text(
        "{dataset} は、キーのない呼び出しには渡せません。", "{dataset} is not given to callers without a key."
    )
    cure = Text(
        "データセットのページで申し込み、利用アプリのキーを Authorization: Bearer で送ってください。",
        "Apply on the dataset's page and send the application's key as Authorization: Bearer.",
    )
