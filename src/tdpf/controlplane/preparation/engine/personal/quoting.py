"""What a report may quote of a table: the values of persons are masked, whatever column they stand in.

Judged by shape and the commonest surnames, without the dictionary, which is too large to be held while a file is rated. Too much is
masked rather than too little, but not everything: a rarer name, or one of one sign (森), without a space in a column that does not speak of persons, stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from tdpf.controlplane.preparation.engine.personal.headers import Header, header_of
from tdpf.controlplane.preparation.engine.personal.masking import mask
from tdpf.controlplane.preparation.engine.personal.values import kinds_of

_THEIRS = frozenset(("mail", "free_mail", "mobile", "my_number", "card", "account", "day", "plate", "network"))
_OF_PERSONS = frozenset(("address", "health", "attribute", "reading", "surname", "given", "online", "account"))
_HELD = 400
_PARTS = re.compile(r"[、,，／/・;；\n|]")
_NAME = re.compile(r"[一-龥々]{1,4}[\s　]+[一-龥々ぁ-んァ-ヶー]{1,5}")
_NAMED = re.compile(r"[一-龥々]{2,6}(?:さん|様|氏(?!名)|殿)")
# Two words of kana or Latin letters may be how a person is called or read.
_READ = re.compile(
    r"[ァ-ヶー]{2,6}[\s　]+[ァ-ヶー]{2,6}|[ぁ-んー]{2,6}[\s　]+[ぁ-んー]{2,6}|[A-Z][A-Za-z]+,?[\s　]+[A-Z][A-Za-z]+"
)
_PLACE = re.compile(
    r"\b(?:City|Ward|Town|Hall|Park|Station|School|Center|Centre|Library|Museum|Tower|Office|Hospital|Street|Line|Tokyo|Japan)\b|センター|コウエン|トショカン|カイカン"
)
_ADDRESSED = re.compile(r"宛先|宛名|送り先|送付先|届け先")
_SURNAMES = (
    "佐藤|鈴木|[高髙]橋|田中|伊藤|渡[辺邊邉部]|山本|中村|小林|加藤|吉田|山田|佐々木|山口|松本|井上|木村|斎藤|齋藤|斉藤|清水|山崎|山﨑|池田|橋本|阿部|石川|山下|中島|"
    "石井|小川|前田|岡田|長谷川|藤田|後藤|近藤|村上|遠藤|青木|坂本|福田|太田|西村|藤井|岡本|三浦|藤原|金子|中野|中川|原田|松田|竹内|小野|田村|中山|和田|石田|森田|上田|"
    "内田|柴田|酒井|宮崎|横山|高木|安藤|宮本|大野|小島|工藤|谷口|今井|高田|増田|丸山|杉山|村田|大塚|新井|小山|平野|藤本|河野|上野|野口|武田|松井|千葉|菅原|岩崎|久保|"
    "木下|佐野|野村|松尾|菊地|市川|杉本|古川|大西|島田|水野|桜井|渡部|高野|菊池|吉川|山内|飯田|西田|川口|小松|北村|安田|五十嵐|川崎|平田|中田|久保田|服部|岩田|土屋|川上|"
    "本田|矢野|樋口|永井|秋山|中西|吉村|熊谷|大島|浅野|荒木|石原|荒井|望月|田口|大久保|松岡|小池|浜田|森本|野田|内藤|田辺|小沢|成田|黒田|尾崎|須藤|早川"
)
_FULL_NAME = re.compile(rf"(?=.{{3,6}}$)(?:{_SURNAMES})[一-龥々ぁ-んァ-ヶ]{{1,3}}")
_NO_PERSON = re.compile(
    r"[市区町村県郡駅橋川山店園館校所場課部局室院寺社線台北南東西]$|丁目|地区|公園|[大小中]学|高校|保育|幼稚|児童|通り|病院|医院|会館|商店"
)
_COMPANY = re.compile(r"株式|有限|合同|会社|法人|組合|協会|財団|社団|学校|病院|医院|市$|区$|町$|村$|県$")


def private_columns(names: Iterable[str]) -> frozenset[str]:
    """Return the columns whose values are about persons by their names: in a table of persons also address, telephone, mail."""
    headers = {name: header_of(name) for name in names}
    matters = {header.matter for header in headers.values()}
    persons = {"surname", "given"} <= matters or any(
        header.matter == "name" and header.whose == "person" for header in headers.values()
    )
    return frozenset(name for name, header in headers.items() if header.is_private or (persons and _is_theirs(header)))


def _is_theirs(header: Header) -> bool:
    """Say whether a column of a list of persons is about them though its name does not say so."""
    return header.whose != "site" and (header.phone or header.matter in _OF_PERSONS)


def quoted(value: str, column: str = "", *, private: bool = False) -> str:
    """Return a value as a report may show it: masked when it belongs to a person, as it is otherwise."""
    judged = is_private_value if len(value) <= _HELD else is_private_value.__wrapped__
    return mask(value) if private or judged(value, column) else value


@lru_cache(maxsize=16_384)
def is_private_value(value: str, column: str = "") -> bool:
    """Say whether a value is one of a person by its own shape or by the name of its column."""
    header = header_of(column)
    if not value or value.isspace():
        return False
    if header.is_private and header.matter != "name":
        return True
    if header.named and not _COMPANY.search(value):
        return True
    if value.isascii() and len(value) < 6:
        return False
    kinds = {kind for kind, _ in kinds_of(value, header)}
    if kinds & _THEIRS or ("@" in value and "public_mail" not in kinds):
        return True
    if _ADDRESSED.search(header.key) and not _COMPANY.search(value):
        return True
    return bool(_NAMED.search(value)) or any(map(_is_name, _PARTS.split(value)))


def _is_name(part: str) -> bool:
    text = part.strip()
    if _NAME.fullmatch(text) or (_READ.fullmatch(text) and not _PLACE.search(text)):
        return True
    return any(_FULL_NAME.fullmatch(word) and not _NO_PERSON.search(word) for word in text.split())
