"""All normalisers by the names the schema files use, and how a column of values goes through one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tdpf.controlplane.preparation.engine.normalising import (
    codes,
    contacts,
    coordinates,
    dates,
    flags,
    moments,
    quantities,
    texts,
    times,
)
from tdpf.controlplane.preparation.engine.normalising.marks import is_error, without_mark
from tdpf.controlplane.preparation.engine.normalising.outcome import Normaliser, Outcome

_ERRORS = ("#", "＃", "Err")
_WORDS = frozenset(
    (
        "text",
        "name",
        "kana",
        "latin",
        "address",
        "identifier",
        "list",
        "prefecture",
        "city",
        "town",
        "block",
        "url",
        "email",
    )
)
_READABLE = frozenset(
    ("", "about", "phone-local", "serial-day", "american-order", "more-than-a-day", "open-end", "past-midnight")
)
VERSION = "7"
NORMALISERS: dict[str, Normaliser] = {
    "text": texts.text,
    "name": texts.name,
    "kana": texts.kana,
    "latin": texts.latin,
    "address": texts.address,
    "identifier": texts.identifier,
    "town_id": texts.town_id,
    "list": texts.listed,
    "prefecture": texts.prefecture,
    "city": texts.name,
    "town": texts.address,
    "block": texts.block,
    "number": quantities.measure,
    "integer": quantities.integer,
    "flag_presence": flags.presence,
    "flag_allowed": flags.allowed,
    "flag_mark": flags.mark,
    "date": dates.day,
    "day_or_words": texts.day_or_words,
    "period": moments.days_and_times,
    "time": times.time_of_day,
    "hours": times.hours_text,
    "weekdays": times.weekdays,
    "phone": contacts.phone,
    "extension": contacts.extension,
    "email": contacts.email,
    "url": contacts.url,
    "postal_code": contacts.postal_code,
    "municipality_code": codes.municipality_code,
    "corporate_number": codes.corporate_number,
    "latitude": coordinates.latitude,
    "longitude": coordinates.longitude,
    "coordinates": coordinates.pair_text,
}


def outcomes(normaliser: str, values: Iterable[str]) -> dict[str, Outcome]:
    """Return the outcome of every different value; towns repeat themselves, so each is judged once."""
    judge = NORMALISERS[normaliser]
    return {
        value: Outcome(None, "", 0.0, "formula-error")
        if value.startswith(_ERRORS) and is_error(value)
        else _judged(judge, normaliser, value)
        for value in dict.fromkeys(values)
    }


def _judged(judge: Normaliser, normaliser: str, value: str) -> Outcome:
    """Judge a value; one that cannot be read because of a sign for a remark behind it (300人※1) is read without, and told."""
    found = judge(value)
    if normaliser in _WORDS or found.value is not None or found.reason in ("", "missing"):
        return found
    bare, _ = without_mark(value)
    again = judge(bare) if bare else found
    if not bare or again.reason not in _READABLE:
        return found
    return replace(
        again, rule=again.rule or "footnote", confidence=min(again.confidence, 0.85), reason=again.reason or "marked"
    )
