"""Yes, no and neither: ○×, 有無, あり・なし, 1 and 0, and the signs that mean neither."""

from __future__ import annotations

import re

from tdpf.controlplane.preparation.engine.normalising.marks import changed, is_missing, missing, plain, without_mark
from tdpf.controlplane.preparation.engine.normalising.outcome import Outcome

_YES = frozenset(
    [
        "○",
        "◯",
        "〇",
        "●",
        "◎",
        "o",
        "O",
        "有",
        "有り",
        "あり",
        "アリ",
        "有る",
        "ある",
        "可",
        "可能",
        "はい",
        "yes",
        "y",
        "true",
        "t",
        "1",
        "1.0",
        "✓",
        "✔",
        "☑",
        "レ",
        "■",
        "対応",
        "対応可",
        "設置",
        "設置済",
        "設置あり",
        "該当",
        "該当する",
        "有(1)",
        "有1",
        "あり(1)",
        "適",
        "on",
        "利用可",
        "使用可",
        "※有",
        "指定",
        "対象",
        "実施",
        "○(有)",
        "両側",
        "付き",
        "付",
        "整備済",
        "整備済み",
        "設置済み",
        "導入済",
        "導入済み",
        "片側",
    ]
)
_NO = frozenset(
    [
        "×",
        "✕",
        "✖",
        "☓",
        "╳",
        "x",
        "X",
        "無",
        "無し",
        "なし",
        "ナシ",
        "ない",
        "無い",
        "不可",
        "いいえ",
        "no",
        "n",
        "false",
        "f",
        "0",
        "0.0",
        "□",
        "☐",
        "非対応",
        "未対応",
        "対応不可",
        "未設置",
        "設置なし",
        "該当しない",
        "指定なし",
        "未指定",
        "不適",
        "off",
        "利用不可",
        "使用不可",
        "対象外",
        "×(無)",
        "未実施",
        "非該当",
    ]
)
_PARTLY = frozenset(
    [
        "△",
        "▲",
        "▽",
        "一部",
        "一部可",
        "一部有",
        "一部あり",
        "条件付",
        "条件付き",
        "要相談",
        "要確認",
        "応相談",
        "要予約",
    ]
)
_DESCRIBED = re.compile(
    r"^(?:専用|簡易|多目的|全|\d+)|(?:あり|有り?|設置|併設|完備|対応|利用可|設備|シート|ベッド|台|流し|か所|ヶ所|箇所|基)(?:$|[(（、])"
)
_DENIED = re.compile(r"無|な[しい]|不可|未|×|ません|検討|予定|中止|停止|故障")
# A yes that holds only so far: 2階以上可, 有（開館時のみ）.
_CONDITION = re.compile(r"以上|以下|以降|のみ|だけ|に限|限定|限る|場合|ただし|条件|除く|以外|時間内|階")
_EITHER = re.compile(r"(?:有り?|あり|可)\s*[・/／、,]\s*(?:無し?|なし|不可)")
_BRACKETS = re.compile(r"^([○◯〇●◎×✕✖有無△可]|あり|なし|有り|無し)\s*(?:[（(](.*)[)）]|[:：・、,\s](.*))$", re.DOTALL)


def _state(value: str) -> tuple[str, str]:
    """Return ("yes"|"no"|"partly"|"missing"|""), and the words beyond."""
    raw = value.strip()
    clean = plain(value)
    for form in (raw, clean, clean.casefold()):
        if form in _YES:
            return "yes", ""
        if form in _NO:
            return "no", ""
        if form in _PARTLY:
            return "partly", ""
    if is_missing(clean):
        return "missing", ""
    if _EITHER.fullmatch(clean):
        return "", clean
    remark = _BRACKETS.match(raw) or _BRACKETS.match(clean)
    if remark:
        state, _ = _state(remark.group(1))
        return state, clean
    if clean.isdigit() and int(clean) > 1:
        return "count", clean
    if len(clean) <= 40 and not _DENIED.search(clean):
        return ("described", clean) if _DESCRIBED.search(clean) else ("", clean)
    return "", clean


def _flag(value: str, yes: str, no: str) -> Outcome:
    state, rest = _state(value)
    if rest and state in ("yes", "described") and _CONDITION.search(rest):
        return Outcome(yes, "flag.described", 0.6, "with-condition", rest=rest)
    if state == "yes":
        return changed(value, yes, "flag.yes", confidence=0.9 if rest else 1.0, rest=rest)
    if state == "no":
        return Outcome(no or None, "" if value == no else "flag.no", 0.9 if rest else 1.0, rest=rest)
    if state == "count":
        return Outcome(yes, "flag.count", 0.85, rest=rest)
    if state == "described":
        return Outcome(yes, "flag.described", 0.75, rest=rest)
    if state == "missing":
        return missing()
    if state == "partly":
        return Outcome(None, "", 0.0, "partly", rest=rest or value.strip())
    return Outcome(None, "", 0.0, "not-a-flag", rest=rest)


def presence(value: str) -> Outcome:
    """Return 有 or 無."""
    return _flag(value, "有", "無")


def allowed(value: str) -> Outcome:
    """Return 可 or 不可."""
    return _flag(value, "可", "不可")


def mark(value: str) -> Outcome:
    """Return 1 for yes and nothing for no, as the list of evacuation sites asks; another number is a code of somebody's own."""
    if _state(value)[0] == "count":
        return Outcome(None, "", 0.0, "not-a-flag", rest=value.strip())
    return _flag(value, "1", "")


def is_conditional(value: str) -> bool:
    """Say whether words beside a yes say how far it holds."""
    return bool(_CONDITION.search(plain(value)))


def reads_as_flag(value: str) -> bool:
    """Say whether a yes or no can be read from the value, be it from a description of the equipment."""
    return _state(value)[0] != "" or _state(without_mark(value)[0] or "?")[0] in ("yes", "no", "partly")


def is_denial(value: str) -> bool:
    """Say whether the value is a plain no."""
    return _state(value) == ("no", "")


def is_flag(value: str) -> bool:
    """Say whether the value is a yes, a no, or a sign for something between."""
    return _state(value)[0] in ("yes", "no", "partly", "missing")
