"""The first screen for personal data: columns are judged, not cells; values are masked at once and never kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from tdpf.controlplane.preparation.engine.masking import mask
from tdpf.controlplane.preparation.engine.numbers import is_card_number, is_my_number
from tdpf.controlplane.preparation.engine.persons import is_person, persons_in
from tdpf.controlplane.preparation.engine.registers import is_lawfully_named, is_register, small_cells
from tdpf.controlplane.preparation.engine.types import ColumnFound, Finding, TableFound
from tdpf.kit.text import Text

Certainty = Literal["confirmed", "doubtful", "clear"]

_BATCH = 4_000
_PLACES = 5
_NAMES_KEPT = 400
_PROSE_KEPT = 100
_CHOICES = 24
_PLACE_WORD = re.compile(r"^[有無可未要対]|[山川島池沢浜原野田谷]$|町|丁目|地区|通り|公園|駅|橋")
_FACILITY = re.compile(
    r"施設|名称|店|事業所|医療機関|営業時間|利用可能|開始時間|設置位置|設置場所|イベント|団体|園|校|会場|facility|(?<![a-z])name(?![a-z])|shop",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"氏名|お名前|ご芳名|フルネーム|(?:申込|参加|利用|対象|届出|申請|相談|受給|保護|扶養|緊急連絡)者名|full_?name|^名前$|^姓名$|^姓$|^苗字$|世帯主|申請者|申込者|本人|患者|児童名|保護者|被保険者名|住民"
)
_PUBLIC_PERSON = re.compile(
    r"代表者|営業者|開設者|管理者|設置者|担当者|責任者|理事長|院長|施設長|薬剤師|届出者|許可者|representative|establisher",
    re.IGNORECASE,
)
_RUNS = re.compile(
    r"(?:申請|届出|事業|経営|許可)者|法人名|法人の?名称|名義人|corporateName|operatorName", re.IGNORECASE
)
_ORGANISATION = re.compile(
    r"株式|有限|合同|会社|法人|組合|協会|協議会|連合|機構|財団|社団|学校|大学|病院|医院|クリニック|センター|市長|区長|町長|村長|知事|県|市$|区$|町$|課$|部$|店|会$|室$|委員"
)
_PLACE_NAME = re.compile(r"名称|施設名|地名|町名|地区|駅|場所|住所|所在地|作者|著者|作家|人物|ゆかり|出身|設計|制作")
_TITLE = re.compile(
    r"^(?:理事長|代表取締役(?:社長)?|代表社員|代表理事|院長|会長|社長|学長|支部長|代表|取締役|所長|施設長)[\s　]*"
)
_LOCATED = re.compile(r"緯度|経度|latitude|longitude|(?<![a-z])(?:lat|lon|long|lng)(?![a-z])", re.IGNORECASE)
# What is written about places and events names their makers and speakers, who are no private persons.
_PUBLISHED_PROSE = re.compile(
    r"説明|概要|紹介|内容|解説|見どころ|由来|名称|名$|名称[1１2２]|タイトル|title|description|text|label|abstract",
    re.IGNORECASE,
)
_NAME_LIKE = re.compile(r"[一-龥々ヶぁ-んァ-ヶーA-Za-z,\s　]{3,24}")
_TRIGGER = re.compile(r"氏|様|さん|担当|連絡先|世帯主|本人|患者|生年月日|自宅|携帯")
_ACCOUNT = re.compile(
    r"(?:普通|当座|貯蓄)(?:預金)?(?:口座)?(?:番号)?[\s　:：№]*\d{6,8}|記号[\s　:：]*\d{5}\D{0,8}番号[\s　:：]*\d{6,8}"
)
_MOBILE = re.compile(r"(?<![\d.-])\(?0[789]0\)?[-－ー‐()（）\s]?\d{4}[-－ー‐()（）\s]?\d{4}(?!\d)")
_PHONE = re.compile(r"(?<![\d.-])\(?0\d{1,4}\)?[-－ー‐()（）]\d{1,4}[-－ー‐()（）]\d{3,4}(?!\d)")
_MAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}")
_PUBLIC_MAIL = re.compile(
    r"@(?:[a-z0-9\-]+\.)*(?:lg|go|ed|ac|or|co|ne|pref|city|metro)\.(?:[a-z\-]+\.)*jp$|@(?:city|pref|town|vill)\.|^(?:info|contact|soudan|madoguchi|kouhou|koho|office|mail|toiawase)[@._\-]",
    re.IGNORECASE,
)
_FREE_MAIL = re.compile(
    r"@(?:gmail|yahoo|ymail|hotmail|outlook|icloud|docomo|ezweb|au|softbank|i\.softbank|nifty|live|me)\.", re.IGNORECASE
)
_TWELVE = re.compile(r"(?<!\d)\d{4}[-\s]?\d{4}[-\s]?\d{4}(?!\d)")
_CARD = re.compile(r"(?<!\d)\d{4}[-\s]?\d{4}[-\s]?\d{4}[-\s]?\d{4}(?!\d)")
_DAY = re.compile(
    r"(?:\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}|(?:明治|大正|昭和|平成|令和|[MTSHR])\s?(?:元|\d{1,2})[.年]\s?\d{1,2}[.月]\s?\d{1,2})"
)
_BIRTH = re.compile(r"(?<!発)生年月日|誕生日|birth_?(?:day|date)|(?<![a-z])dob(?![a-z])", re.IGNORECASE)
_MY_NUMBER = re.compile(r"マイナンバー|個人番号|my_?number", re.IGNORECASE)
_OTHER_NUMBERS = re.compile(
    r"口座番号|口座No|免許証番号|受給者番号|手帳番号|証番号|旅券番号|パスポート番号|被保険者番号|住民票コード|年金番号|保険証番号|カルテ番号|患者番号|宛名番号"
)
_ADDRESS = re.compile(r"^(?:住所|所在地|ご住所|住所地|address)(?:[_（(].*)?$", re.IGNORECASE)
_HOME = re.compile(r"自宅|現住所|本籍|居住地|世帯住所")

_KINDS: dict[str, Text] = {
    "my_number": Text("マイナンバー（個人番号）", "My Number (individual number)"),
    "card_number": Text("クレジットカード番号", "payment card numbers"),
    "personal_number": Text("個人に割り当てられた番号", "numbers given to individuals"),
    "person_name": Text("個人の氏名", "names of persons"),
    "representative": Text("代表者・営業者などの氏名", "names of representatives"),
    "birth_date": Text("生年月日", "dates of birth"),
    "mobile_phone": Text("携帯電話番号", "mobile telephone numbers"),
    "phone": Text("電話番号", "telephone numbers"),
    "mail": Text("メールアドレス", "e-mail addresses"),
    "home_address": Text("自宅の住所", "home addresses"),
    "bank_account": Text("口座番号", "bank account numbers"),
    "free_text": Text("個人の氏名を含む文章", "sentences that name persons"),
    "small_cells": Text("1・2の小さな数（個人が分かるおそれのある統計）", "counts of 1 or 2 that may point at persons"),
    "register": Text("法令で公表される事業者の氏名", "names of operators that the law makes public"),
}
_VERDICTS: dict[Certainty, Text] = {
    "confirmed": Text(
        "「{column}」に{kind}が {count} 件あります。この列を除くか、個人を特定できない形にしてから公開してください。",
        "“{column}” holds {count} {kind}. Remove the column or make it anonymous before publishing.",
    ),
    "doubtful": Text(
        "「{column}」に{kind}とみられる値が {count} 件あります。個人のものでないか、運営者が確認します。",
        "“{column}” holds {count} values that look like {kind}. The operator checks whether they belong to individuals.",
    ),
    "clear": Text(
        "「{column}」の{kind} {count} 件は、施設や団体の連絡先とみられます。",
        "The {count} {kind} in “{column}” look like contacts of facilities or organisations.",
    ),
}


_REGISTER = Text(
    "「{column}」の氏名 {count} 件は、許可・指定などの名簿で法令により公表される事業者のものとみられます。表明保証に記録します。",
    "The {count} names in “{column}” look like those of operators in a register that the law makes public; the warranty records it.",
)


@dataclass(slots=True)
class _Tally:
    """What was counted in one column: hits, one masked sample and the first rows per kind of value."""

    name: str
    is_code: bool = False
    total: int = 0
    name_like: dict[str, tuple[int, int]] = field(default_factory=dict)
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
        return self.hits[kind] / self.total if self.total else 0.0


def screen(table: TableFound) -> list[Finding]:
    """Return what the first screen found, confirmed findings first; places are row numbers of the data, from 1."""
    tallies = [_Tally(column.name, is_code=column.type == "code") for column in table.columns]
    looked_at = [index for index, column in enumerate(table.columns) if _may_hold(column)]
    for first, batch in _batches(table):
        for index in looked_at:
            _count(tallies[index], [row[index] for row in batch], first)
    for tally in tallies:
        _count_names(tally)
    facility = any(
        (_FACILITY.search(name) and not _PERSON.search(name)) or _LOCATED.search(name) for name in table.column_names
    )
    personal = any(_PERSON.search(tally.name) and tally.share("name") >= 0.3 for tally in tallies)
    register = is_register(table.column_names, (*table.title_lines, table.sheet))
    findings = [
        found for tally in tallies for found in _judge(tally, facility=facility, personal=personal, register=register)
    ]
    for column, rows in small_cells(table).items():
        tally = _Tally(column, total=table.row_count)
        tally.hits["small"], tally.places["small"] = len(rows), [str(row) for row in rows[:_PLACES]]
        findings.append(_finding(tally, "small_cells", "small", "doubtful"))
    order = {"confirmed": 0, "doubtful": 1, "clear": 2}
    return sorted(findings, key=lambda finding: (order[finding.certainty], -finding.count))


def outcome(findings: list[Finding]) -> Certainty:
    """Return the gravest certainty among the findings."""
    certainties = {finding.certainty for finding in findings}
    if "confirmed" in certainties:
        return "confirmed"
    return "doubtful" if "doubtful" in certainties else "clear"


def _batches(table: TableFound) -> Iterator[tuple[int, list[list[str | None]]]]:
    batch: list[list[str | None]] = []
    first = 1
    for row in table.iter_rows():
        batch.append(row)
        if len(batch) >= _BATCH:
            yield first, batch
            first += len(batch)
            batch = []
    if batch:
        yield first, batch


def _may_hold(column: ColumnFound) -> bool:
    """Say whether a column can hold personal data at all: measures, flags and times cannot."""
    if column.type in ("number", "time", "datetime", "boolean"):
        return False
    if column.type == "integer":
        return any(len(example) >= 10 for example in column.examples)
    return column.type != "date" or bool(_BIRTH.search(column.name))


def _count(tally: _Tally, values: list[str | None], first: int) -> None:
    counted = Counter(values)
    counted.pop(None, None)
    dated = bool(_BIRTH.search(tally.name))
    for value, times in counted.items():
        if value is None:
            continue
        tally.total += times
        if len(tally.choices) <= _CHOICES:
            tally.choices[value] += times
            tally.first_rows.setdefault(value, first + values.index(value))
        for kind, hit in _kinds_of(value, dated=dated):
            if tally.hit(kind, hit, times):
                tally.places[kind].append(str(first + values.index(value)))
        _keep_for_names(tally, value, times, first, values)


def _keep_for_names(tally: _Tally, value: str, times: int, first: int, values: list[str | None]) -> None:
    """Keep what may be a name, or prose that may hold one, until the column has been seen; some of very many."""
    fits = not value.isascii() or _named(tally.name)
    if len(value) <= 24 and fits and len(tally.name_like) < _NAMES_KEPT and _NAME_LIKE.fullmatch(value):
        tally.name_like.setdefault(value, (times, first + values.index(value)))
    if (
        6 <= len(value) <= 2_000
        and (len(tally.prose) < _PROSE_KEPT or (len(tally.prose) < 4 * _PROSE_KEPT and _TRIGGER.search(value)))
        and _TRIGGER.search(value)
    ):
        tally.prose.setdefault(value, (times, first + values.index(value)))


def _named(column: str) -> bool:
    return bool(_PERSON.search(column) or _PUBLIC_PERSON.search(column))


def _count_names(tally: _Tally) -> None:
    """Count the persons' names of a column; a large column is judged by what was kept of it."""
    named = _named(tally.name)
    asked = list(tally.name_like.items())
    judged = tested = 0
    for value, (times, row) in asked:
        bare = _TITLE.sub("", value.strip())
        tested += times
        if _ORGANISATION.search(bare) or not is_person(bare, named=named):
            continue
        judged += times
        if tally.hit("name", bare, 0):
            tally.places["name"].append(str(row))
        if len(asked) >= 60 and not named and tested >= 60 and judged * 20 < tested:
            break
    tally.hits["name"] = judged
    _count_lone_names(tally)
    for value, (times, row) in tally.prose.items():
        found = next(iter(persons_in(value)), "")
        if found and value not in tally.name_like and tally.hit("prose", found, times):
            tally.places["prose"].append(str(row))


def _count_lone_names(tally: _Tally) -> None:
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


def _kinds_of(value: str, *, dated: bool) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if "@" in value and (mail := _MAIL.search(value)):
        address = mail.group()
        public = "public_mail" if _PUBLIC_MAIL.search(address) else "mail"
        found.append(("free_mail" if _FREE_MAIL.search(address) else public, address))
    if len(value) >= 9 and _NINE_DIGITS.search(value):
        found.extend(_numbers_of(value.translate(_NARROW)))
    if dated and (day := _DAY.search(value)):
        found.append(("day", day.group()))
    if ("番号" in value or "普通" in value or "当座" in value) and (account := _ACCOUNT.search(value)):
        found.append(("account", account.group()))
    return found


_NINE_DIGITS = re.compile(r"(?:[0-9０-９][-－ー‐−―()（）\s]{0,2}){9}")
_NARROW = str.maketrans("０１２３４５６７８９－―‐−ー（）", "0123456789-----()")


def _numbers_of(value: str) -> Iterator[tuple[str, str]]:
    if mobile := _MOBILE.search(value):
        yield "mobile", mobile.group()
    elif phone := _PHONE.search(value):
        yield "phone", phone.group()
    if twelve := _TWELVE.search(value):
        yield "twelve", twelve.group()
        if is_my_number(twelve.group()):
            yield "my_number", twelve.group()
    if (card := _CARD.search(value)) and is_card_number(card.group()):
        yield "card", card.group()


def _judge(tally: _Tally, *, facility: bool, personal: bool, register: bool) -> Iterator[Finding]:
    yield from _judge_numbers(tally)
    yield from _judge_names(tally, facility=facility, register=register)
    if tally.hits["prose"] and not (facility and _PUBLISHED_PROSE.search(tally.name)):
        yield _finding(tally, "free_text", "prose", "doubtful")
    if tally.hits["account"]:
        yield _finding(tally, "bank_account", "account", "confirmed" if personal and not facility else "doubtful")
    if _BIRTH.search(tally.name) and tally.share("day") >= 0.3:
        yield _finding(tally, "birth_date", "day", "confirmed" if personal else "doubtful")
    if (_HOME.search(tally.name) or (personal and not facility and _ADDRESS.search(tally.name))) and tally.total:
        tally.hits["home"] = tally.total
        yield _finding(tally, "home_address", "home", "confirmed" if personal else "doubtful")
    if tally.is_code and tally.share("mobile") + tally.share("phone") < 0.5:
        # Some of many codes look like telephone numbers by chance.
        tally.hits["mobile"] = tally.hits["phone"] = 0
    if tally.hits["mobile"]:
        yield _finding(tally, "mobile_phone", "mobile", "confirmed" if personal and not facility else "doubtful")
    if tally.hits["phone"]:
        certainty: Certainty = "confirmed" if personal and not facility else "doubtful" if personal else "clear"
        yield _finding(tally, "phone", "phone", certainty)
    if tally.hits["free_mail"]:
        yield _finding(tally, "mail", "free_mail", "confirmed" if personal and not facility else "doubtful")
    if tally.hits["mail"]:
        yield _finding(
            tally, "mail", "mail", "confirmed" if personal and not facility else "clear" if facility else "doubtful"
        )
    if tally.hits["public_mail"]:
        yield _finding(tally, "mail", "public_mail", "clear")


def _judge_numbers(tally: _Tally) -> Iterator[Finding]:
    mine = tally.hits["my_number"]
    if _MY_NUMBER.search(tally.name) and tally.hits["twelve"]:
        yield _finding(tally, "my_number", "twelve", "confirmed")
    elif mine and tally.hits["twelve"] and mine >= 0.9 * tally.hits["twelve"] and tally.share("twelve") >= 0.5:
        # One number in eleven passes the check by chance: a few of them prove nothing.
        yield _finding(tally, "my_number", "my_number", "confirmed" if mine >= 5 else "doubtful")
    if tally.hits["card"] and tally.share("card") >= 0.5:
        yield _finding(tally, "card_number", "card", "confirmed" if tally.hits["card"] >= 5 else "doubtful")
    if _OTHER_NUMBERS.search(tally.name) and tally.total:
        tally.hits["other_number"] = tally.total
        yield _finding(tally, "personal_number", "other_number", "confirmed")


def _judge_names(tally: _Tally, *, facility: bool, register: bool) -> Iterator[Finding]:
    like = sum(times for times, _ in tally.name_like.values())
    share = tally.hits["name"] / like if like and like * 2 >= tally.total else tally.share("name")
    if register and is_lawfully_named(tally.name) and tally.hits["name"]:
        yield _finding(tally, "register", "name", "clear")
    elif _PERSON.search(tally.name) and share >= 0.3:
        yield _finding(tally, "person_name", "name", "doubtful" if facility else "confirmed")
    elif tally.hits["name"] and (_PUBLIC_PERSON.search(tally.name) or _RUNS.search(tally.name)):
        yield _finding(tally, "representative", "name", "doubtful")
    elif share >= 0.6 and tally.hits["name"] >= 3:
        yield _finding(tally, "person_name", "name", "doubtful")
    elif tally.hits["lone"] and not _PLACE_NAME.search(tally.name):
        yield _finding(tally, "person_name", "lone", "doubtful")


def _finding(tally: _Tally, kind: str, counted: str, certainty: Certainty) -> Finding:
    name = _KINDS[kind]
    verdict = _REGISTER if kind == "register" else _VERDICTS[certainty]
    count = tally.hits[counted]
    return Finding(
        column=tally.name,
        kind=kind,
        certainty=certainty,
        count=count,
        share=round(tally.share(counted), 4),
        masked_sample=tally.samples.get(counted, ""),
        message_ja=verdict.ja.format(column=tally.name, kind=name.ja, count=count),
        message_en=verdict.en.format(column=tally.name, kind=name.en, count=count),
        places=tuple(tally.places.get(counted, ())),
    )
