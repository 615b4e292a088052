"""What became of one value: the value of the standard, the rule that made it, how sure it is, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tdpf.kit.text import Text


@dataclass(frozen=True, slots=True)
class Outcome:
    """`value` is None when nothing can be said; `reason` is a key of REASONS when something is wrong or doubtful.

    `confidence` is between 0 and 1; below 1 a person may want to look. `rest` are words the value holds beyond its type.
    """

    value: str | None
    rule: str = ""
    confidence: float = 1.0
    reason: str = ""
    rest: str = ""


Normaliser = Callable[[str], Outcome]

REASONS: dict[str, Text] = {
    "missing": Text("値がないことを示す記号です", "a mark for “no value”"),
    "not-a-number": Text("数として読めません", "not a number"),
    "recognised-unsure": Text("文字認識の信頼度が低い値です", "a value that was recognised with little confidence"),
    "sum-conflict": Text("男女の計や列の合計と合わない値です", "a value that disagrees with a sum of sexes or rows"),
    "secret": Text("公表されていない（秘匿された）値です", "a value that is kept secret"),
    "other-unit": Text("この項目の数ではない単位が付いています", "a number with a unit that is not this field's"),
    "formula-error": Text(
        "表計算ソフトの計算のエラーです（値ではありません）", "an error of a spreadsheet's formula, not a value"
    ),
    "not-whole": Text("整数ではありません", "not a whole number"),
    "a-range": Text("一つの数ではなく範囲です", "a range, not one number"),
    "other-number": Text(
        "括弧の中にもう一つの数があります（初めの数だけを入れました）",
        "another number stands in brackets (only the first was taken)",
    ),
    "about": Text("おおよその数です", "an approximate number"),
    "not-a-flag": Text("有・無のどちらか読み取れません", "neither yes nor no"),
    "with-condition": Text("条件つきで「ある」としました", "yes, but only under a condition"),
    "partly": Text("条件つき（△など）で、有・無では表せません", "conditional; neither yes nor no"),
    "not-a-date": Text("日付として読めません", "not a date"),
    "no-such-day": Text("暦にない日付です", "no such day in the calendar"),
    "no-year": Text("年が書かれていません", "the year is not stated"),
    "year-stated-elsewhere": Text(
        "年が書かれていないため、表題・シート名・年度の列にある年で読みました",
        "the year is not stated; the one of the title, the sheet's name or the column of years was taken",
    ),
    "month-only": Text("日が書かれていません（年月のみ）", "the day is not stated, only the month"),
    "year-only": Text("月日が書かれていません（年または年度のみ）", "only the year or fiscal year is stated"),
    "short-year": Text("年が2桁で、元号か西暦か決められません", "a year of two digits: era or Western is not clear"),
    "era-bounds": Text("元号の期間の外の日付です", "outside the bounds of the era"),
    "american-order": Text("月/日/年の順とみて読みました", "read as month/day/year"),
    "serial-day": Text("表計算ソフトの日付の通し番号とみて読みました", "read as a spreadsheet's serial day"),
    "not-a-time": Text("時刻として読めません", "not a time of day"),
    "not-weekdays": Text("曜日として読めません", "no days of the week"),
    "not-a-phone": Text("電話番号として読めません", "not a telephone number"),
    "phone-local": Text("市外局番がありません", "the area code is missing"),
    "not-a-code": Text("全国地方公共団体コードではありません", "not a local government code"),
    "wrong-check-digit": Text("検査数字が合いません", "the check digit is wrong"),
    "code-ambiguous": Text(
        "先頭の0が失われた6桁か、検査数字のない5桁か決められません",
        "six digits that lost a zero, or five without check digit: not clear",
    ),
    "excel-damaged": Text(
        "表計算ソフトの指数表示（E+）で桁が失われています", "digits were lost to a spreadsheet's exponent (E+)"
    ),
    "date-damaged": Text(
        "番地が表計算ソフトで日付に変わっています", "a spreadsheet turned the street number into a date"
    ),
    "not-a-postal-code": Text("郵便番号ではありません", "not a postal code"),
    "not-a-url": Text("URLではありません", "not a URL"),
    "no-scheme": Text("http(s):// がありません", "it lacks http(s)://"),
    "not-mail": Text("メールアドレスではありません", "not an e-mail address"),
    "not-kana": Text("カナではない文字があります", "not only kana"),
    "not-a-coordinate": Text("緯度・経度として読めません", "not a coordinate"),
    "minutes-only": Text(
        "度と分だけで秒がありません（1 km ほどの粗さです）", "only degrees and minutes: right to a kilometre or so"
    ),
    "outside-japan": Text("日本の範囲の外です", "outside Japan"),
    "ditto-of-nothing": Text("「同上」の上に値がありません", "“as above” with nothing above"),
    "ditto-part": Text(
        "「〃」が上の行のどこまでを指すか、はっきりしません", "it is not clear how much of the row above is repeated"
    ),
    "more-than-a-day": Text(
        "一日ではなく期間です（初めの日だけを入れました）", "a span, not one day (only its first day was taken)"
    ),
    "past-midnight": Text(
        "24時を過ぎた時刻です（翌日の時刻か確かめてください）", "an hour past 24:00; see whether it is the next day's"
    ),
    "hours-by-season": Text(
        "季節によって時間が違います（一つの時間は入れず、文を残しました）",
        "the hours differ by season (no one span was taken, the text is kept)",
    ),
    "words-left": Text(
        "一つの列にある事柄を分けましたが、どの項目にも入らない言葉が残りました",
        "the facts of one column were parted; some words belong to none of the fields",
    ),
    "answer-unread": Text(
        "人が入れた値が、この項目の値として読めません", "what a person put in cannot be read as this field's value"
    ),
    "column-renamed": Text(
        "レシピにある名前の項目がなく、名前か値の似た項目を使いました。同じ項目か確かめてください",
        "the recipe's column is not there; one of a like name or like values was taken, see whether it is the same",
    ),
    "ends-before": Text("終わりが始まりより前です", "it ends before it begins"),
    "id-repeated": Text("同じ番号がほかの行にもあります", "another row has the same ID"),
    "marked": Text(
        "注の印（※など）を除いて読みました。注が条件でないか確かめてください",
        "read without its footnote sign; see whether the note states a condition",
    ),
    "open-end": Text(
        "終わりの日が決まっていません（初めの日だけを入れました）", "no last day is stated (only the first was taken)"
    ),
    "negative": Text("負の数です", "a negative number"),
    "person-name": Text(
        "個人の氏名とみられるため、法人の名称には入れませんでした",
        "it looks like a person's name and was held back from the company's",
    ),
    "not-in-list": Text("決められた語のどれでもありません", "none of the words of the list"),
    "broken-characters": Text("文字化けしています", "characters are broken"),
    "address-ambiguous": Text(
        "同じ名前の市区町村がいくつもあり、どこか決められません",
        "several municipalities have this name; it is not clear which",
    ),
    "address-unknown": Text("住所から場所が分かりません", "the address names no place that is known"),
    "address-coarse": Text(
        "住所辞書にその町がなく、座標を入れていません", "the gazetteer lacks the town, so no coordinates were filled in"
    ),
    "coordinate-half": Text("緯度と経度の片方しかありません", "only one of latitude and longitude is there"),
    "coordinate-elsewhere": Text(
        "座標が、住所の市区町村の外にあります", "the point lies outside the municipality of the address"
    ),
    "coordinate-far": Text("座標が、住所の町から遠く離れています", "the point lies far from the town of the address"),
    "maybe-tokyo-datum": Text(
        "座標が全体に約450 m ずれています。日本測地系のままとみられます",
        "all points are off by some 450 m: they seem to be in the old Tokyo datum",
    ),
    "not-a-prefecture": Text("都道府県名ではありません", "not a prefecture"),
}
