"""What version 1 of the API says of use, field by field."""

from __future__ import annotations

from datetime import date

from ninja import Schema


class Day(Schema):
    """One day's use (JST); `errors` are calls answered with 4xx or 5xx, `refused` requests that were not admitted."""

    day: date
    calls: int
    bytes: int
    errors: int
    refused: int


class Use(Schema):
    """Use per day, days without use included."""

    first: date
    last: date
    calls: int
    bytes: int
    days: list[Day]
