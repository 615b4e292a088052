"""What stands around a table and is published with it: lines above and below, remarks beside, the names of its columns, sheet and file."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from tdpf.controlplane.preparation.engine.personal.findings import finding
from tdpf.controlplane.preparation.engine.personal.headers import header_of
from tdpf.controlplane.preparation.engine.personal.persons import is_business, naming_of, persons_in
from tdpf.controlplane.preparation.engine.personal.tallies import Tally
from tdpf.controlplane.preparation.engine.personal.values import kinds_of
from tdpf.controlplane.preparation.engine.types import Finding, TableFound

ABOVE = "（表の上の行 / lines above the table）"
BESIDE = "（表の下や横の注記 / notes below or beside the table）"
NAMES = "（列の名前 / names of columns）"
SHEET = "（シート名 / name of the sheet）"
COMMENTS = "（セルのコメントや図形の文字 / comments on cells and words in shapes）"
FILE = "（ファイル名 / name of the file）"
_LINES = 60
_LONGEST = 400
# A name of a column as long as this may be a line of a log or a remark.
_SENTENCE = 12
_KINDS = {
    "mobile": "mobile_phone",
    "free_mail": "mail",
    "mail": "mail",
    "told_number": "my_number",
    "told_card": "card_number",
    "account": "bank_account",
}
_SAYS_NAME = re.compile(
    r"(?:氏名|名前|担当者?|作成者?|記入者?|申請者|届出者|報告者|代表者?|責任者|連絡者|世帯主|本人|保護者|対象者|利用者)(?:氏?名)?\s*[:：\s　]\s*(?P<name>[一-龥々ヶ]{1,4}[\s　]?[一-龥々ヶぁ-んァ-ヶー]{1,4})(?![一-龥々])"
)
_HONOURED = re.compile(r"(?P<name>[一-龥々ヶ]{2,4}[\s　]?[一-龥々ぁ-んァ-ヶー]{0,4})(?:様|さん|殿)(?![一-龥ぁ-ん])")
_APART = re.compile(r"[_\-.,、()（）【】「」\[\]\s　]+|\d+")
# Names of columns, not of persons: 館長名 is read as a surname and a given name else.
_CALLED = re.compile(r"(?:長|者|人|員|主|師|児|氏)名$|氏名|名前|番号|住所|電話")
_PLACES = re.compile(r"[市区町村県都府道郡駅線山川島課部局係所園館校会社店院]$|一覧|名簿|台帳|表$|用$|版$|分$|地区")


def screen_around(table: TableFound, name: str = "") -> Iterator[Finding]:
    """Yield what the lines and names around a table say of persons; `name` is the name of its file."""
    notes = [note.text for note in table.notes if note.text and note.code != "title-rows"]
    for label, texts in ((ABOVE, table.title_lines), (BESIDE, notes)):
        yield from screen_lines(label, [line for text in texts for line in text.splitlines()])
    yield from _findings(_named_columns(table), len(table.columns))
    for label, text in ((SHEET, table.sheet), (FILE, PurePath(name).stem)):
        tally = Tally(label, header_of(""))
        bare = unicodedata.normalize("NFKC", text[:_LONGEST])
        for kind, value in kinds_of(bare, tally.header):
            if kind in _KINDS:
                tally.hit(_KINDS[kind], value, 1)
        if called := next((part for part in _parts(bare) if _is_called(part)), ""):
            tally.hit("person_name", called, 1)
        yield from _findings(tally, 1)


def screen_lines(label: str, lines: Sequence[str]) -> Iterator[Finding]:
    """Yield what lines around a table say of persons, under a label that says where they stand."""
    tally = Tally(label, header_of(""))
    for line in lines[:_LINES]:
        _count_line(tally, unicodedata.normalize("NFKC", line[:_LONGEST]))
    yield from _findings(tally, min(len(lines), _LINES))


def is_of_a_person(text: str) -> bool:
    """Say whether a name of a column is itself a person's name, telephone, mail or number: the first row of a list without a header."""
    bare = unicodedata.normalize("NFKC", text[:_LONGEST])
    if any(kind in _KINDS for kind, _ in kinds_of(bare, header_of(""))) or _is_called(bare):
        return True
    return len(bare) >= _SENTENCE and any(True for _ in persons_in(bare, cases=True))


def _named_columns(table: TableFound) -> Tally:
    """Count the names of columns that are persons' own: several names, or one telephone, mail or number."""
    tally = Tally(NAMES, header_of(""))
    called = []
    for name in table.column_names:
        bare = unicodedata.normalize("NFKC", name[:_LONGEST])
        for kind, value in kinds_of(bare, tally.header):
            if kind in _KINDS:
                tally.hit(_KINDS[kind], value, 1)
        if _is_called(bare):
            called.append(bare)
    if len(called) >= 2 or (called and tally.hits):
        for bare in called:
            tally.hit("person_name", bare, 1)
    return tally


def _count_line(tally: Tally, line: str) -> None:
    for kind, value in kinds_of(line, tally.header):
        if kind in _KINDS:
            tally.hit(_KINDS[kind], value, 1)
    said = next(
        (
            found["name"]
            for pattern in (_SAYS_NAME, _HONOURED)
            for found in pattern.finditer(line)
            if naming_of(found["name"]) == "full"
        ),
        "",
    ) or next(iter(persons_in(line)), "")
    if said:
        tally.hit("person_name", said, 1)


def _findings(tally: Tally, total: int) -> Iterator[Finding]:
    tally.total = total
    for kind in list(tally.hits):
        yield finding(tally, kind, kind, "doubtful")


def _parts(text: str) -> list[str]:
    whole = [part for part in _APART.split(text) if part]
    # A surname and a given name with a space between them stand in two parts.
    return [*whole, *(f"{left} {right}" for left, right in itertools.pairwise(whole))]


def _is_called(part: str) -> bool:
    """Say whether a part of a name of a sheet or file is a person's full name, not that of a place or a firm."""
    if part.isascii() or not 3 <= len(part) <= 9 or is_business(part) or _PLACES.search(part) or _CALLED.search(part):
        return False
    return not any(_PLACES.search(word) for word in part.split()) and naming_of(part) == "full"
