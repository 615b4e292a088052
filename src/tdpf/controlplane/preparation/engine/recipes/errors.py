"""Why a recipe cannot be read or a file cannot be prepared, each with what to do about it."""

from __future__ import annotations

from typing import ClassVar

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class NotPreparable(Problem):
    """A file or recipe that cannot be prepared; the class below says why."""

    status: ClassVar[int] = 422


class RecipeNotUnderstood(NotPreparable):
    """The recipe document is not one."""

    code: ClassVar[str] = "preparation/recipe-not-understood"
    title = Text("レシピを読めません", "The recipe cannot be read")
    detail = Text("レシピの {where} を読めません: {why_ja}", "{where} of the recipe cannot be read: {why_en}")
    cure = Text(
        "`tdpf prepare … --report 報告.json` が書き出すレシピ（recipe）を手本に直してください。",
        "Correct it after the recipe that `tdpf prepare … --report report.json` writes out.",
    )


class RecipeForOther(NotPreparable):
    """The recipe was written for another table."""

    code: ClassVar[str] = "preparation/recipe-for-other"
    status: ClassVar[int] = 409
    title = Text("レシピが別の表のためのものです", "The recipe is for another table")
    detail = Text("レシピをこの表に使えません。{why_ja}", "The recipe does not fit this table. {why_en}")
    cure = Text(
        "レシピを付けずに実行して新しいレシピを作るか、同じ項目名のファイルを渡してください。",
        "Run it without the recipe to get a new one, or hand in a file with the same column names.",
    )


class PersonalDataInOutput(NotPreparable):
    """Columns with confirmed personal data would go into the table."""

    code: ClassVar[str] = "preparation/personal-data-in-output"
    title = Text("できる表に個人情報が入ります", "Personal data would go into the table")
    detail = Text(
        "{columns} に個人情報があるため、表を書き出しませんでした。報告だけを書きました（値は伏せてあります）。",
        "The table was not written: there is personal data in {columns}. Only the report was, its values masked.",
    )
    cure = Text(
        "その列をもとの表から除くか個人を特定できない形に直すか、レシピの `columns.map` からその列を除いて `--recipe` で渡してください。",
        "Remove the columns from the file or make them anonymous, or take them out of the recipe's `columns.map` and pass it with `--recipe`.",
    )


class FitsAnother(NotPreparable):
    """The file is of another standard table."""

    code: ClassVar[str] = "preparation/fits-another"
    title = Text("別の標準の表のファイルのようです", "The file seems to be of another standard table")
    detail = Text(
        "{file} の項目は「{schema}」の必須項目の半分までしか合わず、「{other_title}」に合います。",
        "The columns of {file} cover no more than half of what “{schema}” requires, and fit “{other_title}”.",
    )
    cure = Text(
        "`--schema {other}` で整えてください。それでもこの表にするときは、列の対応を書いたレシピを `--recipe` で渡してください。",
        "Prepare it with `--schema {other}`. To make this table of it all the same, hand in a recipe that says which column is which.",
    )


class NothingMapped(NotPreparable):
    """No column of the file is one of the standard table."""

    code: ClassVar[str] = "preparation/nothing-mapped"
    title = Text("標準の表に当てはまる項目がありません", "No column fits the standard table")
    detail = Text(
        "{file} の項目（{columns}）は、「{schema}」のどの必須項目にも当てはまりません。",
        "The columns of {file} ({columns}) fit none of the required ones of “{schema}”.",
    )
    cure = Text(
        "表の種類（--schema）が合っているか確かめてください。項目名が独自のときは、レシピの columns.map で対応を指定してください。",
        "Check that the kind of table (--schema) is right. For names of your own, state them in columns.map of a recipe.",
    )


class HeaderMissing(NothingMapped):
    """A table whose first row holds values already: nothing says what its columns are."""

    code: ClassVar[str] = "preparation/header-missing"
    title = Text("見出しの行がありません", "There is no header row")
    detail = Text(
        "{file} には項目名の行が見つからず、列が何を表すのか決められません（値からの見当: {columns}）。",
        "No row of names was found in {file}; what its columns are can only be guessed from their values ({columns}).",
    )
    cure = Text(
        "表の先頭に項目名の行（名称、住所など）を足して保存してください。「ととのえる」の画面では、値から見当をつけた項目を確かめながら選べます。レシピの columns.map に 列1・列2 … の対応を書いてもかまいません。",
        "Put a row of names (名称, 住所 …) on top of the table and save it. The preparing pages offer fields by the values, to be confirmed; a recipe may state what 列1, 列2 … are in columns.map.",
    )


class OutputUnknown(NotPreparable):
    """A file name whose ending no format has."""

    code: ClassVar[str] = "preparation/output-unknown"
    title = Text("書き出す形式が分かりません", "The output format is not known")
    detail = Text("「{file}」の形式では書き出せません。", "“{file}” names no format that can be written.")
    cure = Text("ファイル名の終わりを {known} のどれかにしてください。", "End the file name in one of {known}.")
