"""The sentences of a report: why a cell could not be used, what was done to it, how to mend it at the source."""

from __future__ import annotations

from tdpf.controlplane.preparation.engine.normalising.outcome import REASONS
from tdpf.controlplane.preparation.engine.normalising.rules import MENDING, RULES
from tdpf.kit.text import Text

_REASONS = {
    "required-missing": Text("必須の項目が空です", "a required cell is empty"),
    "required-with-missing": Text(
        "対になる項目に値があるのに空です（画像とライセンス、高度の種別と値）",
        "empty though its counterpart has a value (image and licence, kind and value of height)",
    ),
    "paper-unsure": Text(
        "紙からの文字の読み取りに自信がありません", "the letters on the page were read with little confidence"
    ),
    "paper-conflict": Text("合計や内訳と合わない数です", "a number that disagrees with a sum"),
}
_APART = {
    "heading": Text("下の行をまとめる見出しの行", "a line that heads the rows below it"),
    "compared": Text("前月比・増減などの行", "a row of changes or shares"),
    "of-which": Text("上の行の内数の行（うち…）", "a row that is part of the one above it"),
    "total-label": Text("合計・小計の行", "a row of totals"),
    "total-sum": Text("ほかの行の合計と一致する、名前のない行", "an unnamed row that is the sum of others"),
    "no-age": Text("年齢の書かれていない行（年齢不詳、平均年齢など）", "a row without an age (unknown, average)"),
    "duplicate": Text("ほかの行と同じものを指す行（まとめたもの）", "a row of something that another row stands for"),
    "header-again": Text("項目名をくり返す行", "a row that says the names of the columns again"),
    "columns-counted": Text("列の番号の行", "a row that counts the columns"),
    "kinds-of-values": Text("値の型や必須・任意を示す行", "a row that says what kind of value each column takes"),
    "numbered-empty": Text("番号だけが入った、記入のない行", "a numbered row that nobody filled in"),
    "end-or-page": Text("「以下余白」やページ番号の行", "a line that says “end” or a page number"),
    "about-table": Text("表についての注記・出典・問い合わせ先の行", "a remark on the table, its source or whom to ask"),
    "number-alone": Text("数が一つだけの行", "a row with nothing but one number"),
    "total-unnamed": Text("表の最後の、名前のない数だけの行", "an unnamed last row of numbers only"),
}

_SAME = {
    "name-address": Text("名前と住所が同じ", "same name and address"),
    "name-near": Text("名前が同じで、場所が近い", "same name, close to each other"),
    "address-near": Text("住所が同じで、名前が似ている", "same address, similar names"),
    "said": Text("担当者が同じものと決めた", "a person said that they are the same"),
}


def reason_text(reason: str) -> Text:
    """Return the sentence of a reason."""
    return _REASONS.get(reason) or REASONS.get(reason, Text(reason, reason))


def same_text(why: str) -> Text:
    """Return why rows are taken for the same thing."""
    return _SAME.get(why, Text(why, why))


def rule_text(rule: str) -> Text:
    """Return the sentence of a rule."""
    return RULES.get(rule, Text(rule, rule))


def mending_text(reason: str) -> Text:
    """Return how to mend a reason at the source."""
    return MENDING.get(reason, Text("もとの表の値を確かめてください", "check the value at the source"))


def apart_text(why: str) -> Text:
    """Return why a row was set apart."""
    return _APART.get(why, Text(why, why))
