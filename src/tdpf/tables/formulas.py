"""Keeps a spreadsheet from running what stands in a cell (CWE-1236): such text gets an apostrophe in front.

Only files meant for spreadsheets are treated so; a plain number (`-5`, `+3.2`, `-1,200`) and a lone `-` or `+` stay as they are.
Full-width signs count: a Japanese Excel takes `＝` for `=`.
"""

from __future__ import annotations

import re

import polars as pl

_RISKY = r"^[=+\-@＝＋＠\t\r\n]"
_HARMLESS = r"^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)?(\.[0-9]+)?([eE][+-]?[0-9]+)?%?$"
_risky = re.compile(_RISKY)
_harmless = re.compile(_HARMLESS[:-1] + r"\Z")


def neutralised(text: str) -> str:
    """Return the text as it may stand in a spreadsheet."""
    return "'" + text if _risky.match(text) and not _harmless.match(text) else text


def neutralised_expression(column: pl.Expr) -> pl.Expr:
    """Return `neutralised` for a column of strings."""
    dangerous = column.str.contains(_RISKY) & ~column.str.contains(_HARMLESS)
    return pl.when(dangerous).then("'" + column).otherwise(column)
