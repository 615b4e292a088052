"""CQL2 (OGC 21-065r2), as text or as JSON, to conditions over a rows file, by a whitelist: what is not named here is refused.

Basic CQL2, the advanced comparison operators LIKE, BETWEEN and IN, S_INTERSECTS with a point or a box, and the temporal functions
on instants. Columns stand by name, `geometry` is the row's place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, Protocol, cast

import cql2

from tdpf.dataplane.delivery.sights import Sight
from tdpf.tables import conditions
from tdpf.tables.conditions import EVERY_ROW, Column, Comparison, Condition, Moment
from tdpf.tables.places import Box, Grid
from tdpf.tables.types import TableManifest
from tdpf.wire.delivery_problems import (
    BadFilter,
    BadParameter,
    FilterNotSupported,
    FilterTooLarge,
    NotLocated,
    UnknownColumn,
)

MOST_CHARACTERS = 4_000
MOST_DEPTH = 30
MOST_TERMS = 400
_MOST_OPERATORS = 100
_MOST_WILDCARDS = 8

_FLIPPED: Mapping[str, Comparison] = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_MOMENTS: Mapping[str, Moment] = {
    "t_after": "after",
    "t_before": "before",
    "t_equals": "equals",
    "t_during": "during",
    "t_intersects": "intersects",
    "t_disjoint": "disjoint",
}
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_NOT = re.compile(r"\bnot\b", re.IGNORECASE)
_JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_LARGE = re.compile(r"(?<![\w.+-])-?[0-9]{16,40}(?![\w.])")
_ASIDE = "\ue000"
_PLACE = re.compile(r"(?:-->\s*\d+:|at line 1 column )(\d+)")


class Words(Protocol):
    """The building blocks of conditions, each in the language of the engine that is asked; see `tables.conditions`."""

    @property
    def NO_ROW(self) -> Condition: ...  # noqa: N802 - the module's constant
    def compare(self, column: Column, operator: Comparison, literal: object) -> Condition: ...
    def between(self, column: Column, lower: object, upper: object) -> Condition: ...
    def one_of(self, column: Column, literals: Sequence[object]) -> Condition: ...
    def is_empty(self, column: Column) -> Condition: ...
    def like(self, column: Column, pattern: str) -> Condition: ...
    def in_time(self, column: Column, moment: Moment, start: date | None, end: date | None) -> Condition: ...
    def inside(self, manifest: TableManifest, grid: Grid | None, box: Box) -> Condition: ...
    def unplaced(self, manifest: TableManifest) -> Condition: ...
    def all_of(self, conditions: Sequence[Condition]) -> Condition: ...
    def any_of(self, conditions: Sequence[Condition]) -> Condition: ...
    def negated(self, condition: Condition) -> Condition: ...


ROWS_FILE: Words = cast(Words, conditions)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a filter may speak of, and in which words its condition is told."""

    collection: str
    manifest: TableManifest
    grid: Grid | None
    sight: Sight
    words: Words = ROWS_FILE

    def column(self, name: str, parameter: str = "filter") -> Column:
        """Return a visible column by name; raises UnknownColumn with names that look alike."""
        column = self.sight.columns.get(name)
        if column is None:
            near = get_close_matches(name[:80], self.sight.names, n=3, cutoff=0.5)
            raise UnknownColumn(parameter=parameter, column=name[:80], near=", ".join(near) or "—")
        return column

    def inside(self, box: Box) -> Condition:
        """Return the condition that the row lies in the box; raises NotLocated."""
        if not self.sight.with_place:
            raise NotLocated(collection=self.collection)
        return self.words.inside(self.manifest, self.grid, box)

    def not_outside(self, box: Box) -> Condition:
        """Return the condition that the row lies in the box or nowhere; raises NotLocated."""
        return self.words.any_of([self.inside(box), self.words.unplaced(self.manifest)])


def parse_filter(text: str, scope: Scope, language: str = "cql2-text") -> Condition:
    """Return the condition a CQL2 text or JSON states; raises the filter's problems, never anything else."""
    _check_size(text)
    text, numbers = _with_large_numbers_aside(text, language)
    try:
        # The reader of JSON has a bound of depth of its own.
        tree = (cql2.parse_json if language == "cql2-json" else cql2.parse_text)(text).to_json()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as fault:  # noqa: BLE001  a Rust panic is a BaseException
        place = _PLACE.search(str(fault))
        raise BadFilter(position=int(place.group(1)) if place else 1) from None
    return _Translator(scope).condition(_put_back(tree, numbers) if numbers else tree)


def _check_size(text: str) -> None:
    # The parser is recursive: depth is bounded before it is called.
    bare = _QUOTED.sub("", text)
    depth = deepest = 0
    for character in bare:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    operators = sum(bare.count(character) for character in "+-*/^%")
    too_deep = deepest > MOST_DEPTH or len(_NOT.findall(bare)) > _MOST_OPERATORS or operators > _MOST_OPERATORS
    if len(text) > MOST_CHARACTERS or too_deep:
        raise _too_large()


def _too_large() -> FilterTooLarge:
    return FilterTooLarge(most_characters=MOST_CHARACTERS, most_depth=MOST_DEPTH, most_terms=MOST_TERMS)


def _with_large_numbers_aside(text: str, language: str) -> tuple[str, Mapping[str, int]]:
    """Return the filter with a text in place of each whole number that the parser would round, and what the texts stand for."""
    if not _LARGE.search(text):
        return text, {}
    quoted, quote = (_JSON_TEXT, '"') if language == "cql2-json" else (_QUOTED, "'")
    mark = _ASIDE
    while mark in text:
        mark += _ASIDE
    numbers: dict[str, int] = {}

    def aside(found: re.Match[str]) -> str:
        name = f"{mark}{len(numbers)}"
        numbers[name] = int(found[0])
        return f"{quote}{name}{quote}"

    pieces, at = [], 0
    for found in quoted.finditer(text):
        pieces += [_LARGE.sub(aside, text[at : found.start()]), found[0]]
        at = found.end()
    return "".join([*pieces, _LARGE.sub(aside, text[at:])]), numbers


def _put_back(node: Any, numbers: Mapping[str, int]) -> Any:
    if isinstance(node, dict):
        return {name: _put_back(value, numbers) for name, value in node.items()}
    if isinstance(node, list):
        return [_put_back(value, numbers) for value in node]
    return numbers.get(node, node) if isinstance(node, str) else node


class _Translator:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._words = scope.words
        self._terms = 0

    def condition(self, node: Any, depth: int = 0, *, negated: bool = False) -> Condition:
        """Return what a node states; `negated` within an odd number of NOT.

        What can be neither true nor false, as where a row without a place lies, is false here and true there, so that no row comes by it.
        """
        if depth > 4 * MOST_DEPTH:
            raise _too_large()
        if node is True:
            return EVERY_ROW
        if node is False:
            return self._words.NO_ROW
        if not isinstance(node, dict):
            raise FilterNotSupported(operation=str(node)[:80])
        if "property" in node:
            return self._alone(node["property"])
        operation, arguments = str(node.get("op", "")).lower(), node.get("args")
        if not isinstance(arguments, list):
            raise FilterNotSupported(operation=operation or str(node)[:80])
        if operation == "and":
            return self._words.all_of([self.condition(argument, depth + 1, negated=negated) for argument in arguments])
        if operation == "or":
            return self._words.any_of([self.condition(argument, depth + 1, negated=negated) for argument in arguments])
        if operation == "not" and len(arguments) == 1:
            return self._words.negated(self.condition(arguments[0], depth + 1, negated=not negated))
        if operation == "s_intersects" and len(arguments) == 2:
            self._count(1)
            return self._intersects(*arguments, negated=negated)
        return self._comparison(operation, arguments)

    def _alone(self, name: str) -> Condition:
        column = self._scope.column(name)
        if column.field.type != "boolean":
            raise FilterNotSupported(operation=name[:80])
        return self._words.compare(column, "=", True)

    def _comparison(self, operation: str, arguments: list[Any]) -> Condition:
        self._count(1)
        if operation in _FLIPPED and len(arguments) == 2:
            return self._compared(cast(Comparison, operation), arguments[0], arguments[1])
        if operation in _MOMENTS and len(arguments) == 2:
            return self._timed(_MOMENTS[operation], arguments[0], arguments[1])
        handlers: Mapping[tuple[str, int], Callable[..., Condition]] = {
            ("between", 3): self._between,
            ("in", 2): self._in,
            ("like", 2): self._like,
            ("isnull", 1): self._is_null,
        }
        handler = handlers.get((operation, len(arguments)))
        if handler is None:
            raise FilterNotSupported(operation=operation[:80])
        return handler(*arguments)

    def _count(self, terms: int) -> None:
        self._terms += terms
        if self._terms > MOST_TERMS:
            raise _too_large()

    def _compared(self, operation: Comparison, left: Any, right: Any) -> Condition:
        if _is_property(right) and not _is_property(left):
            left, right, operation = right, left, _FLIPPED[operation]
        return self._words.compare(self._column(left), operation, _literal(right))

    def _between(self, value: Any, lower: Any, upper: Any) -> Condition:
        return self._words.between(self._column(value), _literal(lower), _literal(upper))

    def _in(self, value: Any, choices: Any) -> Condition:
        if not isinstance(choices, list):
            raise FilterNotSupported(operation="in")
        self._count(len(choices))
        return self._words.one_of(self._column(value), [_literal(choice) for choice in choices])

    def _like(self, value: Any, pattern: Any) -> Condition:
        if not isinstance(pattern, str):
            raise FilterNotSupported(operation="like")
        if pattern.count("%") > _MOST_WILDCARDS:
            raise BadParameter(parameter="filter", value=pattern[:80], expected=f"LIKE, % ≤ {_MOST_WILDCARDS}")
        return self._words.like(self._column(value), pattern)

    def _is_null(self, value: Any) -> Condition:
        return self._words.is_empty(self._column(value))

    def _intersects(self, first: Any, second: Any, *, negated: bool) -> Condition:
        if _is_property(second) and not _is_property(first):
            first, second = second, first
        if not _is_property(first) or first["property"] not in ("geometry", "geom"):
            raise FilterNotSupported(operation="s_intersects")
        box = _box_of(second)
        return self._scope.not_outside(box) if negated else self._scope.inside(box)

    def _timed(self, moment: Moment, first: Any, second: Any) -> Condition:
        if not _is_property(first):
            raise FilterNotSupported(operation=f"t_{moment}")
        start, end = _period(second)
        try:
            return self._words.in_time(self._column(first), moment, start, end)
        except OverflowError:
            raise _not_a_date(second) from None

    def _column(self, node: Any) -> Column:
        if not _is_property(node):
            operation = node.get("op", node) if isinstance(node, dict) else node
            raise FilterNotSupported(operation=str(operation)[:80])
        return self._scope.column(str(node["property"]))


def _is_property(node: Any) -> bool:
    return isinstance(node, dict) and isinstance(node.get("property"), str)


def _literal(node: Any) -> object:
    if isinstance(node, (bool, int, float, str)):
        return node
    if isinstance(node, dict):
        if isinstance(node.get("date"), str) or isinstance(node.get("timestamp"), str):
            return _moment(str(node.get("date") or node.get("timestamp")))
        raise FilterNotSupported(operation=str(node.get("op", next(iter(node), "")))[:80])
    raise FilterNotSupported(operation=str(node)[:80])


def _moment(text: str) -> date:
    try:
        return date.fromisoformat(text) if len(text) == 10 else _instant(text)
    except ValueError:
        raise _not_a_date(text) from None


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if not 2 <= moment.year <= 9998:
        raise ValueError(text)
    return moment


def _not_a_date(value: object) -> BadParameter:
    return BadParameter(
        parameter="filter", value=str(value)[:80], expected="DATE('2024-01-31'), TIMESTAMP('2024-01-31T00:00:00Z')"
    )


def _period(node: Any) -> tuple[date | None, date | None]:
    if isinstance(node, dict) and isinstance(node.get("interval"), list) and len(node["interval"]) == 2:
        start, end = (None if text == ".." else _moment(_text(text)) for text in node["interval"])
        return start, end
    literal = _literal(node)
    moment = literal if isinstance(literal, date) else _moment(str(literal))
    return moment, moment


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("date") or value.get("timestamp"))
    return str(value)


def _box_of(node: Any) -> Box:
    if isinstance(node, dict) and isinstance(node.get("bbox"), list):
        return box_of(node["bbox"], "filter")
    if isinstance(node, dict) and node.get("type") == "Point":
        x, y = node["coordinates"][:2]
        return box_of([x, y, x, y], "filter")
    kind = str(node.get("type", "")) if isinstance(node, dict) else ""
    raise FilterNotSupported(operation=f"s_intersects {kind}".strip())


def box_of(numbers: list[float], parameter: str) -> Box:
    """Return the box of four numbers (six: heights are left out); raises BadParameter."""
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) == 4 and all(abs(number) <= 540 for number in numbers) and numbers[1] <= numbers[3]:
        return Box(*numbers)
    shown = ",".join(f"{number:g}" for number in numbers[:8])
    raise BadParameter(parameter=parameter, value=shown, expected="west,south,east,north (139.5,35.5,139.9,35.8)")
