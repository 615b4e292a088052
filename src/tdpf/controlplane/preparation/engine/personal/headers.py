"""What the name of a column says about persons: what stands there, and whose it is.

A header is read as the language builds it, from its end: the last word says what stands there (…番号, …住所, …電話, …氏名), the last word
before it whose that is (申請者…, 施設…, 代表者…). Both are tables of morphemes (`lexicon`), so that words which nobody listed are
read too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tdpf.controlplane.preparation.engine.cells import spoken_name
from tdpf.controlplane.preparation.engine.personal.lexicon.tables import NUMBER_WORDS, lexicon

Matter = Literal[
    "my_number", "number", "account", "mail", "mobile", "phone", "birth", "birth_year", "birth_part", "reading",
    "surname", "given", "name", "home", "address", "health", "attribute", "online", "network", "vehicle", "text", "",
]  # fmt: skip
Whose = Literal["person", "role", "office", "author", "site", "thing", ""]

_LOOKS = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")
_SPACE = re.compile(r"\s+")
_PART_OF_DAY = re.compile(r"_[年月日]$")
_URI = re.compile(r"^https?://\S*[/#](?=\w)")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NUMBER = "|".join(re.escape(word) for word in NUMBER_WORDS)
# What may follow the word that says what stands there: 電話番号1, 氏名(漢字), 住所欄, お名前をご記入ください.
_TAIL = re.compile(
    r"(?:[\d_\-.:;*※・/]|\([^)]*\)|[等欄様]|など|情報|の方|(?<=[ぁ-んァ-ヶ一-龥])[a-z]$|その\d|(?:[をは][^。]{0,12})?(?:ください|下さい|ますか|教えて)|(?:の|ご)*(?:記入|入力))*",
    re.IGNORECASE,
)
# What may stand between whose name it is and its end: 申請者の氏名, guardian_name, 所有者様.
_NAME_TAIL = re.compile(r"[のｰ_\- ]?(?:氏?名(?:又は名称|・名称)?|お?名前|name)|様|さん|住所氏名|", re.IGNORECASE)
_OR = re.compile(r"(?:又は|または|もしくは|若しくは|及び|_or_)")
_OR_NAMED = re.compile(rf"^(?:氏名|名前)(?={_OR.pattern})|(?<=.){_OR.pattern}(?:氏名|名前)$")
_BARE_NAME = re.compile(r"^name(?:_?\(.*\))?$|^名前$", re.IGNORECASE)
_COUNTED = re.compile(r"(?:数|率|割合|件数|合計|総計|[金総月日年]?額|人口|面積|指数|時間|有無|可否|確認)(?:\(.*\))?$")
_EARNS = re.compile(
    r"^(?:世帯|前年|本人|申告)*(?:年収|所得|収入)(?:金?額|月額)?$|(?:滞納|未納|債務|負債|借入)[金税]?(?:額|残高)(?:\(.*\))?$"
)
_NUMBERED = re.compile(rf"[の_・･]?(?:整理|受付|交付|登録)?(?:{_NUMBER})(?:{_TAIL.pattern})", re.IGNORECASE)
_CASES = re.compile(
    r"受付[日番簿]|訪問日|面談日|聞き?取り|受付年月日|受付日時|相談|苦情|陳情|要望|通報|申出|対応状況|処理状況|折衝|応対|着信|お?問い?合わ?せ内容|ご?意見|message|拾得"
)
_COUNCIL = re.compile(
    r"議席|会派|当選回数|当選期|期数|得票|党派|政党|任期|就任|退任|委嘱|[新旧]職|[新旧]所属|発令|選出区分|公職|(?<![a-z])(?:party|elected|votes?|faction|seat|term)(?![a-z])",
    re.IGNORECASE,
)
_ELECTION = re.compile(r"歴代|議員|議席|立候補|候補者|選挙(?!人)|(?<!民生)(?<!児童)委員(?!会)|審議会|人事異動|公職")
# Whom a town makes known for an honour or an office of that kind.
_HONOURED = re.compile(
    r"名誉[市町村区都道府県]民|(?:観光|ふるさと|広報|PR|親善|文化|応援|魅力発信)大使|^大使(?:名|氏名)?$"
)


@dataclass(frozen=True, slots=True)
class Header:
    """A column's name read: `key` without spaces for looks, in common width; what stands there, and whose it is."""

    key: str
    matter: Matter
    whose: Whose
    holder: bool

    @property
    def named(self) -> bool:
        """Whether it says that names of persons, or of those who run something, stand there."""
        return self.matter == "name" and self.whose in ("person", "role")

    @property
    def phone(self) -> bool:
        """Whether it says that telephones stand there."""
        return self.matter in ("phone", "mobile")

    @property
    def born(self) -> bool:
        """Whether it says that days of birth or parts of them stand there."""
        return self.matter in ("birth", "birth_year", "birth_part")

    @property
    def is_private(self) -> bool:
        """Whether its values are about one person whatever they look like."""
        if self.born or self.matter in ("my_number", "mobile", "home"):
            return self.whose not in ("site", "thing")
        if self.matter == "number":
            return self.holder
        return self.whose == "person" and self.matter in ("name", "reading", "address", "phone", "account", "mail")


def key_of(name: str) -> str:
    """Return a column's name as names are compared: “氏　名” as 氏名, “Contact person” as Contact_person."""
    return _SPACE.sub("_", _LOOKS.sub("", unicodedata.normalize("NFKC", spoken_name(name)).strip()))


@lru_cache(maxsize=4_096)
def header_of(name: str) -> Header:
    """Return what a column's name says about persons."""
    key = _HUMP.sub("_", key_of(_URI.sub("", name.strip())))
    text = key.casefold()
    matter, start, end = _matter_of(_PART_OF_DAY.sub("", text))
    counted = _COUNTED.search(key)
    if counted and not _EARNS.search(key) and not (matter in ("health", "attribute") and start < counted.start() < end):
        return Header(key, "", "thing", holder=False)
    if matter == "birth" and _PART_OF_DAY.search(key):
        matter = "birth_part"
    whose = ""
    bracket = text.find("(")
    for place, _, owner in lexicon("owners").found(text):
        if matter in ("name", "") and not (
            whose and owner.means == "site" and (place > bracket > -1 or _OR.search(text, 0, place))
        ):
            whose = owner.means  # 所有者(代表): one of several owners; 申請者名又は団体名: whoever applied
        elif matter not in ("name", "") and (place < start or place > bracket > -1):
            whose = owner.means
    if matter in ("name", "") and whose == "site" and (either := _OR_NAMED.search(text)):
        matter, whose = "name", "role" if either.start() else "person"  # 商号又は氏名, 氏名又は団体名
    if matter == "name" and not whose:
        whose = "" if _BARE_NAME.search(key) else "person"
    public = next(lexicon("heads", "public").found(text), None)
    holder = matter == "number" and public is None and (whose == "person" or _is_paper(text))
    return Header(key, matter, whose, holder=holder)  # type: ignore[arg-type]  # the tables hold only the words of Matter and Whose


def _matter_of(text: str) -> tuple[Matter, int, int]:
    """Return what stands in a column and where the word that says so begins and ends: the longest that reaches to the end."""
    best: tuple[Matter, int, int] = ("", len(text), len(text))
    words = lexicon("matters")
    for start in range(len(text)):
        found = next(((end, term) for end, term in words.at(text, start) if _TAIL.fullmatch(text, end)), None)
        if found is not None:
            best = (found[1].means, start, found[0])  # type: ignore[assignment]  # the table holds only the words of Matter
            break
    if best[0] in ("", "number", "text") and _is_paper(text):
        return "number", len(text) - 1, len(text)
    named = _name_of(text)
    if named < best[1] and best[0] != "reading":
        return "name", named, len(text)
    return best


def _name_of(text: str) -> int:
    """Return where the word begins that says that names stand in a column, the end of the text when none does."""
    heads, owners = lexicon("heads", "name"), lexicon("owners", "role", "office", "author", "person")
    for start in range(len(text)):
        for words in (heads, owners):
            for end, _ in words.at(text, start):
                if any(_TAIL.fullmatch(text, behind) for behind in _name_ends(text, end)):
                    return start
    return 0 if _BARE_NAME.search(text) else len(text)


def _name_ends(text: str, end: int) -> tuple[int, ...]:
    """Return where what follows a word of names may begin: right behind it, and behind の氏名, _name, 様."""
    found = _NAME_TAIL.match(text, end)
    return (end,) if found is None or found.end() == end else (found.end(), end)


def _is_paper(text: str) -> bool:
    """Say whether a text is the number of a document or register of one person: 免許証番号, 診察券, 宛名No."""
    if any(
        _TAIL.fullmatch(text, end) for start in range(len(text)) for end, _ in lexicon("heads", "paper").at(text, start)
    ):
        return True
    return any(
        _NUMBERED.fullmatch(text, end)
        for start in range(len(text))
        for end, _ in lexicon("heads", "document").at(text, start)
    )


def are_cases(names: Iterable[str]) -> bool:
    """Say whether the columns are those of cases that people brought: requests, complaints, consultations."""
    return any(_CASES.search(key) and not _COUNTED.search(key) for key in map(key_of, names))


def are_elected(names: Iterable[str], lines: Iterable[str] = ()) -> bool:
    """Say whether the columns are those of members of a council, candidates, or others whose offices are announced in public.

    One word is not enough: courses and clubs count 期数 and 得票 too. `lines` are what stands above the table and its sheet's name.
    """
    keys, lines = [key_of(name) for name in names], tuple(lines)
    if any(_HONOURED.search(text) for text in (*keys, *lines)):
        return True
    words = {word for key in keys for word in _COUNCIL.findall(key)}
    if len(words & {"任期", "就任", "退任"}) == 2 and "退任" not in words:
        words.discard("任期")  # they say the same
    return len(words) >= 2 or (bool(words) and any(_ELECTION.search(text) for text in (*keys, *lines)))
