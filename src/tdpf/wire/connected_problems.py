"""What can go wrong with tables that stay with their provider; the provider's own words are for its log, not for consumers."""

from typing import ClassVar

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text

_LATER = Text("しばらくしてから、もう一度お試しください。", "Try again a little later.")
_PROVIDER = Text(
    "提供者の側の不具合です。しばらくしてからお試しください。続くときは、データセットのページから提供者に知らせてください。",
    "The fault lies with the provider. Try again later; if it stays, tell the provider on the dataset's page.",
)


class ConnectedProblem(Problem):
    """A connected table that cannot be answered from."""


class SourceSilent(ConnectedProblem):
    code: ClassVar[str] = "connected/source-silent"
    status: ClassVar[int] = 502
    title: ClassVar[Text] = Text("提供者のシステムから答えがありません", "The provider's system does not answer")
    detail: ClassVar[Text] = Text(
        "「{collection}」のデータは提供者のもとにあり、いまつながりません。",
        "The data of “{collection}” stay with their provider, who cannot be reached now.",
    )
    cure: ClassVar[Text] = _PROVIDER


class SourceSlow(ConnectedProblem):
    code: ClassVar[str] = "connected/source-slow"
    status: ClassVar[int] = 504
    title: ClassVar[Text] = Text("提供者のシステムが時間内に答えません", "The provider's system is too slow")
    detail: ClassVar[Text] = Text(
        "「{collection}」の提供者から {seconds} 秒以内に答えがありませんでした。",
        "The provider of “{collection}” did not answer within {seconds} seconds.",
    )
    cure: ClassVar[Text] = Text(
        "条件で行を絞って、もう一度お試しください。", "Narrow the rows by a condition and try again."
    )


class SourceTooLarge(ConnectedProblem):
    code: ClassVar[str] = "connected/source-too-large"
    status: ClassVar[int] = 502
    title: ClassVar[Text] = Text("提供者のシステムの答えが大きすぎます", "The provider's answer is too large")
    detail: ClassVar[Text] = Text(
        "「{collection}」の提供者から、一度に受け取れる大きさを超える答えが届きました。",
        "The provider of “{collection}” answered more than is taken at once.",
    )
    cure: ClassVar[Text] = Text(
        "limit や列を減らして、もう一度お試しください。", "Ask for fewer rows or columns and try again."
    )


class SourceChanged(ConnectedProblem):
    code: ClassVar[str] = "connected/source-changed"
    status: ClassVar[int] = 502
    title: ClassVar[Text] = Text("提供者のデータの形が変わりました", "The provider's data have changed their form")
    detail: ClassVar[Text] = Text(
        "「{collection}」の列が、約束された形で得られません。",
        "The columns of “{collection}” cannot be had as they were promised.",
    )
    cure: ClassVar[Text] = _PROVIDER


class SourceBusy(ConnectedProblem):
    code: ClassVar[str] = "connected/source-busy"
    status: ClassVar[int] = 503
    title: ClassVar[Text] = Text("提供者のシステムの上限に達しています", "The provider's own limit is reached")
    detail: ClassVar[Text] = Text(
        "「{collection}」の提供者が許す接続の数か速さに達しています。",
        "The connections or the pace that the provider of “{collection}” allows are used up.",
    )
    cure: ClassVar[Text] = _LATER


class SourceResting(ConnectedProblem):
    code: ClassVar[str] = "connected/source-resting"
    status: ClassVar[int] = 503
    title: ClassVar[Text] = Text("提供者のシステムを休ませています", "The provider's system is given a rest")
    detail: ClassVar[Text] = Text(
        "「{collection}」は続けて失敗したため、{seconds} 秒のあいだ問い合わせません。",
        "“{collection}” failed several times in a row and is not asked for {seconds} seconds.",
    )
    cure: ClassVar[Text] = _LATER


class SourceStale(ConnectedProblem):
    code: ClassVar[str] = "connected/source-stale"
    status: ClassVar[int] = 502
    title: ClassVar[Text] = Text("新しいことを確かめられません", "The data cannot be shown to be fresh")
    detail: ClassVar[Text] = Text(
        "「{collection}」は {seconds} 秒以内の新しさが約束されていますが、提供元で確かめられませんでした。",
        "“{collection}” is promised to be no older than {seconds} seconds, and its origin could not be asked.",
    )
    cure: ClassVar[Text] = _PROVIDER


class SourceUnreadable(ConnectedProblem):
    code: ClassVar[str] = "connected/source-unreadable"
    status: ClassVar[int] = 502
    title: ClassVar[Text] = Text(
        "提供者のファイルを表として読めません", "The provider's file cannot be read as a table"
    )
    detail: ClassVar[Text] = Text(
        "「{collection}」のファイルを読めませんでした: {why_ja}",
        "The file of “{collection}” could not be read: {why_en}",
    )
    cure: ClassVar[Text] = _PROVIDER


class NotAskedSo(ConnectedProblem):
    code: ClassVar[str] = "connected/not-asked-so"
    status: ClassVar[int] = 404
    title: ClassVar[Text] = Text("この表ではできません", "This table cannot do that")
    detail: ClassVar[Text] = Text(
        "「{collection}」は提供者のもとにある表で、行（/items）だけを渡します。",
        "“{collection}” stays with its provider and gives rows (/items) only.",
    )
    cure: ClassVar[Text] = Text("/items を、条件を付けて使ってください。", "Use /items with a condition.")


class TooFarAhead(ConnectedProblem):
    code: ClassVar[str] = "connected/too-far-ahead"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = Text("一度に渡せる行数を超えています", "More rows than one answer may hold")
    detail: ClassVar[Text] = Text(
        "「{collection}」が一度に渡すのは {most} 行までです。",
        "“{collection}” gives {most} rows at most in one answer.",
    )
    cure: ClassVar[Text] = Text(
        "limit を小さくし、答えの next のリンクをたどってください。",
        "Use a smaller limit and follow the answer's next link.",
    )


class KeptTooLarge(ConnectedProblem):
    code: ClassVar[str] = "connected/kept-too-large"
    status: ClassVar[int] = 502
    title: ClassVar[Text] = Text(
        "提供者のファイルが、置ける大きさを超えています", "The provider's file is larger than may be kept"
    )
    detail: ClassVar[Text] = Text(
        "「{collection}」のファイルは、表にすると {megabytes} MB を超えます。",
        "The file of “{collection}” becomes a table of more than {megabytes} MB.",
    )
    cure: ClassVar[Text] = Text(
        "提供者は、行か列を減らすか、ファイルを分けてください。上限は運営者が決めています。",
        "Its provider can leave out rows or columns, or part the file; the bound is the operator's.",
    )


class NoRoom(ConnectedProblem):
    code: ClassVar[str] = "connected/no-room"
    status: ClassVar[int] = 503
    title: ClassVar[Text] = Text(
        "いま、ファイルを表にして置く場所がありません", "There is no room to keep the file as a table now"
    )
    detail: ClassVar[Text] = Text(
        "「{collection}」のファイルを置く場所が、ほかの表に譲らせても足りません。",
        "Room for the file of “{collection}” is wanting, even after others gave up theirs.",
    )
    cure: ClassVar[Text] = _LATER


class AnswerTooLarge(ConnectedProblem):
    code: ClassVar[str] = "connected/answer-too-large"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = Text("一度に集められる大きさを超えています", "More than is gathered for one answer")
    detail: ClassVar[Text] = Text(
        "「{collection}」の部分の答えが、合わせて {megabytes} MB を超えました。",
        "The answers of the parts of “{collection}” exceed {megabytes} MB together.",
    )
    cure: ClassVar[Text] = Text("limit を小さくするか、列や行を絞ってください。", "Ask for fewer rows or columns.")


class NoMemory(ConnectedProblem):
    code: ClassVar[str] = "connected/no-memory"
    status: ClassVar[int] = 503
    title: ClassVar[Text] = Text("いま、集めるための余裕がありません", "There is no memory to gather now")
    detail: ClassVar[Text] = Text(
        "「{collection}」のほかの答えを集めているところで、余裕がありません。",
        "Other answers are being gathered, and “{collection}” finds no room beside them.",
    )
    cure: ClassVar[Text] = _LATER


class NotGatheredAgain(ConnectedProblem):
    code: ClassVar[str] = "connected/not-gathered-again"
    status: ClassVar[int] = 508
    title: ClassVar[Text] = Text(
        "集めた表を、さらに集めることはできません", "What is gathered cannot be gathered again"
    )
    detail: ClassVar[Text] = Text(
        "「{collection}」は集めた表で、ほかの集めた表から問い合わせることはできません。",
        "“{collection}” is gathered itself and does not answer another gathering.",
    )
    cure: ClassVar[Text] = Text(
        "元のそれぞれのデータを、集めるものに並べてください。", "Name the tables it is made of as the parts."
    )


class TooManyToSort(ConnectedProblem):
    code: ClassVar[str] = "connected/too-many-to-sort"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = Text("並べ替えるには行が多すぎます", "Too many rows to sort")
    detail: ClassVar[Text] = Text(
        "「{collection}」は提供元で並べ替えられず、ここで並べ替えられるのは {most} 行までです。",
        "“{collection}” cannot be sorted where it is, and {most} rows at most are sorted here.",
    )
    cure: ClassVar[Text] = Text(
        "条件で行を絞るか、sortby を外してください。", "Narrow the rows by a condition, or leave out sortby."
    )
