"""What can be wrong with a table that someone wants to publish or read."""

from __future__ import annotations

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class DuplicateColumn(Problem):
    """Two columns have the same name."""

    code = "tables/duplicate-column"
    status = 422
    title = Text("列の名前が重なっています", "Two columns have the same name")
    detail = Text("列「{column}」が2つ以上あります。", "There is more than one column “{column}”.")
    cure = Text("どちらかの列の名前を変えてください。", "Rename one of the columns.")


class EmptyColumnName(Problem):
    """A column has no name."""

    code = "tables/empty-column-name"
    status = 422
    title = Text("名前のない列があります", "A column has no name")
    detail = Text("{position}番目の列に名前がありません。", "Column number {position} has no name.")
    cure = Text("列に名前を付けるか、列を外してください。", "Name the column, or leave it out.")


class TooManyColumns(Problem):
    """A table is wider than the format allows."""

    code = "tables/too-many-columns"
    status = 422
    title = Text("列が多すぎます", "Too many columns")
    detail = Text("{count}列あります。上限は{limit}列です。", "There are {count} columns; {limit} are allowed.")
    cure = Text("縦長の表に直すか、表を分けてください。", "Turn the table into a long one, or split it.")


class NoColumns(Problem):
    """A table has no column at all."""

    code = "tables/no-columns"
    status = 422
    title = Text("列がありません", "The table has no columns")
    detail = Text("公開する列が1つもありません。", "There is no column to publish.")
    cure = Text("見出し行を選び直してください。", "Choose the header row again.")


class RowTooLong(Problem):
    """A row has more cells than there are columns."""

    code = "tables/row-too-long"
    status = 422
    title = Text("列より多くの値がある行があります", "A row has more values than there are columns")
    detail = Text(
        "{row}行目に{cells}個の値があります（列は{columns}）。", "Row {row} has {cells} values for {columns} columns."
    )
    cure = Text("その行の区切りと引用符を直してください。", "Mend the separators and quotes of that row.")


class UnknownKeyColumn(Problem):
    """A declared key names a column that is not there."""

    code = "tables/unknown-key-column"
    status = 422
    title = Text("主キーの列がありません", "The key column does not exist")
    detail = Text(
        "主キーに指定した列「{column}」は表にありません。",
        "The key names the column “{column}”, which is not in the table.",
    )
    cure = Text("表にある列を主キーに選んでください。", "Choose a column of the table as the key.")


class KeyNotUnique(Problem):
    """A declared key does not tell the rows apart."""

    code = "tables/key-not-unique"
    status = 422
    title = Text("主キーの値が重なっています", "The key is not unique")
    detail = Text(
        "主キー「{columns}」の値「{value}」が{count}行にあります。",
        "The key “{columns}” has the value “{value}” in {count} rows.",
    )
    cure = Text(
        "重なりを直すか、主キーの列を足すか、主キーを外してください。",
        "Mend the duplicates, add a column to the key, or declare no key.",
    )


class KeyEmpty(Problem):
    """A declared key has empty cells."""

    code = "tables/key-empty"
    status = 422
    title = Text("主キーが空の行があります", "The key is empty in some rows")
    detail = Text(
        "主キーの列「{column}」が空の行が{count}行あります。", "The key column “{column}” is empty in {count} rows."
    )
    cure = Text("値を入れるか、主キーを外してください。", "Fill in the values, or declare no key.")


class TableMissing(Problem):
    """A published table's folder is not there or cannot be read."""

    code = "tables/missing"
    status = 503
    title = Text("表のファイルがありません", "The table's files are missing")
    detail = Text("版 {identity} のファイルが見つかりません。", "The files of version {identity} were not found.")
    cure = Text(
        "しばらくしてからもう一度お試しください。運営者に自動で知らされます。", "Try again later; the operator is told."
    )


class TableDamaged(Problem):
    """A published table's file is not what was written."""

    code = "tables/damaged"
    status = 503
    title = Text("表のファイルが壊れています", "The table's files are damaged")
    detail = Text(
        "版 {identity} のファイル {file} が書き込んだときと違います。",
        "The file {file} of version {identity} is not what was written.",
    )
    cure = Text("運営者が元のファイルから作り直します。", "The operator rebuilds it from the original.")


class TooManyRowsForExcel(Problem):
    """A workbook was asked for that people could not open."""

    code = "tables/too-many-rows-for-excel"
    status = 400
    title = Text("Excelファイルには行が多すぎます", "Too many rows for an Excel workbook")
    detail = Text(
        "{rows}行あります。Excelファイルは{limit}行までです。", "There are {rows} rows; a workbook may have {limit}."
    )
    cure = Text(
        "CSVで受け取るか、条件を付けて行を減らしてください。", "Take CSV instead, or ask for fewer rows with a filter."
    )


class WrongLiteral(Problem):
    """A question compares a column with a value that cannot be of its type."""

    code = "tables/wrong-literal"
    status = 400
    title = Text("列の型に合わない値です", "The value does not fit the column")
    detail = Text(
        "列「{column}」は{type}です。「{value}」とは比べられません。",
        "The column “{column}” holds {type}; it cannot be compared with “{value}”.",
    )
    cure = Text(
        "文字の列には 'x' のように引用符を付け、数の列には数を、日付の列には DATE('2024-01-31') を書いてください。",
        "Write 'x' in quotes for text, a bare number for numbers, DATE('2024-01-31') for dates.",
    )


class NotForThisColumn(Problem):
    """A question asks something of a column that only another type can answer."""

    code = "tables/not-for-this-column"
    status = 400
    title = Text("この列には使えない条件です", "The condition does not fit the column")
    detail = Text(
        "{operation} は{type}の列「{column}」には使えません。",
        "{operation} cannot be used with the column “{column}”, which holds {type}.",
    )
    cure = Text(
        "LIKE は文字の列に、T_… は日付の列に使ってください。", "Use LIKE with text columns and T_… with date columns."
    )
