"""Counts, column by column, what may belong to persons; values are masked at once and never kept beyond the count."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from tdpf.controlplane.preparation.engine.masking import mask
from tdpf.controlplane.preparation.engine.personal_headers import Header
from tdpf.controlplane.preparation.engine.personal_values import kinds_of
from tdpf.controlplane.preparation.engine.persons import are_surnames, is_in_letters, is_person, persons_in

_PLACES = 5
_NAMES_KEPT = 400
_SHORT_KEPT = 100
_PROSE_KEPT = 100
_CHOICES = 24
_PLACE_WORD = re.compile(r"^[有無可未要対]|[山川島池沢浜原野田谷]$|町|丁目|地区|通り|公園|駅|橋")
_ORGANISATION = re.compile(
    r"株式|有限|合同|会社|法人|組合|協会|協議会|連合|機構|財団|社団|学校|大学|病院|医院|クリニック|センター|市長|区長|町長|村長|知事|県|市$|区$|町$|課$|部$|店|会$|室$|委員|[寺院庵宮堂社館蔵]$|神社|教会|保存"
)
_TITLE = re.compile(
    r"^(?:理事長|代表取締役(?:社長)?|代表社員|代表理事|院長|会長|社長|学長|支部長|代表|取締役|所長|施設長)[\s　]*"
)
_NAME_LIKE = re.compile(r"[一-龥々ヶぁ-んァ-ヶーｦ-ﾟA-Za-z',\s　-]{3,24}")
_HALF = re.compile(r"[ｦ-ﾟ]")
_ASIDE = re.compile(r"^[^・／/:：]{1,8}[・／/:：](?=.{3})|[(（][^)）]*[)）]$")
_SHORT = re.compile(r"[一-龥々ヶぁ-んァ-ヶー\s　]{1,6}")
_KANA_PAIR = re.compile(r"[ァ-ヶーｦ-ﾟぁ-ん]{1,8}[\s　]+[ァ-ヶーｦ-ﾟぁ-ん]{1,8}")
_TRIGGER = re.compile(
    r"氏|様|さん|君|担当|連絡先|世帯主|本人|患者|生年月日|自宅|携帯|[長次][男女]|妻|夫|息子|娘|[0-9０-９][歳才]|宅|児童|生徒|保護者|相談|苦情|通報"
)


@dataclass(slots=True)
class Tally:
    """What was counted in one column: hits, one masked sample and the first rows per kind of value."""

    name: str
    header: Header
    is_code: bool = False
    cases: bool = False
    total: int = 0
    name_like: dict[str, tuple[int, int]] = field(default_factory=dict)
    short: dict[str, int] = field(default_factory=dict)
    prose: dict[str, tuple[int, int]] = field(default_factory=dict)
    choices: Counter[str] = field(default_factory=Counter)
    first_rows: dict[str, int] = field(default_factory=dict)
    hits: Counter[str] = field(default_factory=Counter)
    samples: dict[str, str] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)

    def hit(self, kind: str, value: str, times: int) -> bool:
        """Count one hit and say whether its place is still wanted."""
        self.hits[kind] += times
        if kind not in self.samples:
            self.samples[kind] = mask(value)
        return len(self.places.setdefault(kind, [])) < _PLACES

    def share(self, kind: str) -> float:
        """Return the share of the filled cells that are of a kind."""
        return self.hits[kind] / self.total if self.total else 0.0

    @property
    def are_surnames(self) -> bool:
        """Whether the short values that were kept are mostly surnames."""
        return bool(self.short) and are_surnames(self.short)


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
        _keep_for_names(tally, value, times, first, values)


def _keep_for_names(tally: Tally, value: str, times: int, first: int, values: list[str | None]) -> None:
    """Keep what may be a name, or prose that may hold one, until the column has been seen; some of very many."""
    header = tally.header
    whole = value
    if (header.person or header.party) and not value.isascii():
        # 会社員・森田 誠 and 森田（住民） name a person beside something else.
        value = _ASIDE.sub("", value.strip())
    length = len(value)
    if (
        length <= 24
        and len(tally.name_like) < _NAMES_KEPT
        and (header.named or header.author or not value.isascii())
        and _NAME_LIKE.fullmatch(value)
    ):
        tally.name_like.setdefault(value, (times, first + values.index(whole)))
    if (
        (header.named or header.surname or header.given)
        and length <= 6
        and len(tally.short) < _SHORT_KEPT
        and _SHORT.fullmatch(value)
    ):
        tally.short[value.strip()] = tally.short.get(value.strip(), 0) + times
    value, length = whole, len(whole)
    if header.latin and is_in_letters(value):
        tally.hits["letters"] += times
        tally.hit("letters", value, 0)
    if (
        6 <= length <= 2_000
        and len(tally.prose) < 4 * _PROSE_KEPT
        and value not in tally.prose
        and (len(tally.prose) < _PROSE_KEPT or _TRIGGER.search(value))
        and (_TRIGGER.search(value) or (tally.cases and not value.isascii()))
    ):
        tally.prose[value] = (times, first + values.index(value))


def count_names(tally: Tally) -> None:
    """Count the persons' names of a column; a large column is judged by what was kept of it."""
    named = tally.header.named or tally.header.author
    asked = list(tally.name_like.items())
    judged = tested = 0
    for value, (times, row) in asked:
        bare = _TITLE.sub("", (unicodedata.normalize("NFKC", value) if _HALF.search(value) else value).strip())
        tested += times
        if _ORGANISATION.search(bare) or not is_person(bare, named=named):
            continue
        judged += times
        if tally.hit("name", bare, 0):
            tally.places["name"].append(str(row))
        if len(asked) >= 60 and not named and tested >= 60 and judged * 20 < tested:
            break
    tally.hits["name"] = judged
    if tally.header.kana:
        tally.hits["kana"] = sum(times for value, (times, _) in asked if _KANA_PAIR.fullmatch(value.strip()))
    _count_lone_names(tally)
    for value, (times, row) in tally.prose.items():
        found = next(iter(persons_in(value, cases=tally.cases)), "")
        if found and (tally.cases or value not in tally.name_like) and tally.hit("prose", found, times):
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
        if not bare.isascii() and is_person(bare):
            tally.hits["lone"] += times
            if tally.hit("lone", bare, 0):
                tally.places["lone"].append(str(tally.first_rows[value]))
