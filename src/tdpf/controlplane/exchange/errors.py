"""The problems of exchange."""

from __future__ import annotations

from tdpf.controlplane.exchange.licence_errors import LicenceContradicts as LicenceContradicts
from tdpf.controlplane.exchange.source_errors import ConnectAnew as ConnectAnew
from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class TermsInvalid(Problem):
    """Terms contradict themselves or the vocabulary; `errors` names each field with the reason in both languages."""

    code = "exchange/terms-invalid"
    status = 422
    title = Text("利用条件に直すところがあります", "The terms need mending")
    detail = Text("利用条件に{count}か所、直すところがあります。", "{count} of the terms need mending.")
    cure = Text("示された項目を直して、もう一度保存してください。", "Mend the fields that are named and save again.")


class PaidNotOffered(Problem):
    """Someone asked for paid terms."""

    code = "exchange/paid-not-offered"
    status = 422
    title = Text("有償の提供は、まだできません", "Paid offers are not open yet")
    detail = Text(
        "料金の計算と請求の仕組みが整うまで、有償の条件は選べません。",
        "Paid terms cannot be chosen until charging and invoicing are in place.",
    )
    cure = Text(
        "無料の「オープン」か「条件付き」で始めると、後から新しい条件の提供を加えられます。",
        "Begin with free terms, open or conditional; another offer can be added later.",
    )


class OfferUnknown(Problem):
    """No such offer, or it is not for the one who asks."""

    code = "exchange/offer-unknown"
    status = 404
    title = Text("提供が見つかりません", "No such offer")
    detail = Text("提供 {offer} は見つかりません。", "There is no offer {offer} for you to see.")
    cure = Text(
        "データセットのページから、いまの提供を選んでください。",
        "Choose one of the present offers on the dataset's page.",
    )


class RequestUnknown(Problem):
    """No such request, or it is not for the one who asks."""

    code = "exchange/request-unknown"
    status = 404
    title = Text("申込みが見つかりません", "No such request")
    detail = Text("申込み {request} は見つかりません。", "There is no request {request} for you to see.")
    cure = Text(
        "申込みの当事者としてログインしているか、確かめてください。",
        "Check that you are signed in as one of its sides.",
    )


class AgreementUnknown(Problem):
    """No such agreement, or it is not for the one who asks."""

    code = "exchange/agreement-unknown"
    status = 404
    title = Text("約定が見つかりません", "No such agreement")
    detail = Text("約定 {agreement} は見つかりません。", "There is no agreement {agreement} for you to see.")
    cure = Text(
        "約定の当事者としてログインしているか、確かめてください。", "Check that you are signed in as one of its sides."
    )


class StepNotPossible(Problem):
    """The thing is in a state from which this step does not lead anywhere."""

    code = "exchange/step-not-possible"
    status = 409
    title = Text("いまの状態ではできません", "Not possible in the present state")
    detail = Text(
        "{thing_ja}は「{state_ja}」なので、{verb_ja}はできません。",
        "The {thing_en} is {state_en}, so it cannot be {verb_en}.",
    )
    cure = Text("ページを開き直して、いまの状態を確かめてください。", "Open the page again to see its present state.")


class ReasonNeeded(Problem):
    """A decision that touches someone else was made without a reason, or a statement is empty."""

    code = "exchange/reason-needed"
    status = 422
    title = Text("文章を書いてください", "Words are needed")
    detail = Text("「{what_ja}」を書いてください。", "Write the {what_en}.")
    cure = Text(
        "相手に伝わるように、1文以上で書いてください。", "One sentence that the other side understands is enough."
    )


class TextTooLong(Problem):
    """A free text is longer than the platform keeps."""

    code = "exchange/text-too-long"
    status = 422
    title = Text("文章が長すぎます", "The text is too long")
    detail = Text("「{what_ja}」は{limit}文字までです。", "The {what_en} may have {limit} characters.")
    cure = Text("要点を短くまとめてください。", "Shorten it to the essential.")


class WordUnknown(Problem):
    """An answer or purpose that the vocabulary does not know."""

    code = "exchange/word-unknown"
    status = 422
    title = Text("選べない値です", "Not one of the choices")
    detail = Text("「{given}」は選べません。選べるのは {known} です。", "“{given}” is not one of {known}.")
    cure = Text("示された中から選んでください。", "Choose one of those named.")


class NothingToPublish(Problem):
    """The dataset has neither a version nor a link."""

    code = "exchange/nothing-to-publish"
    status = 409
    title = Text("公開するデータがありません", "There is nothing to publish")
    detail = Text("このデータセットには、版もリンクもまだありません。", "This dataset has no version and no link yet.")
    cure = Text("ファイルを取り込むか、リンクを加えてください。", "Bring a file in, or add a link.")


class MetadataIncomplete(Problem):
    """The description lacks what others need to find and judge the data; `fields` names what is missing."""

    code = "exchange/metadata-incomplete"
    status = 409
    title = Text("説明が足りません", "The description is not complete")
    detail = Text("公開の前に、次の項目を書いてください: {missing_ja}", "Before publishing, fill in: {missing_en}")
    cure = Text("データセットの「説明」で書き加えてください。", "Add them under “Describe” of the dataset.")


class WarrantyMissing(Problem):
    """The warranty is not signed for what would be published."""

    code = "exchange/warranty-missing"
    status = 409
    title = Text("表明保証の署名が必要です", "The warranty must be signed")
    detail = Text(
        "公開しようとする版のうち{count}件に、表明保証の署名がまだありません。",
        "The warranty is not signed yet for {count} of the versions to be published.",
    )
    cure = Text("表明保証を読んで署名してから、公開してください。", "Read and sign the warranty, then publish.")


class WarrantyTextStale(Problem):
    """The text that was shown is not the text in force."""

    code = "exchange/warranty-text-stale"
    status = 409
    title = Text("表明保証の文が新しくなっています", "The warranty has a newer text")
    detail = Text(
        "署名しようとした文（{given}）は、いまの文（{current}）ではありません。",
        "The text you were about to sign ({given}) is not the one in force ({current}).",
    )
    cure = Text("いまの文を読んでから、もう一度署名してください。", "Read the present text and sign again.")


class ScreeningMissing(Problem):
    """The screen for personal data has not run."""

    code = "exchange/screening-missing"
    status = 409
    title = Text("個人情報の確認がまだです", "The screen for personal data has not run")
    detail = Text(
        "公開しようとする版に、個人情報の機械的な確認がまだ行われていません。",
        "The version to be published has not been screened for personal data yet.",
    )
    cure = Text(
        "ファイルをもう一度取り込むと、確認が行われます。", "Bring the file in again; the screen runs by itself."
    )


class ScreeningWaits(Problem):
    """The screen found something doubtful; the operator decides."""

    code = "exchange/screening-waits"
    status = 409
    title = Text("運営者の確認を待っています", "Waiting for the operator")
    detail = Text(
        "個人情報かもしれない値が見つかったため、運営者が確かめています。",
        "Values that may be personal data were found; the operator is looking at them.",
    )
    cure = Text(
        "急ぐときは、見つかった列を除いた版を取り込んでください。",
        "If it is urgent, bring in a version without the columns that were found.",
    )


class ScreeningRefused(Problem):
    """The screen found personal data."""

    code = "exchange/screening-refused"
    status = 409
    title = Text("個人情報が見つかりました", "Personal data were found")
    detail = Text(
        "公開しようとする版に個人情報があるため、公開できません。", "The version to be published holds personal data."
    )
    cure = Text(
        "見つかった列や値を除いた版を取り込んで、もう一度公開してください。",
        "Bring in a version without the columns or values that were found, and publish again.",
    )


class OpenOfferStands(Problem):
    """A dataset has one open offer at a time."""

    code = "exchange/open-offer-stands"
    status = 409
    title = Text("オープンの提供がすでにあります", "An open offer stands already")
    detail = Text("このデータセットには、オープンの提供がすでにあります。", "This dataset has an open offer already.")
    cure = Text("その提供の利用条件を改めてください。", "Revise the terms of that offer.")


class TermsNarrowed(Problem):
    """A standing open offer may not take away what people use without a notice."""

    code = "exchange/terms-narrowed"
    status = 409
    title = Text("提供中の条件は、予告なしに狭められません", "A standing offer is not narrowed without notice")
    detail = Text(
        "提供中の提供では、次の項目をこのようには変えられません: {fields_ja}",
        "In a standing offer these may not be changed in this way: {fields_en}",
    )
    cure = Text(
        "新しい条件の提供を加え、いまの提供には提供停止の予告を出してください。",
        "Add an offer with the new terms, and give notice for the present one.",
    )


class AreasNotKept(Problem):
    """Terms name areas, but not all of the data can be parted by area."""

    code = "exchange/areas-not-kept"
    status = 422
    title = Text("地域を限ることができません", "Areas cannot be kept apart")
    detail = Text(
        "地域を限れるのは、地域の列を決めたストリームだけのデータセットです。",
        "Only a dataset of streams that all name their column of areas can be offered by area.",
    )
    cure = Text(
        "地域を空にするか、ストリームの「地域の列」を決めてください。",
        "Leave the areas empty, or name the streams' column of areas.",
    )


class ColumnsUnknown(Problem):
    """Terms name columns that the data do not have."""

    code = "exchange/columns-unknown"
    status = 422
    title = Text("ない項目が指定されています", "Some columns do not exist")
    detail = Text("データにない項目です: {columns}", "The data have no such columns: {columns}")
    cure = Text("データの項目から選び直してください。", "Choose from the columns of the data.")


class OpenNeedsNoAgreement(Problem):
    """Open data are used without an agreement."""

    code = "exchange/open-needs-no-agreement"
    status = 409
    title = Text("申込みは要りません", "No agreement is needed")
    detail = Text("このデータはオープンなので、申込みなしに使えます。", "These data are open and need no request.")
    cure = Text(
        "データセットのページから、そのままダウンロードするか、APIで使ってください。",
        "Download them from the dataset's page, or use the API.",
    )


class NotForYou(Problem):
    """The offer is for others than the consumer who asks."""

    code = "exchange/not-for-you"
    status = 403
    title = Text("この提供の対象ではありません", "The offer is for others")
    detail = Text("この提供に申し込めるのは: {audience_ja}", "This offer is for: {audience_en}")
    cure = Text(
        "対象の団体として申し込むか、提供者に問い合わせてください。",
        "Apply in the name of such an organisation, or write to the provider.",
    )


class PurposeNotOffered(Problem):
    """The purpose is not among those of the terms."""

    code = "exchange/purpose-not-offered"
    status = 422
    title = Text("この目的では使えません", "Not for this purpose")
    detail = Text("この提供で使える目的は: {purposes_ja}", "This offer is for: {purposes_en}")
    cure = Text(
        "使える目的から選ぶか、提供者に問い合わせてください。",
        "Choose one of these purposes, or write to the provider.",
    )


class TermsChanged(Problem):
    """The terms were revised between reading and asking."""

    code = "exchange/terms-changed"
    status = 409
    title = Text("利用条件が変わりました", "The terms have changed")
    detail = Text(
        "読んでいた利用条件は、申し込む前に改められました。", "The terms you read were revised before you asked."
    )
    cure = Text("新しい利用条件を読んでから、もう一度申し込んでください。", "Read the new terms and ask again.")


class AlreadyAsked(Problem):
    """The application has an open request for this offer."""

    code = "exchange/already-asked"
    status = 409
    title = Text("すでに申し込んでいます", "Already asked")
    detail = Text(
        "この利用アプリからの申込み（{request}）が、すでにあります。",
        "This application has an open request already ({request}).",
    )
    cure = Text("その申込みの答えを待つか、取り下げてください。", "Wait for its answer, or take it back.")


class PartsNotPassedOn(Problem):
    """The table is gathered of others, and one of them may not be passed on now."""

    code = "exchange/parts-not-passed-on"
    status = 409
    title = Text("集めたデータの一部を渡せません", "A part of the gathered data may not be passed on")
    detail = Text("渡せないもの: {parts_ja}", "What may not be passed on: {parts_en}")
    cure = Text(
        "提供者が、それぞれのデータの約定を結び直すか、集めるものから外すのをお待ちください。",
        "Wait until the provider has agreed on each part anew, or has taken it out.",
    )


class AlreadyAgreed(Problem):
    """The application has an agreement in force for this offer."""

    code = "exchange/already-agreed"
    status = 409
    title = Text("すでに約定があります", "Already agreed")
    detail = Text(
        "この利用アプリには、この提供の約定（第{number}号）がすでにあります。",
        "This application has an agreement for this offer already (no. {number}).",
    )
    cure = Text(
        "その約定で使えます。条件を改めたいときは、終えてから申し込み直してください。",
        "Use that one; to agree on newer terms, end it and ask again.",
    )


class PeriodOver(Problem):
    """The period of the terms is over, so nothing can be sealed."""

    code = "exchange/period-over"
    status = 409
    title = Text("利用期間が過ぎています", "The period is over")
    detail = Text("この提供の利用期間は {last_day} までです。", "The period of this offer ended on {last_day}.")
    cure = Text("提供者に、新しい利用条件の提供を頼んでください。", "Ask the provider for an offer with new terms.")


class ProviderMayNotEnd(Problem):
    """A provider tried to end an agreement by their own hand."""

    code = "exchange/provider-may-not-end"
    status = 403
    title = Text("提供者は約定を一方的に終えられません", "A provider may not simply end an agreement")
    detail = Text(
        "提供をやめるには予告が、違反を止めるには運営者の判断が要ります。",
        "Ending an offer needs notice, and stopping a breach needs the operator's judgement.",
    )
    cure = Text(
        "「提供停止の予告」を出すか、「違反の報告」で運営者に知らせてください。",
        "Give a withdrawal notice, or report the breach to the operator.",
    )


class WithdrawalTooEarly(Problem):
    """Notice is shorter than agreed; `earliest` is the first possible day."""

    code = "exchange/withdrawal-too-early"
    status = 409
    title = Text("予告の期間が足りません", "The notice is too short")
    detail = Text(
        "いま予告を出すと、最も早くて {earliest} に終えられます（予告の期間: {notice_days}日）。",
        "With notice given today the offer can end on {earliest} at the earliest ({notice_days} days of notice).",
    )
    cure = Text(
        "{earliest} 以降の日を選んでください。急いで止めなければならないときは、運営者に知らせてください。",
        "Choose {earliest} or a later day. If the data must stop at once, tell the operator.",
    )
