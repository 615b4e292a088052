"""Stated words, inferences and corrections as JSON of the dataset's row, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from tdpf.controlplane.catalog.enriching.dates import moment_of
from tdpf.controlplane.catalog.stated import Corrected, Inferred, StatedDataset, StatedDistribution
from tdpf.kit.text import Text

Json = dict[str, Any]
_NAMES = {
    shape: tuple(field.name for field in fields(shape) if field.name != "distributions")
    for shape in (StatedDataset, StatedDistribution)
}
_AHEAD = timedelta(days=2)
"""Clocks and zones of sources differ by so much at most."""


def packed_stated(stated: StatedDataset) -> Json:
    """Return the stated words as JSON; what was not stated is left out."""
    found = _said(stated)
    if stated.distributions:
        found["distributions"] = [_said(distribution) for distribution in stated.distributions]
    return found


def unpacked_stated(kept: Mapping[str, Any]) -> StatedDataset | None:
    """Return what `packed_stated` kept, or None for a registered dataset; fields of another version are left out."""
    if not kept:
        return None
    values = _known(StatedDataset, kept)
    values["distributions"] = tuple(
        StatedDistribution(**_known(StatedDistribution, entry)) for entry in kept.get("distributions", ())
    )
    return StatedDataset(**values)


def packed_inferred(inferred: Mapping[str, Inferred]) -> Json:
    """Return inferences as JSON."""
    return {
        name: {"value": plain(item.value), "reason": [item.reason.ja, item.reason.en], "method": item.method}
        for name, item in inferred.items()
    }


def unpacked_inferred(kept: Mapping[str, Any]) -> dict[str, Inferred]:
    """Return what `packed_inferred` kept."""
    return {
        name: Inferred(value=item["value"], reason=Text(*item["reason"]), method=item["method"])
        for name, item in kept.items()
    }


def unpacked_corrected(kept: Mapping[str, Any]) -> dict[str, Corrected]:
    """Return the corrections kept in a row."""
    return {
        name: Corrected(value=item["value"], by=item["by"], at=datetime.fromisoformat(item["at"]))
        for name, item in kept.items()
    }


def is_dated(kept: Mapping[str, Any], modified_at: datetime, *, now: datetime) -> bool:
    """Say whether it is known when a dataset was last changed, from the stated words of its row.

    A source may not say, may say it so that it cannot be read, or name a day that has not come.
    """
    if not kept:
        return True
    return moment_of(str(kept.get("modified", ""))[:200]) is not None and modified_at <= now + _AHEAD


def plain(value: object) -> object:
    """Return a value as JSON holds it: tuples as lists, dates in ISO 8601."""
    if isinstance(value, tuple | list | frozenset | set):
        return [item if isinstance(item, str) else plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return value.isoformat() if hasattr(value, "isoformat") else value


def _said(stated: StatedDataset | StatedDistribution) -> Json:
    found: Json = {}
    for name in _NAMES[type(stated)]:
        value = getattr(stated, name)
        # A size of 0 bytes is stated, too.
        if value or value == 0:
            found[name] = value if isinstance(value, str) else plain(value)
    return found


def _known(shape: type[StatedDataset] | type[StatedDistribution], kept: Mapping[str, Any]) -> Json:
    names = _NAMES[shape]
    return {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items() if name in names}
