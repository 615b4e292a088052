"""What the screen says of a whole file: a verdict, and every finding with its place and how it is mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tdpf.controlplane.preparation.engine.personal.words import Certainty
from tdpf.kit.text import Text

Verdict = Literal["confirmed", "doubtful", "clean"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenedTable:
    """A table that was looked at, and the gravest word about it."""

    sheet: str
    range: str
    rows: int
    columns: int
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a finding is: the table's sheet and range, the column's name, and its first cells.

    `cells` are empty for what stands around the table, and for a column as a whole.
    """

    sheet: str
    range: str
    column: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedFinding:
    """A finding with its place and how it is mended; `example` is a value with all but its shape masked."""

    where: Place
    kind: str
    certainty: Certainty
    count: int
    share: float
    example: str
    message_ja: str
    message_en: str
    fix_ja: str
    fix_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """What the screen says of a file. `clear` are findings that are recorded and stop nothing: contacts of facilities, people in office.

    `verdict` is None where the file could not be read; `error` says why, in both languages.
    """

    path: str
    format: str = ""
    encoding: str = ""
    verdict: Verdict | None = None
    tables: tuple[ScreenedTable, ...] = ()
    findings: tuple[LocatedFinding, ...] = ()
    clear: tuple[LocatedFinding, ...] = ()
    error: Mapping[str, str] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values, in the fixed order of `tdpf screen --json`."""
        plain = asdict(self)
        if self.error is None:
            del plain["error"]
        return plain


def screened_from_dict(plain: Mapping[str, Any]) -> Screened:
    """Rebuild what `as_dict` gave, after a way through JSON."""
    return Screened(
        **{
            **plain,
            "tables": tuple(ScreenedTable(**entry) for entry in plain["tables"]),
            "findings": tuple(map(_located, plain["findings"])),
            "clear": tuple(map(_located, plain["clear"])),
        }
    )


def _located(plain: Mapping[str, Any]) -> LocatedFinding:
    where = plain["where"]
    return LocatedFinding(**{**plain, "where": Place(**{**where, "cells": tuple(where["cells"])})})


def unscreened(shown: str, code: str, why: Text, *, cure: Text | None = None) -> Screened:
    """Return what is said of a file that could not be read."""
    error = {"code": code, "message_ja": why.ja, "message_en": why.en}
    return Screened(path=shown, error={**error, **({"cure_ja": cure.ja, "cure_en": cure.en} if cure else {})})
