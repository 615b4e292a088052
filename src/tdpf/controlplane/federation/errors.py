"""What can stand in the way of reading another site, and how to mend it."""

from __future__ import annotations

from typing import ClassVar

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class RobotsForbid(Problem):
    """The site's robots.txt does not let us read the address."""

    code: ClassVar[str] = "federation/robots-forbid"
    status: ClassVar[int] = 403
    title = Text("相手のサイトが自動収集を断っています", "The site does not allow automatic reading")
    detail = Text(
        "{url} は {robots_url} により自動収集が許されていません。",
        "{robots_url} does not allow automatic reading of {url}.",
    )
    cure = Text(
        "サイトの管理者に「{agent}」を許可するよう頼むか、書面などで許可を得て、収集元の設定にその旨を記録してください。",
        "Ask the site's owner to allow “{agent}”, or obtain permission and record it at the source.",
    )


class SourceTimeOver(Problem):
    """The time allowed for one source is used up."""

    code: ClassVar[str] = "federation/source-time-over"
    status: ClassVar[int] = 504
    title = Text("収集元に使える時間を超えました", "The time for this source is over")
    detail = Text(
        "{url} の手前で、1回の収集に使える {limit_seconds} 秒を使い切りました。",
        "The {limit_seconds} seconds allowed for one run were used up before {url}.",
    )
    cure = Text(
        "次の収集は続きから始まります。大きな収集元なら、時間の上限を上げてください。",
        "The next run goes on from here. For a large source, raise the time limit.",
    )


class SourceBusy(Problem):
    """The site asks us to come back later than we can wait."""

    code: ClassVar[str] = "federation/source-busy"
    status: ClassVar[int] = 503
    title = Text("相手のサイトが後で来るように求めています", "The site asks us to come back later")
    detail = Text(
        "{url} は応答 {answer_status} で、{retry_after_seconds} 秒後に来るように求めています。",
        "{url} answered {answer_status} and asks us to come back in {retry_after_seconds} seconds.",
    )
    cure = Text(
        "次の収集は求められた時刻の後に続きから始まります。",
        "The next run begins after the time asked for, from where this one stopped.",
    )


class SourceRefuses(Problem):
    """The site answered with an error that will not go away by asking again."""

    code: ClassVar[str] = "federation/source-refuses"
    status: ClassVar[int] = 502
    title = Text("相手のサイトがエラーを返しました", "The site answered with an error")
    detail = Text("{url} の応答は {answer_status} でした。", "{url} answered {answer_status}.")
    cure = Text(
        "アドレスが正しいか、サイトが動いているかを確かめてください。",
        "Check that the address is right and the site is up.",
    )


class AnswerNotUnderstood(Problem):
    """The answer is not what this kind of source gives."""

    code: ClassVar[str] = "federation/answer-not-understood"
    status: ClassVar[int] = 502
    title = Text("相手の応答を読み取れません", "The answer cannot be read")
    detail = Text("{url} の応答を読み取れません: {why_ja}", "The answer of {url} cannot be read: {why_en}")
    cure = Text(
        "アドレスと収集元の種類を確かめてください。「種類を調べる」で、そこで何が応答するかが分かります。",
        "Check the address and the kind of source; “find the kind” shows what answers there.",
    )


class KindUnknown(Problem):
    """There is no such kind of source."""

    code: ClassVar[str] = "federation/kind-unknown"
    status: ClassVar[int] = 422
    title = Text("その種類の収集元は扱えません", "No such kind of source")
    detail = Text("「{kind}」という種類はありません。", "There is no kind “{kind}”.")
    cure = Text("{known} から選んでください。", "Choose one of {known}.")


class SiteUnknown(Problem):
    """There is no such site."""

    code: ClassVar[str] = "federation/site-unknown"
    status: ClassVar[int] = 404
    title = Text("その収集元はありません", "No such site")
    detail = Text("「{site}」という収集元はありません。", "There is no site “{site}”.")
    cure = Text("収集元の一覧から選んでください。", "Choose one from the list of sites.")


class RunUnknown(Problem):
    """There is no such run."""

    code: ClassVar[str] = "federation/run-unknown"
    status: ClassVar[int] = 404
    title = Text("その収集の記録はありません", "No such run")
    detail = Text("「{run}」という収集の記録はありません。", "There is no run “{run}”.")
    cure = Text("収集元のページから選んでください。", "Choose one on the site's page.")


class PairUnknown(Problem):
    """There is no such pair."""

    code: ClassVar[str] = "federation/pair-unknown"
    status: ClassVar[int] = 404
    title = Text("その組はありません", "No such pair")
    detail = Text("重複候補「{pair}」はありません。", "There is no pair “{pair}”.")
    cure = Text("重複候補の一覧から選んでください。", "Choose one from the list of pairs.")


class PairDecidedAlready(Problem):
    """Somebody decided about the pair before."""

    code: ClassVar[str] = "federation/pair-decided-already"
    status: ClassVar[int] = 409
    title = Text("もう判断されています", "It has been decided")
    detail = Text("この重複候補は、すでに判断されています。", "This pair has been decided already.")
    cure = Text("重複候補の一覧を開き直してください。", "Open the list of pairs again.")


class PairIncompatible(Problem):
    """The two cannot be one entry."""

    code: ClassVar[str] = "federation/pair-incompatible"
    status: ClassVar[int] = 409
    title = Text("一つにまとめられません", "They cannot become one")
    detail = Text(
        "同じ収集元「{site}」に別々に載っているデータを含むため、一つにまとめられません。",
        "They include entries that the same site, “{site}”, lists separately.",
    )
    cure = Text("別々のままにしてください。", "Keep them apart.")


class SiteIncomplete(Problem):
    """What is said about a site is not enough or not right; `errors` says what of which field."""

    code: ClassVar[str] = "federation/site-incomplete"
    status: ClassVar[int] = 422
    title = Text("収集元の設定に足りないところがあります", "Something is missing in the site's settings")
    detail = Text("直すところ: {why_ja}", "To mend: {why_en}")
    cure = Text("示されたところを直して、もう一度保存してください。", "Mend what is shown and save again.")


class SiteNameTaken(Problem):
    """Another site has this short name."""

    code: ClassVar[str] = "federation/site-name-taken"
    status: ClassVar[int] = 409
    title = Text("その短い名前は使われています", "The short name is taken")
    detail = Text("「{site}」という短い名前の収集元がすでにあります。", "There already is a site “{site}”.")
    cure = Text("別の短い名前にしてください。", "Choose another short name.")


class SiteKnown(Problem):
    """The same catalogue is collected already."""

    code: ClassVar[str] = "federation/site-known"
    status: ClassVar[int] = 409
    title = Text("もう集めているサイトです", "The site is collected already")
    detail = Text(
        "{url} は、収集元「{site}」としてすでに集めています。", "{url} is collected already, as the site “{site}”."
    )
    cure = Text(
        "その収集元の設定を直すか、同じ目録の一部だけなら「種類ごとの設定」で絞り込んでください。",
        "Change that site's settings, or, for a part of the same catalogue, narrow it down by the options of its kind.",
    )


class RunBroke(Problem):
    """The run met a fault of ours."""

    code: ClassVar[str] = "federation/run-broke"
    status: ClassVar[int] = 500
    title = Text("収集の処理が途中で壊れました", "The run broke off by a fault of ours")
    detail = Text(
        "「{site}」の収集が、こちらの不具合で途中で止まりました。", "The run of “{site}” broke off by a fault of ours."
    )
    cure = Text(
        "次の収集は続きから始まります。繰り返すときは、ログを添えて開発者に知らせてください。",
        "The next run goes on from where it stopped. If it happens again, tell the developers, with the log.",
    )
