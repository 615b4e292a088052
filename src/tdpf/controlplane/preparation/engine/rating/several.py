"""Which cells hold more than one value: lists of choices, pairs of numbers, several telephones or addresses in one."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice

from tdpf.controlplane.preparation.engine.cells import header_text
from tdpf.controlplane.preparation.engine.rating.subject import Column, Found, either
from tdpf.controlplane.preparation.engine.rating.values import NAME_NAME, narrow, sort_of

_SEPARATOR = re.compile(r"[、，;；\n\r]+|,(?!\d{3}(?:\D|$))|(?<=\D)[/／|｜](?=\D)")
_INLINE = re.compile(r"[、，,;；/／|｜]")
_KANA_ENDING = re.compile(r"[\u3041-\u3096]$")
_MIDDLE_DOT = re.compile(r"[・･]")
_ANY = re.compile(r"[× \u3000（(、，､,;；\n\r/／|｜・･&＆〜～~:：]")
_PER = re.compile(r"\d[\d,.]*\s?[^\d\s/]{1,4}/[^\d\s/]{1,4}")
_NUMBER_PAIR = re.compile(r"[-+]?\d+(?:\.\d+)\s*[,、/ ]\s*[-+]?\d+(?:\.\d+)")
# Between numbers stand the end of one value, a sign that parts them, and the label of the next; matched gap by gap, since one pattern for the whole could go back without end.
_COUNT = re.compile(r"\d+(?:,\d+)*(?:\.\d+)?")
_COUNT_GAPS = (
    re.compile(r"[^\d\s/／、,]{1,8}?[:：]?\s*"),
    re.compile(r"\s*[^\d\s/／、,・]{0,3}\s*[/／、,;；・\n]\s*[^\d\s/／、,・]{1,8}?[:：]?\s*"),
    re.compile(r"\s*[^\d\s/／、,]{0,3}"),
)
_TELEPHONE = re.compile(r"(?<![\d-])\(?0\d{1,4}[-()]\d{1,4}[-)]\d{3,4}(?!\d)")
_WORD_AND_TELEPHONE = re.compile(
    r"(?!電話|tel|代表|直通|fax|ファク?ッ?クス|携帯|内線)[^\d。]{2,20}?[\s（(:：]*0\d{1,4}[-()]\d{1,4}[-)]\d{3,4}\)?(?:\s*\(?内線\s*\d+\)?)?",
    re.IGNORECASE,
)
_POSTAL_AND_ADDRESS = re.compile(r"〒?\s?\d{3}-\d{4}\s*[^\d\s-].{3,}")
_FLAG_AND_NUMBER = re.compile(r"(?:有り?|あり|○|〇|可)\s*[(:\s]\s*\d[\d,]*\s*[^\d\s()]{0,3}\)?")
_URL = re.compile(r"https?://")
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+")
_NUMBER_AND_OTHER = re.compile(r"\d[\d,]*(?:\.\d+)?\s*[（(]\s*[△▲-]?\d[\d,]*(?:\.\d+)?%?\s*[)）]")
_FURTHER_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?\D{0,4}[、；;]\s*\D{1,8}\d[\d,]*\D{0,4}")
_PRICE = re.compile(r"(?<!\d)\d+(?:,\d+)*円")
_PRICE_GAPS = (
    re.compile(r"[^\d、,／/]{1,14}?[:：]?\s*"),
    re.compile(r"[^\d、,／/]{0,8}[、,／/・\s]\s*[^\d、,／/]{1,14}?[:：]?\s*"),
    re.compile(r"[^\d、,／/]{0,8}"),
)
_LAST_REMARK = re.compile(r"[（(][^（）()]{1,30}[)）]$")
_SPACED_LABEL = re.compile(r"([^\d\s:：~〜～/()-]{1,4})\s?[:：]?\s?\d[\d,]*(?:\.\d+)?[人名件台席室床基個]?(?:\s+|$)")
_COMPOUND_NAME = re.compile(r"[・/／&＆×]|(?<=[一-龥])と(?=[一-龥])")
_SLASHED = re.compile(r"[/／|｜×]")
_LABELLED_NUMBER = re.compile(r"[^\s:\d]{1,6}:\s?\d+(?![:\d時])")
_SOME_WEEKDAYS = re.compile(
    r"[月火水木金土日](?:曜日?)?[・、,/][月火水木金土日](?:曜|・|、|,|/|$)|\d[・、,]\s?第?\d[月火水木金土日]曜"
)
_SPAN = r"(?:午前|午後)?\d{1,2}[:時](?:\d{2}分?|半)?\s*(?:[~〜～\-‐−]|から)\s*(?:翌|午前|午後)?\d{1,2}[:時](?:\d{2}分?|半)?(?:まで)?"
_SPANS = re.compile(rf"{_SPAN}(?:\s*[、,/・及び\s]\s*{_SPAN})+")
_WEEKDAYS = re.compile(
    r"[日月火水木金土祝](?:曜(?:日(?!曜))?)?+(?:[、,・･/／ ]?[日月火水木金土祝](?:曜(?:日(?!曜))?)?+)+"
)
_THOUSANDS = re.compile(r"[-△▲]?\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?\D{0,4}")
_DATE = re.compile(r"\d{1,4}[/／]\d{1,2}(?:[/／]\d{1,2})?")
_KANA_READING = re.compile(r"カナ|かな|フリガナ|ふりがな|ヨミ|よみ|kana", re.IGNORECASE)
_LIST_NAME = re.compile(
    r"診療科|診療日|診察日|曜日|対象|町会|自治会|町名|区域|通学|学区|校区|サービス|種類|種別|業種|品目|設備|機能|言語|キーワード|タグ|カテゴリ|分野|支払|決済|路線|対応|講師|出演|著者|作者|委員|担当|主催|共催|後援"
)
# What ends in the name of a body, an office, a place or a law is one name, however many fields it lists: 医療・介護保険制度特別委員会.
_BODY = re.compile(
    r"(?:委員会|協議会|審議会|審査会|連絡会|対策会議|本部|条例|規則|要綱|計画|事業|センター|(?<=..)[課係部局室班]|会館|プラザ)$"
)
_KINDS = re.compile(r"種類|種別|業種|品目|分野|カテゴリ")
_CLASSES = re.compile(r"産業|分類|部門")
_NUMBER = re.compile(r"\d+")
_PARTS = re.compile(r"[、，､,;；\n\r/／|｜・･]")
_ITEM_LONGEST = 24
_COUNTED = 100_000
# How a clause ends, not the name of a thing: 駅に近く、静かで、便利な.
_CLAUSE = re.compile(
    r".{5,}[ぁ-ん]$|(?:です|ます|して|って|ので|から|かで|れて|きて|んで|あり|なく|ない|った|いる|ある|する|を|は|が)$"
)


def holds_several(column: Column) -> Found:
    """Return the values of a column that are several values in one cell; remembered on the column."""
    found: Found | None = column.__dict__.get("_several")
    if found is None:
        found = _several(column)
        column.__dict__["_several"] = found
    return found


def _several(column: Column) -> Found:
    sort = sort_of(column)
    if sort in ("empty", "day", "nested") or not _ANY.search(column.letters):
        return set()
    if sort == "prose":
        return either(column, column.which(_packed), _enumerations(column))
    name = header_text(column.name)
    if sort == "contact":
        return column.which(_several_contacts)
    if sort in ("number", "coordinate", "time", "code"):
        also = {"code": _listed_codes, "time": _several_spans}.get(sort, _several_numbers)
        found = column.which(lambda value: _several_numbers(value) or also(value))
        return either(column, found, _parallel(column, name)) if sort == "number" else found
    alone = column.which(
        lambda value: (
            _several_numbers(value)
            or _packed(value)
            or _several_weekdays(value)
            or _several_spans(value)
            or _listed_codes(value)
        )
    )
    unlike = column.which(_unlike) if column.share_of(_unlike) >= 0.3 else set()
    alone = either(column, alone, unlike) if unlike else alone
    listed = either(column, _lists(column, name), _enumerations(column))
    return either(column, either(column, alone, listed), _parallel(column, name))


def _enumerations(column: Column) -> Found:
    """Return the values that list three things or more, where most of a column does so: the duties of offices, the goods of shops."""
    if NAME_NAME.search(header_text(column.name)) or column.share_of(_enumerates) < 0.6:
        return set()
    return column.which(_enumerates)


def _enumerates(value: str) -> bool:
    """Say whether a value is nothing but three things or more between commas, none of them a clause."""
    if "、" not in value or "。" in value or "\n" in value:
        return False
    items = narrow(value).rstrip("等他").split("、")
    return len(items) >= 3 and all(0 < len(item) <= 16 and not _CLAUSE.search(item) for item in items)


def _unlike(value: str) -> bool:
    """Say whether a cell holds two values of different kinds: an office and its telephone, a postal code and an address, 有（10台）."""
    if len(value) > 120 or not any(map(str.isdigit, value)):
        return False
    text = narrow(value)
    return any(kind.fullmatch(text) for kind in (_WORD_AND_TELEPHONE, _POSTAL_AND_ADDRESS, _FLAG_AND_NUMBER))


def _parallel(column: Column, name: str) -> Found:
    """Return values that all give the same few things side by side: 男10 女12, or 1975年/RC造 under 築年・構造."""
    labels = Counter(filter(None, map(_labels_of, column.sample if re.search(r"\s", column.letters) else ())))
    common, times = next(iter(labels.most_common(1)), ((), 0))
    if times >= 2 and times * 2 >= len(column.sample):
        return column.which(lambda value: _labels_of(value) == common)
    named = [part for part in _COMPOUND_NAME.split(name) if part]
    if len(named) > 1 and column.share_of(lambda value: _parts_of(value) == len(named)) >= 0.8:
        return column.which(lambda value: _parts_of(value) == len(named))
    return set()


def _labels_of(value: str) -> tuple[str, ...]:
    """Return the labels of a cell that is nothing but labelled numbers parted by spaces, when there are two or more different ones."""
    if len(value) > 60 or not any(map(str.isspace, value)):
        return ()
    text = narrow(value)
    found = tuple(match.group(1) for match in _SPACED_LABEL.finditer(text))
    if len(found) < 2 or len(set(found)) < len(found):
        return ()
    return found if not _SPACED_LABEL.sub("", text) else ()


def _parts_of(value: str) -> int:
    text = narrow(value)
    return 0 if _DATE.fullmatch(text) or _URL.search(text) else len(_SLASHED.split(text))


def _packed(value: str) -> bool:
    """Say whether a cell holds nothing but labelled numbers: prices by age, toilets by kind."""
    text = narrow(value)
    if _are_labelled(text, _PRICE, _PRICE_GAPS):
        return True
    labelled = _LABELLED_NUMBER.findall(text)
    return len(labelled) >= 3 and sum(map(len, labelled)) * 3 >= len(text)


def _are_labelled(text: str, number: re.Pattern[str], gaps: tuple[re.Pattern[str], ...]) -> bool:
    """Say whether a text is two numbers or more, each with its label: what stands before, between and after fits the gaps."""
    head, *between, end = number.split(text) if number.search(text) else ("", "")
    first, middle, last = gaps
    return (
        bool(between)
        and first.fullmatch(head) is not None
        and all(middle.fullmatch(gap) is not None for gap in between)
        and last.fullmatch(end) is not None
    )


def _several_weekdays(value: str) -> bool:
    return len(value) < 40 and _SOME_WEEKDAYS.search(narrow(value)) is not None


def _several_spans(value: str) -> bool:
    """Say whether a cell holds nothing but two spans of time or more: 9:00～12:00、13:00～17:00."""
    return len(value) < 80 and _SPANS.fullmatch(narrow(value)) is not None


def _several_contacts(value: str) -> bool:
    text = narrow(value)
    return len(_TELEPHONE.findall(text)) > 1 or len(_URL.findall(text)) > 1 or len(_MAIL.findall(text)) > 1


def _several_numbers(value: str) -> bool:
    text = narrow(value)
    if len(text) > 120 or not any(character.isdigit() for character in text):
        return False
    if _FURTHER_NUMBER.fullmatch(text) and not _THOUSANDS.fullmatch(text):
        return True
    if _NUMBER_PAIR.fullmatch(text) or _NUMBER_AND_OTHER.fullmatch(text):
        return True
    if _DATE.fullmatch(text) or _THOUSANDS.fullmatch(text):
        return False
    if len(_TELEPHONE.findall(text)) > 1:
        return True
    stated = _LAST_REMARK.sub("", text).rstrip()
    return _are_labelled(stated, _COUNT, _COUNT_GAPS) and not re.search(r"丁目|番地?|号", stated)


def _listed_codes(value: str) -> bool:
    items = [item.strip() for item in re.split(r"[、，,;；\n]", narrow(value))]
    if _THOUSANDS.fullmatch(narrow(value)):
        return False
    return len(items) > 1 and all(re.fullmatch(r"[A-Za-z]{0,3}\d{1,8}", item) for item in items)


def _lists(column: Column, name: str) -> Found:
    """Return the values that list items which also stand elsewhere in the column, alone or in other lists."""
    if _KANA_READING.search(name):
        return set()
    named_for_lists = bool(_LIST_NAME.search(name)) and not re.search(r"名称|所在地|住所", name)
    names = bool(NAME_NAME.search(name) or _CLASSES.search(name)) and not named_for_lists
    weekdays, kinds = "曜日" in name, bool(_KINDS.search(name))
    known = _known_items(column)
    if not known and not weekdays:
        return set()

    def is_list(value: str) -> bool:
        items = _items(value, _SEPARATOR) if _PARTS.search(value) else []
        if len(items) < 2 or _THOUSANDS.fullmatch(narrow(value)):
            return False
        if "\n" in value and not _INLINE.search(value):
            return not names and (len(items) >= 3 or all(known[item] > 1 for item in items)) and not _is_sentence(items)
        shared = sum(1 for item in items if known[item] > 1)
        listed = (named_for_lists and (not kinds or shared > 0)) or (not names and len(items) >= 3)
        return shared * 2 >= len(items) or bool(listed and _INLINE.search(value) and not _is_sentence(items))

    def is_dotted(value: str) -> bool:
        items = _items(value, _MIDDLE_DOT) if "・" in value or "･" in value else []
        if len(items) > 1 and _BODY.search(items[-1]):
            return False
        return len(items) > 1 and (all(known[item] > 1 for item in items) or (named_for_lists and _of_one_form(items)))

    repeating = 0 if names else len(set(islice(filter(is_dotted, column.words), 1000)))
    dots = repeating >= 3 or (named_for_lists and repeating > 0)
    return column.which(
        lambda value: is_list(value) or (dots and is_dotted(value)) or (weekdays and _WEEKDAYS.fullmatch(narrow(value)))
    )


def _known_items(column: Column) -> Counter[str]:
    """Return in how many different values each item stands that is one of several somewhere; of very many, the first are counted."""
    listed: dict[str, set[str]] = {}
    known: Counter[str] = Counter()
    for value in column.words:
        if _PARTS.search(value) and value not in listed and len(listed) < _COUNTED:
            items = set(_items(value, _SEPARATOR))
            dotted = _items(value, _MIDDLE_DOT) if "・" in value or "･" in value else []
            items = items if len(items) > 1 else set()
            if len(dotted) > 1:
                known.update(set(dotted))
            known.update(items)
            listed[value] = items
    if not known:
        return known
    alone: set[str] = set()
    for value in column.words:
        if value not in alone and not listed.get(value):
            first = next(iter(_items(value, _SEPARATOR)), "")
            if first in known:
                alone.add(value)
                known[first] += 1
    return known


def _of_one_form(items: list[str]) -> bool:
    """Say whether items differ in a number alone: 0歳児, 1歳児."""
    return all(map(_NUMBER.search, items)) and len({_NUMBER.sub("#", item) for item in items}) == 1


def _is_sentence(items: list[str]) -> bool:
    """Say whether parts between commas are clauses: they end in kana, as particles and verbs do."""
    return any(len(item) >= 6 and _KANA_ENDING.search(item) for item in items)


def _items(value: str, separator: re.Pattern[str]) -> list[str]:
    """Return the items of a list, or one item when the parts are no items: too long, sentences, brackets left open."""
    text = narrow(value)
    if _PER.fullmatch(text):
        return [text]
    items = [item.strip() for item in separator.split(text) if item.strip()]
    if len(items) < 2 or items[0] == "その他":
        return items[:1]
    if any(len(item) > _ITEM_LONGEST or "。" in item or item.count("(") != item.count(")") for item in items):
        return [text]
    return items
