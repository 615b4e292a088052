"""What a new edition of a merged table brings: rows added, changed and gone, and which duplicates and conflicts are new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tdpf.controlplane.preparation.engine.merging.matching import folded_address, folded_name
from tdpf.controlplane.preparation.engine.schemas.types import Schema

_SHOWN = 10
Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChanges:
    """What differs between two editions, in rows; `examples` are (what happened, name of the row, the columns that changed)."""

    added: int
    changed: int
    gone: int
    new_duplicates: int = 0
    new_conflicts: int = 0
    examples: tuple[tuple[str, str, str], ...] = ()

    @property
    def any(self) -> bool:
        """Say whether the rows differ at all."""
        return bool(self.added or self.changed or self.gone)

    def as_dict(self) -> dict[str, Any]:
        """Return the changes as JSON values."""
        return asdict(self)


def table_changes(before: Rows, after: Rows, schema: Schema) -> TableChanges:
    """Compare two editions of a schema's table. Rows are the same thing by name and address, else by the schema's keys.

    Numbers that only count the rows do not count as a change.
    """
    old, new = _by_key(before, schema), _by_key(after, schema)
    identifier = schema.of("record.id")
    silent = {identifier.name} if identifier else set()
    examples: list[tuple[str, str, str]] = []
    changed = 0
    for key, row in new.items():
        if key not in old:
            examples.append(("added", _name(row, schema), ""))
        elif columns := [name for name in row if name not in silent and row[name] != old[key].get(name, "")]:
            changed += 1
            examples.append(("changed", _name(row, schema), "、".join(columns)))
    gone = [row for key, row in old.items() if key not in new]
    examples += [("gone", _name(row, schema), "") for row in gone]
    # A few of each kind say more than many of the first.
    shown = [entry for kind in ("added", "changed", "gone") for entry in _first(examples, kind)]
    added = sum(1 for key in new if key not in old)
    return TableChanges(added=added, changed=changed, gone=len(gone), examples=tuple(shown))


def signs_of(plain: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what the duplicates and conflicts of an outcome are known by in every edition."""
    groups = {entry["row"]: sorted("|".join(mark) for mark in entry["marks"]) for entry in plain["duplicates"]}
    conflicts = [
        " = ".join([*groups.get(entry["row"], []), entry["column"], *sorted({value for *_, value in entry["values"]})])
        for entry in plain["conflicts"]
    ]
    return {"duplicates": sorted(" = ".join(group) for group in groups.values()), "conflicts": sorted(conflicts)}


def _first(examples: Iterable[tuple[str, str, str]], kind: str) -> list[tuple[str, str, str]]:
    return [entry for entry in examples if entry[0] == kind][:_SHOWN]


def _by_key(rows: Rows, schema: Schema) -> dict[tuple[str, ...], Mapping[str, str]]:
    name, address, code = (schema.of(concept) for concept in ("name", "address", "publisher.code"))
    keys = [field.name for field in (code, name, address) if field is not None]
    keys += [key for key in schema.apart if key not in keys]
    seen: Counter[tuple[str, ...]] = Counter()
    found: dict[tuple[str, ...], Mapping[str, str]] = {}
    for row in rows:
        words = [(folded_address if address and key == address.name else folded_name)(row.get(key, "")) for key in keys]
        key = tuple(words) if any(words) else tuple(row.values())
        seen[key] += 1
        found[(*key, str(seen[key]))] = row
    return found


def _name(row: Mapping[str, str], schema: Schema) -> str:
    field = schema.of("name")
    return (row.get(field.name) if field else "") or next((value for value in row.values() if value), "")
