"""Gathers what one rule finds, sheet by sheet, and turns it into a verdict with its share."""

from __future__ import annotations

from collections.abc import Iterable

from tdpf.controlplane.preparation.engine.personal.quoting import quoted
from tdpf.controlplane.preparation.engine.rating.subject import Column, Sheet
from tdpf.controlplane.preparation.engine.rating.types import Fix, RatingFinding, RuleVerdict

MAX_FINDINGS = 60
NO_LAYOUT = ("JSON・XMLには行や列の配置がありません。", "JSON and XML have no rows and columns to lay out.")
NO_TABLE = ("表がありません。", "There is no table.")


class Case:
    """One rule's case against a file: `weigh` says how much was looked at, `find` what was wrong with how much of it."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        self.findings: list[RatingFinding] = []
        self.left_out = 0
        self.looked: dict[str, float] = {}
        self.wrong: dict[str, float] = {}

    def weigh(self, sheet: Sheet | None, amount: float) -> None:
        """Add cells, rows, columns or sheets that the rule looked at."""
        title = sheet.name if sheet else ""
        self.looked[title] = self.looked.get(title, 0) + amount

    def find(self, sheet: Sheet | None, amount: float, where: str, ja: str, en: str, fix: Fix | None = None) -> None:
        """Add a finding that affects so much of what was looked at."""
        title = sheet.name if sheet else ""
        self.wrong[title] = self.wrong.get(title, 0) + amount
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(RatingFinding(where=where, message_ja=ja, message_en=en, fix=fix))
        else:
            self.left_out += 1

    def verdict(self, nothing_ja: str = "", nothing_en: str = "") -> RuleVerdict:
        """Close the case; when nothing was looked at, the rule does not apply for the reason given."""
        if not self.findings and not self.looked:
            return not_applicable(self.rule, nothing_ja, nothing_en)
        if not self.findings:
            return RuleVerdict(id=self.rule, verdict="pass")
        findings = list(self.findings)
        if self.left_out:
            findings.append(
                RatingFinding(
                    where="",
                    message_ja=f"同じ種類の指摘がほかに {self.left_out} 件あります。",
                    message_en=f"There are {self.left_out} more findings of this kind.",
                )
            )
        sheets: dict[str, float] = {}
        if len(self.looked) > 1:
            sheets = {title: _share(self.wrong.get(title, 0), looked) for title, looked in self.looked.items()}
        share = _share(sum(self.wrong.values()), sum(self.looked.values()))
        return RuleVerdict(
            id=self.rule, verdict="fail", share=max(share, 0.0001), findings=tuple(findings), sheets=sheets
        )


def not_applicable(rule: str, ja: str, en: str) -> RuleVerdict:
    """Return the verdict of a rule that does not apply, with the reason as its finding."""
    return RuleVerdict(
        id=rule, verdict="not_applicable", findings=(RatingFinding(where="", message_ja=ja, message_en=en),)
    )


def _share(wrong: float, looked: float) -> float:
    return round(min(1.0, wrong / looked), 4) if looked else (1.0 if wrong else 0.0)


def detect() -> Fix:
    """Return the recipe step that takes the table out of what stands around it, with its names in one row."""
    return {"step": "table.detect", "params": {"totals": "apart"}}


def normalise(columns: Iterable[str], how: str) -> Fix | None:
    """Return the recipe step that sends these columns through a normaliser, or None when none has a name."""
    named = {name: how for name in columns if name}
    return {"step": "normalise", "params": {"columns": named}} if named else None


def example(values: Iterable[str], column: Column, longest: int = 30) -> str:
    """Return the shortest of a column's values as a sentence may quote it: on one line, cut when long, masked when a person's."""
    text = " ".join(min(values, key=lambda value: (len(value), value)).split())
    text = quoted(text, column.name, private=column.is_private)
    return f"{text[:longest]}…" if len(text) > longest else text
