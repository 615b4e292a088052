"""Whom the rows of a table are about: persons, sites, members of a council, the dead, animals; decided once, from all its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tdpf.controlplane.preparation.engine.personal.headers import are_cases, are_elected
from tdpf.controlplane.preparation.engine.personal.persons import is_business, naming_of
from tdpf.controlplane.preparation.engine.personal.registers import is_register, is_sensitive, lists_healers
from tdpf.controlplane.preparation.engine.personal.tallies import Tally
from tdpf.controlplane.preparation.engine.personal.values import year_of
from tdpf.controlplane.preparation.engine.types import TableFound

_FACILITY = re.compile(
    r"施設|名称|(?<![来入出])店|事業所|医療機関|営業時間|利用可能|開始時間|設置位置|イベント|団体|(?<![来入登降卒転退在])園|(?<![来登下転在入])校|会場|商号|facility|event|(?<![a-z])(?<!display_)(?<!screen_)name(?![a-z])|shop|venue",
    re.IGNORECASE,
)
_LOCATED = re.compile(r"緯度|経度|latitude|longitude|(?<![a-z])(?:lat|lon|long|lng)(?![a-z])", re.IGNORECASE)
_ANIMALS = re.compile(r"動物(?!園|病院)|品種|犬種|種名|個体|愛称|飼育|鑑札")
_DIED = re.compile(r"没年|没月日|死没|没後")
_FLEET = re.compile(r"公用車|配置|所属|消防|バス|路線|パトロール|リース|所管|車検|事業者")
_MICRODATA = re.compile(
    r"^(?:性別|年齢(?!層|階級|区分|別)|ご年齢|続柄|続き柄|学年|国籍|在留資格|sex|gender|age|nationality)", re.IGNORECASE
)
NAMELESS = re.compile(r"(?:項目|列|データ|属性|変数|col(?:umn)?|field|F|No)?[_\s]?(?:\d+|[A-Z])", re.IGNORECASE)
DATED = re.compile(r"[日月年期時]|任$|date|time|(?<![a-z])at$|_on$", re.IGNORECASE)
_TITLE_NAME = re.compile(r"肩書|役職|官職|職名|職位|position|title", re.IGNORECASE)
# Offices of a state or town whose holders are announced.
_TITLES = re.compile(
    r"大臣|政務官|長官|次官|統括官|審議官|知事|副?[市区町村]長$|議長|教育長|[庁局部省]長|[庁省]監|デジタル監|事務局長|本部長"
)
_OF_STATE = re.compile(r"大臣|政務官|事務次官|審議官")
# Neighbours whom a town names to its residents, because they are there to be asked.
_ASKED = re.compile(r"民生|児童委員|行政相談員?|人権擁護|保護司|行政協力員|[市町村]政協力員")
_OF_NEIGHBOURS = re.compile(r"町内?会|自治会|行政区|老人クラブ|子ども会|こども会|PTA|ＰＴＡ|班名")
_TALLIED = re.compile(
    r"^(?:総数|人数|件数|回答者?数|世帯数|患者数|人口|総計|合計|計|割合|構成比)(?:[(（].*)?$|^(?:count|total|population)$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(r"列\d+")
_FEW_KINDS = 5
_LATEST = 2_050
# Whose a column is, in the words that its neighbours share: 契約の相手方 and 相手方住所, 飼い主 and 飼い主の電話.
STEM = re.compile(
    r"^(?:.*の(?=.*(?:者|人|主|児童|生徒|会員|委員|職員|相手方)))?(.+?(?:者|人|主|児童|生徒|会員|委員|職員)|相手方)"
)
# What is owed by somebody, or was given to somebody, for themselves.
_OWED = re.compile(
    r"滞納|未納|未収|延滞|督促|分納|家賃|減免|貸付|償還|(?:補助|助成|給付|交付|支給)(?:金?額|決定額|金(?![一-龥]))"
)
_PRIVATE = re.compile(
    r"(?:所有|設置|名義|使用|利用|居住|契約|申請|申込|届出|受給|借受|納付|納税|滞納|相続|貸主|借主|地権|権利)"
)
_FEWEST_NAMED = 5
_NOT_THEIRS = re.compile(
    r"人物|偉人|先人|武将|文人|(?:停留所|バス停|停車場|駅|橋梁?|路線|道路|河川|公園|坂|大字|小字|樹木|古墳|城|地区|町|(?<!漢)字|区|地名|団地|場所)(?:の?名称?)?$"
)


@dataclass(frozen=True, slots=True)
class About:
    """What a table is about, as far as it decides whose its names, addresses and telephones are.

    `personal`: persons are named in it; `persons`: its rows are about persons, named or not; `sure`: more than one thing
    says so; `sites`: its rows are about places or firms; `past`: those persons are long dead; `senders`: accounts of those who
    write stand in it; `heads`: they are societies of neighbours, which have no address but that of their head; `accounts`: the columns that together hold accounts of the post office's bank;
    `owners`: persons who own, use or were given something are named, with their homes and telephones or what they owe and got.
    """

    sites: bool
    personal: bool
    persons: bool
    sure: bool
    register: bool
    elected: bool
    animals: bool
    historic: bool
    past: bool
    fleet: bool
    cases: bool
    states: bool
    senders: bool
    accounts: frozenset[str]
    split: frozenset[str]
    parties: dict[str, float]
    heads: bool
    owners: bool

    @property
    def theirs(self) -> bool:
        """Whether an address or a telephone of which nothing is said belongs to a person."""
        return self.persons and not self.sites


def about_of(table: TableFound, tallies: Sequence[Tally], file: str = "") -> About:
    """Return what a table is about, from the names of its columns and of its file, and what was counted in them."""
    said = " ".join((*table.title_lines, table.sheet, *(tally.header.key for tally in tallies)))
    lines = (*table.title_lines, table.sheet)
    private = any(
        tally.header.born
        or tally.header.matter in ("my_number", "home")
        or (tally.header.holder and tally.header.whose == "person")
        for tally in tallies
    )
    keys = [tally.header.key for tally in tallies]
    treated = any(
        tally.header.matter == "name" and tally.header.whose == "person" and named_share(tally) >= 0.3
        for tally in tallies
    )
    register = not private and (is_register(keys, lines) or (lists_healers(keys) and not treated))
    past = _are_long_dead(tallies)
    historic, animals = past or bool(_DIED.search(said)), bool(_ANIMALS.search(said))
    elected = (are_elected(table.column_names, (*lines, file)) or _are_officials(tallies)) and any(
        _holds_names(tally) for tally in tallies
    )
    split = _split_names(tallies)
    named = [
        tally
        for tally in tallies
        if _holds_names(tally) and not (historic and (past or tally.header.whose != "person"))
    ]
    listed = any(_is_site(tally) for tally in tallies)
    told = [tally for tally in tallies if _sign(tally, animals=animals, historic=historic)]
    roles = sum(tally.header.matter == "name" and tally.header.whose == "role" for tally in told)
    signs = len(told) - (max(0, roles - 1) if listed else 0)  # who opened and who runs a place are one sign
    if not named and any(_TALLIED.search(tally.header.key) for tally in tallies):
        signs = 0  # nationalities and ages with numbers of persons beside them
    if not any(tally.header.whose in ("site", "thing") for tally in tallies):
        signs += sum(tally.header.matter == "health" and tally.share("state") >= 0.3 for tally in tallies)
    sites = register or any(_LOCATED.search(tally.header.key) for tally in tallies)
    theirs = (
        bool(split)
        or signs >= 2
        or any(tally.header.whose == "person" for tally in named)
        or (not elected and _named_first(tallies))
    )
    sites = sites or any(
        _is_site(tally) and (not theirs or (_differs(tally) and _stands_first(tally, tallies))) for tally in tallies
    )
    personal = bool(split) or any(
        not elected and not (tally.header.whose == "role" and (sites or register)) for tally in named
    )
    owners = personal and not sites and _are_owners(tallies)
    return About(
        sites=sites,
        personal=personal,
        sure=owners
        or (personal and not sites and _is_sure(named, tallies, split) and not _are_asked(f"{said} {file}", tallies)),
        persons=personal or (signs >= 2 and not elected and not register),
        register=register,
        elected=elected,
        animals=animals,
        historic=historic,
        past=past,
        fleet=bool(_FLEET.search(said)),
        cases=are_cases(table.column_names),
        states=(is_sensitive(lines) and any(tally.header.whose != "role" for tally in named))
        or any(tally.header.matter == "health" or tally.share("state") >= 0.3 for tally in tallies),
        senders=any(tally.share("handle") >= 0.5 for tally in tallies),
        accounts=_post_accounts(tallies),
        split=split,
        parties=_parties(tallies),
        heads=_are_heads(tallies),
        owners=owners,
    )


def _are_asked(said: str, tallies: Sequence[Tally]) -> bool:
    """Say whether those who are named are there to be asked by their neighbours: by what is said around, or by a column of their kinds."""
    return _ASKED.search(said) is not None or any(
        len(tally.choices) <= _FEW_KINDS and all(map(_ASKED.search, tally.choices))
        for tally in tallies
        if tally.choices
    )


def _are_owners(tallies: Sequence[Tally]) -> bool:
    """Say whether nearly all who own, use or apply are persons, and their homes and mobile telephones stand there too, or what they owe or got."""
    owed = any(_OWED.search(tally.header.key) and tally.total for tally in tallies)
    lives = any(tally.header.matter in ("home", "address") and tally.share("numbered") >= 0.5 for tally in tallies)
    reached = any(tally.header.matter in ("phone", "mobile") and tally.share("mobile") >= 0.5 for tally in tallies)
    return (owed or (lives and reached)) and any(
        tally.header.matter == "name"
        and tally.header.whose in ("role", "person")
        and bool(_PRIVATE.search(tally.header.key))
        and len(tally.kept) >= _FEWEST_NAMED
        and tally.share("full", "likely") >= 0.9
        for tally in tallies
    )


def _are_heads(tallies: Sequence[Tally]) -> bool:
    """Say whether a table names societies of neighbours, the head of each, and no place besides."""
    sites = [tally for tally in tallies if _is_site(tally)]
    return (
        bool(sites)
        and all(_OF_NEIGHBOURS.search(tally.header.key) for tally in sites)
        and any(tally.header.named and tally.header.whose == "role" and named_share(tally) >= 0.5 for tally in tallies)
    )


def _are_officials(tallies: Sequence[Tally]) -> bool:
    """Say whether a column of titles names offices of a state or town: デジタル大臣, 統括官."""
    for tally in tallies:
        if _TITLE_NAME.search(tally.header.key) and len(tally.kept) >= 3:
            held = sum(times for value, (times, _) in tally.kept.items() if _TITLES.search(value))
            if held * 2 >= tally.hits["kept"] or sum(map(bool, map(_OF_STATE.search, tally.kept))) >= 3:
                return True
    return False


def _are_long_dead(tallies: Sequence[Tally]) -> bool:
    """Say whether those whom a table is about were born in the 19th century or before, and nothing says where somebody lives or is reached."""
    if any(tally.header.matter in ("home", "address", "phone", "mobile", "mail", "account") for tally in tallies):
        return False
    born = [tally for tally in tallies if tally.header.matter in ("birth", "birth_year")]
    years = sorted(year for tally in born for value in tally.kept if (year := year_of(value)))
    return len(years) >= 3 and years[len(years) * 9 // 10] < 1900


def _post_accounts(tallies: Sequence[Tally]) -> frozenset[str]:
    """Return the columns that together hold accounts of the post office's bank: 記号 (1…0) beside 番号 (…1)."""
    for left, right in pairwise(tallies):
        named = left.header.key.endswith("記号") and right.header.key.endswith("番号")
        if named and left.share("post_symbol") >= 0.8 and right.share("post_number") >= 0.8:
            return frozenset((left.name, right.name))
    return frozenset()


def _is_sure(named: Sequence[Tally], tallies: Sequence[Tally], split: frozenset[str]) -> bool:
    """Say whether persons are named, and beside them stands something else that belongs to them."""
    return (bool(split) or any(tally.header.whose == "person" for tally in named)) and any(
        _stands_beside(tally) for tally in tallies
    )


def _stands_beside(tally: Tally) -> bool:
    """Say whether a column tells more of the persons named beside it than how they are called: names alone may be any office's roll."""
    header = tally.header
    return bool(tally.total) and (
        (header.matter not in ("name", "reading", "surname", "given", "text", "number", "") and header.whose != "site")
        or header.holder
        or bool(_MICRODATA.search(header.key))
        or tally.share("address") >= 0.5
        or tally.share("state", "mobile", "phone", "mail", "free_mail", "whole_day") >= 0.3
    )


def named_share(tally: Tally) -> float:
    """Return the share of the values that are names in whole or in part."""
    return tally.share("full", "likely", "surname", "given")


def are_names(tally: Tally) -> bool:
    """Say whether a column of which nothing is said holds names of persons, by its values alone."""
    silent = tally.header.matter in ("", "name", "text", "online") and tally.header.whose in ("", "person")
    if not silent or len(tally.kept) < 3 or _NOT_THEIRS.search(tally.header.key):
        return False
    return tally.share("full") >= 0.5 or (
        _NO_NAME.fullmatch(tally.header.key) is not None and tally.share("read") >= 0.6
    )


def _holds_names(tally: Tally) -> bool:
    """Say whether a column surely holds names of persons."""
    header = tally.header
    if header.matter == "name" and header.whose in ("person", "role", "office"):
        return named_share(tally) >= 0.3
    return are_names(tally) and max(tally.hits["full"], tally.hits["read"]) >= 3


def _sign(tally: Tally, *, animals: bool, historic: bool) -> bool:
    """Say whether a column is a sign that the rows are about persons, though it names none."""
    header = tally.header
    if not tally.total:
        return False
    if header.born:
        return not animals and not historic and tally.share("day", "year", "part") >= 0.3
    if header.matter in ("my_number", "home", "reading", "surname", "given") or header.holder:
        return header.whose not in ("site", "thing") and (header.matter != "reading" or named_share(tally) >= 0.5)
    if header.whose == "person" and header.matter in ("address", "phone", "mobile", "mail", "account"):
        return True
    if header.matter == "name" and header.whose in ("author", "office"):
        return False
    if header.matter == "name" and header.whose == "person":
        return named_share(tally) >= 0.3
    if header.matter == "name" and named_share(tally) >= 0.5:
        return True
    return (
        bool(_MICRODATA.search(header.key))
        or tally.share("mobile", "free_mail") >= 0.5
        or tally.share("paper", "read") >= 0.6
        or (spans_lives(tally) and bool(NAMELESS.fullmatch(header.key)))
        or tally.share("my_number") >= 0.8
    )


def spans_lives(tally: Tally) -> bool:
    """Say whether a column's values are days spread over years as those of people's births are."""
    years = tally.years
    return (
        tally.share("whole_day", "day_code") >= 0.6
        and bool(years)
        and max(years) - min(years) >= 20
        and max(years) <= _LATEST
    )


def _is_site(tally: Tally) -> bool:
    header = tally.header
    if _NO_NAME.fullmatch(header.key):
        return _are_businesses(tally)
    if header.matter in (
        "phone",
        "mobile",
        "mail",
        "reading",
        "address",
        "number",
        "account",
        "online",
        "text",
        "home",
        "surname",
        "given",
    ):
        return False
    if header.matter == "name" and named_share(tally) >= 0.6:
        return False
    return header.whose not in ("person", "role") and (header.whose == "site" or bool(_FACILITY.search(header.key)))


def _are_businesses(tally: Tally) -> bool:
    """Say whether the values of a column without a name are those of clinics, shops and firms, each another."""
    return len(tally.kept) >= 4 and sum(map(is_business, tally.kept)) * 10 >= len(tally.kept) * 7 and _differs(tally)


def _differs(tally: Tally) -> bool:
    """Say whether a column's values are nearly all different: the rows are about what it names."""
    return len(tally.kept) * 10 >= tally.hits["kept"] * 8


def _stands_first(tally: Tally, tallies: Sequence[Tally]) -> bool:
    """Say whether a column stands left of all that speak of persons: what stands right of them belongs to them (かかりつけ医院)."""
    for other in tallies:
        if other is tally:
            return True
        if other.header.whose == "person" or other.header.born or other.header.matter in ("surname", "reading"):
            return False
    return False


def _named_first(tallies: Sequence[Tally]) -> bool:
    """Say whether names of persons stand left of all that names places or firms: the rows are about the persons."""
    for tally in tallies:
        if _is_site(tally) or tally.header.whose == "author":
            return False
        if _holds_names(tally):
            return tally.header.whose == "person" or (_differs(tally) and tally.share("full", "likely") >= 0.7)
    return False


def _split_names(tallies: Sequence[Tally]) -> frozenset[str]:
    """Return the columns that together hold names: 姓 beside 名, or two without such headers."""
    surnames = [tally for tally in tallies if tally.header.matter == "surname" and named_share(tally) >= 0.5]
    given = [tally for tally in tallies if tally.header.matter == "given" or (tally.header.key == "名前" and surnames)]
    split = {tally.name for tally in (*surnames, *given)} if surnames and given else set()
    for left, right in pairwise(tallies):
        if _are_parts(left, right):
            split |= {left.name, right.name}
    return frozenset(split)


def _are_parts(left: Tally, right: Tally) -> bool:
    """Say whether two columns of which nothing is said hold surnames and, beside them, given names."""
    silent = all(
        tally.header.matter in ("", "name", "surname", "given")
        and tally.header.whose in ("", "person")
        and not _NOT_THEIRS.search(tally.header.key)
        for tally in (left, right)
    )
    if not silent or left.share("surname") < 0.6 or left.hits["place_too"] * 10 > left.hits["surname"] * 8:
        return False
    rows = {row: value for value, (_, row) in left.kept.items()}
    whole = [f"{rows[row]} {value}" for value, (_, row) in right.kept.items() if row in rows]
    return len(whole) >= 4 and sum(naming_of(name) == "full" for name in whole) * 10 >= len(whole) * 7


def _parties(tallies: Sequence[Tally]) -> dict[str, float]:
    """Return how many persons are named among those whom columns speak of: 営業者 → 12."""
    parties: dict[str, float] = {}
    for tally in tallies:
        stem = STEM.match(tally.header.key)
        if stem and tally.header.named:
            count = tally.hits["full"] + tally.hits["likely"]
            parties[stem.group(1)] = max(parties.get(stem.group(1), 0), count)
    return parties
