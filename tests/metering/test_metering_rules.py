"""What is new in a chunk, what a line adds, what disagrees."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.metering import rules
from tdpf.controlplane.metering.errors import BadOffset, BadPeriod, BadReadings, BadSegmentName
from tdpf.controlplane.metering.types import HourKey, Totals
from tdpf.kit import clock
from tdpf.wire.codec import MalformedMessage
from tdpf.wire.messages import UsageLine


def usage_line(**changes: object) -> UsageLine:
    """Return a usage line with some members changed."""
    plain: dict[str, object] = {
        "time": 1_790_000_000_000, "request_id": "r", "application": 1001, "agreement": 7, "dataset": 3,
        "principal": "key", "method": "GET", "path_class": "items", "status": 200, "flags": "", "bytes_sent": 100,
        "bytes_received": 0, "duration_ms": 2, "path": "/data", "counted": True,
    }  # fmt: skip
    return UsageLine(**{**plain, **changes})  # type: ignore[arg-type]


@given(st.lists(st.binary(max_size=12), max_size=12), st.data())
def test_whatever_is_sent_again_the_fresh_parts_make_the_file(pieces: list[bytes], data: st.DataObject) -> None:
    """Chunks may overlap, repeat and come too early: what is taken is each whole line once."""
    whole = b"\n".join(pieces)
    taken = b""
    for _ in range(data.draw(st.integers(0, 12))):
        start = data.draw(st.integers(0, len(whole)))
        end = data.draw(st.integers(start, len(whole)))
        fresh = rules.fresh_part(committed=len(taken), offset=start, data=whole[start:end])
        assert fresh.data == b"" or fresh.data.endswith(b"\n")
        taken += fresh.data
        assert whole.startswith(taken)
    fresh = rules.fresh_part(committed=len(taken), offset=0, data=whole)
    assert taken + fresh.data == whole[: whole.rfind(b"\n") + 1]


def test_a_line_longer_than_any_line_does_not_block_the_segment() -> None:
    """It is taken as it is, to be counted as malformed."""
    junk = b"x" * rules.LONGEST_LINE
    assert rules.fresh_part(committed=0, offset=0, data=junk[:-1]).data == b""
    assert rules.fresh_part(committed=0, offset=0, data=junk).data == junk


def test_a_negative_offset_is_refused() -> None:
    """It would point before the file."""
    with pytest.raises(BadOffset):
        rules.fresh_part(committed=0, offset=-1, data=b"")


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", ".hidden", "a" * 101, "é", "a b", "a\n"])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    """Gateway and segment become folder and file."""
    with pytest.raises(BadSegmentName):
        rules.check_name(name)


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))
def test_hours_and_days_are_those_of_japan(moment: datetime) -> None:
    """The cheap arithmetic agrees with the time zone."""
    aware = moment.replace(tzinfo=UTC)
    day, hour = rules.hour_of(int(aware.timestamp() * 1000))
    assert day == clock.jst_day_number(aware)
    assert hour == aware.astimezone(clock.JST).hour


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"method": "HEAD", "status": 200}, True),
        ({"status": 304}, True),
        ({"status": 500}, True),
        ({"status": 404}, True),
        ({"status": 401, "counted": False}, False),
        ({"status": 403, "counted": False}, False),
        ({"status": 429, "counted": False}, False),
        ({"method": "OPTIONS"}, False),
    ],
)
def test_a_call_is_an_admitted_request(changes: dict[str, object], counts: bool) -> None:
    """Whatever its answer."""
    assert rules.is_call(usage_line(**changes)) is counts


def test_sums_are_kept_by_hour_and_kind() -> None:
    """Calls, refused requests and bytes each where they belong."""
    lines = [usage_line(), usage_line(bytes_sent=5), usage_line(status=429, counted=False, bytes_sent=1)]
    day, hour = rules.hour_of(lines[0].time)
    assert rules.sum_lines(lines) == {
        HourKey(day, hour, 3, 1001, 7, "2xx", "items"): Totals(2, 2, 105, 2, 4, 2, 2, 2, 2, 2),
        HourKey(day, hour, 3, 1001, 7, "4xx", "items"): Totals(1, 0, 1),
    }


def test_what_stays_open_or_was_left_is_not_timed() -> None:
    slow = rules.totals_of(usage_line(duration_ms=300))
    assert slow == Totals(1, 1, slow.bytes, 1, 300, 0, 0, 0, 1, 1)
    for told in ({"path_class": "stream"}, {"status": 101}, {"status": 0}, {"counted": False}):
        assert rules.totals_of(usage_line(**told)).timed == 0


@pytest.mark.parametrize("name", ["application", "agreement", "dataset", "bytes_sent"])
def test_numbers_that_no_column_holds_make_a_line_malformed(name: str) -> None:
    """They must not break the ledger."""
    with pytest.raises(MalformedMessage):
        rules.check_line(usage_line(**{name: 2**64}))


@pytest.mark.parametrize("row", [("../g", 0, 1, 1, 1, 1), ("g", 0, 1, 1, 1, 2**60), ("g", 0, 1, 1, 2**40, 1)])
def test_readings_that_no_column_holds_are_refused(row: tuple[str, int, int, int, int, int]) -> None:
    """With a sentence, not a fault."""
    with pytest.raises((BadReadings, BadSegmentName)):
        rules.check_readings([row])


def test_open_data_are_counted_per_kind_of_caller() -> None:
    """Any key is one principal, no key another; an agreement is the application's own."""
    assert rules.counter_principal(0, 1) == 1
    assert rules.counter_principal(0, 0) == 1
    assert rules.counter_principal(0, 1234) == 2
    assert rules.counter_principal(9, 1234) == 1234


@given(st.dictionaries(st.integers(0, 5), st.integers(1, 9)), st.dictionaries(st.integers(0, 5), st.integers(1, 9)))
def test_differences_are_exactly_the_unequal(logged: dict[int, int], counted: dict[int, int]) -> None:
    """What only one side knows differs as well."""
    found = rules.differences(
        {("g", 0, 1, key): value for key, value in logged.items()},
        {("g", 0, 1, key): value for key, value in counted.items()},
    )
    expected = {key for key in range(6) if logged.get(key, 0) != counted.get(key, 0)}
    assert {key[3] for key in found} == expected


def test_a_period_has_an_order_and_a_length() -> None:
    """Both ends are included."""
    assert len(rules.period(date(2026, 11, 1), date(2026, 11, 30))) == 30
    with pytest.raises(BadPeriod):
        rules.period(date(2026, 11, 2), date(2026, 11, 1))
    with pytest.raises(BadPeriod):
        rules.period(date(2020, 1, 1), date(2026, 1, 1))


@given(st.dates(min_value=date(1971, 1, 1)))
def test_day_numbers_come_back(day: date) -> None:
    """There and back."""
    assert rules.day_of_number(rules.day_number(day)) == day
