"""What can stand in the way of handing in, reading and publishing a file, and how to mend it."""

from __future__ import annotations

from typing import ClassVar

from tdpf.controlplane.preparation.engine.errors import EmptyFile as EmptyFile
from tdpf.controlplane.preparation.engine.errors import NotReadable as NotReadable
from tdpf.controlplane.preparation.engine.errors import SeveralTables as SeveralTables
from tdpf.controlplane.preparation.engine.recipes.errors import NotPreparable as NotPreparable
from tdpf.controlplane.preparation.engine.schemas.errors import SchemaUnknown as SchemaUnknown
from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class UploadUnknown(Problem):
    """There is no such upload, or it belongs to somebody else."""

    code: ClassVar[str] = "preparation/upload-unknown"
    status: ClassVar[int] = 404
    title = Text("アップロードが見つかりません", "No such upload")
    detail = Text("「{upload}」というアップロードはありません。", "There is no upload “{upload}”.")
    cure = Text(
        "一覧から選び直すか、もう一度ファイルを送ってください。使われないファイルは一定の日数で消えます。",
        "Choose it from the list or send the file again; files that nobody uses vanish after some days.",
    )


class ScreeningUnknown(Problem):
    """There is no such screening."""

    code: ClassVar[str] = "preparation/screening-unknown"
    status: ClassVar[int] = 404
    title = Text("個人情報の確認が見つかりません", "No such screening")
    detail = Text("「{screening}」という確認はありません。", "There is no screening “{screening}”.")
    cure = Text("確認待ちの一覧から選び直してください。", "Choose it from the list of waiting screenings.")


class OffsetMismatch(Problem):
    """The part does not begin where the safe bytes end."""

    code: ClassVar[str] = "preparation/offset-mismatch"
    status: ClassVar[int] = 409
    title = Text("続きの位置が合いません", "The part does not follow on")
    detail = Text(
        "{upload} は {expected} バイト目まで届いていますが、{given} バイト目から送られました。",
        "{upload} has {expected} bytes, but the part begins at {given}.",
    )
    cure = Text(
        "{expected} バイト目から送り直してください（`Upload-Offset: {expected}`）。届いた分は失われていません。",
        "Send on from byte {expected} (`Upload-Offset: {expected}`); nothing that arrived is lost.",
    )


class TooManyBytes(Problem):
    """More arrived than was announced."""

    code: ClassVar[str] = "preparation/too-many-bytes"
    status: ClassVar[int] = 409
    title = Text("予告より多く届きました", "More bytes than announced")
    detail = Text(
        "{upload} は {size} バイトと予告されましたが、それを超えて届きました。",
        "{upload} was announced with {size} bytes, but more arrived.",
    )
    cure = Text("ファイルの大きさを確かめ、初めから送り直してください。", "Check the file's size and begin again.")


class UploadIncomplete(Problem):
    """Bytes are still missing."""

    code: ClassVar[str] = "preparation/upload-incomplete"
    status: ClassVar[int] = 409
    title = Text("まだすべて届いていません", "Bytes are still missing")
    detail = Text(
        "{upload} は {size} バイト中 {received} バイトまで届いています。", "{upload} has {received} of {size} bytes."
    )
    cure = Text("{received} バイト目から続きを送ってください。", "Send on from byte {received}.")


class ChecksumMismatch(Problem):
    """What arrived is not what was sent."""

    code: ClassVar[str] = "preparation/checksum-mismatch"
    status: ClassVar[int] = 409
    title = Text("届いた内容が、送った内容と違います", "What arrived differs from what was sent")
    detail = Text(
        "{upload} のSHA-256は {computed} ですが、{given} と示されました。",
        "The SHA-256 of {upload} is {computed}, but {given} was stated.",
    )
    cure = Text("破棄して、もう一度送ってください。", "Discard it and send it again.")


class UploadChanged(Problem):
    """Somebody read or edited the upload while a version was being made of it."""

    code = "preparation/upload-changed"
    status = 409
    title = Text("途中で内容が変わりました", "The upload changed meanwhile")
    detail = Text(
        "版を作っている間に、このファイルが読み直されたか、項目の説明が変えられました。何も公開していません。",
        "While the version was being made, this file was read anew or its columns were edited. Nothing was published.",
    )
    cure = Text(
        "いまの読み取りを確かめて、もう一度公開してください。", "Check the present reading and publish once more."
    )


class UploadWrongState(Problem):
    """The upload does not stand where this can be done."""

    code: ClassVar[str] = "preparation/upload-wrong-state"
    status: ClassVar[int] = 409
    title = Text("この段階ではできません", "This cannot be done at this stage")
    detail = Text(
        "{upload} は今「{state_ja}」のため、この操作はできません。",
        "{upload} is “{state}” now, so this cannot be done.",
    )
    cure = Text("アップロードのページで状態を確かめてください。", "Look at the upload's page for its state.")


class TooManyUploads(Problem):
    """The party has more on the way than it may."""

    code: ClassVar[str] = "preparation/too-many-uploads"
    status: ClassVar[int] = 429
    title = Text("途中のアップロードが多すぎます", "Too many uploads are under way")
    detail = Text(
        "公開していないアップロードが {count} 件、合計 {bytes} バイトあります（上限 {limit} 件、{limit_bytes} バイト）。",
        "There are {count} unpublished uploads with {bytes} bytes (at most {limit} uploads, {limit_bytes} bytes).",
    )
    cure = Text("使わないアップロードを破棄してください。", "Discard uploads that are not needed.")


class UploadTooLarge(Problem):
    """Larger than the platform takes."""

    code: ClassVar[str] = "preparation/upload-too-large"
    status: ClassVar[int] = 413
    title = Text("ファイルが大きすぎます", "The file is too large")
    detail = Text(
        "{file} は {size} バイトで、上限の {limit_bytes} バイトを超えています。",
        "{file} has {size} bytes; the limit is {limit_bytes} bytes.",
    )
    cure = Text(
        "分割するか、提供元に置いたままURLで提供（接続）してください。",
        "Split it, or leave it where it is and offer it by its URL (connected).",
    )


class DictionaryInvalid(Problem):
    """Some entries of a dictionary are not right; `errors` names each."""

    code: ClassVar[str] = "preparation/dictionary-invalid"
    status: ClassVar[int] = 422
    title = Text("項目の説明に直すところがあります", "The column dictionary needs correcting")
    detail = Text("{count} か所を直してください。", "Please correct {count} place(s).")
    cure = Text(
        "各項目に示した文に従って直してください。型は string・integer・number・boolean・date・datetime・time・code のどれかです。",
        "Correct each entry as its message says. A type is string, integer, number, boolean, date, datetime, time or code.",
    )


class OtherProvider(Problem):
    """The upload was handed in for another party than the dataset's provider."""

    code: ClassVar[str] = "preparation/other-provider"
    status: ClassVar[int] = 409
    title = Text("提供者が違います", "The providers differ")
    detail = Text(
        "{upload} は、このデータセットの提供者とは別の会員・団体のために送られました。",
        "{upload} was handed in for another member or organisation than this dataset's provider.",
    )
    cure = Text(
        "データセットの提供者としてファイルを送り直してください。",
        "Hand the file in again in the name of the dataset's provider.",
    )


class PersonalDataFound(Problem):
    """The first screen found personal data."""

    code: ClassVar[str] = "preparation/personal-data-found"
    status: ClassVar[int] = 422
    title = Text("個人情報が含まれています", "There is personal data in it")
    detail = Text(
        "{columns} に個人情報があるため、公開できません。",
        "It cannot be published: there is personal data in {columns}.",
    )
    cure = Text(
        "示された列を除くか、個人を特定できない形にしたファイルを送り直してください。判定が誤りと思われるときは運営者に連絡してください。",
        "Remove the columns named, or make them anonymous, and hand the file in again. If the finding is wrong, tell the operator.",
    )


class ScreeningWaits(Problem):
    """Doubtful findings wait for the operator, and the dataset is already public."""

    code: ClassVar[str] = "preparation/screening-waits"
    status: ClassVar[int] = 409
    title = Text("運営者の確認を待っています", "This waits for the operator")
    detail = Text(
        "{columns} に個人情報の疑いがあり、運営者が確認しています。公開中のデータセットには、確認が済むまで加えられません。",
        "{columns} may hold personal data. A public dataset takes it only after the operator has looked at it.",
    )
    cure = Text("確認の結果をお待ちください。結果はお知らせします。", "Please wait for the result; you will be told.")


class ScreeningRefused(Problem):
    """The operator refused the data."""

    code: ClassVar[str] = "preparation/screening-refused"
    status: ClassVar[int] = 422
    title = Text("運営者が公開を認めませんでした", "The operator refused publication")
    detail = Text("理由: {reason}", "Reason given (理由): {reason}")
    cure = Text(
        "理由に従って直したファイルを送り直してください。", "Mend the file as the reason says and hand it in again."
    )


class ScreeningNotOpen(Problem):
    """There is nothing to decide, or it was decided already."""

    code: ClassVar[str] = "preparation/screening-not-open"
    status: ClassVar[int] = 409
    title = Text("判断を待つ確認ではありません", "This screening is not open")
    detail = Text("この確認は「{state}」です。", "This screening is “{state}”.")
    cure = Text("確認待ちの一覧を見直してください。", "Look at the list of waiting screenings again.")
