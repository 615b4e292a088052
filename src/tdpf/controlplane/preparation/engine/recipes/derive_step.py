"""derive: fills what follows from other cells of the row, from the table's publisher, or from words beside values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tdpf.controlplane.preparation.engine.municipalities import area_code, named
from tdpf.controlplane.preparation.engine.normalising.flags import is_conditional
from tdpf.controlplane.preparation.engine.normalising.marks import plain
from tdpf.controlplane.preparation.engine.normalising.times import by_season, hours, time_of_day
from tdpf.controlplane.preparation.engine.recipes.day_spans import part_periods, part_spans, same_day
from tdpf.controlplane.preparation.engine.recipes.facts_within import find_within
from tdpf.controlplane.preparation.engine.recipes.filling import fill
from tdpf.controlplane.preparation.engine.recipes.hazard_scales import names_scales
from tdpf.controlplane.preparation.engine.recipes.publishers import of_code
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.types import Frame
from tdpf.controlplane.preparation.engine.schemas.types import Schema, SchemaField

_STEP = "derive"
_CLOSED = re.compile(r"休(?:館|診|業|園|所|場|日|庁|み|止)|定休|閉館日|閉園日|閉鎖|できない|不可|^休$")
_BEGINS = re.compile(r"(?:開演|開始|開場|開会|スタート|から|より|~|〜|～)\s*(?:[(（].*[)）])?$")
_BESIDE_NUMBER = re.compile(
    r"[(（]?0\d{1,4}[)）]?[-. (（]{0,2}\d{1,4}[-. )）]{0,2}\d{3,4}|内線\s*\d*|代表|直通|TEL|Tel|tel|FAX|電話(?:番号)?|☎|℡|夜間|昼間|または|又は"
)


def derive(state: State, with_: Mapping[str, Any]) -> None:
    """Fill empty cells only; every filled cell has an event.

    `publisher` is {input: {code, prefecture, city}}; `sequence` names inputs whose rows are numbered for want of an ID;
    `stated` is {input: {column: value}} from titles; `same_day` names inputs whose only date is the first and last day.
    """
    numbered: dict[str, int] = {}
    for key, frame in state.frames.items():
        publisher = dict(with_.get("publisher", {})).get(key, {})
        _joins(state, frame)
        _closed_days(state, frame)
        _opening_hours(state, frame)
        part_periods(state, key, frame)
        part_spans(state, key, frame)
        _rests(state, key, frame)
        find_within(state, frame)
        _area_names(state, frame)
        _publisher(state, frame, publisher)
        _stated(state, frame, dict(with_.get("stated", {})).get(key, {}))
        if key in with_.get("same_day", []):
            same_day(state, frame)
        if key in with_.get("sequence", []):
            # Sheets of one publisher are one list: their numbers go on.
            code = str(publisher.get("code", ""))
            numbered[code] = _sequence(state, frame, numbered.get(code, 0))
        _sums(state, frame)
        _copies(state, frame)


def _joins(state: State, frame: Frame) -> None:
    for name, parts in state.schema.joins:
        present = [part for part in parts if part in frame.columns]
        if not present or name not in frame.columns:
            continue
        column = frame.columns[name]
        for row in range(frame.height):
            before = column[row]
            added = [value for part in present if (value := frame.columns[part][row]) and value not in (before or "")]
            if added and before:
                column[row] = "　".join([before, *added])
                state.log.add(
                    frame, row, name, step=_STEP, before=before, after=column[row], rule="joined", confidence=0.9
                )
        for part in present:
            for source, letters in frame.sources.get(part, {}).items():
                own = frame.sources.setdefault(name, {})
                own[source] = (*own.get(source, ()), *letters)


def _closed_days(state: State, frame: Frame) -> None:
    """Say in remarks on opening hours that days are those of closing, where only the column's name says so."""
    field = state.schema.of("time.remarks")
    header = re.sub(r"[\s　]|等$", "", frame.header.get(field.name, "")) if field is not None else ""
    if field is None or field.name not in frame.columns or not _CLOSED.search(header):
        return
    column = frame.columns[field.name]
    for row, value in enumerate(list(column)):
        if value and "休" not in value and "閉" not in value:
            column[row] = f"{header}：{value}"
            state.log.add(
                frame, row, field.name, step=_STEP, before=value, after=column[row], rule="closed-day", confidence=0.98
            )


def _opening_hours(state: State, frame: Frame) -> None:
    """Part a span of time into its start and end, and its days where a column asks for them."""
    schema = state.schema
    span = schema.of("time.range") or schema.of("time.text")
    if span is None or span.name not in frame.columns:
        return
    targets = (schema.of("time.start"), schema.of("time.end"), schema.of("weekdays"))
    remarks = schema.of("time.remarks") if span.virtual else None
    raw = frame.columns[span.name]
    for field in (*targets, remarks):
        if field is not None:
            for source, letters in frame.sources.get(span.name, {}).items():
                frame.sources.setdefault(field.name, {}).setdefault(source, letters)
    for row, value in enumerate(raw):
        if not value:
            continue
        found = hours(value)
        if found is None:
            start = targets[0]
            if start is not None and by_season(value):
                state.log.add(
                    frame, row, start.name, step=_STEP, before=value, after=None, rule="dropped",
                    reason="hours-by-season", confidence=0.0, severity="warning",
                )  # fmt: skip
            elif start is not None and not start.virtual and _BEGINS.search(value):
                fill(state, frame, row, start.name, time_of_day(value).value, "hours.start", 0.9)
            if remarks is not None:
                _add_words(state, frame, row, remarks.name, value)
            continue
        for field, part in zip(targets, (found.opens, found.closes, found.days), strict=True):
            if field is not None and part:
                fill(state, frame, row, field.name, part, "hours.span", 0.9 if found.rest else 0.98)
        no_column = targets[0] is None or targets[0].virtual
        if remarks is not None and (found.rest or no_column):
            _add_words(state, frame, row, remarks.name, value)


def _rests(state: State, key: str, frame: Frame) -> None:
    """Move words beside values into the column that takes them."""
    for name, rests in state.rests.get(key, {}).items():
        field = state.schema.field(name)
        target = _rest_column(state.schema, field) if field else ""
        if not target or target == name:
            continue
        for row, words in rests.items():
            if field is not None and field.concept == "phone":
                if words.startswith("内線"):
                    fill(state, frame, row, target, words.removeprefix("内線"), "phone.extension", 0.95)
                else:
                    _office(state, frame, row, words)
            elif field is not None and field.normaliser.startswith("flag_"):
                if names_scales(words):
                    _add_words(state, frame, row, target, words)
                elif is_conditional(words) and frame.columns[name][row]:
                    _add_words(state, frame, row, target, f"{_headed(frame, name)}：{words}")
            else:
                _add_words(state, frame, row, target, words)


def _headed(frame: Frame, name: str) -> str:
    """Return what a column is called in the file, or the field's last word where it is made of several."""
    header = frame.header.get(name, name)
    return name.rpartition("_")[2] if header.endswith("もの）") else header


def _office(state: State, frame: Frame, row: int, words: str) -> None:
    """Keep the office that a telephone number stands behind: its name where a field asks for it, else among the remarks."""
    name = _BESIDE_NUMBER.sub("", plain(words)).strip(" 　・、,:：/()（）-")
    field = state.schema.field("連絡先名称") or state.schema.of("contact.remarks")
    if field is None or not re.search(r"[一-龥ァ-ヶぁ-ん]{2}", name):
        return
    if field.name == "連絡先名称":
        fill(state, frame, row, field.name, name, "parted", 0.9)
    else:
        _add_words(state, frame, row, field.name, name)


def _rest_column(schema: Schema, field: SchemaField) -> str:
    if field.rest_to:
        return field.rest_to
    if field.concept in ("time.start", "time.end", "weekdays"):
        remarks = schema.of("time.remarks")
        return remarks.name if remarks else ""
    if field.concept == "phone":
        extension = schema.of("extension")
        return extension.name if extension else ""
    if field.normaliser.startswith("flag_"):
        remarks = schema.of("remarks")
        return remarks.name if remarks else ""
    return ""


def _add_words(state: State, frame: Frame, row: int, name: str, words: str) -> None:
    column = frame.column(name)
    before = column[row]
    words = words.strip()
    if before and words in before:
        return
    column[row] = f"{before} {words}" if before else words
    state.log.add(frame, row, name, step=_STEP, before=before, after=column[row], rule="rest", confidence=0.95)


def _publisher(state: State, frame: Frame, publisher: Mapping[str, str]) -> None:
    """Fill code and name of the local government from the row's own names first, then from the table's publisher."""
    schema = state.schema
    code, name = schema.of("publisher.code"), schema.of("publisher.name")
    pref, city = schema.of("publisher.prefecture"), schema.of("publisher.city")
    if code is None:
        return
    codes = frame.column(code.name)
    prefs = frame.column(pref.name) if pref else [None] * frame.height
    cities = frame.column(city.name) if city else [None] * frame.height
    for row in range(frame.height):
        if not codes[row]:
            own = area_code(prefs[row] or "", cities[row] or "") if cities[row] else ""
            if own:
                fill(state, frame, row, code.name, own, "code.from-name", 0.97)
            elif publisher.get("code"):
                fill(state, frame, row, code.name, str(publisher["code"]), "code.publisher", 0.9)
        found = of_code(codes[row] or "", "")
        if found is None and not publisher:
            continue
        if prefs[row] and prefs[row] == cities[row]:
            cities[row] = None
        prefecture = found.prefecture if found else str(publisher.get("prefecture", ""))
        municipality = found.city if found else str(publisher.get("city", ""))
        if name is not None and not name.virtual:
            stated = f"{prefs[row] or ''}{cities[row] or ''}"
            joined = cities[row] and (prefs[row] or named(cities[row] or "", prefecture))
            written = (
                (stated if prefs[row] else prefecture + (cities[row] or "")) if joined else prefecture + municipality
            )
            rule = "publisher.joined" if joined else "publisher.from-code"
            fill(state, frame, row, name.name, written, rule, 0.97)
        if pref is not None and not pref.virtual:
            fill(state, frame, row, pref.name, prefecture, "publisher.from-code", 0.97)
        if city is not None and not city.virtual:
            fill(state, frame, row, city.name, municipality, "publisher.from-code", 0.97)


def _area_names(state: State, frame: Frame) -> None:
    """Name the areas of a population table after their municipalities where no column names them."""
    city, area = state.schema.of("publisher.city"), state.schema.field("地域名")
    if state.schema.table == "population" and city is not None and area is not None and city.name in frame.columns:
        for source, letters in frame.sources.get(city.name, {}).items():
            frame.sources.setdefault(area.name, {}).setdefault(source, letters)
        for row in range(frame.height):
            fill(state, frame, row, area.name, frame.columns[city.name][row], "area.municipality", 0.9)


def _stated(state: State, frame: Frame, stated: Mapping[str, str]) -> None:
    for name, value in stated.items():
        field = state.schema.field(str(name))
        if field is None:
            continue
        rule = "word.stated" if field.told else "area.municipality" if field.name == "地域名" else "date.stated"
        for row in range(frame.height):
            fill(state, frame, row, field.name, str(value), rule, 0.85)


def _sequence(state: State, frame: Frame, last: int) -> int:
    field = state.schema.of("record.id")
    if field is None:
        return last
    for row in range(frame.height):
        fill(state, frame, row, field.name, f"{last + row + 1:010}", "identifier.sequence", 0.5)
    return last + frame.height


_TOTALS = (
    ("男性トイレ総数", ("男性トイレ数（小便器）", "男性トイレ数（和式）", "男性トイレ数（洋式）")),
    ("男性トイレ総数", ("男性トイレ数（小便器）", "男性大便器数")),
    ("女性トイレ総数", ("女性トイレ数（和式）", "女性トイレ数（洋式）")),
    ("男女共用トイレ総数", ("男女共用トイレ数（和式）", "男女共用トイレ数（洋式）")),
    ("総人口", ("男性", "女性")),
)


def _sums(state: State, frame: Frame) -> None:
    """Fill a total from its parts where every part is stated."""
    by_sex = {
        total: tuple(field.name for field in state.schema.fields if field.ages and field.sex == sex)
        for total, sex in (("男性", "male"), ("女性", "female"))
    }
    for total, parts in (*((total, parts) for total, parts in by_sex.items() if parts), *_TOTALS):
        if state.schema.field(total) is None or not all(part in frame.columns for part in parts):
            continue
        for part in parts:
            for source, letters in frame.sources.get(part, {}).items():
                if total not in frame.columns:
                    own = frame.sources.setdefault(total, {})
                    own[source] = tuple(dict.fromkeys((*own.get(source, ()), *letters)))
        for row in range(frame.height):
            values = [frame.columns[part][row] for part in parts]
            if all(value and value.isdigit() for value in values):
                made = sum(int(value) for value in values if value)
                stated = frame.columns[total][row] if total in frame.columns else None
                if total == "総人口" and stated and stated.isdigit() and int(stated) != made:
                    told = f"{stated}（男性 {values[0]}＋女性 {values[1]}＝{made}）"
                    state.log.add(
                        frame, row, total, step="derive", before=told, after=stated, reason="sum-conflict", confidence=0.5,
                        severity="warning",
                    )  # fmt: skip
                fill(state, frame, row, total, str(made), "sum", 0.95)


def _copies(state: State, frame: Frame) -> None:
    for field in state.schema.fields:
        if field.derive_from and field.derive_from in frame.columns:
            for row in range(frame.height):
                fill(state, frame, row, field.name, frame.columns[field.derive_from][row], "code.same", 0.95)
