"""What can stand in the way of describing, publishing, finding and erasing data, and how to mend it."""

from __future__ import annotations

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class DatasetUnknown(Problem):
    """There is no such dataset, or it is a draft that the reader may not see."""

    code = "catalog/dataset-unknown"
    status = 404
    title = Text("データセットが見つかりません", "No such dataset")
    detail = Text("「{dataset}」というデータセットはありません。", "There is no dataset “{dataset}”.")
    cure = Text(
        "アドレスのつづりを確かめるか、データライブラリで検索してください。",
        "Check the spelling of the address, or search the data library.",
    )


class DistributionUnknown(Problem):
    """There is no such distribution."""

    code = "catalog/distribution-unknown"
    status = 404
    title = Text("配信が見つかりません", "No such distribution")
    detail = Text("「{distribution}」という配信はありません。", "There is no distribution “{distribution}”.")
    cure = Text("データセットのページで配信を選び直してください。", "Choose a distribution on the dataset's page.")


class VersionUnknown(Problem):
    """There is no such version."""

    code = "catalog/version-unknown"
    status = 404
    title = Text("版が見つかりません", "No such version")
    detail = Text("「{version}」という版はありません。", "There is no version “{version}”.")
    cure = Text("データセットの履歴で版を選び直してください。", "Choose a version in the dataset's history.")


class MetadataRefused(Problem):
    """Some fields of a description are not right; `errors` names each."""

    code = "catalog/metadata-refused"
    status = 422
    title = Text("説明に直すところがあります", "The description needs correcting")
    detail = Text("{count}か所を直してください。", "Please correct {count} field(s).")
    cure = Text(
        "各項目に示した文に従って直し、もう一度保存してください。入力した内容は残っています。",
        "Correct each field as its message says and save again; what you typed is kept.",
    )


class DistributionRefused(Problem):
    """Some fields of a distribution are not right; `errors` names each."""

    code = "catalog/distribution-refused"
    status = 422
    title = Text("配信の設定に直すところがあります", "The distribution needs correcting")
    detail = Text("{count}か所を直してください。", "Please correct {count} field(s).")
    cure = Text(
        "各項目に示した文に従って直し、もう一度保存してください。入力した内容は残っています。",
        "Correct each field as its message says and save again; what you typed is kept.",
    )


class SlugRefused(Problem):
    """A slug does not have the right shape."""

    code = "catalog/slug-refused"
    status = 422
    title = Text("この短い名前は使えません", "This short name cannot be used")
    detail = Text(
        "「{slug}」は使えません。半角の英小文字・数字・ハイフンで3文字以上63文字以内、両端は英数字にしてください。",
        "“{slug}” cannot be used. Use 3 to 63 lower-case letters, digits and hyphens, with no hyphen at either end.",
    )
    cure = Text("例: koshu-toire-ichiran のように書き直してください。", "Write it like public-toilets-2026.")


class SlugTaken(Problem):
    """A slug was given before; slugs are never given again, not even after a dataset is gone."""

    code = "catalog/slug-taken"
    status = 409
    title = Text("この短い名前は使われたことがあります", "This short name was given before")
    detail = Text(
        "「{slug}」は、別のデータセットが使っているか、以前に使っていました。",
        "“{slug}” belongs or belonged to another dataset.",
    )
    cure = Text(
        "別の名前にしてください。古いリンクが別のデータを指さないように、一度使われた名前は二度と使えません。",
        "Choose another. A name is never given twice, so that old links cannot come to mean other data.",
    )


class DistributionNameTaken(Problem):
    """The dataset has a distribution of that name already."""

    code = "catalog/distribution-name-taken"
    status = 409
    title = Text("この配信の名前は使われています", "This distribution name is taken")
    detail = Text(
        "このデータセットには「{distribution}」という配信がすでにあります。",
        "The dataset already has a distribution “{distribution}”.",
    )
    cure = Text("別の名前にしてください。", "Choose another name.")


class DatasetClosed(Problem):
    """The dataset is in a state in which this cannot be done."""

    code = "catalog/dataset-closed"
    status = 409
    title = Text("このデータセットは変更できません", "The dataset cannot be changed")
    detail = Text(
        "「{dataset}」は提供を終えているため、この操作はできません。",
        "“{dataset}” is no longer offered, so this cannot be done.",
    )
    cure = Text(
        "続けて提供する場合は、もう一度公開してください。", "Publish it again if you want to go on offering it."
    )


class NothingToPublish(Problem):
    """A dataset without any data and without any link cannot be published."""

    code = "catalog/nothing-to-publish"
    status = 409
    title = Text("公開するデータがありません", "There is nothing to publish")
    detail = Text(
        "「{dataset}」には、データの版もリンクもありません。", "“{dataset}” has neither a version of data nor a link."
    )
    cure = Text(
        "ファイルを取り込むか、提供元のURLをリンクとして登録してください。",
        "Hand in a file, or add a link to where the data are.",
    )


class NotHeld(Problem):
    """Only a held distribution has versions."""

    code = "catalog/not-held"
    status = 409
    title = Text("この配信のデータは預かっていません", "The platform does not hold these data")
    detail = Text(
        "配信「{distribution}」は提供元のURLにあるため、版を追加できません。",
        "Distribution “{distribution}” stays at its provider's URL, so it has no versions.",
    )
    cure = Text(
        "データを預ける場合は、別の配信を「保管」として追加してください。",
        "Add another, held distribution if the platform is to keep the data.",
    )


class WasPurged(Problem):
    """The very same data were erased before and are not taken again."""

    code = "catalog/was-purged"
    status = 409
    title = Text("消去されたデータと同じです", "These data were erased before")
    detail = Text(
        "同じ内容が {purged_on} に消去されています（理由: {reason}）。",
        "The very same content was erased on {purged_on} (reason: {reason}).",
    )
    cure = Text(
        "消去の原因になった内容を除いてから取り込んでください。",
        "Remove what led to the erasure, then hand the file in again.",
    )


class WrongVersionState(Problem):
    """The version is in a state in which this cannot be done."""

    code = "catalog/wrong-version-state"
    status = 409
    title = Text("この版には行えません", "This cannot be done to the version")
    detail = Text("第{number}版の状態は「{state}」です。", "Version {number} is {state}.")
    cure = Text("履歴で版の状態を確かめてください。", "Look at the state of the version in the history.")


class ReasonMissing(Problem):
    """An act that cannot be undone, or that others will ask about, needs a reason."""

    code = "catalog/reason-missing"
    status = 422
    title = Text("理由が必要です", "A reason is needed")
    detail = Text("この操作には理由の記入が必要です。", "This needs a reason in words.")
    cure = Text("理由を記入してください。監査ログに残ります。", "Write the reason; it is kept in the audit log.")


class SearchNotReady(Problem):
    """The search index is being built."""

    code = "catalog/search-not-ready"
    status = 503
    title = Text("検索を準備しています", "Search is being prepared")
    detail = Text(
        "検索の索引を作っています。しばらくお待ちください。", "The search index is being built. Please wait a moment."
    )
    cure = Text(
        "数十秒後にもう一度お試しください。データセットの一覧とページは使えます。",
        "Try again in a little while; the list and the pages of datasets work.",
    )


class DifferencesBusy(Problem):
    """Differences of other versions are being written, and those asked for would wait for long."""

    code = "catalog/differences-busy"
    status = 503
    title = Text("ほかの違いを書き出しています", "Other differences are being written")
    detail = Text(
        "版の違いは一つずつ書き出しています。いまは、ほかの人が求めた違いを書き出しています。",
        "Differences between versions are written one at a time, and somebody else's are being written now.",
    )
    cure = Text(
        "{retry_after_seconds} 秒ほど待って、もう一度お試しください。",
        "Try again in about {retry_after_seconds} seconds.",
    )


class NotHarvested(Problem):
    """The dataset was registered here: its description is edited, not corrected."""

    code = "catalog/not-harvested"
    status = 409
    title = Text("登録されたデータです", "This dataset is registered here")
    detail = Text(
        "{dataset} はこの基盤に登録されたデータで、訂正ではなく編集で直します。",
        "{dataset} is registered on this platform; it is edited, not corrected.",
    )
    cure = Text("データの管理ページで説明を直してください。", "Edit the description on its desk.")


class HarvestedIsNotEdited(Problem):
    """What another site states is not edited or offered here."""

    code = "catalog/harvested-is-not-edited"
    status = 409
    title = Text("ほかのサイトのデータです", "This dataset belongs to another site")
    detail = Text(
        "{dataset} は、ほかのサイトから集めた案内です。ここで編集・公開・停止はできません。",
        "{dataset} was collected from another site; it cannot be edited, published or withdrawn here.",
    )
    cure = Text(
        "まちがいは「訂正」で直してください。データそのものを出すときは、新しく登録してください。",
        "Put mistakes right by a correction; to offer the data themselves, register them anew.",
    )


class CorrectionRefused(Problem):
    """The corrected value does not fit the field."""

    code = "catalog/correction-refused"
    status = 422
    title = Text("この値には直せません", "This value does not fit")
    detail = Text("訂正を保存できません。{message_ja}", "The correction cannot be kept. {message_en}")
    cure = Text(
        "一覧にある値か、正しい形の値を入力してください。", "Give a value of the list, or one of the right form."
    )


class SynonymsInvalid(Problem):
    """A group of synonyms cannot be kept as it is."""

    code = "catalog/synonyms-invalid"
    status = 422
    title = Text("同義語を直してください", "The synonyms need mending")
    detail = Text("この組は登録できません。{what_ja}", "This group cannot be kept. {what_en}")
    cure = Text(
        "同じものを指す言葉を、一つずつ分けて書いてください（例：トイレ、便所、お手洗い）。",
        "Write words for the same thing, each by itself (for example: toilet, restroom, lavatory).",
    )


class SynonymsUnknown(Problem):
    """There is no such group of synonyms."""

    code = "catalog/synonyms-unknown"
    status = 404
    title = Text("同義語の組がありません", "No such group of synonyms")
    detail = Text("同義語の組 {uid} はありません。", "There is no group of synonyms {uid}.")
    cure = Text("一覧を開き直してください。すでに削除されたのかもしれません。", "Open the list again; it may be gone.")
