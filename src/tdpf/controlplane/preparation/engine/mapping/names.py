"""How much a column's name looks like a field's: the same word, a known synonym, a pattern, or merely alike."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from tdpf.controlplane.preparation.engine.schemas.types import SchemaField

EXACT, SYNONYM, PART, PATTERN, ALIKE = 1.0, 0.98, 0.93, 0.91, 0.8
_UNIT = re.compile(
    r"[(\[［〔](?:単位[:：]?)?(?:人|名|世帯|台|個|基|床|室|円|m|ｍ|メートル|度|十進|10進|世界測地系|全角|半角|必須|任意|※.*?|\*|西暦|yyyy.*?|数字|和暦|hh:mm)[)\]］〕]$"
)
_NUMBERING = re.compile(r"^(?:[(（]?\d{1,2}[)）.．:：、]|[①-⑳])\s*(?=\D)")
_IGNORED = re.compile(r"[\s_\-‐ー－・･/／:：,，、.．'\"“”「」『』【】※*＊#＃\\]+")
# One word that towns spell in several ways.
_SPELLINGS = tuple(
    (re.compile(pattern), word)
    for pattern, word in (
        (r"車(?:いす|イス|ｲｽ)", "車椅子"),
        (r"お?問い?合わ?せ", "問合せ"),
        (r"子ども|こども|コドモ", "子供"),
        (r"オムツ", "おむつ"),
        (r"障がい|障碍", "障害"),
        (r"便所", "トイレ"),
        (r"地すべり|地辷り", "地滑り"),
        (r"(?:がけ|ガケ|崖)(?:崩れ|くずれ)", "崖崩れ"),
        (r"及び|および", ""),
        (r"取り扱い|取扱い", "取扱"),
        (r"受け付け|受付け", "受付"),
        (r"申し込み|申込み", "申込"),
        (r"(?:ご?利用|使用)(?:可能な?|できる)", "利用可能"),
    )
)
# Signs that lead to a remark below the table: 洪水※1, 定員（注2）.
_FOOTNOTE = re.compile(r"(?<=\S)\s*(?:[※＊*]\s*\d{0,2}|[(（]\s*(?:注|※|＊|\*)\s*\d{0,2}\s*[)）]|注\s*\d{1,2})$")
_WHOLE = re.compile(r"総数|(?:総|合)?計|全体")
# A bracket that names a side or an end is part of the name.
_ASIDE = re.compile(r"\((?!自|至|起|終|始|開始|から|まで|和|洋|小|大|男|女)[^)]*\)")


@cache
def fold(name: str) -> str:
    """Return a name without width, case, spaces, punctuation, numbering and units, in one spelling; brackets stay."""
    text = unicodedata.normalize("NFKC", _NUMBERING.sub("", name.strip()))
    text = _UNIT.sub("", _FOOTNOTE.sub("", text.strip()))
    folded = _IGNORED.sub("", text).casefold()
    for pattern, word in _SPELLINGS:
        folded = pattern.sub(word, folded)
    return folded or text.casefold()


@cache
def _bare(name: str) -> str:
    """Return a folded name without what stands in brackets."""
    return _ASIDE.sub("", fold(name))


@cache
def _ladder(field: SchemaField) -> dict[str, float]:
    """Return every folded name of a field with its score; earlier synonyms weigh a hair more."""
    ladder: dict[str, float] = {}
    for place, synonym in enumerate((*field.synonyms, *field.english)):
        ladder.setdefault(fold(synonym), SYNONYM - min(place, 60) * 0.0005)
    ladder[fold(field.name)] = EXACT
    return ladder


def name_score(column: str, parts: tuple[str, ...], field: SchemaField) -> float:
    """Return between 0 and 1 how much a column's name (and the cells of its header) looks like a field."""
    ladder = _ladder(field)
    folded = fold(column)
    if folded in ladder:
        return ladder[folded]
    numbered = re.fullmatch(r"(.+?)_?\d{1,2}", column)
    never = re.compile(field.never, re.IGNORECASE) if field.never else None
    if never and never.search(unicodedata.normalize("NFKC", column)):
        return 0.0
    bare = _bare(column)
    if bare != folded and bare in ladder:
        return ladder[bare] - 0.05
    if len(parts) > 1 and fold(parts[-1]) in ladder and (len(fold(parts[-1])) > 1 or parts[-1] == field.name):
        return PART * ladder[fold(parts[-1])]
    if len(parts) > 1 and fold(parts[0] + parts[-1]) in ladder:
        return PART * ladder[fold(parts[0] + parts[-1])]
    if len(parts) > 1 and _WHOLE.fullmatch(fold(parts[-1])) and fold("".join(parts[:-1])) in ladder:
        return PART * ladder[fold("".join(parts[:-1]))]
    if field.pattern and re.search(field.pattern, unicodedata.normalize("NFKC", column).strip(), re.IGNORECASE):
        return PATTERN
    alike = max(_dice(folded, other) for other in ladder)
    return min(ALIKE, alike * ALIKE) if not numbered or alike < 1 else ALIKE


def likeness(one: str, other: str) -> float:
    """Return between 0 and 1 how much two names of columns look alike, whatever field they are."""
    return _dice(fold(one), fold(other))


@cache
def _dice(one: str, other: str) -> float:
    """Return how many pairs of neighbouring letters two words share (Dice)."""
    if one == other:
        return 1.0
    if len(one) < 2 or len(other) < 2:
        return 0.0
    pairs = [one[place : place + 2] for place in range(len(one) - 1)]
    others = [other[place : place + 2] for place in range(len(other) - 1)]
    shared = 0
    left = list(others)
    for entry in pairs:
        if entry in left:
            left.remove(entry)
            shared += 1
    return 2 * shared / (len(pairs) + len(others))
