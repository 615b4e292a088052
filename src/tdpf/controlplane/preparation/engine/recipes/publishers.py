"""Which local government a table speaks for, told from its codes, names, file name, titles and addresses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tdpf.controlplane.preparation.engine.municipalities import Municipality, by_code, city_of_wards, head_of, named
from tdpf.controlplane.preparation.engine.normalising.codes import municipality_code
from tdpf.controlplane.preparation.engine.normalising.texts import prefecture as prefecture_name
from tdpf.controlplane.preparation.engine.places import prefectures
from tdpf.controlplane.preparation.engine.recipes.types import SourceTable, Values

_SIX = re.compile(r"(?<!\d)(\d{6})(?!\d)")
_FIVE = re.compile(r"(?<!\d)(\d{5})(?!\d)")
_POSTAL = re.compile(r"^\s*(?:〒\s*)?[\d０-９]{3}[-‐－−ー―][\d０-９]{4}\s*")
_WORD = re.compile(r"[一-龥ぁ-んァ-ヶ々]+")


@dataclass(frozen=True, slots=True)
class Publisher:
    """A local government: `city` is empty for a prefecture. `evidence` says in one word where it was found."""

    code: str
    prefecture: str
    city: str
    evidence: str

    @property
    def name(self) -> str:
        """Prefecture and municipality in one."""
        return self.prefecture + self.city


def of_code(code: str, evidence: str) -> Publisher | None:
    """Return the local government of a six-digit code."""
    found = by_code().get(code)
    if found is not None:
        return Publisher(code, found.prefecture, found.name, evidence)
    name = next((name for name, known in prefectures().items() if known == code), "")
    return Publisher(code, name, "", evidence) if name else None


def find_publisher(source: SourceTable, columns: Mapping[str, Values]) -> Publisher | None:
    """Return whom a mapped table speaks for: its code column, its names, the file's name, titles, most addresses."""
    codes = Counter(municipality_code(value).value for value in _present(columns, "publisher.code"))
    codes.pop(None, None)
    if codes:
        code, count = codes.most_common(1)[0]
        found = of_code(str(code), "codes")
        if found and count * 10 >= sum(codes.values()) * 9:
            return found
    hint = _hint(columns)
    return _by_names(columns) or _by_file(source, hint) or _by_addresses(columns, hint)


def _hint(columns: Mapping[str, Values]) -> str:
    """Return the prefecture that names are to be looked for in: stated in a column or an address, or Tokyo for its wards.

    Addresses that begin with 港区 or 北区 alone may be of other cities; where coordinates are given they must lie in the wards' area.
    """
    stated = {prefecture_name(value).value for value in _present(columns, "publisher.prefecture")}
    heads = [head for value in _present(columns, "address") if (head := head_of(value)) and head.prefecture_stated]
    stated |= {head.prefecture for head in heads}
    stated &= set(prefectures())
    if len(stated) == 1:
        return str(stated.pop())
    if stated or columns.get("location.city"):
        return ""
    lats, lons = list(_present(columns, "latitude"))[:20], list(_present(columns, "longitude"))[:20]
    outside = [value for value in lats if not _between(value, 35.5, 35.85)]
    outside += [value for value in lons if not _between(value, 139.5, 139.95)]
    return "" if outside else "東京都"


def _between(value: str, low: float, high: float) -> bool:
    try:
        return low <= float(value) <= high
    except ValueError:
        return False


def _by_names(columns: Mapping[str, Values]) -> Publisher | None:
    prefs = columns.get("publisher.prefecture", [])
    cities = columns.get("publisher.city", [])
    pairs = Counter(
        (prefecture_name(prefs[row] or "").value or "" if row < len(prefs) and prefs[row] else "", (city or "").strip())
        for row, city in enumerate(cities)
        if city
    )
    if pairs:
        (pref, city), count = pairs.most_common(1)[0]
        found = named(city, pref)
        if found and count * 10 >= sum(pairs.values()) * 9:
            return Publisher(found.code, found.prefecture, found.name, "names")
    for value in _present(columns, "publisher.name"):
        head = head_of(value)
        if head and head.municipality:
            return Publisher(head.municipality.code, head.prefecture, head.municipality.name, "names")
        break
    cells = [value.strip() for value in columns.get("location.city", []) if value]
    wards = frozenset(value for value in cells if value.endswith("区"))
    if len(wards) >= 2 and sum(1 for value in cells if value in wards) * 10 >= len(cells) * 9:
        parent = city_of_wards(wards)
        if parent is not None:
            return Publisher(parent.code, parent.prefecture, parent.name, "wards")
    return None


def _by_file(source: SourceTable, hint: str) -> Publisher | None:
    for digits in [*_SIX.findall(source.file), *_SIX.findall(source.table.sheet)]:
        found = of_code(digits, "file-name")
        if found:
            return found
    for digits in _FIVE.findall(source.file):
        read = municipality_code(digits).value
        found = of_code(read, "file-name") if read else None
        if found:
            return found
    texts = [*source.table.title_lines, source.table.sheet, re.sub(r"\.\w+$", "", source.file)]
    for text in texts:
        municipality = _named_in(text, hint)
        if municipality:
            return Publisher(municipality.code, municipality.prefecture, municipality.name, "title")
    for title in (re.sub(r"(?<=[一-龥])[\s　]+(?=[一-龥])", "", line) for line in source.table.title_lines):
        found = next(
            (of_code(code, "title") for name, code in prefectures().items() if title.strip().startswith(name)), None
        )
        if found:
            return found
    return None


def _named_in(text: str, hint: str) -> Municipality | None:
    """Return the municipality a title begins with or names behind a space, when only one can be meant."""
    for word in _WORD.findall(re.sub(r"[\s　]+(?=[県市町村区])", "", text)):
        head = head_of(word) or (head_of(word, hint) if word[1:3] and hint else None)
        if head and head.municipality and len(head.municipality.name) >= 2:
            return head.municipality
    return None


def _by_addresses(columns: Mapping[str, Values], hint: str) -> Publisher | None:
    heads: Counter[str] = Counter()
    values = list(_present(columns, "address"))
    for value in (_POSTAL.sub("", value) for value in values):
        head = head_of(value) or head_of(value, hint)
        if head and head.municipality:
            heads[_city_of(head.municipality).code] += 1
    if not heads:
        return None
    code, count = heads.most_common(1)[0]
    found = of_code(code, "addresses")
    everyone = sum(heads.values())
    alike = count == everyone and (count >= 3 or count == len(values))
    most = count >= 3 and count * 10 >= everyone * 8 and count * 2 >= len(values)
    if found and (alike or most):
        return replace(found, evidence="all-addresses" if alike else "addresses")
    if found and count == everyone and count * 4 >= len(values) and len(values) > 1:
        return replace(found, evidence="some-addresses")
    return None


def _city_of(municipality: Municipality) -> Municipality:
    """Return the designated city of a ward, else the municipality itself."""
    city = re.match(r".+?市(?=.+区$)", municipality.name)
    return (named(city.group(), municipality.prefecture) or municipality) if city else municipality


def _present(columns: Mapping[str, Values], concept: str) -> Iterable[str]:
    return [value for value in columns.get(concept, []) if value]
