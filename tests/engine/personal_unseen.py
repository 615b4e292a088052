"""Labelled tables drawn from lists of wordings (`personal_wordings.tsv`), of forms of values and of layouts; nobody in them exists.

A third of the wordings and of the forms is held out, chosen by hash: the screen was never built from them, only counted on them.
"""

from __future__ import annotations

import csv
import hashlib
import random
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from tdpf.controlplane.preparation.engine.numbers import is_card_number, is_my_number

WORDINGS = Path(__file__).with_name("personal_wordings.tsv")
# What a finding of each kind may be called; neighbours that lead to the same act are taken.
FITS: Mapping[str, frozenset[str]] = {
    kind: frozenset(fits.split())
    for kind, fits in {
        "name": "person_name representative", "reading": "person_name representative", "roman": "person_name representative",
        "home": "home_address", "home_part": "home_address", "phone": "phone mobile_phone", "mobile": "mobile_phone phone",
        "mail": "mail", "birth": "birth_date", "my_number": "my_number", "card": "card_number",
        "account": "bank_account personal_number", "bank_whole": "bank_account personal_number",
        "disease": "health", "disability": "health", "care": "health", "need": "health", "allergy": "health", "exam": "health",
        "crime": "health", "creed": "health attribute", "attribute": "attribute", "vehicle": "vehicle",
        "handle": "account_name mail mobile_phone", "network": "network",
        "text": "free_text person_name health mobile_phone phone mail home_address",
    }.items()
} | {
    kind: frozenset(("personal_number", "my_number", "bank_account"))
    for kind in ("passport", "licence", "insured", "pension", "resident_code", "residence_card", "booklet", "person_number")
}  # fmt: skip

_PEOPLE = (
    ("佐藤 サトウ|鈴木 スズキ|高橋 タカハシ|髙橋 タカハシ|田中 タナカ|渡邉 ワタナベ|渡辺 ワタナベ|齋藤 サイトウ|斉藤 サイトウ|小林 コバヤシ|中島 ナカジマ|長島 ナガシマ|山﨑 ヤマザキ|原 ハラ|"
    "林 ハヤシ|森 モリ|関 セキ|辻 ツジ|東海林 ショウジ|五十嵐 イガラシ|勅使河原 テシガワラ|一ノ瀬 イチノセ|小鳥遊 タカナシ|佐々木 ササキ|長谷川 ハセガワ|大久保 オオクボ|久保田 クボタ|"
    "上野 ウエノ|石川 イシカワ|千葉 チバ|福島 フクシマ|宮崎 ミヤザキ|金城 キンジョウ|比嘉 ヒガ|与那覇 ヨナハ|喜多 キタ|沼田 ヌマタ|檜山 ヒヤマ|薄井 ウスイ|蛭田 ヒルタ|大槻 オオツキ|"
    "二階堂 ニカイドウ|武者小路 ムシャノコウジ|南 ミナミ|西 ニシ|堀 ホリ|毛利 モウリ|保科 ホシナ|本間 ホンマ|土屋 ツチヤ|野々村 ノノムラ|越智 オチ|曽我部 ソガベ|栗原 クリハラ|滝沢 タキザワ"),
    ("太郎 タロウ|花子 ハナコ|健一 ケンイチ|一 ハジメ|誠 マコト|実 ミノル|茂 シゲル|清 キヨシ|ハル ハル|キヨ キヨ|トミ トミ|千代子 チヨコ|和子 カズコ|幸子 サチコ|正男 マサオ|義雄 ヨシオ|"
    "勝利 カツトシ|美智子 ミチコ|由美子 ユミコ|裕子 ユウコ|直樹 ナオキ|浩司 コウジ|大輔 ダイスケ|達也 タツヤ|さゆり サユリ|めぐみ メグミ|麻衣 マイ|愛 アイ|翔太 ショウタ|拓海 タクミ|"
    "美咲 ミサキ|葵 アオイ|蓮 レン|陽翔 ハルト|湊 ミナト|結愛 ユア|心春 コハル|凛 リン|紬 ツムギ|咲茉 エマ|大和 ヤマト|悠真 ユウマ|樹 イツキ|ひまり ヒマリ|惣一郎 ソウイチロウ|孝之助 コウノスケ|"
    "みどり ミドリ|政治 マサハル|治 オサム|隆 タカシ|敬 タカシ|久美 クミ|恵理香 エリカ|莉子 リコ|朔 サク|碧 アオ"),
)  # fmt: skip
_FOREIGN = ["NGUYEN VAN MINH", "TRAN THI HOA", "SANTOS MARIA CLARA", "KIM MIN JUN", "WANG XIAOLI", "GURUNG SUNITA", "SMITH JOHN", "RAHMAN MD ABDUR", "DELA CRUZ JOSE"]  # fmt: skip
_TOWNS = ["本町", "中央", "大手町", "東浜", "上里", "南が丘", "緑ケ丘", "字灘", "大字米湊", "西新田", "栄町", "三島"]
_HOUSES = [
    "コーポ城山",
    "霧沢ハイツ",
    "メゾン・ド・アルプス",
    "グリーンヒルズ",
    "県営寿台団地",
    "サンライズ汐見",
    "パークマンション緑",
]
_SYLLABLES = dict(
    zip(
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポ",
        ["a", "i", "u", "e", "o", "ka", "ki", "ku", "ke", "ko", "sa", "shi", "su", "se", "so", "ta", "chi", "tsu", "te", "to", "na", "ni", "nu", "ne", "no", "ha", "hi", "fu", "he", "ho", "ma", "mi", "mu", "me", "mo", "ya", "yu", "yo", "ra", "ri", "ru", "re", "ro", "wa", "o", "n", "ga", "gi", "gu", "ge", "go", "za", "ji", "zu", "ze", "zo", "da", "ji", "zu", "de", "do", "ba", "bi", "bu", "be", "bo", "pa", "pi", "pu", "pe", "po"],
        strict=True,
    )
)  # fmt: skip
_HALF = dict(
    zip(
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンァィゥェォャュョッー゛゜",
        "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｧｨｩｪｫｬｭｮｯｰﾞﾟ",
        strict=True,
    )
)


def is_held(kind: str, word: str) -> bool:
    """Say whether a wording or form belongs to the third that the screen was not built from."""
    return int(hashlib.sha256(f"{kind}:{word}".encode()).hexdigest(), 16) % 3 == 0


@lru_cache(maxsize=1)
def wordings() -> dict[str, tuple[str, ...]]:
    """Return the wordings of headers by kind."""
    with WORDINGS.open(encoding="utf-8", newline="") as file:
        return {row["kind"]: tuple(row["wordings"].split("|")) for row in csv.DictReader(file, delimiter="\t")}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One table: its header, its rows, and the kind of each column; kinds of `clean_…` hold nothing of persons."""

    name: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kinds: tuple[str, ...]

    def as_csv(self) -> str:
        """Return the table as text."""
        lines = [[self.title]] if self.title else []
        quoted = ([f'"{cell}"' if "," in cell else cell for cell in row] for row in (*lines, self.header, *self.rows))
        return "".join(",".join(row) + "\n" for row in quoted)


@dataclass(slots=True)
class Score:
    """What was counted over the columns of some tables: how many hold something, were found, were found rightly; and what was not."""

    wanted: int = 0
    found: int = 0
    right: int = 0
    wrong: list[tuple[str, str, str, list[str]]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """The share of the columns found that hold what was said."""
        return self.right / max(1, self.found)

    @property
    def recall(self) -> float:
        """The share of the columns that hold something that were found."""
        return self.right / max(1, self.wanted)

    def add(self, table: Drawn, found: Mapping[str, set[str]]) -> None:
        """Count one table; `found` are the kinds found, confirmed or doubtful, by column."""
        for name, kind in zip(table.header, table.kinds, strict=True):
            kinds = found.get(name, set())
            fits = bool(kinds & FITS.get(kind, frozenset()))
            self.wanted += kind in FITS
            self.found += bool(kinds)
            self.right += fits
            if fits != bool(kinds) or fits != (kind in FITS):
                self.wrong.append((table.name, name, kind, sorted(kinds)))


@dataclass(slots=True)
class Person:
    """Somebody who does not exist."""

    rng: random.Random
    surname: tuple[str, str] = ("", "")
    given: tuple[str, str] = ("", "")
    year: int = 0
    month: int = 0
    day: int = 0


def drawn_tables(*, held: bool, count: int, seed: int, people: tuple[str, str] = _PEOPLE) -> Iterator[Drawn]:
    """Yield tables of wordings that are held out, or of the others; two in three are about persons."""
    rng = random.Random(seed)
    known = [[tuple(entry.split()) for entry in names.split("|")] for names in people]
    for number in range(count):
        maker = _persons_table if number % 3 else _things_table
        yield maker(f"{'held' if held else 'built'}{number}", rng, known, held=held)


def _pick(rng: random.Random, kind: str, *, held: bool, taken: set[str]) -> str:
    words = [word for word in wordings()[kind] if is_held(kind, word) == held and _bare(word) not in taken]
    word = rng.choice(words or [f"{kind}{len(taken)}"])
    taken.add(_bare(word))
    return word


def _bare(word: str) -> str:
    return word.replace("　", "").replace(" ", "").casefold()


_BESIDE = ["reading", "home", "phone", "mobile", "mail", "birth", "person_number", "disease", "disability", "care", "need", "allergy", "exam", "crime", "creed", "attribute", "vehicle", "handle", "network", "text", "my_number", "passport", "licence", "insured", "pension", "resident_code", "residence_card", "booklet", "card", "account", "bank_whole", "roman"]  # fmt: skip
_TITLES = ("", "", "", "令和7年度 台帳", "名簿（取扱注意）", "一覧表", "申請受付簿")


def _persons_table(name: str, rng: random.Random, known: list[list[tuple[str, ...]]], *, held: bool) -> Drawn:
    people = [_person(rng, known) for _ in range(rng.randint(12, 30))]
    asked = rng.sample(_BESIDE, rng.randint(2, 5))
    if rng.random() < 0.9:
        asked.insert(0, "name")
        if rng.random() < 0.15:
            asked.insert(1, "name")
    else:
        asked = list(dict.fromkeys(["birth", rng.choice(("home", "mobile", "insured")), *asked]))
    if "home" in asked and rng.random() < 0.3:
        asked.insert(asked.index("home") + 1, "home_part")
    admin = ["clean_admin"] * rng.randint(1, 4)
    kinds = [*admin[:1], *asked, *admin[1:]] if rng.random() < 0.6 else [*asked, *admin]
    return _filled(name, rng, rng.choice(_TITLES), kinds, people, held=held)


def _things_table(name: str, rng: random.Random, known: list[list[tuple[str, ...]]], *, held: bool) -> Drawn:
    rows = [_person(rng, known) for _ in range(rng.randint(12, 30))]
    beside = [
        "clean_site_address",
        "clean_site_phone",
        "clean_site_mail",
        "clean_count",
        "clean_number",
        "clean_date",
        "clean_text",
        "clean_author",
        "clean_count",
    ]
    kinds = ["clean_site", *rng.sample(beside, rng.randint(3, 6))]
    if rng.random() < 0.3:
        kinds.insert(0, "clean_number")
    return _filled(name, rng, rng.choice(("", "", "公共施設一覧", "オープンデータ")), kinds, rows, held=held)


def _filled(name: str, rng: random.Random, title: str, kinds: list[str], people: list[Person], *, held: bool) -> Drawn:
    taken: set[str] = set()
    header, columns = [], []
    for place, kind in enumerate(kinds):
        word = _pick(rng, kind, held=held, taken=taken)
        forms = [form for form in _forms(kind) if held or not is_held("form", f"{kind}/{form}")] or list(_forms(kind))
        main, filled = rng.choice(forms), 1.0 if place < 2 else rng.choice((1.0, 1.0, 0.6))
        cells = []
        for person in people:
            form = main if rng.random() < 0.75 else rng.choice(forms)
            cells.append(_value(kind, form, word, person, rng) if rng.random() <= filled else "")
        header.append(word)
        columns.append(cells)
    return Drawn(name, title, tuple(header), tuple(zip(*columns, strict=True)), tuple(kinds))


def _person(rng: random.Random, known: list[list[tuple[str, ...]]]) -> Person:
    surname, given = rng.choice(known[0]), rng.choice(known[1])
    return Person(
        rng,
        (surname[0], surname[1]),
        (given[0], given[1]),
        rng.randint(1930, 2019),
        rng.randint(1, 12),
        rng.randint(1, 28),
    )


_LISTED: Mapping[str, str] = {
    "disease": "糖尿病|高血圧症|脳梗塞後遺症|気管支喘息|統合失調症|うつ病|胃がん|大腸癌|てんかん|関節リウマチ|心不全|パーキンソン病|双極性障害|慢性腎不全|肺結核|潰瘍性大腸炎|椎間板ヘルニア|白内障|なし|インフルエンザ|熱性けいれん|適応障害|"
    "左大腿骨頸部骨折|アトピー性皮膚炎|腰痛症|甲状腺機能低下症|乳がん術後|認知症|クローン病|狭心症|脊柱管狭窄症|突発性難聴|多発性硬化症|食道静脈瘤|帯状疱疹",
    "disability": "身体障害者手帳1級|視覚障害|聴覚障害4級|肢体不自由|知的障害|精神2級|療育手帳A|B2|内部障害（心臓機能）|1級|2級|3級|４級|右上肢機能障害|音声言語機能障害|自閉スペクトラム症|区分3|区分5|なし|軽度|重度|身体・知的",
    "care": "要介護1|要介護2|要介護３|要介護5|要支援1|要支援２|自立|A1|B2|IIa|Ⅲb|J2|申請中|非該当|事業対象者",
    "need": "生活保護|準要保護|要保護|ひとり親|母子世帯|非課税|均等割のみ|独居高齢|高齢者のみ世帯|疾病による離職|失業|DV避難|多子世帯|障害者世帯|離婚|育児休業|低所得|介護のため|生活困窮|医療扶助|生活扶助|住宅扶助|虐待のおそれ|借金|傷病",
    "allergy": "卵|乳|小麦|そば|えび・かに|落花生|なし|卵、乳|くるみ|キウイ|卵（加熱可）|牛乳",
    "exam": "異常なし|要精密検査|要観察|陰性|陽性|A|B|C|D2|要医療|正常|(+)|(-)|128/82|7.2|54.3|IQ72|有所見|要再検査|治療中",
    "crime": "窃盗|傷害|道路交通法違反|詐欺|覚醒剤取締法違反|執行猶予3年|罰金20万円|懲役1年6月|器物損壊|なし|恐喝|少年院送致|住居侵入",
    "creed": "仏教|キリスト教|イスラム教|なし|神道|無宗教|カトリック|ヒンドゥー教|浄土真宗",
}  # fmt: skip
_SENTENCES = (
    "{s}さんより電話あり。折り返し希望", "長男（{g}）の学校のことで来所", "隣家の{s}様宅から苦情", "{s}{g}氏と面談。次回は15日", "携帯{m}へ連絡済み", "妻の{g}さんが代理で来庁",
    "母と二人暮らし。{s}ケアマネと調整中", "本人より「眠れない」との訴え。{s}医師へ紹介", "娘 {s} {g}（{m}）に確認", "民生委員の{s}さんが訪問したが不在", "{s}宅前の側溝が詰まっている",
    "夫の暴力について相談。子{g}（5歳）同伴",
)  # fmt: skip
_NEUTRAL = (
    "手続の案内をした", "書類不備のため返却", "特になし", "", "次回予約済み", "街灯が切れている", "説明して了承", "不在のため後日", "受付済", "制度の説明",
)  # fmt: skip
_TEXTS: Mapping[str, tuple[str, ...]] = {"named": _SENTENCES[:6], "noted": _SENTENCES[6:], "seldom": _SENTENCES}


def _forms(kind: str) -> tuple[str, ...]:
    """Return the forms in which values of a kind are written."""
    return _FORMS.get(kind, ("listed",))


_FORMS: Mapping[str, tuple[str, ...]] = {
    "name": ("wide", "narrow", "joined", "様", "さん", "others", "couple", "two", "surname", "katakana", "foreign", "殿", "kin"),
    "reading": ("wide", "narrow", "joined", "half", "hira", "half_joined"),
    "roman": ("first", "last", "upper", "foreign", "comma"),
    "home": ("full", "city", "town", "block", "room", "postal", "kanji", "phone_behind"),
    "home_part": ("room", "lot"),
    "phone": ("local", "bare", "brackets", "short", "extension", "wide", "named", "mobile"),
    "mobile": ("dashed", "bare", "abroad", "no_zero", "wide", "spaces"),
    "mail": ("free", "carrier", "own"),
    "birth": ("iso", "slash", "jp", "era", "short", "short_kanji", "digits", "seven", "dots", "year_age"),
    "my_number": ("bare", "spaced", "dashed"),
    "card": ("bare", "dashed", "spaced", "masked_half"),
    "account": ("seven", "typed", "dashed"),
    "bank_whole": ("bank", "branch", "post"),
    "text": ("named", "noted", "seldom"),
    "passport": ("plain",), "licence": ("plain", "wide"), "insured": ("plain", "symbol"), "pension": ("plain", "dashed"),
    "resident_code": ("plain",), "residence_card": ("plain",), "booklet": ("plain", "symbol", "kanji"),
    "person_number": ("plain", "zero", "letter"), "vehicle": ("full", "spaced", "motor"), "handle": ("at", "login", "long"),
    "network": ("four", "six"), "attribute": ("fitting",),
}  # fmt: skip


def _value(kind: str, form: str, word: str, person: Person, rng: random.Random) -> str:
    """Return a value of a kind as a form writes it."""
    if kind in _LISTED:
        return rng.choice(_LISTED[kind].split("|"))
    maker: Callable[[str, str, Person, random.Random], str] = _MAKERS.get(kind, _clean)
    return maker(form, f"{kind}/{word}", person, rng)


def _digits(rng: random.Random, count: int) -> str:
    return "".join(str(rng.randrange(10)) for _ in range(count))


def _number(rng: random.Random, first: str, digits: int, passes: Callable[[str], bool]) -> str:
    while True:
        number = first + _digits(rng, digits - len(first))
        if passes(number):
            return number


def _wide(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def _hira(text: str) -> str:
    return "".join(chr(ord(sign) - 0x60) if "ァ" <= sign <= "ヶ" else sign for sign in text)


def _half(text: str) -> str:
    return "".join(
        _HALF.get({"\u3099": "゛", "\u309a": "゜"}.get(sign, sign), sign) for sign in unicodedata.normalize("NFD", text)
    )


def _roman(kana: str) -> str:
    found, double = "", False
    for sign in kana:
        if sign == "ッ":
            double = True
        elif sign in "ャュョ":
            vowel = {"ャ": "a", "ュ": "u", "ョ": "o"}[sign]
            found = found[:-1] + (vowel if found.endswith(("shi", "chi", "ji")) else "y" + vowel)
        else:
            part = _SYLLABLES.get(sign, "")
            found += part[:1] + part if double else part
            double = False
    return found.replace("ou", "o").replace("oo", "o").replace("uu", "u").capitalize()


def _of_name(form: str, _word: str, person: Person, rng: random.Random) -> str:
    surname, given = person.surname[0], person.given[0]
    other = rng.choice(("花子", "健", "美和", "悟", "由紀"))
    return {
        "wide": f"{surname}　{given}", "narrow": f"{surname} {given}", "joined": surname + given, "様": f"{surname}　{given} 様", "さん": f"{surname}{given}さん",
        "others": f"{surname}{given} 外{rng.randint(1, 5)}名", "couple": f"{surname} {given}・{other}", "two": f"{surname}{given}、{surname}{other}", "surname": surname,
        "katakana": f"{person.surname[1]} {person.given[1]}", "foreign": rng.choice(_FOREIGN), "殿": f"{surname}{given}殿", "kin": f"{surname} {given}（{rng.choice(('妻', '長男', '父'))}）",
    }[form]  # fmt: skip


def _of_reading(form: str, _word: str, person: Person, _rng: random.Random) -> str:
    surname, given = person.surname[1], person.given[1]
    return {
        "wide": f"{surname}　{given}", "narrow": f"{surname} {given}", "joined": surname + given, "half": _half(f"{surname} {given}"),
        "hira": _hira(f"{surname} {given}"), "half_joined": _half(surname + given),
    }[form]  # fmt: skip


def _of_roman(form: str, _word: str, person: Person, rng: random.Random) -> str:
    surname, given = _roman(person.surname[1]), _roman(person.given[1])
    return {
        "first": f"{given} {surname}", "last": f"{surname} {given}", "upper": f"{surname} {given}".upper(), "foreign": rng.choice(_FOREIGN), "comma": f"{surname.upper()}, {given}"
    }[form]  # fmt: skip


def _of_home(form: str, _word: str, _person: Person, rng: random.Random) -> str:
    town, a, b, c = rng.choice(_TOWNS), rng.randint(1, 5), rng.randint(1, 38), rng.randint(1, 22)
    return {
        "full": f"長野県霧沢市{town}{a}丁目{b}番{c}号", "city": f"霧沢市{town}{a}-{b}-{c}", "town": f"{town}{a}丁目{b}-{c}", "block": f"{town}{a * 100 + b}番地{c}",
        "room": f"{town}{a}-{b}-{c} {rng.choice(_HOUSES)}{rng.randint(1, 4)}0{rng.randint(1, 6)}号室", "postal": f"〒399-{_digits(rng, 4)} 霧沢市{town}{a}-{b}",
        "kanji": f"霧沢市{town}{'一二三四五'[a - 1]}丁目{b}番{c}号", "phone_behind": f"霧沢市{town}{a}-{b}-{c}　0263-{rng.randint(22, 89)}-{_digits(rng, 4)}",
    }[form]  # fmt: skip


def _of_part(form: str, _word: str, _person: Person, rng: random.Random) -> str:
    if form == "room":
        return f"{rng.choice(_HOUSES)}{rng.choice(('', '　'))}{rng.randint(1, 4)}0{rng.randint(1, 6)}{rng.choice(('', '号', '号室'))}"
    return f"{rng.randint(1, 999)}番地{rng.randint(1, 9)}"


def _of_phone(form: str, _word: str, person: Person, rng: random.Random) -> str:
    middle, last = str(rng.randint(22, 89)), _digits(rng, 4)
    return {
        "local": f"0263-{middle}-{last}", "bare": f"0263{middle}{last}", "brackets": f"0263({middle}){last}", "short": f"{middle}-{last}", "extension": f"0263-{middle}-{last}（内線{rng.randint(10, 99)}）",
        "wide": _wide(f"0263-{middle}-{last}"), "named": f"0263-{middle}-{last}（{person.surname[0]}）", "mobile": f"0{rng.choice('789')}0-{_digits(rng, 4)}-{last}",
    }[form]  # fmt: skip


def _of_mobile(form: str, _word: str, _person: Person, rng: random.Random) -> str:
    first, middle, last = f"{rng.choice('789')}0", str(rng.randint(1000, 9999)), _digits(rng, 4)
    return {
        "dashed": f"0{first}-{middle}-{last}", "bare": f"0{first}{middle}{last}", "abroad": f"+81-{first}-{middle}-{last}", "no_zero": f"{first}{middle}{last}",
        "wide": _wide(f"0{first}-{middle}-{last}"), "spaces": f"0{first} {middle} {last}",
    }[form]  # fmt: skip


def _of_mail(form: str, _word: str, person: Person, rng: random.Random) -> str:
    local = f"{_roman(person.given[1]).lower()}.{_roman(person.surname[1]).lower()}{rng.randint(1, 99)}"
    host = {"free": ("gmail.com", "yahoo.co.jp", "icloud.com"), "carrier": ("docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp"), "own": ("example.com", "kirisawa-net.jp")}[form]  # fmt: skip
    return f"{local}@{rng.choice(host)}"


def _of_birth(form: str, _word: str, person: Person, rng: random.Random) -> str:
    year, month, day = person.year, person.month, person.day
    era, letter, code, first = next(
        entry
        for entry in (("令和", "R", 5, 2018), ("平成", "H", 4, 1988), ("昭和", "S", 3, 1925))
        if year > entry[3] or entry[3] == 1925
    )
    short = year - first
    return {
        "iso": f"{year}-{month:02}-{day:02}", "slash": f"{year}/{month}/{day}", "jp": f"{year}年{month}月{day}日", "era": f"{era}{short}年{month}月{day}日", "short": f"{letter}{short}.{month}.{day}",
        "short_kanji": f"{era[0]}{short}.{month}.{day}", "digits": f"{year}{month:02}{day:02}", "seven": f"{code}{short:02}{month:02}{day:02}", "dots": f"{year}.{month:02}.{day:02}",
        "year_age": f"{era}{short}年{month}月{day}日（{max(0, 2025 - year)}歳）",
    }[form]  # fmt: skip


def _of_paper(form: str, word: str, _person: Person, rng: random.Random) -> str:
    kind = word.partition("/")[0]
    if kind == "my_number":
        number = _number(rng, "", 12, is_my_number)
        return {
            "bare": number,
            "spaced": f"{number[:4]} {number[4:8]} {number[8:]}",
            "dashed": f"{number[:4]}-{number[4:8]}-{number[8:]}",
        }[form]
    if kind == "card":
        number = _number(rng, rng.choice("45"), 16, is_card_number)
        parts = [number[place : place + 4] for place in (0, 4, 8, 12)]
        return {
            "bare": number,
            "dashed": "-".join(parts),
            "spaced": " ".join(parts),
            "masked_half": f"{parts[0]}-{parts[1]}-{parts[2]}-{parts[3]}",
        }[form]
    letters = "".join(rng.choice("ABCDEFGHKLMRSTWX") for _ in range(4))
    return {
        "passport": f"{letters[:2]}{_digits(rng, 7)}", "licence": _wide(_digits(rng, 12)) if form == "wide" else f"30{_digits(rng, 10)}", "insured": f"霧国・{_digits(rng, 6)}" if form == "symbol" else f"00{_digits(rng, 8)}",
        "pension": f"{_digits(rng, 4)}-{_digits(rng, 6)}" if form == "dashed" else f"{rng.randint(1, 9)}{_digits(rng, 9)}", "resident_code": f"{rng.randint(1, 9)}{_digits(rng, 10)}",
        "residence_card": f"{letters[:2]}{_digits(rng, 8)}{letters[2:]}",
        "booklet": {"plain": _digits(rng, 7), "symbol": f"{letters[0]}-{_digits(rng, 5)}", "kanji": f"長野県第{_digits(rng, 5)}号"}.get(form, ""),
        "person_number": {"plain": f"{rng.randint(1, 9)}{_digits(rng, 7)}", "zero": f"00{_digits(rng, 6)}", "letter": f"{letters[0]}{_digits(rng, 6)}"}.get(form, ""),
    }[kind]  # fmt: skip


def _of_account(form: str, word: str, person: Person, rng: random.Random) -> str:
    number = _digits(rng, 7)
    if word.startswith("account"):
        return {"seven": number, "typed": f"普通 {number}", "dashed": f"{_digits(rng, 3)}-{number}"}[form]
    return {
        "bank": f"霧沢銀行 本店 普通 {number} {person.surname[1]} {person.given[1]}", "branch": f"八十二信金/中央支店/普通/{number}", "post": f"記号1{_digits(rng, 3)}0 番号{_digits(rng, 7)}1"
    }[form]  # fmt: skip


def _of_text(form: str, _word: str, person: Person, rng: random.Random) -> str:
    if rng.random() < (0.75 if form == "seldom" else 0.4):
        return rng.choice(_NEUTRAL)
    return rng.choice(_TEXTS[form]).format(
        s=person.surname[0], g=person.given[0], m=f"090-{_digits(rng, 4)}-{_digits(rng, 4)}"
    )


def _of_reach(form: str, word: str, person: Person, rng: random.Random) -> str:
    login = f"{_roman(person.given[1]).lower()}_{_digits(rng, 3)}"
    if word.startswith("vehicle"):
        kana, four = (
            rng.choice("あいうえかきくけこさすせそたちつてとなにぬ"),
            f"{rng.randint(10, 99)}-{rng.randint(10, 99)}",
        )
        return {"full": f"松本{rng.randint(300, 599)}{kana}{four}", "spaced": f"松本 {rng.randint(300, 599)} {kana} {four}", "motor": f"霧沢市 {kana} {_digits(rng, 4)}"}[form]  # fmt: skip
    if word.startswith("network"):
        return f"203.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}" if form == "four" else f"2001:db8:{rng.randrange(65535):x}::{rng.randrange(65535):x}"  # fmt: skip
    return {"at": f"@{login}", "login": login, "long": f"U{rng.getrandbits(128):032x}"}[form]


def _of_attribute(_form: str, word: str, person: Person, rng: random.Random) -> str:
    name = word.partition("/")[2]
    if "齢" in name or name == "age":
        return f"{2025 - person.year}{'歳' if len(name) % 2 else ''}"
    if "収" in name or "所得" in name:
        return str(rng.randint(80, 900) * 10_000)
    listed = {
        "国籍": "ベトナム|ブラジル|中国|日本|フィリピン|ネパール", "資格": "永住者|技能実習|留学|家族滞在|特定活動", "学": "大卒|高卒|短大卒|中卒", "校": "霧沢高校|信州大学|城山中学校",
        "勤": "霧沢精機㈱|自営|八十二商店|市役所|無職", "婚": "既婚|未婚|離別|死別",
    }  # fmt: skip
    found = next(
        (values for sign, values in listed.items() if sign in name), "会社員|自営業|無職|パート|農業|公務員|学生"
    )
    if name == "nationality":
        found = listed["国籍"]
    return rng.choice(found.split("|"))


_THINGS = [
    "城山",
    "中央",
    "東",
    "みなみ",
    "ひかり",
    "緑ヶ丘",
    "霧沢",
    "汐見",
    "長島町",
    "若葉",
    "さくら",
    "石川",
    "上野",
    "大久保",
]


def _clean(_form: str, word: str, person: Person, rng: random.Random) -> str:
    """Return a value that is about nobody, as its header asks for."""
    kind, _, name = word.partition("/")
    if kind == "clean_site":
        return rng.choice(_THINGS) + _ending(name) + rng.choice(("", "", f"第{rng.randint(1, 9)}"))
    if kind == "clean_site_address":
        return f"霧沢市{rng.choice(_TOWNS)}{rng.randint(1, 5)}-{rng.randint(1, 30)}-{rng.randint(1, 20)}"
    if kind == "clean_site_phone":
        return f"0263-{rng.randint(22, 89)}-{_digits(rng, 4)}"
    if kind == "clean_site_mail":
        return rng.choice(("info", "kouen", "soumu", "madoguchi")) + "@city.kirisawa.lg.jp"
    if kind == "clean_count":
        return str(rng.randint(3, 4_000))
    if kind == "clean_number":
        return _coded(name, rng)
    if kind == "clean_author":
        return f"{person.surname[0]} {person.given[0]}"
    if kind == "clean_text":
        return rng.choice(("無料", "徒歩5分", "内科、小児科", "鉄筋2階建", "土日休館", "駐車場あり", "要予約", "http://www.example.jp/", "桜の名所として知られる", "昭和の初めに建てられた"))  # fmt: skip
    if kind == "clean_date" or any(
        sign in name for sign in ("日", "期限", "時", "_at", "stamp", "月分", "検針月", "納期", "任期", "期間")
    ):
        return f"{rng.randint(2019, 2025)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    return _office(name, rng)


def _coded(name: str, rng: random.Random) -> str:
    if "法人" in name or "インボイス" in name:
        base = f"0{_digits(rng, 11)}"
        check = 9 - sum(int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(base), start=0)) % 9
        return ("T" if "イン" in name else "") + f"{check}{base}"
    if "JAN" in name:
        return f"49{_digits(rng, 11)}"
    return f"{'ABCK'[rng.randrange(4)]}{_digits(rng, 5)}" if rng.random() < 0.3 else _digits(rng, 6)


_ENDINGS = (
    ("公園", "公園"), ("駅", "駅"), ("停留所", "前"), ("店", "商店"), ("屋号", "食堂"), ("法人", "福祉会"), ("会社", "建設株式会社"), ("企業", "工業㈱"), ("商号", "電機有限会社"), ("学校", "小学校"), ("保育", "保育園"),
    ("病院", "病院"), ("医療", "クリニック"), ("薬局", "薬局"), ("避難", "体育館"), ("集会", "集会所"), ("建物", "ビル"), ("文化財", "古墳"), ("橋", "橋"), ("道路", "通り"), ("路線", "線"), ("工事", "道路改良工事"), ("イベント", "まつり"),
    ("行事", "運動会"), ("講座", "パソコン教室"), ("書名", "物語"), ("資料", "市史"), ("作品", "の朝"), ("町", "町"), ("字", ""), ("地区", "地区"), ("市町村", "市"), ("自治会", "自治会"), ("サークル", "コーラス"), ("チーム", "クラブ"), ("商店街", "商店街"),
    ("駐", "駐車場"), ("トイレ", "公衆トイレ"), ("event", "フェア"), ("shop", "屋"), ("park", "公園"),
)  # fmt: skip


def _ending(name: str) -> str:
    return next((ending for sign, ending in _ENDINGS if sign in name), "センター")


_OFFICE = (
    ("課", "子育て支援課|市民課|税務課"), ("窓口", "本庁|城山支所"), ("学年", "1年|3年|6年"), ("クラス", "1組|2組|ひまわり"), ("組", "1組|2組|3組"), ("学校", "霧沢小|城山小"), ("園名", "ひかり保育園|みどり幼稚園"), ("資料", "市史上巻|園芸入門|料理の本"), ("書名", "市史上巻|園芸入門|料理の本"),
    ("犬種", "柴犬|トイプードル|雑種"), ("犬の名前", "ポチ|モモ|ハナ|コタロウ"), ("毛色", "茶|黒|白"), ("医療機関", "霧沢病院|城山クリニック|中央診療所"), ("墓地", "霧沢霊園|東墓地"), ("霊園", "霧沢霊園|東霊園"), ("団地", "寿台団地|東団地"), ("施設", "市民会館|体育館"), ("事業所", "ひかり訪問介護|みどりデイサービス"),
    ("会場", "市民会館|中央公民館"), ("コース", "初級|中級|5km"), ("講座", "パソコン入門|書道|ヨガ"), ("サイズ", "S|M|L"), ("方法", "窓口|郵送|電子"), ("媒体", "紙|電子"), ("税目", "固定資産税|住民税|軽自動車税"), ("地目", "田|畑|宅地"), ("階級", "団長|班長|団員"), ("役職", "会長|副会長|会計"), ("分団", "第1分団|第3分団"),
    ("自治会", "本町自治会|東町会"), ("行政区", "東区|上里区"), ("地区", "本町|上里|中央"), ("学区", "霧沢小|城山小"), ("件名", "街路樹の剪定|騒音|道路の穴"), ("品", "りんご|米10kg|味噌"), ("ISBN", "9784000000000|9784111111111"), ("ワクチン", "インフル|肺炎球菌|MR"), ("ロット", "A123|B045|C778"), ("状", "審査中|完了|済"),
    ("区分", "新規|継続|変更"), ("ステータス", "open|closed"), ("status", "open|closed|pending"), ("処理", "済|未"), ("決定", "承認|却下"),
)  # fmt: skip


def _office(name: str, rng: random.Random) -> str:
    found = next((values for sign, values in _OFFICE if sign in name), "")
    if found:
        return rng.choice(found.split("|"))
    if any(sign in name for sign in ("額", "料", "金", "価", "面積", "数", "量", "年度", "ポイント")):
        return "令和7年度" if "年度" in name else str(rng.randint(1, 90) * rng.choice((1, 100, 500)))
    return str(rng.randint(1, 400))


_MAKERS: Mapping[str, Callable[[str, str, Person, random.Random], str]] = {
    "name": _of_name, "reading": _of_reading, "roman": _of_roman, "home": _of_home, "home_part": _of_part, "phone": _of_phone, "mobile": _of_mobile, "mail": _of_mail, "birth": _of_birth,
    **dict.fromkeys(("my_number", "card", "passport", "licence", "insured", "pension", "resident_code", "residence_card", "booklet", "person_number"), _of_paper),
    "account": _of_account, "bank_whole": _of_account, "text": _of_text, **dict.fromkeys(("vehicle", "handle", "network"), _of_reach), "attribute": _of_attribute,
}  # fmt: skip
