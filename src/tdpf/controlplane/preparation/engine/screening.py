"""The first screen for personal data: columns are judged, not cells; values are masked at once and never kept.

Evidence (the header's words, the values' shapes) is counted column by column; whom the rows are about is decided once for the table; then
every column is asked what it holds of a person. A header alone seldom convicts, and values alone do where their shape is telling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tdpf.controlplane.preparation.engine.personal_headers import header_of
from tdpf.controlplane.preparation.engine.personal_subjects import (
    DATED,
    NAMELESS,
    STEM,
    About,
    about_of,
    are_names,
    named_share,
    spans_lives,
)
from tdpf.controlplane.preparation.engine.personal_tallies import Tally, count_prose, count_shapes, count_values
from tdpf.controlplane.preparation.engine.personal_words import KINDS, PUBLIC, VERDICTS, Certainty
from tdpf.controlplane.preparation.engine.registers import is_lawfully_named, small_cells
from tdpf.controlplane.preparation.engine.types import ColumnFound, Finding, TableFound

_BATCH = 4_000
_PLACES = 5
_PLACE_NAME = re.compile(
    r"名称|施設名|地名|町|地区|駅|場所|住|所在地|人物|ゆかり|出身|設計|制作|[区字丁橋川山種]$|団地|支店|校|班|会場|コース|路線|希望|車名|支所"
)
# What is written about places and events names their makers and speakers, who are no private persons.
_PUBLISHED_PROSE = re.compile(
    r"説明|概要|紹介|内容|解説|見どころ|由来|名称|名$|名称[1１2２]|タイトル|title|description|text|label|abstract",
    re.IGNORECASE,
)
_RUNS_A_SITE = re.compile(r"(?:設置|管理|責任|経営|事業)者")
_COARSE = re.compile(r"住まい|所在地?$|場所$")
_BARE_NUMBER = re.compile(r"^(?:番号|ID|No\.?|コード|個人ID|person_?id|uid)$", re.IGNORECASE)
_SPOKEN = re.compile(r"[ぁ-ん]{3}|[はがをにへと]\S+[たいるすむくう。]$")
_OF_THINGS = re.compile(r"(?:(?<!ファイル)名|件名|題|題名|品目)$")
_CONSULTED = re.compile(r"相談(?:内容|区分|種別|分類|項目)|主訴|困りごと|悩み")
_UNNAMED = re.compile(r"列\d+")
_CARD = re.compile(r"カード|クレジット|card|^PAN$", re.IGNORECASE)
_RESULT = re.compile(r"判定|結果|区分|所見|類型|程度")
_PART_OF_PHONE = re.compile(r"局番|加入者番号")


def screen(table: TableFound) -> list[Finding]:
    """Return what the first screen found, confirmed findings first; places are row numbers of the data, from 1."""
    tallies = [Tally(column.name, header_of(column.name), is_code=column.type == "code") for column in table.columns]
    looked_at = [index for index, column in enumerate(table.columns) if _may_hold(column)]
    for first, batch in _batches(table):
        for index in looked_at:
            count_values(tallies[index], [row[index] for row in batch], first)
    for tally in tallies:
        count_shapes(tally)
    about = about_of(table, tallies)
    for tally in tallies:
        count_prose(
            tally,
            cases=not about.sites
            and (about.cases or about.persons or tally.header.matter == "text" or _is_told(tally)),
        )
    findings = [found for place, tally in enumerate(tallies) for found in _judge(tally, about, tallies[:place])]
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
    """Say whether a column can hold personal data at all: measures, flags and times cannot, unless their name says so."""
    header = header_of(column.name)
    if (
        header.born
        or header.holder
        or _UNNAMED.fullmatch(column.name)
        or header.matter in ("my_number", "account", "phone", "health", "attribute", "number")
    ):
        return True
    if column.type in ("number", "time", "datetime", "boolean"):
        return False
    if column.type == "integer":
        return any(len(example) >= 7 for example in column.examples)
    return column.type != "date" or not DATED.search(header.key)


def _judge(tally: Tally, about: About, before: list[Tally]) -> Iterator[Finding]:
    """Yield what a column holds of persons; `before` are the columns left of it."""
    if not tally.total:
        return
    yield from _judge_numbers(tally, about)
    yield from _judge_names(tally, about, before)
    of_things = tally.header.whose in ("site", "thing", "author") or _is_of_things(tally)
    if tally.hits["prose"] and not of_things and not (about.sites and _PUBLISHED_PROSE.search(tally.header.key)):
        yield _finding(tally, "free_text", "prose", "doubtful")
    yield from _judge_birth(tally, about, before)
    yield from _judge_address(tally, about, before)
    yield from _judge_phones(tally, about)
    yield from _judge_reach(tally, about)
    yield from _judge_state(tally, about)


def _is_told(tally: Tally) -> bool:
    """Say whether a column holds sentences in persons' own words: most of its longer values have the particles and endings of speech."""
    longer = [value for value in tally.prose if len(value) >= 10]
    return len(longer) >= 3 and sum(bool(_SPOKEN.search(value)) for value in longer) * 2 >= len(longer)


def _grave(about: About) -> Certainty:
    return "confirmed" if about.sure else "doubtful"


def _goes_on(tally: Tally, before: list[Tally], *kinds: str) -> bool:
    """Say whether a column without a name belongs to the one left of it, in which something of a kind was found."""
    return bool(_UNNAMED.fullmatch(tally.header.key) and before and any(before[-1].hits[kind] for kind in kinds))


def _is_of_things(tally: Tally) -> bool:
    return tally.header.matter == "" and bool(_OF_THINGS.search(tally.header.key))


def _judge_birth(tally: Tally, about: About, before: list[Tally]) -> Iterator[Finding]:
    header = tally.header
    if about.historic or (about.animals and header.whose != "person") or header.whose in ("thing", "site"):
        return
    sure: Certainty = "confirmed" if about.personal and (about.sure or about.sites) else "doubtful"
    if header.born and tally.share("day") >= 0.3 and (header.matter == "birth" or about.persons):
        yield _finding(tally, "birth_date", "day", sure)
    elif header.matter in ("birth", "birth_year") and about.persons and tally.share("year") >= 0.3:
        yield _finding(tally, "birth_date", "year", "doubtful")
    elif header.matter == "birth_part" and about.persons:
        yield _finding(tally, "birth_date", "part", "doubtful")
    elif _goes_on(tally, before, "year", "born") and tally.share("numbered") >= 0.5:
        _whole(tally, "born")
        yield _finding(tally, "birth_date", "born", "doubtful")  # 年, 月, 日 under one 生年月日
    elif (
        about.theirs
        and spans_lives(tally)
        and (NAMELESS.fullmatch(header.key) or (about.sure and header.matter == "" and not DATED.search(header.key)))
    ):
        yield _finding(tally, "birth_date", max(("whole_day", "day_code"), key=tally.share), "doubtful")


def _judge_address(tally: Tally, about: About, before: list[Tally]) -> Iterator[Finding]:
    header = tally.header
    if header.matter not in ("home", "address", "name", "") or tally.share("phone", "mobile", "mail") >= 0.5:
        return
    if header.matter == "home":
        theirs = not _COARSE.search(header.key) or tally.share("numbered") >= 0.3
    elif header.matter == "address":
        theirs = _lives_there(tally, about)
    elif _goes_on(tally, before, "home"):
        theirs = (
            tally.share("numbered") >= 0.3 or _UNNAMED.fullmatch(before[-1].name) is None
        )  # 住所 over several columns
    else:
        theirs = (
            tally.share("address") >= 0.5 and tally.share("plate") < 0.3 and about.theirs and header.whose != "site"
        )
    if theirs:
        stem = STEM.match(header.key)
        _whole(tally, "home")
        if about.sites and stem and about.parties.get(stem.group(1)):
            tally.hits["home"] = min(tally.total, int(about.parties[stem.group(1)]))
        yield _finding(tally, "home_address", "home", _grave(about) if header.matter else "doubtful")


def _lives_there(tally: Tally, about: About) -> bool:
    """Say whether the addresses under a header that says so are those of persons."""
    header = tally.header
    if header.whose == "person" or (header.whose == "role" and not about.theirs):
        stem = STEM.match(header.key)
        persons = about.parties.get(stem.group(1)) if stem else None
        return bool(persons) or (persons is None and not _RUNS_A_SITE.search(header.key))
    if header.whose == "site":
        return False
    return (about.theirs or (about.elected and not header.whose)) and (
        not _COARSE.search(header.key) or tally.share("numbered") >= 0.3 or tally.share("address") >= 0.3
    )


def _judge_phones(tally: Tally, about: About) -> Iterator[Finding]:
    header = tally.header
    if tally.is_code and not header.phone and tally.share("mobile", "phone") < 0.5:
        # Some of many codes look like telephone numbers by chance.
        tally.hits["mobile"] = tally.hits["phone"] = 0
    if tally.hits["mobile"]:
        yield _finding(tally, "mobile_phone", "mobile", _grave(about))
    if _PART_OF_PHONE.search(header.key) and about.theirs:
        _whole(tally, "phone")
    if tally.hits["phone"]:
        certainty: Certainty = "clear"
        if header.matter == "home" or header.whose == "person" or (header.whose == "role" and not about.sites):
            certainty = "clear" if _only_companies(tally, about) else _grave(about)
        elif header.whose == "role" and about.parties and not _RUNS_A_SITE.search(header.key):
            stem = STEM.match(header.key)
            certainty = "doubtful" if stem and about.parties.get(stem.group(1)) else "clear"
        elif (about.theirs or about.elected) and header.whose != "site":
            certainty = _grave(about)
        yield _finding(tally, "phone", "phone", certainty)


def _only_companies(tally: Tally, about: About) -> bool:
    """Say whether those a column speaks of are named, and none of them is a person."""
    stem = STEM.match(tally.header.key)
    return not about.personal and stem is not None and about.parties.get(stem.group(1)) == 0


def _judge_reach(tally: Tally, about: About) -> Iterator[Finding]:
    """Yield mail, accounts at online services, senders' addresses on the net, vehicles."""
    header = tally.header
    if tally.hits["free_mail"]:
        yield _finding(tally, "mail", "free_mail", _grave(about))
    if tally.hits["mail"]:
        site = about.sites and not about.elected and header.whose != "person"
        yield _finding(tally, "mail", "mail", "clear" if site else _grave(about))
    if tally.hits["public_mail"]:
        yield _finding(tally, "mail", "public_mail", "clear")
    if not about.sites and (
        (header.matter == "online" and tally.share("login", "handle") >= 0.5) or tally.share("handle") >= 0.5
    ):
        _whole(tally, "online")
        yield _finding(tally, "account_name", "online", "doubtful")
    if tally.share("network") >= 0.3 and header.whose != "thing":
        yield _finding(tally, "network", "network", "doubtful")
    if tally.share("plate") >= 0.3 and not about.fleet and (header.matter == "vehicle" or about.theirs):
        yield _finding(tally, "vehicle", "plate", "doubtful")


def _judge_state(tally: Tally, about: About) -> Iterator[Finding]:
    """Yield states of health, disability, care and need, by what the header says or what the values say."""
    header = tally.header
    if not about.persons or about.register or header.whose == "site":
        return
    told = header.matter == "health" or (
        about.states and header.matter in ("", "number") and _RESULT.search(header.key)
    )
    if header.matter == "attribute" and not about.historic and not about.animals:
        _whole(tally, "attribute")
        yield _finding(tally, "attribute", "attribute", "doubtful")
    elif (
        told
        or (about.personal and not about.sites and _CONSULTED.search(header.key))
        or (header.matter in ("", "text", "name") and tally.share("state") >= 0.3 and not _is_of_things(tally))
    ):
        _whole(tally, "health")
        yield _finding(tally, "health", "health", "doubtful")


def _judge_numbers(tally: Tally, about: About) -> Iterator[Finding]:
    header, mine, told = tally.header, tally.hits["my_number"], tally.hits["told_number"]
    if header.matter == "my_number" and tally.hits["twelve"]:
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
    card = told or (cards >= 4 and cards >= 0.9 * tally.hits["sixteen"]) or tally.share("card") >= 0.5
    if not card and tally.share("four_by_four") >= 0.8 and (about.theirs or _CARD.search(header.key)):
        yield _finding(tally, "card_number", "four_by_four", "doubtful")
    elif card:
        sure = told >= 3 or (cards >= 5 and tally.share("card") >= 0.5)
        yield _finding(tally, "card_number", "card", "confirmed" if sure else "doubtful")
    if header.matter == "account" and tally.share("within") >= 0.5:
        yield _finding(tally, "bank_account", "within", "confirmed")
    elif tally.hits["account"]:
        yield _finding(tally, "bank_account", "account", _grave(about))
    elif header.holder and not about.register and not card and tally.share("numbered") >= 0.5:
        _whole(tally, "number")
        yield _finding(tally, "personal_number", "number", "confirmed" if about.persons else "doubtful")
    elif about.theirs and not tally.hits["mobile"] and not tally.hits["phone"] and _numbers_persons(tally):
        _whole(tally, "number")
        yield _finding(tally, "personal_number", "number", "doubtful")


def _numbers_persons(tally: Tally) -> bool:
    """Say whether a column of a list of persons numbers them: numbers of papers, or long numbers of one length under a header that says no more."""
    header = tally.header
    if header.matter not in ("number", "") or header.whose in ("site", "thing"):
        return False
    if header.matter == "number" and header.whose == "role":
        return tally.share("long_number") >= 0.5
    numbers = [int(digits[-1]) for value in tally.kept if (digits := re.findall(r"\d+", value))]
    steps = [right - left for left, right in pairwise(numbers)]
    if sum(0 <= step <= 3 for step in steps) * 2 > len(steps):
        return False  # counted up, row by row
    if tally.share("paper") >= 0.6:
        return True
    lengths = {len(value) for value in tally.kept}
    return bool(_BARE_NUMBER.search(tally.header.key)) and tally.share("long_number") >= 0.8 and len(lengths) == 1


def _judge_names(tally: Tally, about: About, before: list[Tally]) -> Iterator[Finding]:
    header, share = tally.header, named_share(tally)
    grave = _grave(about)
    counted = max(("full", "likely", "surname", "given", "read"), key=lambda kind: tally.hits[kind])
    if tally.name in about.split:
        _whole(tally, "name_part")
        yield _finding(tally, "person_name", "name_part", grave)
    elif tally.hits["full"] and (
        header.whose == "office" or (about.elected and header.matter == "name" and header.whose in ("person", ""))
    ):
        yield _finding(tally, "office", "full", "clear")
    elif header.whose == "author":
        if tally.hits["full"]:
            yield _finding(tally, "author", "full", "clear")
    elif about.register and is_lawfully_named(header.key):
        if tally.hits["full"]:
            yield _finding(tally, "register", "full", "clear")
    elif header.matter in ("reading", "surname", "given"):
        if share >= 0.5 and header.whose not in ("site", "thing") and _reads_persons(tally, about, before):
            yield _named(tally, "person_name", grave)
    elif header.matter == "name" and header.whose == "person" and share >= 0.3:
        yield _named(tally, "person_name", grave)
    elif (
        header.matter == "name"
        and header.whose == "role"
        and (tally.hits["full"] or (share >= 0.5 and len(tally.kept) >= 3))
    ):
        yield _named(tally, "representative", "doubtful")
    elif header.matter == "name" and share >= 0.6 and about.persons:
        yield _named(tally, "person_name", "doubtful")
    elif are_names(tally) and tally.hits["full"] >= 3 and not about.historic:
        yield _finding(tally, "person_name", "full", "doubtful")
    elif _goes_on(tally, before, "named") and share >= 0.5:
        yield _named(tally, "person_name", grave)  # 氏名 over two columns
    elif about.theirs and header.matter == "" and header.whose in ("", "person") and _are_called(tally):
        yield _finding(tally, "person_name", counted, "doubtful")
    elif tally.hits["lone"] and header.matter != "address" and not _PLACE_NAME.search(header.key):
        yield _finding(tally, "person_name", "lone", "doubtful")


def _reads_persons(tally: Tally, about: About, before: list[Tally]) -> bool:
    """Say whether readings are those of persons: the table is about them, or they stand right of their names."""
    if about.theirs or (tally.header.whose == "person" and about.persons):
        return True
    left = next((other for other in reversed(before) if other.header.matter != "reading"), None)
    return (
        left is not None and left.header.matter == "name" and left.header.whose == "person" and named_share(left) >= 0.3
    )


def _are_called(tally: Tally) -> bool:
    """Say whether a column of which nothing is said, in a list of persons, names some too."""
    if _PLACE_NAME.search(tally.header.key) or len(tally.kept) < 3:
        return False
    return (
        tally.share("full") >= 0.25
        or tally.share("read") >= 0.5
        or (
            tally.share("surname", "full", "given") >= 0.8 and tally.hits["place_too"] * 10 <= tally.hits["surname"] * 7
        )
    )


def _named(tally: Tally, kind: str, certainty: Certainty) -> Finding:
    """Return the finding of a column of names: whatever counts as a name in it is counted."""
    parts = ("full", "likely", "surname", "given")
    first = next((part for part in parts if tally.hits[part]), "full")
    tally.hits["named"] = sum(tally.hits[part] for part in parts)
    tally.samples["named"], tally.places["named"] = tally.samples.get(first, ""), tally.places.get(first, [])
    return _finding(tally, kind, "named", certainty)


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
