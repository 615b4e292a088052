"""What a rating is made of: rules, verdicts, findings, and what the catalogue may know about the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Verdict = Literal["pass", "fail", "not_applicable"]
Severity = Literal["FATAL", "CRITICAL", "MAJOR", "MINOR"]
Fix = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingFinding:
    """One thing seen. `where` is `sheet!A1:B2` in a workbook, `line 5 column 3` in a text file, a path in JSON and XML.

    `fix` is the recipe step that mends it without a person (`step` and `params`), or None when a person must.
    """

    where: str
    message_ja: str
    message_en: str
    fix: Fix | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVerdict:
    """How a file stands under one rule: `share` is the affected part of cells, rows, columns or sheets, from 0 to 1.

    `sheets` has the share of each sheet by name where a workbook has more than one. A rule that does not apply says why
    in its only finding.
    """

    id: str
    verdict: Verdict
    share: float = 0.0
    findings: tuple[RatingFinding, ...] = ()
    sheets: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedTable:
    """A table as the rating saw it; `header_rows` count from 1, `rows` are rows of data."""

    sheet: str
    range: str
    header_rows: tuple[int, ...]
    rows: int
    columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingError:
    """Why a file could not be judged beyond its form, with the cure."""

    code: str
    message_ja: str
    message_en: str
    cure_ja: str = ""
    cure_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """The rating of one file.

    `levels` are 0–100 by the agency's published deductions, None where no rule of the level applies; `score` is 0–100
    and weighs every rule by the share of the file it affects. `ruleset` names the rules and this reading of them.
    """

    path: str
    format: str
    encoding: str
    tables: tuple[RatedTable, ...]
    levels: Mapping[str, int | None]
    score: float
    rules: tuple[RuleVerdict, ...]
    ruleset: str
    error: RatingError | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the rating as plain JSON values, in the fixed order of `tdpf rate --json`."""
        plain: dict[str, Any] = {
            "path": self.path,
            "format": self.format,
            "encoding": self.encoding,
            "tables": [{**asdict(table), "header_rows": list(table.header_rows)} for table in self.tables],
            "levels": dict(self.levels),
            "score": self.score,
            "rules": [_rule_as_dict(rule) for rule in self.rules],
            "ruleset": self.ruleset,
        }
        if self.error is not None:
            plain["error"] = asdict(self.error)
        return plain


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierVersion:
    """The column names of an earlier version of the same data, with the word people use for it (2023年度, v3)."""

    label: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueFacts:
    """What the catalogue knows about the data in a file; None means that nothing is known, not that there is nothing.

    `dictionary` maps column names to {"description", "unit"}, `code_tables` names the columns whose codes are explained,
    `symbols` the marks whose meaning is written down, `history` when which version came, `described` says whether
    source, method and frequency are stated, `earlier` lists versions from new to old.
    """

    dictionary: Mapping[str, Mapping[str, str]] | None = None
    code_tables: frozenset[str] | None = None
    symbols: frozenset[str] | None = None
    history: Sequence[str] | None = None
    described: bool | None = None
    earlier: Sequence[EarlierVersion] | None = None


def facts_as_dict(facts: CatalogueFacts) -> dict[str, Any]:
    """Return facts as plain JSON values."""
    return {
        "dictionary": {name: dict(entry) for name, entry in facts.dictionary.items()}
        if facts.dictionary is not None
        else None,
        "code_tables": sorted(facts.code_tables) if facts.code_tables is not None else None,
        "symbols": sorted(facts.symbols) if facts.symbols is not None else None,
        "history": list(facts.history) if facts.history is not None else None,
        "described": facts.described,
        "earlier": [asdict(version) for version in facts.earlier] if facts.earlier is not None else None,
    }


def facts_from_dict(plain: Mapping[str, Any]) -> CatalogueFacts:
    """Rebuild facts from `facts_as_dict`."""
    return CatalogueFacts(
        dictionary=plain["dictionary"],
        code_tables=frozenset(plain["code_tables"]) if plain["code_tables"] is not None else None,
        symbols=frozenset(plain["symbols"]) if plain["symbols"] is not None else None,
        history=plain["history"],
        described=plain["described"],
        earlier=[EarlierVersion(label=entry["label"], columns=tuple(entry["columns"])) for entry in plain["earlier"]]
        if plain["earlier"] is not None
        else None,
    )


def _rule_as_dict(rule: RuleVerdict) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "id": rule.id,
        "verdict": rule.verdict,
        "share": rule.share,
        "findings": [asdict(finding) for finding in rule.findings],
    }
    if rule.sheets:
        plain["sheets"] = dict(rule.sheets)
    return plain


def rating_from_dict(plain: Mapping[str, Any]) -> Rating:
    """Rebuild a rating from `as_dict`."""
    error = plain.get("error")
    return Rating(
        path=plain["path"],
        format=plain["format"],
        encoding=plain["encoding"],
        tables=tuple(RatedTable(**{**entry, "header_rows": tuple(entry["header_rows"])}) for entry in plain["tables"]),
        levels=dict(plain["levels"]),
        score=plain["score"],
        rules=tuple(
            RuleVerdict(
                id=entry["id"],
                verdict=entry["verdict"],
                share=entry["share"],
                findings=tuple(RatingFinding(**found) for found in entry["findings"]),
                sheets=entry.get("sheets", {}),
            )
            for entry in plain["rules"]
        ),
        ruleset=plain["ruleset"],
        error=RatingError(**error) if error else None,
    )
