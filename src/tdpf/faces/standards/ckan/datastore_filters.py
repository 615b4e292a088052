"""`filters` of `datastore_search` (CKAN 2.12: lists, ranges, `$and`, `$or`) as CQL2 text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tdpf.faces.standards.ckan.refusals import Invalid
from tdpf.kit import cql2

_OPERATORS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_DEEPEST, _MOST_PARTS = 10, 100
_NUMBERS = ("integer", "number")


class Filters:
    """Reads filters over the columns of one table; `after` is the row that a page's end named, if it is asked for."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        self._columns = columns
        self._parts = 0
        self.after: int | None = None

    def read(self, filters: Any, depth: int = 0) -> str:
        """Return the condition as CQL2 text, "" for none; raises Invalid."""
        if not filters:
            return ""
        if depth > _DEEPEST:
            raise Invalid("filters", "Maximum nesting depth for filter operations reached")
        if isinstance(filters, list):
            return _joined("AND", [self.read(one, depth + 1) for one in filters])
        if not isinstance(filters, dict):
            raise Invalid("filters", "Filters must be defined as a dict or list of dicts")
        return _joined("AND", [self._member(str(name), value, depth) for name, value in filters.items()])

    def _member(self, name: str, value: Any, depth: int) -> str:
        if name in ("$and", "$or"):
            if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
                raise Invalid("filters", f"Filter operations must be defined as a list of dicts: {name}")
            return _joined(name[1:].upper(), [self.read(one, depth + 1) for one in value])
        if name.startswith("$") and not name.startswith("$$"):
            raise Invalid("filters", f"Unknown operators (must be one of $or, $and): {name[:40]}")
        field = name[1:] if name.startswith("$$") else name
        if field == "_id" and "_id" not in self._columns:
            self._position(value)
            return ""
        if field not in self._columns:
            raise Invalid("filters", f"Unknown field: {field[:80]}")
        return self._field(field, value)

    def _field(self, field: str, value: Any) -> str:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise Invalid("filters", "Maximum number of filter operations exceeded")
        number = self._columns[field] in _NUMBERS
        if isinstance(value, list):
            plain = [one for one in value if not isinstance(one, dict | list)]
            found = [self._field(field, one) for one in value if isinstance(one, dict)]
            if plain[_MOST_PARTS:]:
                raise Invalid("filters", "Maximum number of filter operations exceeded")
            known = [one for one in plain if one is not None]
            if known:
                found.append(cql2.one_of(field, known, number=number))
            if len(known) < len(plain):
                found.append(f"{cql2.name(field)} IS NULL")
            return _joined("OR", found) or "FALSE"
        if not isinstance(value, dict):
            if value is None:
                return f"{cql2.name(field)} IS NULL"
            return cql2.compare(field, "=", value, number=number)
        found = []
        for operator, operand in value.items():
            if operator == "in" and isinstance(operand, list):
                found.append(self._field(field, operand))
            elif operator not in _OPERATORS or isinstance(operand, dict | list):
                raise Invalid("filters", f"Unknown filter operation: {str(operator)[:40]}")
            else:
                found.append(cql2.compare(field, _OPERATORS[operator], operand, number=number))
        return _joined("AND", found)

    def _position(self, value: Any) -> None:
        after = value.get("gt") if isinstance(value, dict) and len(value) == 1 else None
        if not isinstance(after, int) or isinstance(after, bool) or not 0 <= after < 2**31 or self.after is not None:
            raise Invalid("filters", 'Only {"_id": {"gt": number}} is understood of _id')
        self.after = after


def _joined(word: str, parts: list[str]) -> str:
    known = [part for part in parts if part]
    return known[0] if len(known) == 1 else "(" + f" {word} ".join(known) + ")" if known else ""
