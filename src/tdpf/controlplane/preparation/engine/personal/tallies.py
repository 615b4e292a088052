"""Counts, column by column, what may belong to persons; values are masked at once and never kept beyond the count."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from tdpf.controlplane.preparation.engine.personal.headers import Header
from tdpf.controlplane.preparation.engine.personal.masking import mask
from tdpf.controlplane.preparation.engine.personal.persons import (
    Naming,
    is_business,
    is_place_too,
    naming_of,
    persons_in,
)
from tdpf.controlplane.preparation.engine.personal.values import kinds_of, sender_in, shapes_of, year_of

_PLACES = 5
_KEPT = 400
_LONGEST = 60
_PROSE_KEPT = 100
_CHOICES = 24
_PLACE_WORD = re.compile(r"^[有無可未要対]|[山川島池沢浜原野田谷]$|町|丁目|地区|通り|公園|駅|橋")
_ORGANISATION = re.compile(
    r"株式|有限|合同|会社|法人|組合|協会|協議会|連合|機構|財団|社団|学校|大学|病院|医院|クリニック|センター|市長|区長|町長|村長|知事|県|市$|区$|町$|課$|部$|店|会$|室$|委員|[寺院庵宮堂社館蔵]$|神社|教会|保存"
)
_TITLE = re.compile(
    r"^(?:理事長|代表取締役(?:社長)?|代表社員|代表理事|院長|会長|社長|学長|支部長|代表|取締役|所長|施設長)[\s　]*"
)
# Who signs for a firm, behind its name and a title: 株式会社みどり 代表取締役 山田 太郎.
_TITLED = re.compile(
    r"(?:代表取締役(?:社長|会長)?|取締役社長|代表社員|代表理事|理事長|代表者?|会長|社長|院長|園長|組合長|支配人)[\s:]+(?P<name>[一-龥々ヶ]{1,4}\s?[一-龥々ヶぁ-んァ-ヶー]{1,5})$"
)
_NAME_LIKE = re.compile(r"[一-龥々ヶぁ-んァ-ヶーｦ-ﾟA-Za-z',.、・()（）\s　-]{1,32}")
_BEFORE = re.compile(r"^[^・／/:：]{1,8}[・／/:：](?=.{3})")
_BEHIND = re.compile(r"[(（][^)）]*[)）]$")
_SPACED = re.compile(r"[一-龥々ヶ]{1,3}\s[一-龥々ヶぁ-んァ-ヶー]{1,4}\(")
_READ = re.compile(r"[A-Za-zァ-ヶーぁ-ん'.\s-]+")
_READ_ALONE = re.compile(r"[ァ-ヶー]{2,8}|[ぁ-んー]{2,8}|[A-Z][A-Za-z]{1,11}")
_TOGETHER = re.compile(r"[、,／/・&＆]\s*|[\s　]と[\s　]")
_KANJI = re.compile(r"[一-龥々]")
_SEVERAL = re.compile(r"[、,／/]\s*")
_SPEAKS = re.compile(r"[ぁ-ん]")
_TRIGGER = re.compile(
    r"氏|様|さん|君|担当|連絡先|世帯主|本人|患者|生年月日|自宅|携帯|[長次][男女]|妻|夫|息子|娘|[0-9０-９][歳才]|宅|児童|生徒|保護者|相談|苦情|通報|甥|姪|孫|申します|です。"
)


@dataclass(slots=True)
class Tally:
    """What was counted in one column: hits, one masked sample and the first rows per kind of value.

    `kept` holds some of the short values until the column has been seen; what needs a closer look is counted among them only.
    """

    name: str
    header: Header
    is_code: bool = False
    total: int = 0
    kept: dict[str, tuple[int, int]] = field(default_factory=dict)
    prose: dict[str, tuple[int, int]] = field(default_factory=dict)
    first_rows: dict[str, int] = field(default_factory=dict)
    choices: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    samples: dict[str, str] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    years: list[int] = field(default_factory=list)

    def hit(self, kind: str, value: str, times: int) -> bool:
        """Count one hit and say whether its place is still wanted."""
        self.hits[kind] += times
        if kind not in self.samples:
            self.samples[kind] = mask(value)
        return len(self.places.setdefault(kind, [])) < _PLACES

    def share(self, *kinds: str) -> float:
        """Return the share of the filled cells that are of some kinds; of those that were kept, for what was counted among them only."""
        whole = self.hits["kept"] if kinds[0] in _LOOKED_AT else self.total
        return sum(self.hits[kind] for kind in kinds) / whole if whole else 0.0


_LOOKED_AT = frozenset(
    ("full", "likely", "read", "surname", "given", "address", "numbered", "whole_day", "day_code", "four_by_four", "within", "age", "paper", "long_number", "plate", "network", "handle", "login", "state", "place_too", "lot", "room", "file", "post_symbol", "post_number", "home_and_phone")
)  # fmt: skip


def count_values(tally: Tally, values: list[str | None], first: int) -> None:
    """Add the cells of some rows to a column's count; `first` is the number of the first of them, from 1."""
    counted = Counter(values)
    counted.pop(None, None)
    header = tally.header
    for value, times in counted.items():
        if value is None:
            continue
        tally.total += times
        if len(tally.choices) <= _CHOICES:
            tally.choices[value] += times
            tally.first_rows.setdefault(value, first + values.index(value))
        for kind, hit in kinds_of(value, header):
            if tally.hit(kind, hit, times):
                tally.places[kind].append(str(first + values.index(value)))
        length = len(value)
        if length <= _LONGEST:
            if value in tally.kept:
                seen, row = tally.kept[value]
                tally.kept[value] = (seen + times, row)
            elif len(tally.kept) < _KEPT:
                tally.kept[value] = (times, first + values.index(value))
        if (
            5 <= length <= 2_000
            and len(tally.prose) < 4 * _PROSE_KEPT
            and value not in tally.prose
            and not value.isascii()
            and (len(tally.prose) < _PROSE_KEPT or _TRIGGER.search(value))
        ):
            tally.prose[value] = (times, first + values.index(value))


def count_logged(tally: Tally, values: list[str | None], first: int) -> None:
    """Add the senders' addresses in the lines of a log to a column's count."""
    for row, value in enumerate(values, start=first):
        if value and (sender := sender_in(value)) and tally.hit("sender", sender, 1):
            tally.places["sender"].append(str(row))


def count_shapes(tally: Tally) -> None:
    """Count the names and other shapes among the values that were kept of a column."""
    named = tally.header.matter in ("name", "reading", "surname", "given")
    for value, (times, row) in tally.kept.items():
        tally.hits["kept"] += times
        for shape in shapes_of(value):
            if tally.hit(shape, value, times):
                tally.places[shape].append(str(row))
            if shape in ("whole_day", "day_code") and (year := year_of(value)):
                tally.years.append(year)
        naming, bare = _naming(value, named=named)
        if not naming and tally.header.matter in ("reading", "surname", "given") and _READ_ALONE.fullmatch(bare):
            naming = "likely"
        if naming and tally.hit(naming, bare, times):
            tally.places[naming].append(str(row))
        if naming == "surname" and is_place_too(bare):
            tally.hits["place_too"] += times
    _count_lone_names(tally)


def _naming(value: str, *, named: bool) -> tuple[str, str]:
    """Return how much of a name a value is; under a header of names also of several, and of one with a word beside (会社員・森田 誠).

    Elsewhere a name in kana or Latin letters counts as `read`, and only when it is known.
    """
    bare = _TITLE.sub("", unicodedata.normalize("NFKC", value).strip())
    if (titled := _TITLED.search(bare)) and naming_of(titled["name"]) == "full":
        return "full", titled["name"]
    if named:
        bare = _BEFORE.sub("", bare)
    if is_business(bare):
        return "", bare
    if named or _SPACED.match(bare):
        bare = _BEHIND.sub("", bare)
    if _ORGANISATION.search(bare) or not (named or _NAME_LIKE.fullmatch(value)):
        return "", bare
    if named:
        parts = [part for part in (_TOGETHER if _KANJI.search(bare) else _SEVERAL).split(bare) if part]
        found = [naming_of(part) for part in parts]
        return (found[0] if found and all(found) else ""), bare
    naming = _of_several(bare) if _TOGETHER.search(bare) else naming_of(bare)
    if _READ.fullmatch(bare):
        return ("read" if naming == "full" else ""), bare
    return naming, bare


def _of_several(text: str) -> Naming:
    """Return “full” when a text is a full name and others beside it (山田太郎・花子), “” otherwise."""
    found = [naming_of(part) for part in _TOGETHER.split(text) if part]
    return "full" if len(found) > 1 and found[0] == "full" and all(found) else ""


def count_prose(tally: Tally, *, cases: bool) -> None:
    """Count the sentences of a column that name or reach a person; `cases`: of cases that people brought, or of notes on persons."""
    named = tally.header.matter in ("name", "reading", "surname", "given")
    for value, (times, row) in tally.prose.items():
        if value in tally.kept and (named or naming_of(value)):
            continue
        found = next(iter(persons_in(value, cases=cases)), "")
        if found and not _SPEAKS.search(value) and "address" in shapes_of(value):
            continue
        if found and (cases or naming_of(value) == "") and tally.hit("prose", found, times):
            tally.places["prose"].append(str(row))


def _count_lone_names(tally: Tally) -> None:
    """Count a person's name that stands, seldom, among categories that repeat: 集会所, 図書館, 集会所, 山田太郎."""
    common = sum(times for value, times in tally.choices.items() if times >= 3)
    if len(tally.choices) > _CHOICES or common < 8 or common * 10 < tally.total * 7:
        return
    for value, times in tally.choices.items():
        bare = value.strip()
        if times > 2 or _ORGANISATION.search(bare) or _PLACE_WORD.search(bare) or not 3 <= len(bare) <= 12:
            continue
        if not bare.isascii() and naming_of(bare) == "full":
            tally.hits["lone"] += times
            if tally.hit("lone", bare, 0):
                tally.places["lone"].append(str(tally.first_rows[value]))
