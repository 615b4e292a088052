"""Made files in the layouts of a town's offices: records of persons, and files that only look like them; nobody in them exists.

`personal_municipal.txt` lists the tables, one on two lines: its name, with `title=`, `file=`, `layout=` (csv, two, bare, json, nested, xml) and
`clean` and `built` (written after a first sight, to mend from); then its columns, `header=maker` with `!` where persons' data must be found, `?` where either answer is right. Half of the tables
is kept back by the hash of its name: it was counted only, never looked at while the screen was mended.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from tdpf.controlplane.preparation.engine.numbers import is_card_number, is_my_number
from tdpf.controlplane.preparation.engine.personal.files import screen_path

TABLES = Path(__file__).with_name("personal_municipal.txt")
VALUES = Path(__file__).with_name("personal_municipal_values.tsv")
_SURNAMES = (
    "浅沼 アサヌマ asanuma|安藤 アンドウ ando|飯島 イイジマ iijima|池上 イケガミ ikegami|市川 イチカワ ichikawa|岩崎 イワサキ iwasaki|内山 ウチヤマ uchiyama|江口 エグチ eguchi|大谷 オオタニ otani|岡部 オカベ okabe|"
    "沖田 オキタ okita|尾崎 オザキ ozaki|樫村 カシムラ kashimura|片桐 カタギリ katagiri|川端 カワバタ kawabata|菊池 キクチ kikuchi|北原 キタハラ kitahara|工藤 クドウ kudo|黒沢 クロサワ kurosawa|桑田 クワタ kuwata|"
    "古賀 コガ koga|榊原 サカキバラ sakakibara|笹川 ササガワ sasagawa|澤村 サワムラ sawamura|塩田 シオダ shioda|島袋 シマブクロ shimabukuro|菅野 カンノ kanno|杉浦 スギウラ sugiura|須藤 スドウ sudo|瀬戸 セト seto|"
    "高木 タカギ takagi|竹内 タケウチ takeuchi|谷口 タニグチ taniguchi|塚本 ツカモト tsukamoto|永井 ナガイ nagai|成田 ナリタ narita|新村 ニイムラ niimura|西尾 ニシオ nishio|野口 ノグチ noguchi|萩原 ハギワラ hagiwara|"
    "服部 ハットリ hattori|平野 ヒラノ hirano|藤原 フジワラ fujiwara|堀内 ホリウチ horiuchi|牧野 マキノ makino|松尾 マツオ matsuo|三宅 ミヤケ miyake|武藤 ムトウ muto|森本 モリモト morimoto|八木 ヤギ yagi|柳田 ヤナギダ yanagida|横山 ヨコヤマ yokoyama|若林 ワカバヤシ wakabayashi"
)
_GIVEN = (
    "明 アキラ akira|篤史 アツシ atsushi|郁夫 イクオ ikuo|勇 イサム isamu|英治 エイジ eiji|修 オサム osamu|薫 カオル kaoru|和也 カズヤ kazuya|克己 カツミ katsumi|京子 キョウコ kyoko|邦彦 クニヒコ kunihiko|"
    "恵 メグミ megumi|紗希 サキ saki|聡 サトシ satoshi|静江 シズエ shizue|俊介 シュンスケ shunsuke|澄子 スミコ sumiko|孝 タカシ takashi|武史 タケシ takeshi|千夏 チナツ chinatsu|司 ツカサ tsukasa|俊夫 トシオ toshio|"
    "奈緒 ナオ nao|典子 ノリコ noriko|春香 ハルカ haruka|久子 ヒサコ hisako|博之 ヒロユキ hiroyuki|文雄 フミオ fumio|真理子 マリコ mariko|光男 ミツオ mitsuo|美保 ミホ miho|康弘 ヤスヒロ yasuhiro|結月 ユヅキ yuzuki|陽菜 ヒナ hina|颯真 ソウマ soma|悠人 ユウト yuto|ミツ ミツ mitsu|フミ フミ fumi"
)
_FOREIGN = "NGUYEN THI LAN|PHAM VAN DUC|CRUZ ANA MARIE|SHARMA BIKASH|LI JING|PARK SOO JIN|SILVA PEDRO HENRIQUE|THAPA SITA|AUNG KYAW|GARCIA LUIS"
_TOWNS = "本町|栄町|緑台|上野|港町|桜木|大字北野|字宮前|中央|西原"
_CITIES = "みなと市|青葉町|北川市南区|東京都大崎区|長野県白川郡東村"
_PLACES = frozenset(
    [
        "facility",
        "hospital",
        "nursery",
        "school",
        "shop",
        "company",
        "npo",
        "club",
        "noen",
        "park",
        "bridge",
        "sname",
        "bunka",
        "library",
        "ike",
    ]
)
_ROOMS = ("", "", "", " コーポ栄202", "　みどりマンション305号室", " 県営住宅2-401")
_HALF = dict(
    zip(
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンァィゥェォャュョッー",
        "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｧｨｩｪｫｬｭｮｯｰ",
        strict=True,
    )
) | dict(zip("ガギグゲゴザジズゼゾダヂヅデドバビブベボ", ["ｶﾞ", "ｷﾞ", "ｸﾞ", "ｹﾞ", "ｺﾞ", "ｻﾞ", "ｼﾞ", "ｽﾞ", "ｾﾞ", "ｿﾞ", "ﾀﾞ", "ﾁﾞ", "ﾂﾞ", "ﾃﾞ", "ﾄﾞ", "ﾊﾞ", "ﾋﾞ", "ﾌﾞ", "ﾍﾞ", "ﾎﾞ"], strict=True))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Municipal:
    """One made file: where each column stands, its name as it is found, and whether persons' data are in it (None: either is right)."""

    name: str
    file: str
    text: str
    truth: dict[str, bool | None]
    clean: bool
    built: bool

    @property
    def kept(self) -> bool:
        """Whether it belongs to the half that is counted only."""
        return not self.built and int(hashlib.sha256(self.name.encode()).hexdigest(), 16) % 2 == 0


@dataclass(slots=True)
class Count:
    """What was counted over some files: columns of persons found and missed, others found, and files that hold none but are not clean."""

    found: int = 0
    missed: int = 0
    false: int = 0
    held: int = 0
    wrong: list[tuple[str, list[str], list[str]]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """The share of the columns found that hold something of persons."""
        return self.found / max(1, self.found + self.false)

    @property
    def recall(self) -> float:
        """The share of the columns that hold something of persons that were found."""
        return self.found / max(1, self.found + self.missed)

    def add(self, table: Municipal, folder: Path) -> None:
        """Screen one file, written into a folder, and count its columns."""
        path = folder / table.file
        path.write_text(table.text, encoding="utf-8")
        findings = screen_path(path, name=table.file).findings
        found = {_bare(one.where.column): f"{one.where.column} ({one.certainty} {one.kind})" for one in findings}
        named = {name: holds for header, holds in table.truth.items() for name in _names(header)}
        missed = [header for header, holds in table.truth.items() if holds and not _names(header) & found.keys()]
        false = [told for column, told in found.items() if named.get(column, False) is False]
        self.found += sum(1 for holds in table.truth.values() if holds) - len(missed)
        self.missed += len(missed)
        self.false += len(false)
        self.held += table.clean and bool(findings)
        if missed or false:
            self.wrong.append((table.name, missed, false))


def _names(header: str) -> set[str]:
    """Return how a column may be called: 氏名/Name is 氏名 with an English title to the reader."""
    japanese, _, english = header.partition("/")
    return {_bare(header)} | ({_bare(japanese)} if english.isascii() and english else set())


def _bare(header: str) -> str:
    return re.sub(r"[\s_./・]", "", unicodedata.normalize("NFKC", header)).casefold()


def _names(header: str) -> set[str]:
    """Return by what a column may be found: its name, or the Japanese of a name in two languages."""
    japanese = re.sub(r"(?<=[ぁ-んァ-ヶ一-龥])\s*/\s*[A-Za-z][A-Za-z. ]*$", "", header)
    return {_bare(header), _bare(japanese)}


def counted(*, kept: bool, folder: Path) -> Count:
    """Return what was counted over one half."""
    count = Count()
    for table in municipal_tables():
        if table.kept == kept:
            count.add(table, folder)
    return count


class Person:
    """Somebody who does not exist, one for each cell or row that speaks of one."""

    def __init__(self, rng: random.Random) -> None:
        """Draw a name and a day of birth."""
        self.surname = rng.choice(_SURNAMES.split("|")).split()
        self.given = rng.choice(_GIVEN.split("|")).split()
        self.born = (rng.randint(1931, 2019), rng.randint(1, 12), rng.randint(1, 28))


def municipal_tables() -> Iterator[Municipal]:
    """Yield every made file, the same ones each time."""
    lines = [line for line in TABLES.read_text(encoding="utf-8").splitlines() if line]
    for about, columns in zip(lines[::2], lines[1::2], strict=True):
        name, *options = (part.strip() for part in about.split("|"))
        said = dict(option.split("=", 1) for option in options if "=" in option)
        yield _made(name, said, columns, clean="clean" in options, built="built" in options)


def _made(name: str, said: dict[str, str], columns: str, *, clean: bool, built: bool) -> Municipal:
    rng = random.Random(zlib.crc32(name.encode()))
    headers, makers, truth = [], [], {}
    layout = said.get("layout", "csv")
    for place, column in enumerate(columns.split("; "), 1):
        header, maker = column.rsplit("=", 1)
        mark = maker[-1] if maker[-1] in "!?" else ""
        header = f"列{place}" if layout == "bare" else header
        headers.append(header)
        makers.append(maker.rstrip("!?"))
        truth[header] = None if mark == "?" else mark == "!"
    styles = [rng.random() for _ in makers]
    rows = []
    for number in range(1, rng.choice((9, 14, 22, 35)) + 1):
        person = Person(rng)
        own = [Person(rng) for _ in makers]
        rows.append(
            [
                value_of(maker, person if place == makers.index(maker) else own[place], rng, number, style)
                for place, (maker, style) in enumerate(zip(makers, styles, strict=True))
            ]
        )
    if clean:
        _tell_apart(makers, rows)
    text, ending = _written(layout, said.get("title", ""), headers, rows)
    return Municipal(name, said.get("file", f"data{ending}"), text, truth, clean, built)


def _tell_apart(makers: list[str], rows: list[list[str]]) -> None:
    """Give every place its own name in lists of places: 本町 中央公民館, 栄町 中央公民館."""
    for place, maker in enumerate(makers):
        seen: set[str] = set()
        for number, row in enumerate(rows if maker in _PLACES else []):
            if row[place] in seen:
                row[place] = f"{_TOWNS.split('|')[number % 6]}第{number}{row[place]}"
            seen.add(row[place])


def _written(layout: str, title: str, headers: list[str], rows: list[list[str]]) -> tuple[str, str]:
    if layout == "json":
        return json.dumps([dict(zip(headers, row, strict=True)) for row in rows], ensure_ascii=False), ".json"
    if layout == "xml":
        records = ("".join(f"<{h}>{v}</{h}>" for h, v in zip(headers, row, strict=True)) for row in rows)
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><list>{"".join(f"<row>{r}</row>" for r in records)}</list>',
            ".xml",
        )
    if layout == "nested":
        return json.dumps([_nested(headers, row) for row in rows], ensure_ascii=False), ".json"
    lines = [[title]] if title else []
    if layout == "two":
        groups = [header.partition("/")[0] for header in headers]
        lines.append([group if not place or groups[place - 1] != group else "" for place, group in enumerate(groups)])
        lines.append([header.partition("/")[2] for header in headers])
    elif layout != "bare":
        lines.append(headers)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([*lines, *rows])
    return out.getvalue(), ".csv"


def _nested(headers: list[str], row: list[str]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for header, value in zip(headers, row, strict=True):
        parent, _, name = header.rpartition(".")
        (record.setdefault(parent, {}) if parent else record)[name] = value
    return record


@lru_cache(maxsize=1)
def _listed() -> dict[str, list[str]]:
    with VALUES.open(encoding="utf-8", newline="") as file:
        return {row["maker"]: row["values"].split("|") for row in csv.DictReader(file, delimiter="\t")}


def value_of(maker: str, person: Person, rng: random.Random, number: int, style: float) -> str:
    """Return one value; `style` is the column's own way of writing, from 0 to 1."""
    if maker in _listed():
        return rng.choice(_listed()[maker])
    return _MAKERS[maker](person, rng, number, style)


Maker = Callable[[Person, random.Random, int, float], str]


def _digits(rng: random.Random, pattern: str) -> str:
    return "".join(str(rng.randrange(10)) if sign == "9" else sign for sign in pattern)


def _pattern(*patterns: str) -> Maker:
    return lambda _p, rng, _n, style: _digits(rng, patterns[int(style * len(patterns))])


def _between(low: int, high: int, form: str = "{}") -> Maker:
    return lambda _p, rng, _n, _s: form.format(rng.randint(low, high))


def _name(person: Person, _rng: random.Random, _number: int, style: float) -> str:
    gap = "" if style < 0.35 else "　" if style < 0.75 else " "
    return person.surname[0] + gap + person.given[0]


def _kana(person: Person, _rng: random.Random, _number: int, style: float) -> str:
    return person.surname[1] + ("　" if style < 0.5 else " " if style < 0.8 else "") + person.given[1]


def _half(text: str) -> str:
    return "".join(_HALF.get(sign, sign) for sign in text)


def _hira(text: str) -> str:
    return "".join(chr(ord(sign) - 0x60) if "ァ" <= sign <= "ヶ" else sign for sign in text)


def _home(_person: Person, rng: random.Random, _number: int, style: float) -> str:
    return rng.choice(_CITIES.split("|")) + _lot(rng, style) + rng.choice(_ROOMS)


def _lot(rng: random.Random, style: float) -> str:
    town, one, two, three = rng.choice(_TOWNS.split("|")), rng.randint(1, 9), rng.randint(1, 40), rng.randint(1, 25)
    if style < 0.4 and not town.startswith(("大", "字")):
        return f"{town}{one}丁目{two}番{three}号"
    return f"{town}{one}-{two}-{three}" if style < 0.7 else f"{town}{two}番地{one}"


def _era(person: Person, form: str) -> str:
    year, month, day = person.born
    name, short, first = next(
        era for era in (("令和", "R", 2018), ("平成", "H", 1988), ("昭和", "S", 1925)) if year > era[2]
    )
    return form.format(
        name=name, short=short, year=year - first, month=month, day=day, code={"R": 5, "H": 4, "S": 3}[short]
    )


def _mail(*domains: str) -> Maker:
    return lambda person, rng, _n, _s: (
        f"{person.given[2]}.{person.surname[2]}{rng.randint(1, 99)}@{rng.choice(domains)}"
    )


def _my_number(_person: Person, rng: random.Random, _number: int, _style: float) -> str:
    while True:
        found = _digits(rng, "999999999999")
        if is_my_number(found):
            return found


def _card(_person: Person, rng: random.Random, _number: int, _style: float) -> str:
    while True:
        found = _digits(rng, "4999-9999-9999-9999")
        if is_card_number(found.replace("-", "")):
            return found


def _day(_person: Person, rng: random.Random, _number: int, style: float) -> str:
    year, month, day = rng.randint(2018, 2025), rng.randint(1, 12), rng.randint(1, 28)
    return (
        f"{year}-{month:02}-{day:02}"
        if style < 0.4
        else f"{year}/{month}/{day}"
        if style < 0.7
        else f"R{max(1, year - 2018)}.{month}.{day}"
    )


def _kin(place: str) -> Maker:
    return lambda p, rng, _n, _s: (
        f"{rng.choice(('長男', '娘', '母', '妻'))}{p.given[0] if place == 'tel' else ''}（{_digits(rng, '090-9999-9999')}）"
    )


_MAKERS: dict[str, Maker] = {
    "run": lambda _p, _r, number, style: f"{number:03}" if style < 0.4 else str(number),
    "name": _name, "doctor": _name, "namesp": lambda p, r, n, _s: _name(p, r, n, 0.5), "kana": _kana,
    "kanah": lambda p, _r, _n, _s: _half(f"{p.surname[1]} {p.given[1]}"), "hira": lambda p, r, n, s: _hira(_kana(p, r, n, s)),
    "sei": lambda p, _r, _n, _s: p.surname[0], "mei": lambda p, _r, _n, _s: p.given[0], "seikana": lambda p, _r, _n, _s: p.surname[1], "meikana": lambda p, _r, _n, _s: p.given[1],
    "roman": lambda p, _r, _n, s: f"{p.surname[2].upper()} {p.given[2].upper()}" if s < 0.5 else f"{p.given[2].title()} {p.surname[2].title()}",
    "romfirst": lambda p, _r, _n, _s: p.given[2].title(), "romlast": lambda p, _r, _n, _s: p.surname[2].title(),
    "foreign": lambda _p, rng, _n, _s: rng.choice(_FOREIGN.split("|")),
    "nick": lambda p, rng, _n, _s: rng.choice((f"{_hira(p.given[1])}ママ", p.given[2], f"{p.given[0]}☆", f"{_hira(p.given[1])}")),
    "kojin": lambda p, rng, _n, _s: rng.choice((p.surname[0] + " " + p.given[0], p.surname[0] + p.given[0], f"{p.surname[0]}造園", "株式会社丸和")),
    "childage": lambda p, rng, _n, _s: f"{p.given[0]}（{rng.randint(1, 9)}歳）",
    "homename": lambda p, rng, n, s: f"{_home(p, rng, n, s)}　{p.surname[0]}{p.given[0]}", "kojin2": lambda p, rng, _n, _s: rng.choice((p.surname[0] + " " + p.given[0], p.surname[0] + "　" + p.given[0], "株式会社丸和")),
    "nameage": lambda p, rng, _n, _s: f"{p.surname[0]}{p.given[0]}（{rng.randint(88, 104)}）", "namekin": lambda p, rng, _n, _s: f"{rng.choice(('長男', '長女', '妻', '孫'))} {p.surname[0]}{p.given[0]}",
    "names2": lambda p, rng, _n, _s: f"{p.surname[0]}{p.given[0]}、{p.surname[0]}{rng.choice(_GIVEN.split('|')).split()[0]}", "card": _card, "bmi": lambda _p, rng, _n, _s: f"{rng.uniform(17, 30):.1f}", "weight2": lambda _p, rng, _n, _s: f"{rng.uniform(40, 80):.1f}",
    "year2": _between(1998, 2024), "namekana": lambda p, _r, _n, _s: f"{p.surname[0]}　{p.given[0]}（{p.surname[1]}　{p.given[1]}）", "idlong": _pattern("9" * 23), "kigou": _pattern("みな 99・9999999"),
    "namemix": lambda p, rng, _n, _s: rng.choice((p.surname[0] + p.given[0], p.surname[0], "匿名", p.surname[0] + p.given[0])), "telmix": lambda _p, rng, _n, _s: rng.choice((_digits(rng, "090-9999-9999"), _digits(rng, "099-999-9999"), "なし")),
    "home": _home, "homet": lambda _p, rng, _n, s: _lot(rng, s), "street": lambda _p, rng, _n, _s: f"{rng.randint(1, 9)}-{rng.randint(1, 30)}-{rng.randint(1, 20)} {rng.choice(('Honcho', 'Sakae-cho', 'Nishi'))}",
    "area": lambda _p, rng, _n, s: rng.choice(("本町", "栄町", "緑台", "上野", "港町", "桜木", "北野", "西原")) + (f"{rng.randint(1, 4)}丁目" if s < 0.4 else ""),
    "areaadr": lambda _p, rng, _n, _s: f"みなと市{rng.choice(('本町', '栄町', '緑台'))}{rng.randint(1, 5)}丁目地内", "lot": lambda _p, rng, _n, _s: f"大字北野字宮前{rng.randint(10, 900)}番{rng.randint(1, 9)}",
    "apt": lambda _p, rng, _n, _s: rng.choice(("コーポ栄", "みどりマンション", "第二ハイツ")), "zip": _pattern("9999999", "999-9999"),
    "tel": _pattern("0999-99-9999", "03-9999-9999", "(0999)99-9999", "099-999-9999"), "mob": _pattern("090-9999-9999", "08099999999", "070-9999-9999"), "naisen": _pattern("9999"),
    "mobkin": _kin("mob"), "telkin": _kin("tel"),
    "free": _mail("gmail.com", "yahoo.co.jp", "docomo.ne.jp"), "ownmail": _mail("example-home.net", "mail.example.com"),
    "orgmail": lambda _p, rng, _n, _s: f"{rng.choice(('info', 'kouhou', 'shimin', 'soumu'))}@city.minato.lg.jp",
    "bd": lambda p, _r, _n, s: "{}-{:02}-{:02}".format(*p.born) if s < 0.6 else "{}/{}/{}".format(*p.born), "bd8": lambda p, _r, _n, _s: "{}{:02}{:02}".format(*p.born),
    "bdk": lambda p, _r, _n, _s: _era(p, "{name}{year}年{month}月{day}日"), "bde": lambda p, _r, _n, _s: _era(p, "{short}{year}.{month}.{day}"), "bd7": lambda p, _r, _n, _s: _era(p, "{code}{year:02}{month:02}{day:02}"),
    "year": lambda p, _r, _n, _s: str(p.born[0]), "age": lambda p, _r, _n, _s: f"{2025 - p.born[0]}歳", "agenum": lambda p, _r, _n, _s: str(2025 - p.born[0]),
    "agegroup": lambda p, _r, _n, _s: f"{(2025 - p.born[0]) // 10 * 10}代", "agefrom": _between(0, 5, "{}歳児から"),
    "date": _day, "stamp": lambda _p, rng, _n, _s: f"2024/{rng.randint(1, 12)}/{rng.randint(1, 28)} {rng.randint(8, 20)}:{rng.randint(10, 59)}", "time": lambda _p, rng, _n, _s: f"{rng.randint(8, 20)}:{rng.randint(10, 59)}",
    "ym": lambda _p, rng, _n, _s: f"2024年{rng.randint(1, 12)}月", "period": lambda _p, rng, _n, _s: f"R6.{rng.randint(1, 6)}.1～R6.{rng.randint(7, 12)}.30",
    "small": _between(1, 30), "num": _between(31, 5000), "rate": lambda _p, rng, _n, _s: f"{rng.uniform(5, 45):.1f}", "money": lambda _p, rng, _n, s: f"{rng.randint(10, 900) * 100:,}" if s < 0.5 else str(rng.randint(10, 900) * 100),
    "income": lambda _p, rng, _n, _s: str(rng.randint(50, 300) * 1000),
    "id6": _pattern("999999", "第9999号", "A99999"), "id8": _pattern("99999999", "8-9999999"), "id10": _pattern("9999999999"), "id12": _pattern("999999999999"), "code": _pattern("AB9999", "F99-9999", "X9999999"), "acct": _pattern("9999999"),
    "corp": _pattern("9010001999999", "3010405999999"), "isbn": _pattern("9784999999999"), "mynum": _my_number, "nenkin": _pattern("9999-999999", "9999999999"), "passport": _pattern("TR9999999"), "cardno": _pattern("AB99999999CD"),
    "jiken": _pattern("令和6年（ワ）第99号"), "minpaku": _pattern("第M13999999号"), "hyojun": _pattern("みなと-9"), "pole": _pattern("本町支99"),
    "bankfull": lambda p, rng, _n, _s: f"みなと銀行 本店 普通 {_digits(rng, '9999999')} {_half(p.surname[1])}",
    "plate": lambda _p, rng, _n, _s: f"みなと {rng.randint(300, 599)} {rng.choice('あいうさせ')} {_digits(rng, '99-99')}", "ip": lambda _p, rng, _n, _s: f"203.0.113.{rng.randint(1, 254)}",
    "loginid": lambda p, rng, _n, _s: f"{p.given[2]}_{rng.randint(10, 99)}", "lineid": lambda _p, rng, _n, _s: f"U{rng.getrandbits(128):032x}",
    "height": lambda _p, rng, _n, _s: f"{rng.uniform(60, 180):.1f}", "weight": lambda _p, rng, _n, _s: f"{rng.randint(2200, 12000)}", "weeks": _between(6, 12, "{}週"), "bp": lambda _p, rng, _n, _s: f"{rng.randint(100, 170)}/{rng.randint(60, 100)}",
    "hba": lambda _p, rng, _n, _s: f"{rng.uniform(5, 9):.1f}", "hb": lambda _p, rng, _n, _s: f"{rng.uniform(11, 17):.1f}", "lat": lambda _p, rng, _n, _s: f"35.{_digits(rng, '99999')}", "lon": lambda _p, rng, _n, _s: f"139.{_digits(rng, '99999')}",
    "url": lambda _p, rng, _n, _s: f"https://www.city.minato.lg.jp/{rng.randint(1, 99)}.html", "chonai": lambda _p, rng, _n, _s: rng.choice(("本町", "栄町", "上野", "港町")) + "町会",
}  # fmt: skip
