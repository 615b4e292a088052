"""Writing CQL2 text (OGC 21-065r2): names and texts are quoted so that nothing in them can break out."""

from __future__ import annotations

from collections.abc import Iterable

COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")


def name(column: str) -> str:
    """Return a property's name in double quotes."""
    return '"' + column.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a character literal."""
    return "'" + value.replace("'", "''") + "'"


def literal(value: object, *, number: bool = False) -> str:
    """Return a literal: a number where one is wanted and the value is one, TRUE or FALSE for a truth, else a text."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    written = str(value)
    if not number:
        return text(written)
    try:
        return repr(float(written)) if "." in written else str(int(written))
    except ValueError:
        return text(written)


def compare(column: str, operator: str, value: object, *, number: bool = False) -> str:
    """Return `column operator literal`; the operator is one of COMPARISONS."""
    if operator not in COMPARISONS:
        raise ValueError(operator)
    return f"{name(column)} {operator} {literal(value, number=number)}"


def contains(column: str, part: str) -> str:
    """Return the condition that a text holds the part as it is written."""
    escaped = part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{name(column)} LIKE {text(f'%{escaped}%')}"


def one_of(column: str, values: Iterable[object], *, number: bool = False) -> str:
    """Return the condition that the column is one of the values, of which there is at least one."""
    return f"{name(column)} IN ({', '.join(literal(value, number=number) for value in values)})"
