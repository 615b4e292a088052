"""Which columns hold names of persons: by their header, by their values alone, or beside others in a list of persons."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tdpf.controlplane.preparation.engine.personal.findings import finding, goes_on, grave, whole
from tdpf.controlplane.preparation.engine.personal.registers import is_lawfully_named
from tdpf.controlplane.preparation.engine.personal.subjects import About, are_names, named_share
from tdpf.controlplane.preparation.engine.personal.tallies import Tally
from tdpf.controlplane.preparation.engine.personal.words import Certainty
from tdpf.controlplane.preparation.engine.types import Finding

_PLACE_NAME = re.compile(
    r"名称|[設地町駅所校]名|町|地区|駅|場所|住|所在地|人物|ゆかり|出身|設計|制作|[区字丁橋川山種]$|団地|支店|校|班|会場|コース|路線|希望|車名|支所|停留所|[起終]点|管轄|所管|管内|圏域|方部|支部|勤務地|配属|住宅|荘$"
)
_OF_PLACES = re.compile(
    r"都道府県|市区?町村|区市町村|[市区町村県]名|町域|地名|町字|大字|丁目|住所|所在|施設|店|駅|園|校|prefecture|city|town|ward|oaza|chome|county|address|station|facility|place|street|shop",
    re.IGNORECASE,
)
_KNOWN_AS = re.compile(r"(?:通称|別称|俗称|旧名)")
_COACHES = re.compile(r"監督")
_OF_NEIGHBOURS = re.compile(r"行政区|自治会|町内会?|集落|部落|^地区|区名$")
_FIRMS = re.compile(r"業者|商号|屋号|受[注託]|施工|委託|請負|落札|^代表$")


def judge_names(tally: Tally, about: About, before: list[Tally]) -> Iterator[Finding]:
    """Yield what a column says of persons by name; `before` are the columns left of it."""
    header, share = tally.header, named_share(tally)
    sure = grave(about)
    counted = max(("full", "likely", "surname", "given", "read"), key=lambda kind: tally.hits[kind])
    if about.past or (_KNOWN_AS.match(header.key) and _are_places(tally)):
        return
    if tally.name in about.split:
        whole(tally, "name_part")
        yield finding(tally, "person_name", "name_part", sure)
    elif header.whose == "office" and _leads_neighbours(tally, before):
        yield _named(tally, "representative", "doubtful")
    elif tally.hits["full"] and (
        header.whose == "office" or (about.elected and header.matter == "name" and header.whose in ("person", ""))
    ):
        yield finding(tally, "office", "full", "clear")
    elif header.whose == "author" and not (about.sure and _COACHES.match(header.key)):
        if tally.hits["full"]:
            yield finding(tally, "author", "full", "clear")
    elif about.register and is_lawfully_named(header.key):
        if tally.hits["full"]:
            yield finding(tally, "register", "full", "clear")
    elif about.elected and header.matter == "reading" and header.whose in ("", "person") and share >= 0.5:
        yield _named(tally, "office", "clear")
    elif header.matter in ("reading", "surname", "given"):
        if share >= 0.5 and header.whose not in ("site", "thing") and _reads_persons(tally, about, before):
            yield _named(tally, "person_name", sure)
    elif header.matter == "name" and (header.whose == "person" or _COACHES.match(header.key)) and share >= 0.3:
        yield _named(tally, "person_name", sure)
    elif (
        header.matter == "name"
        and header.whose == "role"
        and (tally.hits["full"] or (share >= 0.5 and len(tally.kept) >= 3))
    ):
        yield _named(tally, "person_name", sure) if about.owners else _named(tally, "representative", "doubtful")
    elif header.whose == "site" and _FIRMS.search(header.key) and tally.share("full") >= 0.3 and not about.register:
        yield _named(tally, "representative", "doubtful")  # those who run a business alone, among companies
    elif header.matter == "name" and share >= 0.6 and about.persons and header.whose != "thing":
        yield _named(tally, "person_name", "doubtful")
    elif are_names(tally) and tally.hits[counted] >= 3 and not about.historic:
        yield finding(tally, "person_name", counted, "doubtful")
    elif goes_on(tally, before, "named") and share >= 0.5:
        yield _named(tally, "person_name", sure)  # 氏名 over two columns
    elif about.theirs and header.matter == "" and header.whose in ("", "person") and _are_called(tally):
        yield finding(tally, "person_name", counted, "doubtful")
    elif tally.hits["lone"] and header.matter != "address" and not _PLACE_NAME.search(header.key):
        yield finding(tally, "person_name", "lone", "doubtful")


def _are_places(tally: Tally) -> bool:
    """Say whether all that looks like names in a column is surnames that are places as well: 通称 上野, 本町, 石川 of schools."""
    places = tally.hits["place_too"]
    return places > 0 and not tally.hits["full"] and places * 10 >= 7 * (tally.hits["surname"] + tally.hits["likely"])


def _leads_neighbours(tally: Tally, before: list[Tally]) -> bool:
    """Say whether a column named for an office holds heads of neighbourhoods, one for each row: 行政区, 区長名."""
    neighbours = any(_OF_NEIGHBOURS.search(other.header.key) for other in before)
    return neighbours and named_share(tally) >= 0.3 and len(tally.kept) >= 5


def _reads_persons(tally: Tally, about: About, before: list[Tally]) -> bool:
    """Say whether readings are those of persons: the table is about them, or they stand right of their names."""
    if not tally.header.whose and _OF_PLACES.search(tally.header.key):
        return False
    left = next((other for other in reversed(before) if other.header.matter != "reading"), None)
    if about.theirs or (tally.header.whose == "person" and about.persons):
        return True
    if left is not None and left.header.matter == "name":
        return left.header.whose in ("person", "role") and named_share(left) >= 0.3
    of_others = left is not None and _PLACE_NAME.search(left.header.key)
    return not about.sites and not of_others and tally.share("full") >= 0.5


def _are_called(tally: Tally) -> bool:
    """Say whether a column of which nothing is said, in a list of persons, names some too."""
    if _PLACE_NAME.search(tally.header.key) or len(tally.kept) < 3:
        return False
    if sum(len(value) == 1 for value in tally.kept) * 2 > len(tally.kept):
        return False  # 田, 畑, 白, 茶
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
    return finding(tally, kind, "named", certainty)
