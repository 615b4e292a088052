"""Which columns hold what else belongs to persons: births, homes, telephones, accounts, states of health, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tdpf.controlplane.preparation.engine.personal.findings import UNNAMED, finding, goes_on, grave, whole
from tdpf.controlplane.preparation.engine.personal.subjects import DATED, NAMELESS, STEM, About, spans_lives
from tdpf.controlplane.preparation.engine.personal.tallies import Tally
from tdpf.controlplane.preparation.engine.personal.words import Certainty
from tdpf.controlplane.preparation.engine.types import Finding

_LOCATED_AT = re.compile(r"所在地?$|所在地[(（]")
_RUNS_A_SITE = re.compile(r"(?:設置|管理|責任|経営|事業)者")
_DISTRICT = re.compile(
    r"^[^\d０-９一二三四五六七八九十]{0,12}(?:[都道府県市区町村郡]|[市町村区都県国](?:内|外)|管[内外]|保健所|海外|国外|外国|不明|調査中|非公[開表]|[-－―])(?:[(（].*[)）])?$"
)
_COARSE = re.compile(r"住まい|所在地?$|場所$")
_BARE_NUMBER = re.compile(
    r"^(?:番号|ID|No\.?|コード|個人ID|[一-龥]{1,3}(?<![地枝順電車品])番|person_?id|uid)$", re.IGNORECASE
)
_OF_THINGS = re.compile(r"(?:(?<!ファイル)名|件名|題|題名|品目)$")
_CONSULTED = re.compile(r"相談(?:内容|区分|種別|分類|項目)|主訴|困りごと|悩み")
_SHOWN = re.compile(r"表示名|ニックネーム|display_?name|screen_?name|nickname", re.IGNORECASE)
_CLINIC = re.compile(r"病院|医院|クリニック|診療所|療院|科$")
_CARD = re.compile(r"カード|クレジット|card|^PAN$", re.IGNORECASE)
_PAPERS = re.compile(r"免許証|旅券|パスポート|在留|被保|年金|住民票|手帳|診察券|カルテ|学籍|接種券|受給者")
_SCENE = re.compile(
    r"(?:発生|現場|事故|工事|発見|拾得|撮影|開催|集合|保管|希望)|区域|区画|エリア|範囲|学区|校区|担当地?区?$|^(?:場所|箇所|位置|地点)$"
)
_RESULT = re.compile(r"(?:判定|結果|区分|所見|類型|程度)(?!の?(?:通知|連絡|報告|送付|発送|説明|票))")
_OF_ANIMALS = re.compile(r"^(?:体重|体温|血液型|体長)")
_GIVEN_BY = re.compile(r"知事|大臣|公安委員会|[局庁]長")
_HANDLED = re.compile(
    r"新規|継続|変更|更新|廃止|取消|取下げ?|再?交付|承認|不?承諾|決定|却下|受理|受付|処理|審査中?|完了|終了|未?[済着納]み?|未(?:処理|完了|納付|返却)|一部(?:納付|完了)?|完納|一般|特別|普通|個人|団体|有料|無料|市内|市外|本人|代理人?|窓口|郵送|電子|申請|予約|キャンセル"
)
_PART_OF_PHONE = re.compile(r"局番|加入者番号")


def judge(tally: Tally, about: About, before: list[Tally]) -> Iterator[Finding]:
    """Yield what a column holds of persons besides names and sentences; `before` are the columns left of it."""
    yield from _judge_numbers(tally, about)
    yield from _judge_birth(tally, about, before)
    yield from _judge_address(tally, about, before)
    yield from _judge_phones(tally, about, before)
    yield from _judge_reach(tally, about)
    yield from _judge_state(tally, about)


def is_of_things(tally: Tally) -> bool:
    """Say whether a column names things (資料名, 工事名), which may be called after persons or illnesses."""
    return tally.header.matter == "" and bool(_OF_THINGS.search(tally.header.key)) and tally.share("file") < 0.5


def _judge_birth(tally: Tally, about: About, before: list[Tally]) -> Iterator[Finding]:
    header = tally.header
    if about.historic or (about.animals and header.whose != "person") or header.whose in ("thing", "site"):
        return
    sure: Certainty = "confirmed" if about.personal and (about.sure or about.sites) else "doubtful"
    if header.born and tally.share("day") >= 0.3 and (header.matter == "birth" or about.persons):
        yield finding(tally, "birth_date", "day", sure)
    elif header.matter in ("birth", "birth_year") and about.persons and tally.share("year", "part") >= 0.3:
        yield finding(tally, "birth_date", max(("year", "part"), key=tally.share), "doubtful")
    elif header.matter == "birth_part" and about.persons:
        yield finding(tally, "birth_date", "part", "doubtful")
    elif goes_on(tally, before, "year", "born") and tally.share("numbered") >= 0.5:
        whole(tally, "born")
        yield finding(tally, "birth_date", "born", "doubtful")  # 年, 月, 日 under one 生年月日
    elif (
        about.theirs
        and spans_lives(tally)
        and (NAMELESS.fullmatch(header.key) or (about.sure and header.matter == "" and not DATED.search(header.key)))
    ):
        yield finding(tally, "birth_date", max(("whole_day", "day_code"), key=tally.share), "doubtful")


def _judge_address(tally: Tally, about: About, before: list[Tally]) -> Iterator[Finding]:
    header = tally.header
    together = tally.share("home_and_phone") >= 0.5
    if header.matter not in ("home", "address", "name", "") and not (together and header.phone):
        return
    if tally.share("phone", "mobile", "mail") >= 0.5 and not together:
        return
    if header.matter == "home":
        theirs = (not _COARSE.search(header.key) or tally.share("numbered") >= 0.3) and not are_districts(tally)
    elif header.matter == "address":
        theirs = _lives_there(tally, about) and not _is_of_site(tally, before)
    elif goes_on(tally, before, "home"):
        theirs = (
            tally.share("numbered") >= 0.3 or UNNAMED.fullmatch(before[-1].name) is None
        )  # 住所 over several columns
    else:
        theirs = (
            (
                tally.share("address", "room") >= 0.5
                or (tally.share("lot") >= 0.5 and UNNAMED.fullmatch(tally.name) is not None)
            )
            and tally.share("plate") < 0.3
            and (about.theirs or (header.whose == "person" and not about.sites))
            and header.whose != "site"
            and not _SCENE.search(header.key)
        )
    if theirs:
        stem = STEM.match(header.key)
        whole(tally, "home")
        if about.sites and stem and about.parties.get(stem.group(1)):
            tally.hits["home"] = min(tally.total, int(about.parties[stem.group(1)]))
        yield finding(tally, "home_address", "home", grave(about) if header.matter else "doubtful")


def are_districts(tally: Tally) -> bool:
    """Say whether homes are told by municipality or prefecture at most: 中野市, 県外, 調査中."""
    return sum(bool(_DISTRICT.search(value.strip())) for value in tally.kept) * 10 >= len(tally.kept) * 7 > 0


def _lives_there(tally: Tally, about: About) -> bool:
    """Say whether the addresses under a header that says so are those of persons."""
    header = tally.header
    if header.whose == "role" and tally.share("numbered") < 0.3:
        return False  # the name of a firm's building
    if header.whose == "person" or (header.whose == "role" and not about.theirs):
        stem = STEM.match(header.key)
        persons = about.parties.get(stem.group(1)) if stem else None
        return bool(persons) or (persons is None and not _RUNS_A_SITE.search(header.key))
    if header.whose == "site":
        return False
    if about.heads and tally.share("numbered") >= 0.3:
        return True
    return (about.theirs or (about.elected and not header.whose)) and (
        not _COARSE.search(header.key) or tally.share("numbered") >= 0.3 or tally.share("address") >= 0.3
    )


def _is_of_site(tally: Tally, before: list[Tally]) -> bool:
    """Say whether an address or telephone is that of the place named left of it: 医師氏名, 医療機関名, 所在地, 電話番号."""
    located = bool(_LOCATED_AT.search(tally.header.key))
    if tally.header.whose:
        return False
    for other in reversed(before):
        if other.header.matter in ("address", "phone", "mail", "number", "reading"):
            located = located or bool(_LOCATED_AT.search(other.header.key))
        else:
            return located and other.header.whose == "site"
    return False


def _judge_phones(tally: Tally, about: About, before: list[Tally]) -> Iterator[Finding]:
    header = tally.header
    if tally.is_code and not header.phone and tally.share("mobile", "phone") < 0.5:
        # Some of many codes look like telephone numbers by chance.
        tally.hits["mobile"] = tally.hits["phone"] = 0
    if tally.hits["mobile"]:
        yield finding(tally, "mobile_phone", "mobile", grave(about))
    if _PART_OF_PHONE.search(header.key) and about.theirs:
        whole(tally, "phone")
    if tally.hits["phone"]:
        certainty: Certainty = "clear"
        if header.matter == "home" or header.whose == "person" or (header.whose == "role" and not about.sites):
            certainty = "clear" if _only_companies(tally, about) else grave(about)
        elif header.whose == "role" and about.parties and not _RUNS_A_SITE.search(header.key):
            stem = STEM.match(header.key)
            certainty = "doubtful" if stem and about.parties.get(stem.group(1)) else "clear"
        elif (
            (about.theirs or about.elected or about.heads) and header.whose != "site" and not _is_of_site(tally, before)
        ):
            certainty = grave(about)
        yield finding(tally, "phone", "phone", certainty)


def _only_companies(tally: Tally, about: About) -> bool:
    """Say whether those a column speaks of are named, and none of them is a person."""
    stem = STEM.match(tally.header.key)
    return not about.personal and stem is not None and about.parties.get(stem.group(1)) == 0


def _judge_reach(tally: Tally, about: About) -> Iterator[Finding]:
    """Yield mail, accounts at online services, senders' addresses on the net, vehicles."""
    header = tally.header
    if tally.hits["free_mail"]:
        yield finding(tally, "mail", "free_mail", grave(about))
    if tally.hits["mail"]:
        site = about.sites and not about.elected and header.whose != "person"
        yield finding(tally, "mail", "mail", "clear" if site else grave(about))
    if tally.hits["public_mail"]:
        yield finding(tally, "mail", "public_mail", "clear")
    shown = ((about.senders and (about.cases or not about.sites)) or about.theirs) and _SHOWN.search(header.key)
    called = header.matter == "online" and tally.share("login", "handle") >= 0.5
    if shown or (not about.sites and (called or tally.share("handle") >= 0.5)):
        whole(tally, "online")
        yield finding(tally, "account_name", "online", "doubtful")
    if tally.share("network") >= 0.3 and header.whose != "thing":
        yield finding(tally, "network", "network", "doubtful")
    elif tally.hits["sender"]:
        yield finding(tally, "network", "sender", "doubtful")
    if tally.share("plate") >= 0.3 and (about.sure or not about.fleet) and (header.matter == "vehicle" or about.theirs):
        yield finding(tally, "vehicle", "plate", "doubtful")


def _judge_state(tally: Tally, about: About) -> Iterator[Finding]:
    """Yield states of health, disability, care and need, by what the header says or what the values say."""
    header = tally.header
    if not about.persons or about.register or header.whose in ("site", "thing") or _are_clinics(tally):
        return
    told = (header.matter == "health" and not (about.animals and _OF_ANIMALS.search(header.key))) or (
        about.states and header.matter in ("", "number") and _RESULT.search(header.key) and not _is_handled(tally)
    )
    if header.matter == "attribute" and set(tally.kept) != {"0"} and not about.historic and not about.animals:
        whole(tally, "attribute")
        yield finding(tally, "attribute", "attribute", "doubtful")
    elif (
        told
        or (about.personal and not about.sites and _CONSULTED.search(header.key))
        or (header.matter in ("", "text", "name") and tally.share("state") >= 0.3 and not is_of_things(tally))
    ):
        whole(tally, "health")
        yield finding(tally, "health", "health", "doubtful")


def _is_handled(tally: Tally) -> bool:
    """Say whether a column says what became of an application: 新規, 継続, 承認, 済."""
    return sum(bool(_HANDLED.fullmatch(value.strip())) for value in tally.kept) * 2 > len(tally.kept) > 0


def _are_clinics(tally: Tally) -> bool:
    """Say whether a column names clinics: where somebody is treated, not for what."""
    return sum(bool(_CLINIC.search(value)) for value in tally.kept) * 2 > len(tally.kept) > 0


def _judge_numbers(tally: Tally, about: About) -> Iterator[Finding]:
    header, mine, told = tally.header, tally.hits["my_number"], tally.hits["told_number"]
    if header.matter == "my_number" and tally.hits["twelve"]:
        yield finding(tally, "my_number", "twelve", "confirmed")
    elif told:
        yield finding(tally, "my_number", "told_number", "confirmed" if told >= 3 else "doubtful")
    elif (mine >= 4 and mine >= 0.9 * tally.hits["twelve"]) or (
        mine and tally.share("twelve") >= 0.5 and mine >= 0.9 * tally.hits["twelve"]
    ):
        # One number in eleven passes the check by chance: a few of them prove nothing.
        sure = mine >= 5 and tally.share("twelve") >= 0.5
        yield finding(tally, "my_number", "my_number", "confirmed" if sure else "doubtful")
    cards, told = tally.hits["card"], tally.hits["told_card"]
    card = told or (cards >= 4 and cards >= 0.9 * tally.hits["sixteen"]) or tally.share("card") >= 0.5
    if not card and tally.share("four_by_four") >= 0.8 and (about.theirs or _CARD.search(header.key)):
        yield finding(tally, "card_number", "four_by_four", "doubtful")
    elif card:
        sure = told >= 3 or (cards >= 5 and tally.share("card") >= 0.5)
        yield finding(tally, "card_number", "card", "confirmed" if sure else "doubtful")
    if header.matter == "account" and tally.share("within") >= 0.5:
        yield finding(tally, "bank_account", "within", "confirmed")
    elif tally.name in about.accounts and not about.sites:
        whole(tally, "account")
        yield finding(tally, "bank_account", "account", grave(about))
    elif tally.hits["account"]:
        yield finding(tally, "bank_account", "account", grave(about))
    elif (
        header.holder
        and not about.register
        and not card
        and not _are_permits(tally)
        and not all(len(value) <= 3 for value in tally.kept)
        and tally.share("numbered") >= 0.5
        and (about.persons or header.whose == "person" or _PAPERS.search(header.key))
    ):
        whole(tally, "number")
        sure = about.personal or (about.persons and _PAPERS.search(header.key) is not None)
        yield finding(tally, "personal_number", "number", "confirmed" if sure else "doubtful")
    elif about.theirs and not tally.hits["mobile"] and not tally.hits["phone"] and _numbers_persons(tally, about):
        whole(tally, "number")
        yield finding(tally, "personal_number", "number", "doubtful")


def _are_permits(tally: Tally) -> bool:
    """Say whether numbers are of permits that an office gave to a trade: 長野県知事(3)第1234号."""
    return sum(bool(_GIVEN_BY.search(value)) for value in tally.kept) * 2 > len(tally.kept)


def _numbers_persons(tally: Tally, about: About) -> bool:
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
    if tally.share("paper") >= 0.6 and (
        (header.matter == "number" and about.sure) or header.whose == "person" or NAMELESS.fullmatch(header.key)
    ):
        return True
    lengths = {len(value) for value in tally.kept}
    told = _BARE_NUMBER.search(header.key) or NAMELESS.fullmatch(header.key)
    return bool(told) and tally.share("long_number") >= 0.8 and len(lengths) == 1
