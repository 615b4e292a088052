"""Entities of a context broker as rows: what NGSI can say is asked of the broker, and every row is judged here as well.

What is asked is never narrower than the question, so a broker that reads it more loosely changes the time, not the answer.
"""

from __future__ import annotations

import hashlib
import logging
import math
import re
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import ClassVar

from tdpf.dataplane.delivery.connectors.asked import Answered, Asked, Row
from tdpf.dataplane.delivery.connectors.budget import Budget
from tdpf.dataplane.delivery.connectors.sifting import sifted
from tdpf.kit import ngsi
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import TooLarge, TooSlow
from tdpf.tables import conditions
from tdpf.tables.conditions import Column, Comparison, Condition, Moment, columns_of
from tdpf.tables.places import Box, Grid
from tdpf.tables.types import TableManifest
from tdpf.wire.connected import ConnectedTable, NgsiPlace
from tdpf.wire.connected_problems import (
    ConnectedProblem,
    SourceBusy,
    SourceChanged,
    SourceSilent,
    SourceSlow,
    SourceTooLarge,
    TooFarAhead,
    TooManyToSort,
)
from tdpf.wire.sources import ApiCredential

log = logging.getLogger("tdpf.delivery")

_WHOLE_SECONDS = 1800.0
_MOST_LOOKED_THROUGH = 1_000_000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}\Z")
# What has no meaning in `q` and could be nothing but text as a value.
_TEXT = re.compile(r"(?![\[{\"])(?!(?:true|false|null)\Z)(?!-?\d)[^\x00-\x1f\x7f<>\"'=;(),|\\%&]{1,200}\Z")
_ID = re.compile(r"[!-+\--~]{1,300}\Z")
_WIDEST_DEGREES = 20.0


@dataclass(frozen=True, slots=True)
class Told(Condition):
    """A condition over sifted rows, and what of it the broker can be asked: never less than it holds for."""

    asked: ngsi.Asked = field(default_factory=ngsi.Asked)


@dataclass(frozen=True, slots=True)
class NgsiWords:
    """The building blocks, each with what NGSI has for it; dates, patterns and alternatives are judged here only."""

    version: ngsi.Version
    origins: dict[str, str]

    @property
    def NO_ROW(self) -> Condition:  # noqa: N802 - it stands where the module's constant does
        """No row."""
        return conditions.NO_ROW

    def compare(self, column: Column, operator: Comparison, literal: object) -> Condition:
        """`column operator literal`."""
        made = conditions.compare(_texts_too(column), operator, literal)
        [value] = made.parameters
        return Told(made.sql, made.parameters, self._asked(column, operator, [value]))

    def between(self, column: Column, lower: object, upper: object) -> Condition:
        """`lower <= column <= upper`."""
        return self.all_of([self.compare(column, ">=", lower), self.compare(column, "<=", upper)])

    def one_of(self, column: Column, literals: Sequence[object]) -> Condition:
        """`column` is one of the literals."""
        made = conditions.one_of(_texts_too(column), literals)
        return Told(made.sql, made.parameters, self._asked(column, "=", made.parameters))

    def exactly_one_of(self, column: Column, literals: Sequence[object]) -> Condition:
        """The text in `column` is one of the literals, letter for letter, as every text here."""
        return self.one_of(column, literals)

    def is_empty(self, column: Column) -> Condition:
        """The cell is empty."""
        return conditions.is_empty(column)

    def like(self, column: Column, pattern: str) -> Condition:
        """The text matches a CQL2 pattern."""
        return conditions.like(column, pattern)

    def in_time(self, column: Column, moment: Moment, start: date | None, end: date | None) -> Condition:
        """A column of dates or datetimes against the time from `start` to `end` (None: open)."""
        return conditions.in_time(_texts_too(column), moment, start, end)

    def inside(self, manifest: TableManifest, grid: Grid | None, box: Box) -> Condition:  # noqa: ARG002 - the protocol's
        """The row's place lies in the box."""
        if manifest.located is None:
            return self.NO_ROW
        known = columns_of(manifest)
        latitude, longitude = known[manifest.located.latitude], known[manifest.located.longitude]
        parts = list(box.parts())
        sql = f"({latitude.sql} BETWEEN ? AND ? AND {longitude.sql} BETWEEN ? AND ?)"
        made = [Condition(sql, (part.south, part.north, part.west, part.east)) for part in parts]
        if len(parts) > 1:
            return conditions.any_of(made)
        attribute, _, kind = self.origins[latitude.field.name].partition("@")
        other = self.origins[longitude.field.name]
        # NGSIv2 knows one place of an entity, by custom `location`; NGSI-LD is told which is meant.
        known_place = (
            kind == "lat" and other == f"{attribute}@lon" and (self.version == "ld" or attribute == "location")
        )
        georel = _georel(parts[0], attribute, self.version) if known_place and _NAME.match(attribute) else {}
        return Told(made[0].sql, made[0].parameters, ngsi.Asked(georel=georel))

    def unplaced(self, manifest: TableManifest) -> Condition:
        """The row has no place."""
        return conditions.unplaced(manifest)

    def all_of(self, parts: Sequence[Condition]) -> Condition:
        """All hold: the broker may be asked for each."""
        made = conditions.all_of(parts)
        told = [part.asked for part in parts if isinstance(part, Told)]
        ids = next((one.ids for one in told if one.ids), ())
        georel = next((one.georel for one in told if one.georel), {})
        return Told(made.sql, made.parameters, ngsi.Asked(tuple(q for one in told for q in one.q), ids, georel))

    def any_of(self, parts: Sequence[Condition]) -> Condition:
        """At least one holds."""
        return parts[0] if len(parts) == 1 else conditions.any_of(parts)

    def negated(self, condition: Condition) -> Condition:
        """It does not hold."""
        return conditions.negated(condition) if condition.sql else self.NO_ROW

    def _asked(self, column: Column, operator: Comparison, values: Sequence[object]) -> ngsi.Asked:
        """Return what the broker can be asked for, nothing where it might leave out a row that fits."""
        attribute = self.origins[column.field.name]
        if not values:
            return ngsi.Asked()
        if attribute == "id":
            good = operator == "=" and all(isinstance(one, str) and _ID.match(one) for one in values)
            return ngsi.Asked(ids=tuple(map(str, values))) if good else ngsi.Asked()
        if not _NAME.match(attribute) or attribute == "type" or operator == "<>":
            return ngsi.Asked()
        kind = column.field.type
        if kind in ("integer", "number"):
            texts = [_number(one) for one in values]
        elif operator != "=":
            return ngsi.Asked()
        elif kind == "boolean":
            texts = [("true" if one else "false") if isinstance(one, int) else None for one in values]
        elif kind in ("string", "code"):
            quote = "'" if self.version == "v2" else '"'
            texts = [f"{quote}{one}{quote}" if _TEXT.match(str(one)) else None for one in values]
        else:
            return ngsi.Asked()
        if None in texts:
            return ngsi.Asked()
        sign = "==" if operator == "=" else operator
        return ngsi.Asked((f"{attribute}{sign}{','.join(map(str, texts))}",))


def _texts_too(column: Column) -> Column:
    """Return the column as one that may hold text: a broker promises no types."""
    return replace(column, facts=replace(column.facts, as_text=1))


def _marked(entity: Mapping[str, object]) -> bytes:
    """Return a mark of the entity's id, short however long a broker makes it."""
    return hashlib.blake2b(str(entity.get("id")).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _number(value: object) -> str | None:
    text = repr(value)
    return text if type(value) in (int, float) and "e" not in text else None


def _georel(box: Box, attribute: str, version: ngsi.Version) -> dict[str, str]:
    """Return a polygon around the box, wider than it: its sides may be read as the shortest ways on a sphere."""
    width = box.east - box.west
    highest = max(abs(box.south), abs(box.north))
    if width > _WIDEST_DEGREES or highest > 80:
        return {}
    bend = math.degrees(
        math.radians(width) ** 2 / 8 * math.sin(math.radians(highest)) * math.cos(math.radians(highest))
    )
    margin = 0.001 + 2 * bend
    west, east = box.west - margin, box.east + margin
    south, north = box.south - margin, box.north + margin
    if west < -180 or east > 180:
        return {}
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    if version == "v2":
        coords = ";".join(f"{latitude:.6f},{longitude:.6f}" for longitude, latitude in corners)
        return {"georel": "coveredBy", "geometry": "polygon", "coords": coords}
    ring = ",".join(f"[{longitude:.6f},{latitude:.6f}]" for longitude, latitude in corners)
    return {"georel": "within", "geometry": "Polygon", "coordinates": f"[[{ring}]]", "geoproperty": attribute}


class NgsiTable:
    """Asks page by page, as many as a question needs."""

    turns_by_key: ClassVar[bool] = False
    in_one_piece: ClassVar[bool] = False

    def __init__(
        self,
        table: ConnectedTable,
        place: NgsiPlace,
        manifest: TableManifest,
        budget: Budget,
        credential: ApiCredential | None,
        *,
        allow_private: bool,
    ) -> None:
        self._table = table
        self._budget = budget
        self._columns = list(columns_of(manifest).values())
        self._origins = {column.name: column.at_origin for column in table.columns}
        self._words = NgsiWords(place.version, self._origins)
        self._allow_private = allow_private
        _, headers = (place.url, {}) if credential is None else credential.given_to(place.url)
        query = {credential.name: credential.value} if credential is not None and credential.kind == "query" else {}
        self._place = ngsi.BrokerPlace(
            place.url, place.version, place.entity_type, place.tenant, place.service_path, place.context,
            place.simplified, headers, query, credential.shown if credential else "",
        )  # fmt: skip

    @property
    def words(self) -> NgsiWords:
        """The words its conditions are told in."""
        return self._words

    def page(self, asked: Asked) -> Answered:
        """Return one page of rows; how many there are in all is known where the broker counts, or all were read.

        Raises TooFarAhead, TooManyToSort, and what becomes of a broker's faults.
        """
        if asked.condition.sql == conditions.NO_ROW.sql:
            return Answered([], 0)
        most, as_broker_has_them = self._table.limits.most_rows, not asked.condition.sql and not asked.order
        if not as_broker_has_them and asked.offset + asked.limit > most + 1:
            raise TooFarAhead(collection=self._table.address, most=most)
        with self._asking(self._table.limits.timeout_seconds) as broker:
            if as_broker_has_them:
                rows, total = self._some(broker, ngsi.Asked(), asked.limit, asked.offset)
                return Answered(self._named(rows, asked), total)
            if asked.order:
                found = self._sorted(broker, asked)
                return Answered(self._named(found[asked.offset : asked.offset + asked.limit], asked), len(found))
            fitting = self._fitting(broker, asked)
            passed = sum(1 for _ in islice(fitting, asked.offset))
            found = list(islice(fitting, asked.limit + 1))
            whole = len(found) <= asked.limit
            return Answered(self._named(found[: asked.limit], asked), passed + len(found) if whole else None)

    def stream(self, asked: Asked) -> Generator[list[Row]]:
        """Yield rows as the broker gives them."""
        if asked.condition.sql == conditions.NO_ROW.sql:
            return
        with self._asking(_WHOLE_SECONDS) as broker:
            found = iter(self._sorted(broker, asked)) if asked.order else self._fitting(broker, asked)
            rows = islice(found, asked.offset, asked.offset + asked.limit)
            while batch := list(islice(rows, ngsi.MOST_AT_ONCE)):
                yield self._named(batch, asked)

    def close(self) -> None:
        """Nothing is kept open."""

    def _named(self, rows: Sequence[Row], asked: Asked) -> list[Row]:
        places = {column.field.name: column.position for column in self._columns}
        return [tuple(row[places[name]] for name in asked.names) for row in rows]

    def _sorted(self, broker: ngsi.Asking, asked: Asked) -> list[Row]:
        most = self._table.limits.most_rows
        found = list(islice(self._fitting(broker, asked), most + 1))
        if len(found) > most:
            raise TooManyToSort(collection=self._table.address, most=most)
        return sifted(found, self._columns, Condition(""), asked.order)

    def _fitting(self, broker: ngsi.Asking, asked: Asked) -> Iterator[Row]:
        """Yield every row that fits, once each: while it is paged through, an entity may move to another page.

        Raises SourceTooLarge beyond as many entities as are looked through, BrokerAnswered when there is no next page.
        """
        condition = asked.condition
        of_broker = condition.asked if isinstance(condition, Told) else ngsi.Asked()
        known: set[bytes] = set()
        offset = 0
        while True:
            entities, total = self._page(broker, of_broker, ngsi.MOST_AT_ONCE, offset)
            fresh = [one for one in entities if _marked(one) not in known]
            known.update(map(_marked, fresh))
            yield from sifted([self._row(one) for one in fresh], self._columns, condition)
            offset += len(entities)
            if len(entities) < ngsi.MOST_AT_ONCE or (total is not None and not fresh and len(known) >= total):
                return
            if not fresh:
                # Ending here would look like the whole table.
                raise ngsi.BrokerAnswered(answer=200, said="another offset brings no other entities")
            if len(known) > _MOST_LOOKED_THROUGH:
                raise SourceTooLarge(collection=self._table.address)

    def _some(self, broker: ngsi.Asking, asked: ngsi.Asked, limit: int, offset: int) -> tuple[list[Row], int | None]:
        """Return some rows as the broker has them."""
        rows: list[Row] = []
        total: int | None = None
        while len(rows) < limit:
            wanted = min(ngsi.MOST_AT_ONCE, limit - len(rows))
            entities, total = self._page(broker, asked, wanted, offset + len(rows))
            rows += [self._row(one) for one in entities]
            if len(entities) < wanted:
                break
        return rows, total

    def _page(
        self, broker: ngsi.Asking, asked: ngsi.Asked, limit: int, offset: int
    ) -> tuple[list[dict[str, object]], int | None]:
        if offset:
            self._wait_for_pace()
        return broker.entities(asked, limit=limit, offset=offset)

    def _wait_for_pace(self) -> None:
        until = time.monotonic() + self._table.limits.timeout_seconds
        while True:
            try:
                self._budget.may_ask()
            except SourceBusy:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
            else:
                return

    def _row(self, entity: dict[str, object]) -> Row:
        place = self._place
        return tuple(
            ngsi.value_at(entity, self._origins[column.field.name], place.version, simplified=place.simplified)
            for column in self._columns
        )

    @contextmanager
    def _asking(self, seconds: float) -> Iterator[ngsi.Asking]:
        """Turn the broker's faults into what consumers may know; what it said is for the log."""
        address = self._table.address
        with self._budget.one():
            try:
                with ngsi.asking(self._place, seconds=seconds, allow_private=self._allow_private) as broker:
                    yield broker
            except ConnectedProblem:
                raise
            except TooSlow:
                self._budget.failed()
                raise SourceSlow(collection=address, seconds=int(seconds)) from None
            except TooLarge:
                raise SourceTooLarge(collection=address) from None
            except ngsi.BrokerAnswered as fault:
                log.warning("the broker of %s refused: %s", address, fault.data)
                if fault.data["answer"] in (400, 404, 422):
                    raise SourceChanged(collection=address) from None
                self._budget.failed()
                raise SourceSilent(collection=address) from None
            except Problem as fault:
                self._budget.failed()
                log.warning("the broker of %s is not reached: %s", address, fault.detail_in("en"))
                raise SourceSilent(collection=address) from None
            self._budget.answered()
