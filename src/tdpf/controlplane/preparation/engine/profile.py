"""Column profiles gathered while rows stream by: nulls, different values, the type that every value fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tdpf.controlplane.preparation.engine.cells import DATE, header_text, is_missing
from tdpf.controlplane.preparation.engine.notes import note
from tdpf.controlplane.preparation.engine.types import ColumnFound, Note, ValueType
from tdpf.kit.codes import is_municipality_code

_COUNTED = 5_000
_UNIQUE_LIMIT = 1_500_000
_LISTED = 60
_EXAMPLES = 5
_TESTS: tuple[tuple[ValueType, Callable[[str], object]], ...] = (
    ("boolean", re.compile(r"(?i:true|false)").fullmatch),
    ("integer", re.compile(r"-?(?:0|[1-9]\d{0,14})").fullmatch),
    ("number", re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,17})?").fullmatch),
    ("date", re.compile(r"(?:1[0-9]|2[0-9])\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])").fullmatch),
    (
        "datetime",
        re.compile(
            r"(?:1[0-9]|2[0-9])\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
        ).fullmatch,
    ),
    ("time", re.compile(r"(?:[01]\d|2[0-4]):[0-5]\d(?::[0-5]\d)?").fullmatch),
)
_TYPE_NAMES = {
    "integer": ("整数", "whole numbers"),
    "number": ("数値", "numbers"),
    "date": ("日付", "dates"),
    "time": ("時刻", "times"),
}
_LEADING_ZERO = re.compile(r"0\d+").fullmatch
_EXCEL_DAMAGED = re.compile(r"-?\d(?:\.\d+)?[eE]\+\d{1,3}").fullmatch
_DATE_DAMAGED = re.compile(r"(?:\d{1,2}月\d{1,2}日|[A-Z][a-z]{2}-\d{2}|\d{1,2}-[A-Z][a-z]{2})").fullmatch
_THOUSANDS = re.compile(r"[-−▲△]?\d{1,3}(?:,\d{3})+(?:\.\d+)?").fullmatch
_LOCAL_DATE = re.compile(
    r"\d{1,2}/\d{1,2}/\d{4}|\d{4}[/.年]\s?\d{1,2}[/.月]\s?\d{1,2}日?|(?:明治|大正|昭和|平成|令和|[MTSHR])\s?(?:元|\d{1,2})[年.]\s?\d{1,2}[月.]\s?\d{1,2}日?"
).fullmatch
TEXT_NAME = re.compile(
    r"電話|ＴＥＬ|(?<![a-z])tel(?![a-z])|phone|FAX|ＦＡＸ|ファックス|内線|郵便番号|〒|post_?(?:al|code)|zip|番地|地番|住所|所在地|名称|氏名|備考|address|(?<![a-z])name(?![a-z])",
    re.IGNORECASE,
)
CODE_NAME = re.compile(
    r"コード|番号|(?<![a-zA-Zａ-ｚ])(?:ID|ＩＤ|Id)(?![a-zａ-ｚ])|^id$|_id$|識別子|identif|(?<![a-z])code(?![a-z])|Code(?![a-z])|^№$|^整理No|町字ID",
)
_NOT_CODE_NAME = re.compile(r"番号札|コード数|コード名|_名称|番地")
_COORDINATE = re.compile(r"緯度|経度|標高|座標|latitude|longitude", re.IGNORECASE)
_HOUSE_NUMBER = re.compile(r"番地|地番|号室")
_MUNICIPALITY = re.compile(r"市区町村コード|団体コード|公共団体コード|prefCode")


@dataclass(slots=True)
class ColumnProfile:
    """What has been seen of one column so far; `add` takes the column's part of a batch of rows."""

    name: str
    total: int = 0
    nulls: int = 0
    spaced: int = 0
    broken: int = 0
    damaged: int = 0
    damaged_example: str = ""
    zeros: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    counted: bool = True
    unique: set[str] | None = field(default_factory=set)
    marks: set[str] = field(default_factory=set)
    misfits: dict[ValueType, tuple[int, str]] = field(default_factory=dict)
    alive: list[tuple[ValueType, Callable[[str], object]]] = field(default_factory=lambda: list(_TESTS))
    fitting: dict[ValueType, int] = field(default_factory=dict)

    def add(self, values: Iterable[str | None], size: int) -> None:
        """Take in one batch of `size` values."""
        present = [value for value in values if value is not None]
        self.total += size
        self.nulls += size - len(present)
        different = set(present)
        self._keep_unique(different, len(present))
        self.spaced += sum(1 for value in different if value[0].isspace() or value[-1].isspace())
        if self.counted:
            self._count(present)
        self._test(different)

    def _keep_unique(self, different: set[str], size: int) -> None:
        if self.unique is None:
            return
        before = len(self.unique)
        self.unique |= different
        if len(self.unique) - before < size or len(self.unique) > _UNIQUE_LIMIT:
            self.unique = None

    def _count(self, present: list[str]) -> None:
        counts = self.counts
        for value in present:
            counts[value] = counts.get(value, 0) + 1
        if len(counts) > _COUNTED:
            self.counted = False

    def _test(self, different: set[str]) -> None:
        for entry in list(self.alive):
            kind, fits = entry
            others = [value for value in different if not fits(value) and not fits(value.strip())]
            self.fitting[kind] = self.fitting.get(kind, 0) + len(different) - len(others)
            misfit = others
            if kind in ("integer", "number") and others:
                misfit = [value for value in others if not is_missing(value)]
                if kind == "number":
                    self.marks.update(value for value in others if is_missing(value))
            if misfit:
                count, example = self.misfits.get(kind, (0, misfit[0]))
                count += len(misfit)
                self.misfits[kind] = (count, example)
                if count > 50 + self.fitting[kind] // 4:
                    self.alive.remove(entry)
        for value in different:
            if value[0] == "0" and not self.zeros and _LEADING_ZERO(value):
                self.zeros = True
            if "\ufffd" in value:
                self.broken += 1
            if "E+" in value and _EXCEL_DAMAGED(value):
                self.damaged += 1
                self.damaged_example = self.damaged_example or value

    def found(self, header: tuple[str, ...], unit: str) -> ColumnFound:
        """Return the finished column with its proposed type and notes."""
        kind = self._type()
        values: tuple[tuple[str, int], ...] = ()
        if self.counted and len(self.counts) <= _LISTED:
            values = tuple(sorted(self.counts.items(), key=lambda entry: (-entry[1], entry[0])))
        present = self.total - self.nulls
        is_unique = self.unique is not None and present > 0
        return ColumnFound(
            name=self.name,
            header=header,
            type=kind,
            unit=unit,
            nulls=self.nulls,
            distinct=len(self.unique) if is_unique and self.unique is not None else len(self.counts),
            distinct_exact=self.counted or is_unique,
            unique=is_unique,
            examples=tuple(value[:200] for value in list(self.counts)[:_EXAMPLES]),
            values=values,
            notes=tuple(self._notes(kind)),
        )

    def _fits(self, kind: ValueType) -> bool:
        return kind not in self.misfits and self.fitting.get(kind, 0) > 0

    def _type(self) -> ValueType:
        label = header_text(self.name)
        if self.total == self.nulls:
            return "string"
        if TEXT_NAME.search(label) and not _COORDINATE.search(label):
            return "string"
        if CODE_NAME.search(label) and not _NOT_CODE_NAME.search(label) and not self._is_prose():
            return "code"
        if self.zeros and all(value.isdigit() for value in list(self.counts)[:1000]):
            return "code"
        for kind, _ in _TESTS:
            if self._fits(kind):
                return kind
        return "string"

    def _is_prose(self) -> bool:
        lengths = [len(value) for value in list(self.counts)[:200]]
        return bool(lengths) and sum(lengths) > 40 * len(lengths)

    def _notes(self, kind: ValueType) -> Iterable[Note]:
        name = self.name
        if self.damaged:
            yield note(
                "excel-damaged-codes",
                where=name,
                level="warning",
                name=name,
                count=self.damaged,
                example=self.damaged_example,
            )
        if self.broken:
            yield note("broken-characters", where=name, level="warning", name=name, count=self.broken)
        if self.spaced:
            yield note("outer-spaces", where=name, name=name, count=self.spaced)
        if kind in ("integer", "number") and self.marks:
            yield note("missing-marks", where=name, name=name, marks="、".join(sorted(self.marks)[:5]))
        if kind not in {"string", "code"}:
            return
        sample = list(self.counts)[:500]
        if _HOUSE_NUMBER.search(name) and (dated := [value for value in sample if _DATE_DAMAGED(value)]):
            yield note("date-damaged-codes", where=name, level="warning", name=name, count=len(dated), example=dated[0])
        if _MUNICIPALITY.search(name) and sample and all(_lost_zero(value) for value in sample):
            yield note("lost-zeros", where=name, level="warning", name=name, example=sample[0])
        if kind == "code":
            return
        yield from self._notation_notes(sample)

    def _notation_notes(self, sample: list[str]) -> Iterable[Note]:
        name = self.name
        if not sample or TEXT_NAME.search(name):
            return
        thousands = sum(1 for value in sample if _THOUSANDS(value))
        numbers = sum(1 for value in sample if _TESTS[2][1](value))
        if thousands and thousands + numbers == len(sample):
            yield note("thousands", where=name, name=name)
            return
        dates = [value for value in sample if _LOCAL_DATE(value)]
        if len(dates) * 5 >= len(sample) * 4:
            yield note("date-notation", where=name, name=name, example=dates[0])
            return
        for kind in ("integer", "number", "date", "time"):
            misfit = self.misfits.get(kind)
            fitting = self.fitting.get(kind, 0)
            if misfit and fitting >= 4 * misfit[0] and not DATE.fullmatch(misfit[1]):
                ja, en = _TYPE_NAMES[kind]
                yield note(
                    "mixed-types",
                    where=name,
                    level="warning",
                    name=name,
                    type_ja=ja,
                    type_en=en,
                    count=misfit[0],
                    example=misfit[1][:40],
                )
                return


def _lost_zero(value: str) -> bool:
    """Say whether a code becomes a right one when a zero is put back in front."""
    return value.isdigit() and (len(value) == 4 or (len(value) == 5 and is_municipality_code(f"0{value}")))
