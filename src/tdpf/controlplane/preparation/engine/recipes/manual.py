"""The manual (マニュアル) of a recipe: what is done to a town's file and how it is done again next year, in plain Japanese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tdpf.controlplane.preparation.engine.recipes.document import Recipe
from tdpf.controlplane.preparation.engine.schemas.types import Schema

_STEPS = {
    "ocr.table": "紙の表から読んだ値のうち、信頼度の低いものと合計に合わないものに印を付けます。もとの画像と見比べて確かめます。",
    "table.detect": "ファイルの中から表を見つけ、表題・注記・合計の行をデータから分けます。",
    "reshape": "表を組み替えます。人口は、男女・年齢が列名・行・シート名のどこにあっても、5歳ごとの列にそろえます。曜日・診療科目・サービスごとに○を付ける表は、一つの欄にまとめます。町名と丁目、年・月・日のように分かれた列はつなぎ、「車いす対応、オストメイト」のように語を並べた列は有無の欄に分けます。",
    "columns.map": "もとの項目名を標準の項目名に対応させます（下の表）。",
    "geo.transform": "緯度・経度の入れ替わりや測地系・座標系の違いを直します。",
    "normalise": "値の書き方をそろえます（下の表）。読めない値は空欄にし、理由を報告に残します。",
    "address.parse": "住所に都道府県名・市区町村名を補い、所在地の市区町村とコードを求めます。",
    "derive": "ほかの欄から決まる値（団体コード、団体名、合計など）を、空欄に限って補います。",
    "union": "複数の表を一つにします。どの行がどのファイルのものかは報告に残ります。",
    "duplicates": "同じものを指す行（名前と住所、または名前と距離が合うもの）をさがし、食い違う項目を報告に挙げます。",
    "overrides": "人が確かめて直した値を入れ、同じもの・別のものと決めた行の組を覚えます。",
    "validate": "必須の項目が埋まっているかを調べ、公開の前に確かめる行を挙げます。",
    "pii.scan": "個人情報が混ざっていないかを調べます。",
    "rate.score": "もとのファイルの機械可読性（データレート）を報告に書きます。",
}
_PLACING = "住所と座標を比べます。座標が空の行には、住所辞書があれば、住所の町・丁目・街区などの代表点を入れます（書かれている座標は変えません）。"
_NORMALISERS = {
    "text": "前後の空白を除く",
    "name": "前後の空白と改行を除く（文字は変えない）",
    "kana": "全角カタカナにする",
    "latin": "半角の英数字にする",
    "address": "数字と区切りを半角にする",
    "town": "数字と区切りを半角にする",
    "block": "数字と区切りを半角にする",
    "city": "前後の空白を除く",
    "identifier": "半角にする",
    "town_id": "0000-000 の形にする",
    "list": "複数の値を半角セミコロンで区切る",
    "prefecture": "都道府県の正式な名前にする",
    "number": "数字だけにする",
    "integer": "整数だけにする",
    "flag_presence": "有・無にする",
    "flag_allowed": "可・不可にする",
    "flag_mark": "該当すれば1、しなければ空欄にする",
    "date": "YYYY-MM-DD にする（和暦も）",
    "period": "開始/終了 の形にする",
    "time": "HH:MM にする",
    "weekdays": "月火水木金土日 の形にする",
    "phone": "半角のハイフン区切りにする",
    "extension": "半角にする",
    "email": "半角にする",
    "url": "http(s):// から始まるURLにする",
    "postal_code": "000-0000 の形にする",
    "municipality_code": "6桁の全国地方公共団体コードにする",
    "corporate_number": "13桁の法人番号にする",
    "latitude": "10進の度にする",
    "longitude": "10進の度にする",
}


def manual_of(recipe: Recipe, schema: Schema) -> str:
    """Return the manual in Markdown, the same text for the same recipe."""
    lines = [
        f"# {schema.title} 整備マニュアル",
        "",
        f"この手順書は、レシピ `{recipe.sha256[:16]}` から作られました。同じ形のファイルなら、来年も同じ手順で同じ結果になります。",
        "",
        "## 1. できあがるもの",
        "",
        f"- 標準: {schema.source.title}（{schema.source.version}、{schema.source.publisher}）",
        f"- 項目: {len(schema.fields)} 項目（必須: {'、'.join(field.name for field in schema.fields if field.required)}）",
        "",
        "## 2. 用意するもの",
        "",
        *(f"- {entry.file}{f'（表: {entry.choice}）' if entry.choice else ''}" for entry in recipe.inputs),
        "",
        "## 3. 手順",
        "",
        *(
            f"{number}. {_PLACING if 'address' in step.with_ and step.name == 'geo.transform' else _STEPS.get(step.name, step.name)}"
            for number, step in enumerate(recipe.steps, start=1)
        ),
        "",
        "## 4. 項目の対応",
        "",
        "| 入力 | もとの項目 | 標準の項目 |",
        "|---|---|---|",
        *_mapped(recipe.step("columns.map")),
        "",
        "## 5. 値の直し方",
        "",
        "| 項目 | 直し方 |",
        "|---|---|",
        *(f"| {_cell(name)} | {_NORMALISERS.get(str(kind), str(kind))} |" for name, kind in _columns(recipe).items()),
        "",
        "## 6. 次の版を整えるとき",
        "",
        "1. 新しいファイルを用意します。項目名は変えないでください。",
        "2. このレシピを使って実行します。",
        "",
        f"   `tdpf prepare ファイル --schema {schema.name} --recipe レシピ.yaml --out 出力.csv --report 報告.html`",
        "3. 報告の「直せなかったところ」を見て、もとのファイルを直すか、レシピの `overrides` に書き足します。",
        "4. 項目名が変わったときは、レシピを付けずに実行して新しいレシピを作り、対応を確かめます。",
        "",
        "## 7. もとの表を作るときのお願い",
        "",
        "- 1行目に項目名、2行目から1件1行で入れる（表題・注記・合計を表に入れない）",
        "- 日付は 2024-04-01、時刻は 09:00、有無は「有」「無」で入れる",
        "- コード・電話番号・番地の列は、書式を「文字列」にしてから入れる",
        "- 説明や条件は備考・特記事項の欄に書く",
        "",
    ]
    return "\n".join(lines)


def _mapped(mapping: Mapping[str, Any]) -> list[str]:
    return [
        f"| {key} | {_cell(column)} | {_cell(field)} |"
        for key, fields in mapping.items()
        for column, field in dict(fields).items()
    ]


def _columns(recipe: Recipe) -> Mapping[str, Any]:
    found = recipe.step("normalise").get("columns", {})
    return found if isinstance(found, Mapping) else {}


def _cell(text: object) -> str:
    return str(text).replace("|", "｜").replace("\n", " ")
