"""Two facts in one column (電話／FAX, 決定区分及び決定日, 事業所名（カナ）), parted into a column for each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tdpf.controlplane.preparation.engine.mapping.names import SURE, fold, ladder, names_it, said_score
from tdpf.controlplane.preparation.engine.normalising.flags import reads_as_flag
from tdpf.controlplane.preparation.engine.normalising.marks import is_missing, plain
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.types import Frame, Values
from tdpf.controlplane.preparation.engine.schemas.types import Schema, SchemaField

_MOST = 400
_PARTING = re.compile(r"\s*(?:[・/／、,，&＆+＋→⇒~〜～\n]|及び|および|並びに|ならびに|又は|または|(?<=.)と(?=.))\s*")
_BRACKET = re.compile(r"(?P<first>[^()]+)[(](?P<second>[^()]+)[)]")
_NUMBER = r"[(（]?0\d{1,4}[)）]?[- (（]{0,2}\d{1,4}[- )）]{1,2}\d{3,4}(?!\d)|(?<!\d)0\d{9,10}(?!\d)"
_PHONE = re.compile(
    rf"(?:(?P<label>FAX|ファ[ック]クス|ファクシミリ|F|TEL|電話|T|℡|☎)\s*[:：.]?\s*)?(?P<number>{_NUMBER})",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"[(（]?\s*内線\s*(?:番号)?[:：]?\s*(?P<found>\d[\d,、・~-]*)\s*[)）]?")
_POSTAL = re.compile(r"〒?\s*(?P<found>\d{3}-\d{4})(?![-\d])|〒\s*(?P<other>\d{7})")
_MAIL = re.compile(r"(?P<found>[\w.%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,})")
_URL = re.compile(r"(?P<found>https?://[^\s　<>\"、]+)")
_DAY = re.compile(
    r"(?P<found>(?:(?:明治|大正|昭和|平成|令和|[MTSHR])\s*(?:元|\d{1,2})|(?<!\d)\d{4})\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}(?!\d)\s*日?)"
)
_KANA = re.compile(r"[(（\[［\n]?\s*(?P<found>(?:[ァ-ヶー][ァ-ヶー・\s]+|[ぁ-ん][ぁ-んー・\s]+))\s*[)）\]］]?$")
_KANA_FIRST = re.compile(r"^(?P<found>[ァ-ヶー][ァ-ヶー・]+)\s+(?=\S*[一-龥])")
_COUNT = re.compile(r"(?P<found>\d[\d,]*)\s*(?:人|名|床|台|枚|円|基|室|件|世帯)?")
_LABELLED = re.compile(r"([一-龥ぁ-んァ-ヶー]{1,8})\s*[:：]?\s*(\d{1,4})\s*(?:基|人|床|台|個)?(?=[・、,/／\s]|$)")
_SAME = re.compile(r"同左|同じ|同上|兼用|共用|上記")
_NONE = re.compile(
    r"なし|無し?|-+|ナシ|同左|同じ|同上|兼用|共用|TEL|FAX|電話|ファックス|番号|[:：/／・、,;；()（）\s]", re.IGNORECASE
)
_TYPED = {
    "phone": _PHONE,
    "extension": _EXTENSION,
    "email": _MAIL,
    "url": _URL,
    "postal_code": _POSTAL,
    "date": _DAY,
    "kana": _KANA,
}


def part_name(column: str, field: str) -> str:
    """Return the name of the column that holds one of the facts."""
    return f"{column}（{field}の部分）"


def parted_in(
    names: Sequence[str], values: Sequence[Values], accepted: Mapping[str, str], schema: Schema
) -> dict[str, tuple[str, ...]]:
    """Return {column: fields} of the columns that hold several facts, by their names or plainly by their values."""
    found: dict[str, tuple[str, ...]] = {}
    taken = dict(accepted)
    for name, cells in zip(names, values, strict=True):
        others = {target for column, target in taken.items() if column != name}
        said = [cell for cell in cells[:_MOST] if cell and not is_missing(cell)]
        fields = _fields_in(name, schema, others) or _shown_by(said, accepted.get(name, ""), schema, others)
        fields = fields or (_labelled(said, schema, others) if name not in accepted else ())
        if not fields or not said:
            continue
        known = any(fold(name) == fold(word) for field in fields for word in (field.name, *field.synonyms))
        twofold = sum(1 for cell in said if sum(1 for part in pieces(cell, fields).values() if part) > 1)
        if twofold * 10 >= len(said) * (8 if known else 4):
            found[name] = tuple(field.name for field in fields)
            taken |= {part_name(name, field.name): field.name for field in fields}
    return found


def _fields_in(name: str, schema: Schema, taken: set[str]) -> tuple[SchemaField, ...]:
    """Return the fields that the parts of a column's name are, none where a part is no field's or two are one's."""
    clean = unicodedata.normalize("NFKC", name).strip()
    bracket = _BRACKET.fullmatch(clean)
    parts = [bracket.group("first"), bracket.group("second")] if bracket else _PARTING.split(clean)
    if len(parts) == 1:
        parts = next(
            (
                [clean[:place], clean[place:]]
                for place in range(2, len(clean) - 1)
                if clean[place - 1] != "の" and all(_is_known(part, schema) for part in (clean[:place], clean[place:]))
            ),
            parts,
        )
    if not 2 <= len(parts) <= 3:
        return ()
    found = [_field_of(part.strip(), schema) for part in parts]
    fields = tuple(field for field in found if field is not None and not field.virtual and field.name not in taken)
    return fields if len(fields) == len(parts) == len({field.name for field in fields}) else ()


def _is_known(part: str, schema: Schema) -> bool:
    return any(fold(part) in ladder(field) for field in schema.targets)


def _field_of(part: str, schema: Schema) -> SchemaField | None:
    if not part:
        return None
    scored = [(said_score(part, (part,), field) or 0.0, field) for field in schema.targets]
    best = max(scored, key=lambda entry: entry[0], default=(0.0, None))
    return best[1] if best[0] >= SURE else None


def _shown_by(said: Sequence[str], target: str, schema: Schema, taken: set[str]) -> tuple[SchemaField, ...]:
    """Return the fields that the values themselves name: a name and its reading in brackets, a phone number and one that says FAX."""
    field = schema.field(target) if target else None
    if field is None or not said:
        return ()
    beside = {"name": "name.kana", "phone": "fax"}.get(field.concept, "")
    other = schema.of(beside) if beside else None
    if other is None or other.name in taken:
        return ()
    shape = (
        re.compile(r".*[一-龥].*[(（]\s*(?:[ァ-ヶー・\s]+|[ぁ-んー・\s]+)[)）]\s*")
        if beside == "name.kana"
        else re.compile(r".*(?:FAX|ファ[ック]クス|ＦＡＸ).*", re.DOTALL)
    )
    return (field, other) if sum(1 for cell in said if shape.fullmatch(cell)) * 10 >= len(said) * 8 else ()


def _labelled(said: Sequence[str], schema: Schema, taken: set[str]) -> tuple[SchemaField, ...]:
    """Return the fields of counts that the values name themselves: 男3・女4・共用1."""
    every = [_LABELLED.findall(plain(cell)) for cell in said]
    if not said or sum(1 for pairs in every if len(pairs) > 1) * 10 < len(said) * 8:
        return ()
    labels = list(dict.fromkeys(label for pairs in every for label, _ in pairs))
    found = [_field_of(label, schema) for label in labels]
    fields = tuple(dict.fromkeys(field for field in found if field is not None and not field.virtual))
    right = len(fields) == len(labels) and all(field.concept == "count" and field.name not in taken for field in fields)
    return fields if right and len(fields) > 1 else ()


def _by_labels(value: str, fields: Sequence[SchemaField]) -> dict[str, str]:
    found: dict[str, str] = {}
    for label, count in _LABELLED.findall(plain(value)):
        best = max(fields, key=lambda field: said_score(label, (label,), field) or 0.0)
        if names_it(label, best):
            found[best.name] = count
    return found


def pieces(value: str, fields: Sequence[SchemaField]) -> dict[str, str]:
    """Return {field: its part} of a value; "" holds what belongs to none of them."""
    if len(fields) > 1 and all(field.normaliser.startswith("flag_") for field in fields):
        return {field.name: value for field in fields} if reads_as_flag(value) else {}
    if len(fields) > 1 and all(field.concept == "count" for field in fields):
        return _by_labels(value, fields)
    if len(fields) > 1 and all(field.normaliser == "date" for field in fields):
        return _days(value, fields)
    left = (
        plain(value).strip() if not any(field.normaliser in ("name", "address") for field in fields) else value.strip()
    )
    found: dict[str, str] = {}
    phones = [field for field in fields if field.normaliser == "phone"]
    if phones:
        left = _phones(left, phones, found)
    for field in fields:
        pattern = _TYPED.get(field.normaliser) if field not in phones else None
        if field.normaliser in ("integer", "number"):
            pattern = _COUNT
        match = pattern.search(left) if pattern else None
        if match is None and field.normaliser == "kana":
            match = _KANA_FIRST.search(left)
        if match:
            groups = match.groupdict()
            found[field.name] = (groups.get("found") or groups.get("other") or "").strip()
            left = f"{left[: match.start()]} {left[match.end() :]}".strip()
    words = [
        field for field in fields if field.normaliser not in _TYPED and field.normaliser not in ("integer", "number")
    ]
    rest = _trimmed(left)
    if len(words) == 1 and rest:
        found[words[0].name] = rest
    elif len(words) > 1 and rest:
        parts = [
            part.strip()
            for part in re.split(r"\n|\s*[／/]\s*|　+|\s{2,}|(?<=\S)[(（](?=[^()（）]+[)）]$)", rest)
            if part.strip()
        ]
        parts = [part[:-1] if part[-1] in ")）" and "(" not in part and "（" not in part else part for part in parts]
        if len(parts) == len(words):
            found |= {field.name: part for field, part in zip(words, parts, strict=True)}
        else:
            found[words[0].name] = rest
    elif not words:
        found[""] = _NONE.sub("", rest)
    return found


def _days(value: str, fields: Sequence[SchemaField]) -> dict[str, str]:
    """Part days that stand in the order of the fields; where one is left out without its sign, nobody knows which."""
    parts = [part.strip() for part in re.split(r"[→⇒~〜～・、,／\n]|\s/\s|から", value)]
    if len(parts) != len(fields):
        found = [match.group("found") for match in _DAY.finditer(plain(value))]
        parts = found if len(found) == len(fields) else []
    if not parts:
        return {"": value.strip()}
    return {field.name: part for field, part in zip(fields, parts, strict=True) if part and not is_missing(part)}


def _phones(left: str, fields: Sequence[SchemaField], found: dict[str, str]) -> str:
    """Take the numbers out of a text: one that says FAX is the fax's, else the first is the phone's and the next the fax's."""
    numbers = list(_PHONE.finditer(left))
    fax = next((field for field in fields if field.concept == "fax"), None)
    phone = next((field for field in fields if field is not fax), None)
    said = [match for match in numbers if (match.group("label") or "").upper()[:1] in ("F", "フ")]
    plainly = [match for match in numbers if match not in said]
    if fax is not None and phone is not None and not said and len(plainly) > 1:
        said, plainly = plainly[-1:], plainly[:-1]
    for field, matches in ((fax, said), (phone, plainly)):
        if field is not None and matches:
            found[field.name] = "、".join(match.group("number") for match in matches)
    rest = _PHONE.sub(" ", left) if numbers else left
    if fax is not None and phone is not None and fax.name not in found and phone.name in found and _SAME.search(rest):
        found[fax.name] = found[phone.name]
    return rest


def _trimmed(left: str) -> str:
    bare = re.sub(r"[(（\[［]\s*[)）\]］]", "", left)
    return re.sub(r"^[\s　/／・、,;；:：]+|[\s　/／・、,;；:：☎℡]+$", "", bare)


def part_columns(state: State, frame: Frame, column: str, names: Sequence[str]) -> None:
    """Add a column for every fact of one; words that are none of them are told."""
    fields = [field for name in names if (field := state.schema.field(str(name))) is not None]
    if column not in frame.columns or not fields:
        return
    parted = [pieces(cell, fields) if cell and not is_missing(cell) else {} for cell in frame.columns[column]]
    for field in fields:
        made = part_name(column, field.name)
        frame.columns[made] = [entry.get(field.name) or None for entry in parted]
        frame.sources[made] = dict(frame.sources.get(column, {}))
        frame.header[made] = column
    for row, entry in enumerate(parted):
        if entry.get(""):
            made = part_name(column, fields[0].name)
            state.log.add(
                frame, row, made, step="reshape", before=frame.columns[column][row], after=frame.columns[made][row],
                reason="words-left", confidence=0.5, severity="warning",
            )  # fmt: skip
            state.log.events.append(replace(state.log.events.pop(), column=fields[0].name))
