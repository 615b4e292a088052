"""Judges an opened file by all thirty rules, in their order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tdpf.controlplane.preparation.engine.rating import (
    areas,
    choices,
    days,
    decorations,
    figures,
    layout,
    lines,
    naming,
    shape,
    spelling,
)
from tdpf.controlplane.preparation.engine.rating.ruleset import RULES
from tdpf.controlplane.preparation.engine.rating.subject import Subject
from tdpf.controlplane.preparation.engine.rating.types import CatalogueFacts, RuleVerdict
from tdpf.controlplane.preparation.engine.rating.verdicts import Case, not_applicable

Judge = Callable[[Subject, CatalogueFacts], RuleVerdict]
_ENDINGS: dict[str, tuple[str, ...]] = {
    ".csv": ("csv", "tsv", "txt"),
    ".tsv": ("tsv", "csv"),
    ".xlsx": ("xlsx",),
    ".xlsm": ("xlsm", "xlsx"),
    ".xls": ("xls",),
    ".ods": ("ods",),
    ".json": ("json",),
    ".geojson": ("json",),
    ".xml": ("xml",),
}


def judge(subject: Subject, facts: CatalogueFacts) -> tuple[RuleVerdict, ...]:
    """Return thirty verdicts."""
    found = []
    for rule in RULES:
        if rule.forms == "workbook" and subject.kind != "workbook":
            found.append(
                not_applicable(rule.id, "Excel等の表計算ファイルだけの規則です。", "The rule is for workbooks only.")
            )
        elif rule.forms == "delimited" and subject.kind != "delimited":
            found.append(
                not_applicable(
                    rule.id, "CSV等の区切り文字のファイルだけの規則です。", "The rule is for separated text only."
                )
            )
        else:
            found.append(_JUDGES[rule.id](subject, facts))
    return tuple(found)


def readable_form(subject: Subject) -> RuleVerdict:
    """L1-01 for a file that opened: its name must not promise another kind than it is."""
    case = Case("L1-01")
    case.weigh(None, 1)
    ending = Path(subject.name).suffix.lower()
    if ending in _ENDINGS and subject.format not in _ENDINGS[ending]:
        case.find(
            None,
            1,
            "",
            f"拡張子は「{ending}」ですが中身は {subject.format.upper()} なので、拡張子を合わせてください。",
            f"The name ends in “{ending}” but the content is {subject.format.upper()}; make them agree.",
        )
    return case.verdict()


def _alone(judged: Callable[[Subject], RuleVerdict]) -> Judge:
    def judged_without_facts(subject: Subject, facts: CatalogueFacts) -> RuleVerdict:
        del facts
        return judged(subject)

    return judged_without_facts


_JUDGES: dict[str, Judge] = {
    "L1-01": _alone(readable_form),
    "L1-02": _alone(layout.one_table),
    "L1-03": _alone(layout.undivided),
    "L1-04": _alone(layout.nothing_else),
    "L1-05": _alone(naming.named),
    "L1-06": _alone(spelling.no_layout_spaces),
    "L1-07": _alone(spelling.one_value_a_cell),
    "L1-08": _alone(spelling.portable_characters),
    "L1-09": _alone(figures.zeros_told_apart),
    "L1-10": _alone(decorations.no_objects),
    "L1-11": _alone(decorations.no_meaning_in_looks),
    "L1-12": _alone(decorations.no_merges),
    "L1-13": _alone(decorations.nothing_hidden),
    "L1-14": _alone(lines.one_record_a_line),
    "L1-15": _alone(lines.commas_quoted),
    "L2-01": _alone(figures.numbers_alone),
    "L2-02": _alone(choices.nothing_left_out),
    "L2-03": _alone(naming.distinct_names),
    "L2-04": _alone(choices.choices_alike),
    "L2-05": _alone(choices.other_apart),
    "L2-06": _alone(decorations.no_formulas),
    "L3-01": _alone(naming.header_first),
    "L3-02": choices.codes_explained,
    "L3-03": figures.marks_explained,
    "L3-04": figures.units_stated,
    "L3-05": _alone(days.dates_standard),
    "L3-06": _alone(areas.areas_official),
    "L3-07": shape.alike_over_years,
    "L3-08": shape.defined_and_dated,
    "L3-09": _alone(shape.long_form),
}
