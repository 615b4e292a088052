"""Why a file cannot become a table, each with what to do about it."""

from __future__ import annotations

from typing import ClassVar

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class NotReadable(Problem):
    """The file cannot be read as a table; the class below says why."""

    status: ClassVar[int] = 422


class EmptyFile(NotReadable):
    """Nothing in it."""

    code: ClassVar[str] = "preparation/empty-file"
    title = Text("ファイルが空です", "The file is empty")
    detail = Text("{file} には値が一つもありません。", "{file} holds no value at all.")
    cure = Text(
        "見出しの行とデータの行があるファイルを選び直してください。保存の途中で失敗していないかも確かめてください。",
        "Choose a file with a header row and data rows, and check that saving it did not fail half-way.",
    )


class HtmlInstead(NotReadable):
    """A web page under the name of a data file."""

    code: ClassVar[str] = "preparation/html-instead"
    title = Text("データではなくウェブページ（HTML）です", "This is a web page (HTML), not data")
    detail = Text(
        "{file} の中身はHTMLです。ログイン画面やエラー画面が保存された可能性があります。",
        "{file} contains HTML; perhaps a log-in or error page was saved in place of the data.",
    )
    cure = Text(
        "配布元のダウンロードのリンクから保存し直すか、表計算ソフトで開いて「CSV（UTF-8）」か「Excelブック」で保存し直してください。",
        "Save it again from the download link itself, or open it in a spreadsheet program and save it as CSV (UTF-8) or an Excel workbook.",
    )


class Encrypted(NotReadable):
    """Protected by a password."""

    code: ClassVar[str] = "preparation/encrypted"
    title = Text("パスワードで保護されています", "The file is protected by a password")
    detail = Text(
        "{file} は暗号化されているため、開けません。パスワードを預かることはありません。",
        "{file} is encrypted and cannot be opened. The platform never asks for the password.",
    )
    cure = Text(
        "Excelの「ファイル」→「情報」→「ブックの保護」→「パスワードを使用して暗号化」で空にして保存し直してください。",
        "In Excel choose File → Info → Protect Workbook → Encrypt with Password, clear the password, and save again.",
    )


class EncryptedPdf(NotReadable):
    """A PDF that opens with a password only."""

    code: ClassVar[str] = "preparation/encrypted-pdf"
    title = Text("パスワードで保護されたPDFです", "The PDF is protected by a password")
    detail = Text(
        "{file} は開くためのパスワードが設定されているため、読めません。パスワードを預かることはありません。",
        "{file} needs a password to be opened. The platform never asks for the password.",
    )
    cure = Text(
        "PDFを作ったソフトでパスワードを外して保存し直すか、もとの表（Excelなど）を渡してください。",
        "Save it without a password in the program that made it, or hand in the table it was made from, such as an Excel file.",
    )


class TooManyPages(NotReadable):
    """More pages than one reading may go through."""

    code: ClassVar[str] = "preparation/too-many-pages"
    title = Text("ページが多すぎます", "There are too many pages")
    detail = Text(
        "{file} は {pages} ページあり、一度に読める {limit} ページを超えています。",
        "{file} has {pages} pages; {limit} can be read at once.",
    )
    cure = Text(
        "表のあるページだけを取り出すか、いくつかのPDFに分けてください。",
        "Take out the pages with the table, or split it into several PDFs.",
    )


class PictureTooLarge(NotReadable):
    """A picture with more points than may be looked at."""

    code: ClassVar[str] = "preparation/picture-too-large"
    title = Text("画像が大きすぎます", "The picture is too large")
    detail = Text(
        "{file} は {width}×{height} 画素で、上限の {limit} 画素を超えています。",
        "{file} has {width}×{height} pixels; the limit is {limit} in all.",
    )
    cure = Text(
        "200〜300 dpi 程度に縮小して保存し直してください（A3で約1,700万画素です）。",
        "Save it at about 200 to 300 dpi (an A3 sheet then has some 17 million pixels).",
    )


class RecognitionMissing(NotReadable):
    """A picture or scan, and nothing installed that could recognise letters."""

    code: ClassVar[str] = "preparation/recognition-missing"
    title = Text("文字認識（OCR）が入っていません", "Character recognition (OCR) is not installed")
    detail = Text(
        "{file} は画像（または文字情報のないPDF）で、読むには文字認識が必要です。",
        "{file} is a picture, or a PDF without text, and needs character recognition to be read.",
    )
    cure = Text(
        "「pip install 'tdpf[ocr]'」で文字認識を追加するか、もとの表（Excelなど）を渡してください。",
        "Add recognition with “pip install 'tdpf[ocr]'”, or hand in the table it was made from, such as an Excel file.",
    )


class TooMuchInside(NotReadable):
    """A compressed file that unfolds beyond the limit."""

    code: ClassVar[str] = "preparation/too-much-inside"
    title = Text("展開すると大きくなりすぎるファイルです", "The file unfolds beyond the limit")
    detail = Text(
        "{file} は展開すると {unzipped_bytes} バイトになります。大きさの上限（{limit_bytes} バイト）か、圧縮率の上限を超えています。",
        "{file} unfolds to {unzipped_bytes} bytes: too large (limit {limit_bytes} bytes), or packed too tightly to be trusted.",
    )
    cure = Text(
        "不要なシートや空の範囲を削るか、CSVで保存し直してください。",
        "Remove sheets and empty ranges that are not needed, or save it as CSV.",
    )


class NotATable(NotReadable):
    """Some other kind of file."""

    code: ClassVar[str] = "preparation/not-a-table"
    title = Text("表として読めない形式です", "This kind of file holds no readable table")
    detail = Text("{file} は {kind_ja} です。", "{file} is {kind_en}.")
    cure = Text("次のようにしてください。{cure_ja}", "What to do: {cure_en}")


class Damaged(NotReadable):
    """The kind is known, but the content is broken."""

    code: ClassVar[str] = "preparation/damaged"
    title = Text("ファイルが壊れています", "The file is damaged")
    detail = Text("{file} を {format} として開けません。{why_ja}。", "{file} cannot be opened as {format}: {why_en}.")
    cure = Text(
        "もとのソフトで開けるか確かめ、保存し直してからもう一度お試しください。",
        "Check that it opens in the program it came from, save it again, and retry.",
    )


class UnknownEncoding(NotReadable):
    """No Japanese character encoding fits."""

    code: ClassVar[str] = "preparation/unknown-encoding"
    title = Text("文字コードを判別できません", "The character encoding cannot be told")
    detail = Text(
        "{file} の {where} にある文字が、UTF-8・Shift_JIS（CP932）・EUC-JP・ISO-2022-JP・UTF-16 のどれでも読めません。",
        "The characters of {file} at {where} are not readable as UTF-8, Shift_JIS (CP932), EUC-JP, ISO-2022-JP or UTF-16.",
    )
    cure = Text(
        "もとのソフトで「CSV UTF-8」として保存し直してください。",
        "Save it again as CSV UTF-8 in the program it came from.",
    )


class TooManyColumns(NotReadable):
    """Wider than any table."""

    code: ClassVar[str] = "preparation/too-many-columns"
    title = Text("列が多すぎます", "There are too many columns")
    detail = Text(
        "{file} の {where} には {columns} 列以上あり、上限の {limit} 列を超えています。",
        "{where} of {file} has {columns} columns or more; the limit is {limit}.",
    )
    cure = Text(
        "行の終わりの改行が失われていないか確かめてください。項目が横に並んでいる表は、縦に並べ直してください。",
        "Check that line ends were not lost. Turn a table that grows sideways so that it grows downwards.",
    )


class CellTooLong(NotReadable):
    """One cell holds a whole document."""

    code: ClassVar[str] = "preparation/cell-too-long"
    title = Text("一つのセルが長すぎます", "One cell is too long")
    detail = Text(
        "{file} の {where} にある値は上限の {limit} 文字を超えています。",
        "A value of {file} at {where} is longer than the limit of {limit} characters.",
    )
    cure = Text(
        '引用符（"）の閉じ忘れがないか確かめてください。長い文書は別のファイルにして、URLを列に入れてください。',
        "Check for a quotation mark that was never closed. Put long documents in files of their own and their URLs in the column.",
    )


class TooManyCells(NotReadable):
    """More cells than one reading may hold."""

    code: ClassVar[str] = "preparation/too-many-cells"
    title = Text("セルが多すぎます", "There are too many cells")
    detail = Text("{file} のセルは上限の {limit} 個を超えています。", "{file} has more than {limit} cells.")
    cure = Text("年度や地域などで分割してください。", "Split it, for example by year or by area.")


class FileTooLarge(NotReadable):
    """Larger than the platform reads."""

    code: ClassVar[str] = "preparation/file-too-large"
    status: ClassVar[int] = 413
    title = Text("ファイルが大きすぎます", "The file is too large")
    detail = Text(
        "{file} は {bytes} バイトで、上限の {limit_bytes} バイトを超えています。",
        "{file} has {bytes} bytes; the limit is {limit_bytes} bytes.",
    )
    cure = Text(
        "分割するか、提供元に置いたままURLで提供（接続）してください。",
        "Split it, or leave it where it is and offer it by its URL (connected).",
    )


class NoTable(NotReadable):
    """Readable, but there is no table in it."""

    code: ClassVar[str] = "preparation/no-table"
    title = Text("表が見つかりません", "No table was found")
    detail = Text("{file} に表が見つかりません。{seen_ja}", "No table was found in {file}. {seen_en}")
    cure = Text(
        "1行目に項目名、2行目からデータを1件1行で並べてください。JSONは、同じ項目を持つオブジェクトの配列にしてください。",
        "Put the item names in the first row and one record per row below. JSON must be an array of objects with the same members.",
    )


class SeveralTables(NotReadable):
    """More than one table: a person must say which one."""

    code: ClassVar[str] = "preparation/several-tables"
    status: ClassVar[int] = 409
    title = Text("表が複数あります", "There are several tables")
    detail = Text(
        "{file} には表が {count} 個あります。公開する表を一つ選んでください。",
        "{file} holds {count} tables. Choose the one to publish.",
    )
    cure = Text(
        "一覧から表を一つ選んでください（APIでは `choice`、`tdpf prepare` では `--table` に id を渡します）。残りの表は、同じファイルを使って別の配信として公開できます。",
        "Choose one table of the list (pass its id as `choice` to the API, as `--table` to `tdpf prepare`). The others can be published as further distributions of the same file.",
    )


class PictureTooCoarse(NotReadable):
    """A scan or photo whose letters have too few pixels to be told apart."""

    code: ClassVar[str] = "preparation/picture-too-coarse"
    title = Text("画像が粗くて文字を読み取れません", "The picture is too coarse to be read")
    detail = Text(
        "{file} の {pages} ページは、字の高さが約 {letter} 画素（10ポイントの字なら約 {dpi} dpi）しかなく、正しく読み取れません。読み違えた表を作らないよう、読むのをやめました。",
        "On page {pages} of {file} letters are about {letter} pixels high (some {dpi} dpi for type of 10 points), too few to tell them apart. No table was made, rather than a wrong one.",
    )
    cure = Text(
        "紙を 300 dpi 以上で、まっすぐに置いてスキャンし直してください。もとの表（Excelなど）があれば、それを渡してください。",
        "Scan the paper again at 300 dpi or more, laid straight; or hand in the table it was made from, such as an Excel file.",
    )


class ChoiceUnknown(NotReadable):
    """The chosen table is not in the file."""

    code: ClassVar[str] = "preparation/choice-unknown"
    title = Text("選んだ表が見つかりません", "The chosen table is not in the file")
    detail = Text("{file} に「{choice}」という表はありません。", "{file} has no table called “{choice}”.")
    cure = Text("一覧にある表から選んでください。", "Choose one of the listed tables.")


class ReaderStopped(NotReadable):
    """The reading process ended without an answer."""

    code: ClassVar[str] = "preparation/reader-stopped"
    title = Text("読み取りを中止しました", "Reading was stopped")
    detail = Text(
        "{file} の読み取りは、{why_ja}ため中止しました。ファイルは変更されていません。",
        "Reading {file} was stopped because {why_en}. The file was not changed.",
    )
    cure = Text(
        "大きなファイルはいくつかに分けてください。Excelのブックなら、不要なシートや書式を削るか、CSV（UTF-8）で保存し直してください。",
        "Part a large file. Of an Excel workbook, remove sheets and formatting that are not needed, or save it as CSV (UTF-8).",
    )
