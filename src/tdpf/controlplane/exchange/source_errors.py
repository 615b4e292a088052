"""What stands against offering data whose source cannot be asked."""

from __future__ import annotations

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class ConnectAnew(Problem):
    """What a source of the dataset was asked with was forgotten when the dataset was withdrawn."""

    code = "exchange/connect-anew"
    status = 409
    title = Text("接続し直してから公開してください", "Connect the source anew first")
    detail = Text(
        "提供をやめたときに、接続の秘密（APIキー・パスワード・送信トークン）を消しました：{names}",
        "The secrets of these connections were erased when the dataset was withdrawn: {names}",
    )
    cure = Text(
        "接続の画面で秘密を入れ直し（機器が送るものは送信トークンを作り直し）、公開してください。",
        "Give the secret anew where the source is connected (or issue device tokens anew), then publish.",
    )
