"""How much a column's name looks like a field's: the same word, a known synonym, a pattern, or merely alike."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache
from itertools import pairwise

from tdpf.controlplane.preparation.engine.cells import spoken_name
from tdpf.controlplane.preparation.engine.schemas.types import SchemaField

_REMEMBERED = 65_536
SURE = 0.9
_NEAR, _NEARLY = 0.65, 0.012
_SAID_AGAIN = 0.03  # Named in Latin letters, and again in Japanese by words not known.
EXACT, SYNONYM, PART, PATTERN, ALIKE = 1.0, 0.98, 0.93, 0.91, 0.8
_UNIT = re.compile(
    r"[(\[［〔](?:単位[:：]?)?(?:人|名|世帯|台|個|基|床|室|円|m|ｍ|メートル|度|十進|10進|世界測地系|全角|半角|必須|任意|※.*?|\*|西暦|yyyy.*?|数字|和暦|hh:mm)[)\]］〕]$"
)
# 住所（番地まで）, 電話番号（半角で入力）: how much is asked for, not what. 時間（まで） is another thing.
_ASKED = re.compile(r"[(（\[［](?!いつ|何時|時間)[^()（）]{1,8}(?:まで|を含む|含む|形式|表記|を入力|で入力)[)）\]］]$")
_JAPANESE = re.compile(r"[(【\[]\s*(?:日本語|和文|和名|漢字)(?:表記)?\s*[)】\]]$|_日本語$")
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
        (r"誰でも|ダレデモ", "だれでも"),
        (r"障がい|障碍", "障害"),
        (r"便所", "トイレ"),
        (r"地すべり|地辷り", "地滑り"),
        (r"(?:がけ|ガケ|崖)(?:崩れ|くずれ)", "崖崩れ"),
        (r"及び|および", ""),
        (r"取り扱い|取扱い", "取扱"),
        (r"受け付け|受付け", "受付"),
        (r"申し込み|申込み", "申込"),
        (r"(?:ご?利用|使用)(?:可能な?|できる)|使える", "利用可能"),
    )
)
# Signs that lead to a remark below the table: 洪水※1, 定員（注2）.
_FOOTNOTE = re.compile(r"(?<=\S)\s*(?:[※＊*]\s*\d{0,2}|[(（]\s*(?:注|※|＊|\*)\s*\d{0,2}\s*[)）]|注\s*\d{1,2})$")
_WHOLE = re.compile(r"総数|(?:総|合)?計|全体")
# Words that officials use for one another: a name whose words are all exchanged for the first of each is its bare sense.
_SENSES = tuple(
    (re.compile(pattern), word)
    for pattern, word in (
        (r"の(?!り)|各|当該|お(?=申|問)|ご(?=利|住)", ""),
        (r"^(?:うち|内)(?=男|女)|(?:について|のご?案内|ご?案内|に関する事項|側)$", ""),
        (r"(?:時の使用|時対応|に対応|対応可?|[○〇×✕]{1,3}|(?:〇|○)[:：].*)$", ""),
        (r"cd$", "コード"),
        (r"(?<![a-z])(?:no|№)$", "番号"),
        (r"(?:名前|名称|呼称)$|(?<=..)名$", "名"),
        (r"所在地住所|所在住所|所在場所|住所地|アドレス\(住所\)|住所|所在地?", "住所"),
        (r"電話番号|電話|tel番号|tel|℡", "電話"),
        (r"fax番号|ファ[ック]クス番号|ファ[ック]クス|ファクシミリ|fax", "fax"),
        (
            r"ホームページ(?:アドレス|url)?|webサイト|webページ|ウェブ(?:サイト|ページ)|サイトurl|hp(?:url)?|関連url",
            "url",
        ),
        (r"開設年月日|開設日", "開設日"),
        (r"年月日|月日|日付|期日", "日"),
        (r"時刻|時間帯|時間", "時"),
        (r"(?:開始|はじめ|始め|始まり)", "始"),
        (r"(?:終了|おわり|終わり|完了|満了)", "終"),
        (r"人員数?|人数|員数", "人数"),
        (r"種類|種別|類型|区分|分類|カテゴリー?|タイプ|の?別$", "区分"),
        (r"事由|理由", "理由"),
        (r"箇所|個所|か所|カ所|ヵ所|ヶ所|場所|位置", "箇所"),
        (r"方法|手段|手続き?", "方法"),
        (r"(?:有無|可否|あり|有り|状況|設置状況)$", ""),
        (r"問合せ先?|問合せ?先|照会先|連絡先", "問合せ"),
        (r"補足説明|補足事項|補足|備考欄|備考|注意事項|注記|摘要|特記事項|その他特記", "備考"),
        (r"施行|施工", "施工"),
        (r"緊急呼出|緊急呼び出し|非常呼び?出し?|呼び?出し?|緊急通報|非常通報|緊急|非常用|非常", "非常"),
        (r"ボタン|ベル|ブザー", "ボタン"),
        (r"回転|転回|旋回", "転回"),
        (r"スペース|空間", "スペース"),
        (r"開示|公開", "公開"),
        (r"不(?=公開)|非(?=公開)", "非"),
        (r"所管|担当|主管|所轄", "担当"),
        (r"部署|部局|課名|課所|課室|課等|課", "課"),
        (r"会場|催し物?会場", "会場"),
        (r"[(（](?:人|名|円|台|基|床|m|ｍ|時|分)[)）]|(?<=.)(?:欄|など)$|(?<=.)等(?!級)", ""),
    )
)
# A bracket that names a side or an end is part of the name.
_ASIDE = re.compile(r"\((?!自|至|起|終|始|開始|から|まで|和|洋|小|大|男|女)[^)]*\)")


@lru_cache(maxsize=_REMEMBERED)
def fold(name: str) -> str:
    """Return a name without width, case, spaces, punctuation, numbering and units, in one spelling; brackets stay."""
    text = unicodedata.normalize("NFKC", _NUMBERING.sub("", _ASKED.sub("", spoken_name(name).strip())))
    text = _JAPANESE.sub("", _UNIT.sub("", _FOOTNOTE.sub("", text.strip())))
    folded = _IGNORED.sub("", text).casefold()
    for pattern, word in _SPELLINGS:
        folded = pattern.sub(word, folded)
    return folded or text.casefold()


@lru_cache(maxsize=_REMEMBERED)
def sense(name: str) -> str:
    """Return a folded name with every word exchanged for the commonest one of its sense; two names of one sense are one thing."""
    text = fold(name)
    for pattern, word in _SENSES:
        text = pattern.sub(word, text)
    return re.sub(r"[()（）]", "", text).removesuffix("名") if len(text) > 2 else text


@lru_cache(maxsize=_REMEMBERED)
def _bare(name: str) -> str:
    """Return a folded name without what stands in brackets."""
    return _ASIDE.sub("", fold(name))


@cache
def ladder(field: SchemaField) -> dict[str, float]:
    """Return every folded name of a field with its score; earlier synonyms weigh a hair more, those that all but are its name first."""
    scores: dict[str, float] = {}
    own = fold(field.name)
    for place, synonym in enumerate((*field.synonyms, *field.english)):
        near = _NEARLY if _dice(fold(synonym), own) >= _NEAR else 0.0
        scores.setdefault(fold(synonym), SYNONYM + near - min(place, 60) * 0.0005)
    scores[fold(field.name)] = EXACT
    return scores


def name_score(column: str, parts: tuple[str, ...], field: SchemaField) -> float:
    """Return between 0 and 1 how much a column's name (and the cells of its header) looks like a field."""
    score = said_score(column, parts, field)
    if score is None:
        return ALIKE * _likest(fold(spoken_name(column)), field)
    return score


def named_score(column: str, parts: tuple[str, ...], english: str, field: SchemaField) -> float:
    """Return how much a column's Japanese name and its English title look like a field; neither speaks where the Japanese denies it."""
    score = name_score(column, parts, field)
    if not english or score >= SURE or said_score(column, parts, field) == 0.0:
        return score
    told = said_score(english, (english,), field) or 0.0
    return max(score, told - _SAID_AGAIN) if told >= SURE else score


def names_it(word: str, field: SchemaField) -> bool:
    """Say whether a word names a field by what is known of it, not only by looking alike."""
    return (said_score(word, (word,), field) or 0.0) >= SURE


@lru_cache(maxsize=_REMEMBERED)
def said_score(column: str, parts: tuple[str, ...], field: SchemaField) -> float | None:
    """Return how surely a name says a field: by its words 0.9 or more, 0 when they say that it is another; None when they say nothing."""
    column = spoken_name(column)
    known = ladder(field)
    folded = fold(column)
    if folded in known:
        return known[folded]
    column, parts = _ASKED.sub("", column), tuple(map(spoken_name, parts))
    if len(parts) < 2 and "_" in column:
        parts = tuple(part for part in column.split("_") if part)
    plain = unicodedata.normalize("NFKC", column)
    if field.never and re.search(field.never, plain, re.IGNORECASE):
        return 0.0
    bare = _bare(column)
    if bare != folded and bare in known:
        return known[bare] - 0.05
    if len(parts) > 1 and fold(parts[-1]) in known and (len(fold(parts[-1])) > 1 or parts[-1] == field.name):
        return PART * known[fold(parts[-1])]
    if len(parts) > 1 and parts[0].isascii() and not parts[-1].isascii() and fold(parts[0]) in known:
        return known[fold(parts[0])] - _SAID_AGAIN
    if len(parts) > 1 and fold(parts[0] + parts[-1]) in known:
        return PART * known[fold(parts[0] + parts[-1])]
    if len(parts) > 1 and _WHOLE.fullmatch(fold(parts[-1])) and fold("".join(parts[:-1])) in known:
        return PART * known[fold("".join(parts[:-1]))]
    if field.pattern and re.search(field.pattern, plain.strip(), re.IGNORECASE):
        return PATTERN
    return None


def likeness(one: str, other: str) -> float:
    """Return between 0 and 1 how much two names of columns look alike, whatever field they are."""
    return _dice(fold(one), fold(other))


@lru_cache(maxsize=16_384)
def _likest(folded: str, field: SchemaField) -> float:
    """Return how much a folded name looks like that of a field's names which it looks like most."""
    return max(_dice(folded, other) for other in ladder(field))


def _dice(one: str, other: str) -> float:
    """Return how many pairs of neighbouring letters two words share (Dice)."""
    if one == other:
        return 1.0
    pairs, others = _pairs(one), _pairs(other)
    if pairs.keys().isdisjoint(others):
        return 0.0
    return 2 * (pairs & others).total() / (pairs.total() + others.total())


@lru_cache(maxsize=_REMEMBERED)
def _pairs(word: str) -> Counter[str]:
    return Counter(map("".join, pairwise(word)))
