"""What files that are prepared hold beside the tables that were taken: other tables, and personal data anywhere in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdpf.controlplane.preparation.engine.personal.sandbox import ScreeningOrder, screen_in_sandbox
from tdpf.controlplane.preparation.engine.personal.screened import LocatedFinding, Screened
from tdpf.controlplane.preparation.engine.recipes.types import SourceTable
from tdpf.kit.hashing import sha256_file
from tdpf.processes.handed_files import limits_for

# A file of one of these is one table and its lines, all of which were screened where it was read.
_ONE_TABLE = frozenset(("csv", "tsv", "txt"))
_ASIDE = frozenset(("other-tables", "sample-sheet", "other-sheet", "hidden-sheet"))
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Untaken:
    """What was not taken of some files, as a report and a summary hold it: `tables`, and `persons`, the findings outside the tables taken."""

    tables: tuple[dict[str, Any], ...]
    persons: tuple[dict[str, Any], ...]

    def lines(self) -> Iterator[str]:
        """Yield what a person should know of it, in both languages."""
        if self.tables:
            names = [f"{found['file']}: {_place(found)}（{found['rows']} 行 / rows）" for found in self.tables[:_SHOWN]]
            more = f" ほか {len(self.tables) - _SHOWN} / more" if len(self.tables) > _SHOWN else ""
            yield f"取らなかった表（--table で選べます）/ tables that were not taken (choose with --table): {'、'.join(names)}{more}"
        if self.persons:
            yield f"取らなかったところの個人情報（表には入っていません）/ personal data outside the tables taken (not in the output): {_told(self.persons)}"


def untaken(files: Sequence[Path], sources: Sequence[SourceTable]) -> Untaken:
    """Screen the files that hold more than the tables taken of them, whole; the findings in the tables taken are not told again."""
    taken = {(source.sha256, source.result.table.sheet, source.result.table.range) for source in sources}
    more = {
        source.sha256
        for source in sources
        if source.result.format not in _ONE_TABLE or any(note.code in _ASIDE for note in source.result.notes)
    }
    asked = {path: sha256 for path in dict.fromkeys(files) if (sha256 := sha256_file(path)) in more}
    tables: list[dict[str, Any]] = []
    persons: list[dict[str, Any]] = []
    for (path, sha256), screened in zip(asked.items(), _screened(list(asked)), strict=True):
        tables.extend(
            {"file": path.name, "sheet": table.sheet, "range": table.range, "rows": table.rows}
            for table in screened.tables
            if table.range and table.rows and (sha256, table.sheet, table.range) not in taken
        )
        persons.extend(
            _finding(path, one) for one in screened.findings if (sha256, one.where.sheet, one.where.range) not in taken
        )
    return Untaken(tuple(tables), tuple(persons))


def persons_in(files: Sequence[Path]) -> list[dict[str, Any]]:
    """Return what the screen finds of persons in files, whole; files that cannot be read give nothing."""
    given = list(dict.fromkeys(files))
    return [
        _finding(path, one) for path, screened in zip(given, _screened(given), strict=True) for one in screened.findings
    ]


def persons_told(persons: Sequence[Mapping[str, Any]]) -> str:
    """Return one line on findings in files that were refused for another reason, "" when there are none."""
    if not persons:
        return ""
    return f"個人情報も見つかりました（tdpf screen で詳しく見られます）/ personal data were found as well (tdpf screen tells more): {_told(persons)}"


def _screened(files: Sequence[Path]) -> Iterator[Screened]:
    orders = [ScreeningOrder(path=path, shown=str(path), name=path.name) for path in files]
    return screen_in_sandbox(orders, limits=limits_for(files))


def _finding(path: Path, one: LocatedFinding) -> dict[str, Any]:
    return {
        "file": path.name,
        "sheet": one.where.sheet,
        "range": one.where.range,
        "column": one.where.column,
        "kind": one.kind,
        "certainty": one.certainty,
        "count": one.count,
        "message_ja": one.message_ja,
        "message_en": one.message_en,
    }


def _told(persons: Sequence[Mapping[str, Any]]) -> str:
    words = {"confirmed": "確定 / confirmed", "doubtful": "要確認 / doubtful"}
    named = [
        f"{found['file']}: {_place(found)} {found['column']}（{words[found['certainty']]}）"
        for found in persons[:_SHOWN]
    ]
    return "、".join(named) + (f" ほか {len(persons) - _SHOWN} / more" if len(persons) > _SHOWN else "")


def _place(found: Mapping[str, Any]) -> str:
    return "!".join(part for part in (found["sheet"], found["range"]) if part)
