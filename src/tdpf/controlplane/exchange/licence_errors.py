"""What stands against offering data under a licence and terms that contradict each other."""

from __future__ import annotations

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class LicenceContradicts(Problem):
    """The licence gives to anyone what the terms hold back."""

    code = "exchange/licence-contradicts"
    status = 409
    title = Text("ライセンスと利用条件が合っていません", "Licence and terms contradict each other")
    detail = Text(
        "ライセンス {licence} は、だれでもデータを渡し、作ったものを公開できるという意味です。利用条件はそれを限っています。どちらを守ればよいか、使う人に分かりません。",
        "The licence {licence} lets anyone pass the data on and publish what was made of them. The terms hold that back. Nobody could tell which of the two holds.",
    )
    cure = Text(
        "ライセンスを「個別の利用条件」に直すか、利用条件を直してください。承知のうえでそのまま公開するときは、そう確認してください（APIでは despite_licence=true）。",
        "Make the licence “custom terms”, or change the terms. To publish as it is all the same, confirm it (despite_licence=true by the API).",
    )
