"""What can stand in the way of handing in, reading and publishing a file, and how to mend it."""

from __future__ import annotations

from typing import ClassVar

from tdpf.controlplane.preparation.engine.errors import EmptyFile as EmptyFile
from tdpf.controlplane.preparation.engine.errors import NotReadable as NotReadable
from tdpf.controlplane.preparation.engine.errors import SeveralTables as SeveralTables
from tdpf.controlplane.preparation.engine.recipes.errors import NotPreparable as NotPreparable
from tdpf.controlplane.preparation.engine.schemas.errors import SchemaUnknown as SchemaUnknown
from tdpf.controlplane.preparation.merge_errors import KeptMergeUnknown as KeptMergeUnknown
from tdpf.controlplane.preparation.merge_errors import SourceNotOpen as SourceNotOpen
from tdpf.controlplane.preparation.merge_errors import SourceNotUnderstood as SourceNotUnderstood
from tdpf.controlplane.preparation.merge_errors import SourcesMissing as SourcesMissing
from tdpf.controlplane.preparation.merge_errors import TooManySources as TooManySources
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


class NothingLeft(Problem):
    """Every column of a table is one in which the screen found something."""

    code: ClassVar[str] = "preparation/nothing-left"
    status: ClassVar[int] = 422
    title = Text("除くと、列が残りません", "No column would be left")
    detail = Text(
        "見つかった列は {columns} で、表のすべての列です。", "The columns found are {columns}: all that the table has."
    )
    cure = Text(
        "個人と結び付かない形に直したファイルを選び直してください。",
        "Choose a file that was changed so that nothing in it leads to a person.",
    )


class NotAsItIs(Problem):
    """The file is nothing that could be offered as it is, without a table."""

    code: ClassVar[str] = "preparation/not-as-it-is"
    status: ClassVar[int] = 422
    title = Text("このファイルは、そのままでも出せません", "This file cannot be offered as it is, either")
    detail = Text("{file} は出せません。{why_ja}。", "{file} cannot be offered: {why_en}.")
    cure = Text(
        "中身のあるデータのファイルを選び直してください。もとのソフトで開けるかも確かめてください。",
        "Choose a file that holds data, and check that it opens in the program it came from.",
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


class WorkpieceUnknown(Problem):
    """There is no such workpiece, it has expired, or it belongs to somebody else."""

    code: ClassVar[str] = "preparation/workpiece-unknown"
    status: ClassVar[int] = 404
    title = Text("整備中の表が見つかりません", "No such workpiece")
    detail = Text("この住所の整備中の表はありません。", "There is no workpiece at this address.")
    cure = Text(
        "会員登録なしに預かったファイルは24時間で消えます。もう一度ファイルを選んでください。",
        "Files taken without an account are erased after 24 hours. Choose the file again.",
    )


class WorkpieceBusy(Problem):
    """The workpiece is being worked on, or is not yet so far."""

    code: ClassVar[str] = "preparation/workpiece-busy"
    status: ClassVar[int] = 409
    title = Text("いまはこの操作ができません", "This cannot be done now")
    detail = Text("整備中の表は今「{state_ja}」です。", "The workpiece is “{state}” now.")
    cure = Text(
        "処理が終わるのを待つか、前の段階を終えてください。選んだ内容は失われていません。",
        "Wait until the work is done, or finish the step before. Nothing you chose is lost.",
    )


class WorkpieceTooLarge(Problem):
    """More files or bytes than one workpiece may have."""

    code: ClassVar[str] = "preparation/workpiece-too-large"
    status: ClassVar[int] = 413
    title = Text("ファイルが多すぎるか、大きすぎます", "Too many or too large files")
    detail = Text(
        "{count} 個、合計 {size} バイトです。上限は {limit} 個、{limit_bytes} バイトです。",
        "There are {count} files with {size} bytes; at most {limit} files with {limit_bytes} bytes are taken.",
    )
    cure = Text(
        "ファイルを分けてください。会員登録してログインすると、より大きなファイルを整えられます。",
        "Split them. After signing in, larger files can be prepared.",
    )


class TooManyWorkpieces(Problem):
    """Too many workpieces were begun from the same place in a short time."""

    code: ClassVar[str] = "preparation/too-many-workpieces"
    status: ClassVar[int] = 429
    title = Text("短い時間に多くのファイルが送られました", "Too many files in a short time")
    detail = Text(
        "同じところから、上限の {limit} 件を超えて送られました。",
        "More than the limit of {limit} were begun from the same place.",
    )
    cure = Text(
        "しばらく待ってからやり直すか、使わない整備中の表を消してください。会員は、より多く整えられます。",
        "Wait a while and try again, or erase workpieces that are not needed. Members may prepare more.",
    )


class NoFiles(Problem):
    """Nothing was handed in."""

    code: ClassVar[str] = "preparation/no-files"
    status: ClassVar[int] = 422
    title = Text("ファイルが選ばれていません", "No file was chosen")
    detail = Text("中身のあるファイルが一つもありません。", "There is no file with anything in it.")
    cure = Text("整えたいファイルを選んでください。", "Choose the file to prepare.")


class ChoiceNotOffered(Problem):
    """What was chosen is not among what there is to choose from."""

    code: ClassVar[str] = "preparation/choice-not-offered"
    status: ClassVar[int] = 422
    title = Text("選べないものが選ばれました", "This cannot be chosen")
    detail = Text("「{given}」は選べません。", "“{given}” cannot be chosen.")
    cure = Text("一覧の中から選び直してください。", "Choose one of the list.")


class AnswerNotRead(Problem):
    """A person's answer is no value that the column takes."""

    code: ClassVar[str] = "preparation/answer-not-read"
    status: ClassVar[int] = 422
    title = Text("この項目に入れられない値です", "The column does not take this value")
    detail = Text(
        "「{given}」は「{column}」に入れられません。{why_ja}。",
        "“{given}” cannot be put into “{column}”: {why_en}.",
    )
    cure = Text(
        "項目の書き方に合う値を入れるか、「空欄にする」を選んでください。",
        "Give a value as the column asks for it, or choose to leave the cell empty.",
    )


class FieldChosenTwice(Problem):
    """Two columns of one table were given the same field."""

    code: ClassVar[str] = "preparation/field-chosen-twice"
    status: ClassVar[int] = 422
    title = Text("同じ項目が二つの列に選ばれています", "One field was chosen for two columns")
    detail = Text("「{field}」が、「{columns}」の両方に選ばれています。", "“{field}” was chosen for each of {columns}.")
    cure = Text(
        "どれか一つだけに選び、ほかは別の項目か「使わない」にしてください。",
        "Choose it for one of them only; give the others another field or “not used”.",
    )


class RecipeUnknown(Problem):
    """There is no such stored recipe, or it belongs to somebody else."""

    code: ClassVar[str] = "preparation/recipe-unknown"
    status: ClassVar[int] = 404
    title = Text("レシピが見つかりません", "No such recipe")
    detail = Text("「{recipe}」というレシピはありません。", "There is no recipe “{recipe}”.")
    cure = Text("レシピの一覧から選び直してください。", "Choose it from the list of recipes.")


class ResultUnknown(Problem):
    """There is no such file among the results."""

    code: ClassVar[str] = "preparation/result-unknown"
    status: ClassVar[int] = 404
    title = Text("できあがりのファイルがありません", "No such result")
    detail = Text("「{file}」というできあがりはありません。", "There is no result “{file}”.")
    cure = Text("できあがりのページから選び直してください。", "Choose it on the page of results.")
