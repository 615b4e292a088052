"""The first screen for personal data: columns are judged, not cells; values are masked at once and never kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tdpf.controlplane.preparation.engine.personal_headers import are_cases, are_elected, header_of
from tdpf.controlplane.preparation.engine.personal_tallies import Tally, count_names, count_values
from tdpf.controlplane.preparation.engine.personal_words import KINDS, PUBLIC, VERDICTS, Certainty
from tdpf.controlplane.preparation.engine.registers import is_lawfully_named, is_register, small_cells
from tdpf.controlplane.preparation.engine.types import ColumnFound, Finding, TableFound

_BATCH = 4_000
_PLACES = 5
_FACILITY = re.compile(
    r"施設|名称|店|事業所|医療機関|営業時間|利用可能|開始時間|設置位置|設置場所|イベント|団体|園|校|会場|facility|(?<![a-z])name(?![a-z])|shop",
    re.IGNORECASE,
)
_LOCATED = re.compile(r"緯度|経度|latitude|longitude|(?<![a-z])(?:lat|lon|long|lng)(?![a-z])", re.IGNORECASE)
_PLACE_NAME = re.compile(r"名称|施設名|地名|町名|地区|駅|場所|住所|所在地|人物|ゆかり|出身|設計|制作")
# What is written about places and events names their makers and speakers, who are no private persons.
_PUBLISHED_PROSE = re.compile(
    r"説明|概要|紹介|内容|解説|見どころ|由来|名称|名$|名称[1１2２]|タイトル|title|description|text|label|abstract",
    re.IGNORECASE,
)
_ANIMALS = re.compile(r"動物|品種|犬種|種名|個体|愛称|飼育|鑑札")
_LONG_AGO = re.compile(r"人物|偉人|先人|武将|文人")
_THINGS_NAMED = re.compile(
    r"(?:停留所|バス停|停車場|駅|橋梁?|路線|道路|河川|公園|坂|大字|小字|樹木|古墳|城)(?:の?名称?)?$"
)
_DIED = re.compile(r"没年|没月日|死没|没後")
_FLEET = re.compile(r"公用車|配置|所属|消防|バス|路線|パトロール|リース|所管|車検|事業者")
_RUNS_A_SITE = re.compile(r"(?:設置|管理|責任|経営|事業)者")
_STEM = re.compile(r"^(.+?(?:者|人|主|児童|生徒|会員|委員|職員))")


@dataclass(frozen=True, slots=True)
class _About:
    """What a table is about, as far as it decides whose its names, addresses and telephones are."""

    facility: bool
    personal: bool
    register: bool
    elected: bool
    animals: bool
    historic: bool
    fleet: bool
    reached: bool
    persons: frozenset[str]
    parties: dict[str, int]


def screen(table: TableFound) -> list[Finding]:
    """Return what the first screen found, confirmed findings first; places are row numbers of the data, from 1."""
    cases = are_cases(table.column_names)
    tallies = []
    for column in table.columns:
        header = header_of(column.name)
        tallies.append(Tally(column.name, header, is_code=column.type == "code", cases=cases and header.case_text))
    looked_at = [index for index, column in enumerate(table.columns) if _may_hold(column)]
    for first, batch in _batches(table):
        for index in looked_at:
            count_values(tallies[index], [row[index] for row in batch], first)
    for tally in tallies:
        count_names(tally)
    about = _about(table, tallies)
    findings = [found for tally in tallies for found in _judge(tally, about)]
    for name, rows in small_cells(table).items():
        tally = Tally(name, header_of(name), total=table.row_count)
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
    header = header_of(column.name)
    if header.birth or header.birth_year or header.birth_part or header.my_number or header.other_number:
        return True
    if column.type in ("number", "time", "datetime", "boolean"):
        return False
    if column.type == "integer":
        return any(len(example) >= 10 for example in column.examples)
    return column.type != "date"


def _about(table: TableFound, tallies: Sequence[Tally]) -> _About:
    names = table.column_names
    said = " ".join((*table.title_lines, table.sheet, *(tally.header.key for tally in tallies)))
    register = is_register([tally.header.key for tally in tallies], (*table.title_lines, table.sheet))
    facility = register or any(
        (_FACILITY.search(tally.header.key) and not tally.header.named and not tally.header.phone)
        or _LOCATED.search(tally.header.key)
        for tally in tallies
    )
    elected = are_elected(names, (*table.title_lines, table.sheet)) and any(
        tally.header.person and tally.hits["name"] for tally in tallies
    )
    persons = _split_names(tallies)
    personal = bool(persons) or any(
        (tally.header.person or (tally.header.party and not register and tally.share("name") >= 0.6))
        and not tally.header.office
        and not elected
        and not (facility and tally.header.role)
        and tally.share("name") >= 0.3
        for tally in tallies
    )
    parties: dict[str, int] = {}
    for tally in tallies:
        stem = _STEM.match(tally.header.key)
        if stem and tally.header.named:
            parties[stem.group(1)] = max(parties.get(stem.group(1), 0), tally.hits["name"])
    return _About(
        facility=facility,
        personal=personal,
        register=register,
        elected=elected,
        animals=bool(_ANIMALS.search(said)),
        historic=bool(_DIED.search(said)),
        reached=any(tally.share("mobile") + tally.share("free_mail") >= 0.5 for tally in tallies),
        fleet=bool(_FLEET.search(said)),
        persons=frozenset(persons | _kana_beside(tallies)),
        parties=parties,
    )


def _split_names(tallies: Sequence[Tally]) -> set[str]:
    """Return the columns that together hold names: 姓 beside 名."""
    surnames = [tally for tally in tallies if tally.header.surname and tally.are_surnames]
    given = [tally for tally in tallies if tally.header.given and tally.short]
    return {tally.name for tally in (*surnames, *given)} if surnames and given else set()


def _kana_beside(tallies: Sequence[Tally]) -> set[str]:
    """Return the columns that say how the persons' names left of them are read."""
    found: set[str] = set()
    left: Tally | None = None
    for tally in tallies:
        if not tally.header.kana:
            left = tally
        elif left is not None and left.header.person and left.share("name") >= 0.3 and tally.share("kana") >= 0.5:
            found.add(tally.name)
    return found


def _judge(tally: Tally, about: _About) -> Iterator[Finding]:
    header, personal, facility = tally.header, about.personal, about.facility
    grave: Certainty = "confirmed" if personal and not facility else "doubtful"
    yield from _judge_numbers(tally)
    yield from _judge_names(tally, about)
    if tally.hits["prose"] and (tally.cases or not (facility and _PUBLISHED_PROSE.search(header.key))):
        yield _finding(tally, "free_text", "prose", "doubtful")
    if tally.hits["account"]:
        yield _finding(tally, "bank_account", "account", grave)
    if header.birth and tally.share("day") >= 0.3 and not about.animals:
        yield _finding(tally, "birth_date", "day", "confirmed" if personal else "doubtful")
    elif header.birth_year and personal and tally.share("day") >= 0.3 and not about.historic and not about.animals:
        yield _finding(tally, "birth_date", "day", "confirmed")
    elif header.birth_year and personal and tally.share("year") >= 0.3 and not about.historic and not about.animals:
        yield _finding(tally, "birth_date", "year", "doubtful")
    elif header.birth_part and personal and tally.total and not about.historic and not about.animals:
        yield _finding(tally, "birth_date", "part", "doubtful")
    yield from _judge_address(tally, about)
    yield from _judge_phones(tally, about)
    if tally.hits["free_mail"]:
        yield _finding(tally, "mail", "free_mail", grave)
    if tally.hits["mail"]:
        site = facility and not about.elected
        yield _finding(
            tally, "mail", "mail", "confirmed" if personal and not facility else "clear" if site else "doubtful"
        )
    if tally.hits["public_mail"]:
        yield _finding(tally, "mail", "public_mail", "clear")
    if header.online and personal and not facility and tally.total:
        _whole(tally, "online")
        yield _finding(tally, "account_name", "online", "doubtful")
    if header.health and personal and not about.register and tally.total:
        _whole(tally, "health")
        yield _finding(tally, "health", "health", "doubtful")
    if tally.share("network") >= 0.3:
        yield _finding(tally, "network", "network", "doubtful")
    if tally.share("plate") >= 0.3 and not about.fleet:
        yield _finding(tally, "vehicle", "plate", "doubtful")


def _judge_address(tally: Tally, about: _About) -> Iterator[Finding]:
    header, personal, facility = tally.header, about.personal, about.facility
    if not tally.total:
        return
    if header.home or (header.address and ((personal and not facility) or about.elected)):
        _whole(tally, "home")
        yield _finding(tally, "home_address", "home", "confirmed" if personal else "doubtful")
    elif header.party_address:
        stem = _STEM.match(header.key)
        persons = about.parties.get(stem.group(1)) if stem else None
        if persons or (persons is None and not _RUNS_A_SITE.search(header.key)):
            _whole(tally, "home")
            tally.hits["home"] = min(tally.total, persons or tally.total)
            yield _finding(tally, "home_address", "home", "confirmed" if personal and not facility else "doubtful")


def _judge_phones(tally: Tally, about: _About) -> Iterator[Finding]:
    header, personal, facility = tally.header, about.personal, about.facility
    if tally.is_code and not header.phone and tally.share("mobile") + tally.share("phone") < 0.5:
        # Some of many codes look like telephone numbers by chance.
        tally.hits["mobile"] = tally.hits["phone"] = 0
    if tally.hits["mobile"]:
        yield _finding(tally, "mobile_phone", "mobile", "confirmed" if personal and not facility else "doubtful")
    if tally.hits["phone"]:
        theirs = header.party_phone or ((personal or about.elected) and not header.site_phone)
        certainty: Certainty = "clear"
        if theirs and not (header.party_phone and not personal and _only_companies(tally, about)):
            certainty = "confirmed" if personal and not facility else "doubtful"
        yield _finding(tally, "phone", "phone", certainty)


def _only_companies(tally: Tally, about: _About) -> bool:
    """Say whether those a column speaks of are named, and none of them is a person."""
    stem = _STEM.match(tally.header.key)
    return stem is not None and about.parties.get(stem.group(1)) == 0


def _judge_numbers(tally: Tally) -> Iterator[Finding]:
    header, mine, told = tally.header, tally.hits["my_number"], tally.hits["told_number"]
    if header.my_number and tally.hits["twelve"]:
        yield _finding(tally, "my_number", "twelve", "confirmed")
    elif told:
        yield _finding(tally, "my_number", "told_number", "confirmed" if told >= 3 else "doubtful")
    elif (mine >= 4 and mine >= 0.9 * tally.hits["twelve"]) or (
        mine and tally.share("twelve") >= 0.5 and mine >= 0.9 * tally.hits["twelve"]
    ):
        # One number in eleven passes the check by chance: a few of them prove nothing.
        sure = mine >= 5 and tally.share("twelve") >= 0.5
        yield _finding(tally, "my_number", "my_number", "confirmed" if sure else "doubtful")
    cards, told = tally.hits["card"], tally.hits["told_card"]
    if told or (cards >= 4 and cards >= 0.9 * tally.hits["sixteen"]) or tally.share("card") >= 0.5:
        sure = told >= 3 or (cards >= 5 and tally.share("card") >= 0.5)
        yield _finding(tally, "card_number", "card", "confirmed" if sure else "doubtful")
    if header.other_number and tally.total:
        _whole(tally, "other_number")
        yield _finding(tally, "personal_number", "other_number", "confirmed")


def _judge_names(tally: Tally, about: _About) -> Iterator[Finding]:
    header, facility = tally.header, about.facility
    like = sum(times for times, _ in tally.name_like.values())
    share = tally.hits["name"] / like if like and like * 2 >= tally.total else tally.share("name")
    grave: Certainty = "doubtful" if facility else "confirmed"
    if tally.name in about.persons:
        _whole(tally, "name_part")
        yield _finding(tally, "person_name", "name_part", grave)
    elif tally.hits["name"] and (
        header.office or (about.elected and (header.person or header.party) and not header.role)
    ):
        yield _finding(tally, "office", "name", "clear")
    elif tally.hits["name"] and header.author:
        yield _finding(tally, "author", "name", "clear")
    elif about.register and is_lawfully_named(header.key) and tally.hits["name"]:
        yield _finding(tally, "register", "name", "clear")
    elif header.person and share >= 0.3:
        yield _finding(tally, "person_name", "name", grave)
    elif tally.hits["name"] and header.role:
        yield _finding(tally, "representative", "name", "doubtful")
    elif header.named and not tally.hits["name"] and len(tally.short) >= 3 and tally.are_surnames:
        _whole(tally, "surname")
        yield _finding(tally, "person_name" if header.person else "representative", "surname", "doubtful")
    elif about.reached and tally.share("letters") >= 0.6:
        yield _finding(tally, "person_name", "letters", "doubtful")
    elif about.historic and _LONG_AGO.search(header.key):
        return
    elif share >= 0.6 and tally.hits["name"] >= 3 and not _THINGS_NAMED.search(header.key):
        yield _finding(tally, "person_name", "name", "doubtful")
    elif header.party and len(tally.short) >= 3 and tally.are_surnames:
        _whole(tally, "surname")
        yield _finding(tally, "person_name", "surname", "doubtful")
    elif tally.hits["lone"] and not _PLACE_NAME.search(header.key) and not _THINGS_NAMED.search(header.key):
        yield _finding(tally, "person_name", "lone", "doubtful")


def _whole(tally: Tally, kind: str) -> None:
    """Count every filled cell of a column as of a kind that its name alone tells."""
    tally.hits[kind] = tally.total


def _finding(tally: Tally, kind: str, counted: str, certainty: Certainty) -> Finding:
    name = KINDS[kind]
    verdict = PUBLIC.get(kind) or VERDICTS[certainty]
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
