"""Calls counted by slots that are gone (ended grants, past days): kept on disk until reported, and given back on return."""

from pathlib import Path

import orjson

from tdpf.kit.writing import write_whole
from tdpf.wire.grant_slots import Use
from tdpf.wire.messages import CounterReading

Name = tuple[int, int, int]
"""Agreement, application, dataset."""

_KEEP_DAYS = 3


class UseLedger:
    """A small JSON file. ``keep`` only ever raises what is known: counters do not run backwards."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._days: dict[Name, dict[int, int]] = {}
        self._months: dict[Name, dict[int, int]] = {}
        self._unreported: dict[tuple[Name, int], int] = {}
        self._changed = False
        try:
            rows = orjson.loads(path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            rows = []
        for row in rows:
            name = (row["agreement"], row["application"], row["dataset"])
            self._days[name] = {int(day): used for day, used in row["days"].items()}
            self._months[name] = {int(month): used for month, used in row["months"].items()}
            self._unreported.update({(name, int(day)): used for day, used in row["unreported"].items()})

    def keep(self, agreement: int, application: int, dataset: int, use: Use) -> None:
        """Remember what a slot had counted when it was given up."""
        if not any(use.days.values()) and not any(use.months.values()):
            return
        name = (agreement, application, dataset)
        for known, given in (
            (self._days.setdefault(name, {}), use.days),
            (self._months.setdefault(name, {}), use.months),
        ):
            for period, used in given.items():
                if used > known.get(period, 0):
                    known[period] = used
                    self._changed = True
                    if known is self._days[name]:
                        self._unreported[(name, period)] = used

    def take(self, agreement: int, application: int, dataset: int) -> Use:
        """Return what is known of a grant that comes back."""
        name = (agreement, application, dataset)
        return Use(dict(self._days.get(name, {})), dict(self._months.get(name, {})))

    def unreported(self, gateway: str) -> list[CounterReading]:
        """Return the readings the control plane has not yet confirmed."""
        return [CounterReading(gateway, *name, day, used) for (name, day), used in self._unreported.items()]

    def reported(self, readings: list[CounterReading]) -> None:
        """Mark readings as confirmed."""
        for reading in readings:
            name = (reading.agreement, reading.application, reading.dataset)
            if self._unreported.get((name, reading.day)) == reading.used:
                del self._unreported[(name, reading.day)]
                self._changed = True

    def forget_before(self, day: int, month: int) -> None:
        """Drop reported days older than three days before ``day`` and months before ``month``."""
        for name in list(self._days):
            days = self._days[name]
            for old in [d for d in days if d < day - _KEEP_DAYS and (name, d) not in self._unreported]:
                del days[old]
                self._changed = True
            months = self._months.get(name, {})
            for old in [m for m in months if m < month]:
                del months[old]
                self._changed = True
            if not days and not months:
                del self._days[name]
                self._months.pop(name, None)

    def save(self) -> None:
        """Write the file if anything changed."""
        if not self._changed:
            return
        waiting: dict[Name, dict[str, int]] = {}
        for (name, day), used in self._unreported.items():
            waiting.setdefault(name, {})[str(day)] = used
        rows = [
            {
                **dict(zip(("agreement", "application", "dataset"), name, strict=True)),
                "days": {str(day): used for day, used in self._days.get(name, {}).items()},
                "months": {str(month): used for month, used in self._months.get(name, {}).items()},
                "unreported": waiting.get(name, {}),
            }
            for name in {**self._days, **self._months}
        ]
        write_whole(self._path, orjson.dumps(rows))
        self._changed = False
