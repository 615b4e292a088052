"""What a report may quote of a table: the values of persons are masked, whatever column they stand in.

Judged by shape alone, without the dictionary, which is too large to be held while a file is rated: rather too much is masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from tdpf.controlplane.preparation.engine.masking import mask
from tdpf.controlplane.preparation.engine.personal_headers import Header, header_of
from tdpf.controlplane.preparation.engine.personal_values import kinds_of

_THEIRS = frozenset(("mail", "free_mail", "mobile", "my_number", "card", "account", "day", "plate", "network"))
_HELD = 400
_PARTS = re.compile(r"[、,，／/・;；\n|]")
_NAME = re.compile(r"[一-龥々]{1,4}[\s　]+[一-龥々ぁ-んァ-ヶー]{1,5}")
_NAMED = re.compile(r"[一-龥々]{2,6}(?:さん|様|氏(?!名)|殿)")
_COMPANY = re.compile(r"株式|有限|合同|会社|法人|組合|協会|財団|社団|学校|病院|医院|市$|区$|町$|村$|県$")


def private_columns(names: Iterable[str]) -> frozenset[str]:
    """Return the columns whose values are about persons by their names: in a table of persons also address, telephone, mail."""
    headers = {name: header_of(name) for name in names}
    pair = any(header.surname for header in headers.values()) and any(header.given for header in headers.values())
    persons = pair or any(header.person and not header.role for header in headers.values())
    return frozenset(name for name, header in headers.items() if _is_private(header, pair=pair, persons=persons))


def _is_private(header: Header, *, pair: bool, persons: bool) -> bool:
    if header.is_private or (pair and (header.surname or header.given)):
        return True
    return persons and (
        header.address or header.health or header.kana or header.online or (header.phone and not header.site_phone)
    )


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
    if header.is_private or ((header.role or (header.party and not value.isascii())) and not _COMPANY.search(value)):
        return True
    if value.isascii() and len(value) < 6:
        return False
    kinds = {kind for kind, _ in kinds_of(value, header)}
    if kinds & _THEIRS or ("@" in value and "public_mail" not in kinds):
        return True
    return bool(_NAMED.search(value)) or any(_NAME.fullmatch(part.strip()) for part in _PARTS.split(value))
