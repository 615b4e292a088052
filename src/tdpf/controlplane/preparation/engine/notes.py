"""The sentences of every note the reader can make, in one place."""

from __future__ import annotations

from tdpf.controlplane.preparation.engine.types import Level, Note
from tdpf.kit.text import Text

SENTENCES: dict[str, Text] = {
    "encoding": Text("文字コードは {encoding} です（{why_ja}）。", "The character encoding is {encoding} ({why_en})."),
    "unreadable-characters": Text(
        "読めない文字が {count} か所あり、「�」で示しました。もとのファイルを UTF-8 で保存し直すと直ります。",
        "{count} characters could not be read and are shown as “�”. Saving the original as UTF-8 mends this.",
    ),
    "private-characters": Text(
        "外字が {count} 文字あります。ほかの環境では表示されないことがあります。",
        "There are {count} private-use characters (gaiji) that other systems may not show.",
    ),
    "delimiter": Text("区切り文字は{delimiter_ja}です。", "Fields are separated by {delimiter_en}."),
    "separator-line": Text(
        "1行目の「sep=」は区切り文字の指定として読みました。", "The first line “sep=” was taken as the separator."
    ),
    "quoting": Text(
        '引用符（"）の対応が崩れているため、引用符を普通の文字として読みました。',
        "Quotation marks do not pair up, so they were read as ordinary characters.",
    ),
    "title-rows": Text(
        "見出しより上の {count} 行は、表題や説明として表から分けました。",
        "{count} rows above the header were set apart as titles and remarks.",
    ),
    "header-joined": Text(
        "{count} 行にわたる見出しを「_」でつないで1行にしました。",
        "A header of {count} rows was joined into one with “_”.",
    ),
    "header-bilingual": Text(
        "見出しが日本語と英字で書かれているため、日本語を項目名に、英字を英語の題にしました。",
        "The header is given in Japanese and in Latin letters; the Japanese became the names, the other the English titles.",
    ),
    "members-labelled": Text(
        "ファイルの中にある項目名の一覧に合わせて、列に名前を付けました。",
        "Columns are called what the file itself says that the members of its records mean.",
    ),
    "header-missing": Text(
        "項目名の行が見つからないため、「列1」「列2」…と名付けました。公開の前に項目名を入れてください。",
        "There is no header row, so the columns are called 列1, 列2, …; give them names before publishing.",
    ),
    "header-empty": Text(
        "項目名のない列が {count} 列あります。{names} と名付けました。",
        "{count} columns have no name; they were called {names}.",
    ),
    "header-duplicate": Text(
        "同じ項目名が {count} 種類、くり返し使われています（{names}）。2つ目から番号を付けました。",
        "{count} column names are used more than once ({names}); from the second on they were numbered.",
    ),
    "header-repeated": Text(
        "表の途中で繰り返される見出しの行（{count} 行）は、データから除きました。",
        "{count} rows that repeat the header inside the table were left out of the data.",
    ),
    "header-line-breaks": Text(
        "見出しの中の改行や前後の空白を除きました（{count} 列）。",
        "Line breaks and outer spaces were taken out of the header of {count} columns.",
    ),
    "unit-row": Text(
        "見出しの下の単位の行を、各列の単位として読みました。",
        "The row of units below the header was read as the columns' units.",
    ),
    "merged-header": Text(
        "見出しの結合セルを、覆っている列すべてに適用しました。",
        "Merged header cells were applied to every column they cover.",
    ),
    "merged-body": Text(
        "結合セル {count} か所の値を、覆っている行すべてに入れました。",
        "The values of {count} merged cells were put into every row they cover.",
    ),
    "merged-kept": Text(
        "数値や横方向の結合セル {count} か所は、左上のセルだけに値を置きました。",
        "For {count} merged cells that hold numbers or run sideways the value stays in the first cell only.",
    ),
    "blank-rows": Text("空の行 {count} 行を除きました。", "{count} blank rows were left out."),
    "blank-columns": Text(
        "見出しも値もない列 {count} 列を除きました。", "{count} columns without name and values were left out."
    ),
    "notes-below": Text(
        "表の下の {count} 行は、注記として表から分けました。", "{count} rows below the table were set apart as remarks."
    ),
    "example-row": Text(
        "見出しのすぐ下の記入例の行は、データから除きました。",
        "The filled-in example right below the header was left out of the data.",
    ),
    "remarks-within": Text(
        "表の途中にある但し書き（{count} 行）は、注記として表から分けました。",
        "{count} rows of remarks inside the table were set apart.",
    ),
    "beside-table": Text(
        "表の横にある {range} は、注記として表から分けました。", "{range} beside the table was set apart as a remark."
    ),
    "short-rows": Text(
        "項目より値の少ない行が {count} 行あり、足りない分は空にしました（{places}）。",
        "{count} rows have fewer values than columns; what is missing was left empty ({places}).",
    ),
    "long-rows": Text(
        "項目より値の多い行が {count} 行あります（{places}）。はみ出した値は、名前を付けた列に残しました。",
        "{count} rows have more values than the header ({places}); the extra values were kept in columns of their own.",
    ),
    "cells-cut": Text(
        "長すぎる値のある行が {count} 行あり、その値は途中で切りました（{places}）。",
        "{count} rows have values that are too long and were cut ({places}).",
    ),
    "no-rows": Text("項目名だけで、データの行がありません。", "There are column names but no data rows."),
    "sparse-rows": Text(
        "値がほとんどない行が {count} 行あります（{places}）。データとして残しましたが、改行や引用符の誤りかもしれません。",
        "{count} rows are nearly empty ({places}). They were kept as data, but may come from a wrong line break or quotation mark.",
    ),
    "hidden-sheet": Text("非表示のシート「{sheet}」は読みませんでした。", "The hidden sheet “{sheet}” was not read."),
    "far-cells": Text(
        "表から遠く離れたところのセル {count} か所（{places}）は、誤って入ったものとみて読みませんでした。",
        "{count} cells far away from the table ({places}) were taken for a slip and not read.",
    ),
    "hidden-rows": Text(
        "非表示の行 {count} 行（{places}）も、ほかの行と同じように読みました。要らない行は、もとの表から消してください。",
        "{count} hidden rows ({places}) were read like any other; delete them from the original if they are not meant.",
    ),
    "sample-sheet": Text(
        "シート「{sheet}」は記入例とみなし、読みませんでした。",
        "The sheet “{sheet}” looks like a filled-in example and was not read.",
    ),
    "empty-sheet": Text("シート「{sheet}」は空です。", "The sheet “{sheet}” is empty."),
    "other-sheet": Text(
        "シート「{sheet}」はデータの表ではないため、読みませんでした。",
        "The sheet “{sheet}” holds no data table and was not read.",
    ),
    "facts-together": Text(
        "項目と値が一行ずつ並ぶ表を、一件一行にまとめました（{count} 件）。",
        "A list of facts, one a row, was put together: a row for each of {count} records.",
    ),
    "other-tables": Text("ほかに {count} 個の表があります（{ids}）。", "There are {count} other tables ({ids})."),
    "linkdata": Text(
        "LinkData形式の前書き（#で始まる {count} 行）を説明として表から分け、#property の行を見出しとして読みました。",
        "The LinkData preamble ({count} rows starting with #) was set apart and the #property row was read as the header.",
    ),
    "error-cells": Text(
        "エラーになっているセル（#N/A など）が {count} か所あります。表示のとおりの文字で残しました。",
        "{count} cells hold an error such as #N/A; they were kept as shown.",
    ),
    "formula-without-value": Text(
        "計算結果が保存されていない数式が {count} か所あり、空になりました。Excelで開いて保存し直すと値が入ります。",
        "{count} formulas have no saved result and came out empty. Opening and saving the file in Excel fills them.",
    ),
    "zero-padded": Text(
        "先頭のゼロを付けて表示する書式のセル {count} か所を、表示のとおりに読みました。",
        "{count} cells formatted with leading zeros were read as shown.",
    ),
    "excel-damaged-codes": Text(
        "「{name}」に {count} 件、Excelが壊した番号（例: {example}）があります。桁が残っていないものは復元できません。出力し直してください。",
        "“{name}” has {count} numbers damaged by Excel (such as {example}); digits that are not there any more cannot be restored. Export the data again.",
    ),
    "date-damaged-codes": Text(
        "「{name}」に {count} 件、Excelが日付に変えた可能性のある値（例: {example}）があります。",
        "“{name}” has {count} values that Excel may have turned into dates (such as {example}).",
    ),
    "lost-zeros": Text(
        "「{name}」は先頭のゼロが失われた団体コードかもしれません（例: {example}）。",
        "“{name}” may be local government codes that lost their leading zero (such as {example}).",
    ),
    "outer-spaces": Text(
        "「{name}」に前後の空白が付いた値が {count} 件あります。値はそのまま残しました。",
        "“{name}” has {count} values with spaces around them; they were kept as they are.",
    ),
    "mixed-types": Text(
        "「{name}」は{type_ja}の列ですが、そうでない値が {count} 件あります（例: {example}）。文字列として扱います。",
        "“{name}” looks like {type_en}, but {count} values are not (such as {example}); it is treated as text.",
    ),
    "missing-marks": Text(
        "「{name}」には値がないことを示す記号（{marks}）があります。記号はそのまま残し、数値の列として扱います。",
        "“{name}” has signs for missing values ({marks}); they are kept, and the column is treated as numbers.",
    ),
    "broken-characters": Text(
        "「{name}」の {count} 件の値は、もとのファイルですでに文字化けしています（�）。",
        "{count} values of “{name}” are already garbled in the file itself (�).",
    ),
    "thousands": Text(
        "「{name}」の数値に桁区切りのカンマがあります。値はそのまま残し、文字列として扱います。",
        "“{name}” has numbers with thousands separators; they were kept as they are and treated as text.",
    ),
    "date-notation": Text(
        "「{name}」は日付ですが、書き方が {example} のようになっています。YYYY-MM-DD だと日付として扱えます。",
        "“{name}” holds dates written like {example}; as YYYY-MM-DD they could be treated as dates.",
    ),
    "nested-values": Text(
        "「{name}」の入れ子の値は、JSONの文字列として残しました。", "Nested values of “{name}” were kept as JSON text."
    ),
    "geometry-point": Text(
        "点の座標を「{x}」「{y}」の列にしました。", "Point coordinates became the columns “{x}” and “{y}”."
    ),
    "geometry-text": Text(
        "図形をGeoJSONの文字列として「{name}」の列に残しました。",
        "Shapes were kept as GeoJSON text in the column “{name}”.",
    ),
    "declared-crs": Text(
        "座標系が {crs} と宣言されています。値はそのまま残しました。",
        "The coordinate system is declared as {crs}; the values were kept as they are.",
    ),
    "record-members": Text(
        "項目がそろっていないレコードが {count} 件あります。ない項目は空にしました。",
        "{count} records lack some members; those were left empty.",
    ),
    "pages": Text("{first}〜{last} ページの表を読みました。", "The table on pages {first} to {last} was read."),
    "page-headers": Text(
        "{count} ページで繰り返される見出しを1つにまとめました。", "The header repeated on {count} pages was kept once."
    ),
    "rows-over-pages": Text(
        "ページの切れ目で分かれた {count} 行を1行につなぎました。",
        "{count} rows that a page break cuts in two were joined.",
    ),
    "glyphs-mended": Text(
        "部首などの別の文字コードで書かれた {count} 文字を、本来の漢字に直しました（例: ⼾→戸）。",
        "{count} letters given as radicals or ligatures were mended to the characters they stand for (such as ⼾ to 戸).",
    ),
    "words-between-pages": Text(
        "ページの途中にある {count} 行の文章は、注記として表から分けました。",
        "{count} lines of words between the pages of the table were set apart as remarks.",
    ),
    "columns-by-words": Text(
        "罫線がないため、文字の並びから列を判断しました。列の区切りを確かめてください。",
        "There are no rules, so the columns were told by the places of words; check where they part.",
    ),
    "page-of-words": Text(
        "{page} ページに表はありません。文章は説明として分けました。",
        "Page {page} holds no table; its words were set apart as remarks.",
    ),
    "unreadable-glyphs": Text(
        "{count} 文字は、PDFに文字の対応表がないため正しく読めないおそれがあります（{page} ページ）。",
        "{count} letters of page {page} may be wrong: the PDF does not say which characters its shapes are.",
    ),
    "page-of-picture": Text(
        "{page} ページは画像です。文字認識（tdpf[ocr]）を入れると読めます。",
        "Page {page} is a picture; with recognition (tdpf[ocr]) it could be read.",
    ),
    "recognised": Text(
        "文字認識で読みました。信頼度が {threshold} に満たないセルは {count} 個です。もとの画像と見比べてください。",
        "It was read by character recognition; {count} cells are below {threshold}. Compare them with the picture.",
    ),
    "sums-in-conflict": Text(
        "男女の計や列の合計と合わないセルが {count} 個あります（{checks}）。",
        "{count} cells disagree with sums of sexes or columns ({checks}).",
    ),
    "picture-straightened": Text(
        "画像の傾き（{degrees}度）を直して読みました。", "The picture was turned by {degrees} degrees before reading."
    ),
    "page-too-coarse": Text(
        "{page} ページは字の高さが約 {letter} 画素（約 {dpi} dpi）しかなく、読み取れませんでした。300 dpi 以上でスキャンし直してください。",
        "Letters on page {page} are about {letter} pixels high (some {dpi} dpi), too few to be read. Scan it again at 300 dpi or more.",
    ),
    "page-turned": Text(
        "{page}ページは文字が横か逆さに向いているので、向きを直して読みました。",
        "The writing on page {page} lies on its side or head; the page was turned before reading.",
    ),
    "turned": Text(
        "項目が縦、施設などが横に並ぶ表を、行と列を入れ替えて読みました（{count} 件）。元の場所は、行の番号が元の列の番号、列の名前が元の行です。",
        "The table lies on its side and was turned ({count} records): a row's number is that of its column, a column's place that of its row.",
    ),
    "cards": Text(
        "1件ずつ「項目・値」で書かれた {count} 件のカードを、1件1行の表にして読みました。行の番号は、カードの最初の行です。",
        "{count} cards of labels and values were read as one row each; a row's number is that of the card's first row.",
    ),
    "outside-records": Text(
        "レコードの配列の外にある項目は、説明として分けました。",
        "Members outside the array of records were set apart as remarks.",
    ),
}


def note(code: str, where: str = "", text: str = "", level: Level = "info", **fields: object) -> Note:
    """Make a note from its code; `fields` fill the sentence in both languages."""
    sentence = SENTENCES[code].filled(fields)
    return Note(code=code, ja=sentence.ja, en=sentence.en, where=where, text=text, level=level)
