"""What a run's events come to, counted in one pass: changes and problems by kind with a few examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tdpf.controlplane.preparation.engine.recipes.event_store import Event
from tdpf.controlplane.preparation.engine.recipes.report_words import mending_text, reason_text, rule_text

_EXAMPLES = 5
FILLED_FROM = "coordinate.from-"


@dataclass(slots=True)
class _Group:
    count: int = 0
    examples: list[Event] = field(default_factory=list)


_Groups = dict[tuple[str, str, str], _Group]


class EventCounts:
    """Counts of events. `lost` is how many values of a column were emptied, `filled` how many coordinates came from which level,
    `doubts` why coordinates were doubted.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self._changed: _Groups = {}
        self._problems: _Groups = {}
        self.lost: Counter[str] = Counter()
        self.filled: Counter[tuple[str, str]] = Counter()
        self.doubts: Counter[str] = Counter()
        for event in events:
            self._take(event)

    def _take(self, event: Event) -> None:
        if event.severity != "info":
            _add(self._problems, (event.column, event.reason or event.rule, event.severity), event)
            if event.step == "geo.transform" and event.severity == "warning":
                self.doubts[event.reason] += 1
        elif event.row:
            _add(self._changed, (event.column, event.rule, event.severity), event)
        if event.row and event.before and not event.after:
            self.lost[event.column] += 1
        if event.rule.startswith(FILLED_FROM):
            self.filled[event.column, event.rule.removeprefix(FILLED_FROM)] += 1

    def changed(self) -> list[dict[str, Any]]:
        """Return what was changed, by column and rule, the most frequent first."""
        return _told(self._changed, rules=True)

    def problems(self) -> list[dict[str, Any]]:
        """Return what could not be used or is doubted, by column and reason, the most frequent first."""
        return _told(self._problems, rules=False)


def _add(groups: _Groups, key: tuple[str, str, str], event: Event) -> None:
    group = groups.setdefault(key, _Group())
    group.count += 1
    if group.count <= _EXAMPLES:
        group.examples.append(event)


def _told(groups: _Groups, *, rules: bool) -> list[dict[str, Any]]:
    found = []
    for (column, code, severity), group in groups.items():
        text = rule_text(code) if rules else reason_text(code)
        entry: dict[str, Any] = {
            "column": column,
            "rule" if rules else "reason": code,
            "severity": severity,
            "count": group.count,
            "message_ja": text.ja,
            "message_en": text.en,
            "examples": [
                {
                    "before": example.before,
                    "after": example.after,
                    "input": example.input,
                    "row": example.source_row,
                    "column": example.source_column,
                    "out_row": example.row,
                }
                for example in group.examples
            ],
        }
        if not rules:
            mend = mending_text(code)
            entry |= {"mend_ja": mend.ja, "mend_en": mend.en}
        found.append(entry)
    return sorted(found, key=lambda entry: (-entry["count"], entry["column"]))
