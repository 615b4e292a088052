"""The ledger neither loses nor doubles, whatever the gateway sends again."""

from __future__ import annotations

import random
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from own_home import own_home as own_home

from tdpf.controlplane.metering import queries, recent_calls, services
from tdpf.controlplane.metering.errors import SegmentDiffers
from tdpf.controlplane.metering.models import HourlyUse, Segment
from tdpf.kit import clock
from tdpf.kit.clock import jst_day_number
from tdpf.kit.home import home
from tdpf.wire.messages import CounterReading

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
DAY = date(2026, 11, 21)


def log_line(
    *, at: str = "2026-11-21T03:00:00.000Z", who: str = "1001,7,3,key,items", counted: str = "1", method: str = "GET",
    status: int = 200, sent: int = 100,
) -> bytes:  # fmt: skip
    """Return one line as Envoy writes it."""
    return f"{at}\tid\t{who}\t{counted}\t{method}\t{status}\t-\t{sent}\t0\t3\t/data/collections/x/items\n".encode()


LINES = [
    log_line(),
    log_line(status=404, sent=7),
    log_line(status=429, counted="-", sent=1),
    b"garbage\n",
    log_line(method="HEAD", sent=0),
    log_line(who="1,0,4,anonymous,file", sent=2048),
    log_line(at="2026-11-21T15:00:00.000Z"),
    b"\xff\xfe\n",
    log_line(who="1001,99999999999999999999,3,key,items"),
]
WHOLE = b"".join(LINES)


def totals() -> list[tuple[object, ...]]:
    """Return everything the ledger has summed up."""
    rows = HourlyUse.objects.using("ledger").order_by("day", "hour", "dataset", "status_class", "path_class")
    return list(
        rows.values_list(
            "day",
            "hour",
            "gateway",
            "dataset",
            "application",
            "agreement",
            "status_class",
            "requests",
            "calls",
            "bytes",
        )
    )


def test_totals_follow_the_log() -> None:
    """Calls, refusals, bytes, malformed lines; the JST day changes at 15:00 UTC."""
    assert services.ingest_segment(gateway="gw", segment="s1", offset=0, data=WHOLE) == len(WHOLE)
    day = jst_day_number(datetime(2026, 11, 21, 3, tzinfo=UTC))
    assert totals() == [
        (day, 12, "gw", 3, 1001, 7, "2xx", 2, 2, 100),
        (day, 12, "gw", 3, 1001, 7, "4xx", 2, 1, 8),
        (day, 12, "gw", 4, 1, 0, "2xx", 1, 1, 2048),
        (day + 1, 0, "gw", 3, 1001, 7, "2xx", 1, 1, 100),
    ]
    segment = queries.segments()[0]
    assert (segment.lines, segment.malformed, segment.offset) == (9, 3, len(WHOLE))
    assert (home().evidence / "gw" / "s1").read_bytes() == WHOLE


def test_a_replay_adds_nothing() -> None:
    """The same chunk again, and the file from its beginning."""
    services.ingest_segment(gateway="gw", segment="s1", offset=0, data=WHOLE)
    before = totals()
    assert services.ingest_segment(gateway="gw", segment="s1", offset=0, data=WHOLE) == len(WHOLE)
    assert services.ingest_segment(gateway="gw", segment="s1", offset=50, data=WHOLE[50:]) == len(WHOLE)
    assert totals() == before


def test_a_gap_is_not_taken() -> None:
    """The answer says where to go on."""
    assert services.ingest_segment(gateway="gw", segment="s1", offset=10, data=WHOLE[10:]) == 0
    assert totals() == []


def test_other_bytes_at_a_known_place_are_refused() -> None:
    """A segment's name was used twice, or somebody wrote in the log."""
    services.ingest_segment(gateway="gw", segment="s1", offset=0, data=WHOLE)
    with pytest.raises(SegmentDiffers):
        services.ingest_segment(gateway="gw", segment="s1", offset=0, data=WHOLE.replace(b"404", b"200"))
    assert queries.segment_offset("gw", "s1") == len(WHOLE)


def test_what_a_crash_left_behind_is_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Evidence is written before the commit; a commit that failed leaves bytes, not sums."""

    def fail(*_: object) -> None:
        raise OSError("the disk went away")

    with monkeypatch.context() as patch:
        patch.setattr(services, "_add_to_hours", fail)
        with pytest.raises(OSError, match="disk"):
            services.ingest_segment(gateway="gw", segment="s1", offset=0, data=WHOLE)
    assert totals() == []
    assert queries.segment_offset("gw", "s1") == 0
    half = WHOLE[: len(LINES[0]) + 5]
    assert services.ingest_segment(gateway="gw", segment="s1", offset=0, data=half) == len(LINES[0])
    services.ingest_segment(gateway="gw", segment="s1", offset=len(LINES[0]), data=WHOLE[len(LINES[0]) :])
    assert (home().evidence / "gw" / "s1").read_bytes() == WHOLE
    assert sum(row[8] for row in totals()) == 5  # type: ignore[misc]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False), st.integers(1, 10**9))
def test_any_order_of_overlapping_chunks_gives_the_same_totals(chance: random.Random, number: int) -> None:
    """Replayed, cut anywhere, out of order: the sums, the chain and the evidence are the same."""
    HourlyUse.objects.using("ledger").all().delete()
    Segment.objects.using("ledger").all().delete()
    plain, torn = f"plain-{number}", f"torn-{number}"
    services.ingest_segment(gateway="gw", segment=plain, offset=0, data=WHOLE)
    expected = totals()
    chain = queries.segments()[0].chain
    HourlyUse.objects.using("ledger").all().delete()
    Segment.objects.using("ledger").all().delete()
    for _ in range(chance.randint(0, 8)):
        start = chance.randint(0, len(WHOLE))
        services.ingest_segment(
            gateway="gw", segment=torn, offset=start, data=WHOLE[start : start + chance.randint(0, 300)]
        )
    committed = queries.segment_offset("gw", torn)
    services.ingest_segment(
        gateway="gw", segment=torn, offset=max(0, committed - 20), data=WHOLE[max(0, committed - 20) :]
    )
    assert totals() == expected
    assert queries.segments()[0].chain == chain
    assert (home().evidence / "gw" / torn).read_bytes() == WHOLE


def reading(**changes: object) -> CounterReading:
    """Return a counter reading with some members changed."""
    plain: dict[str, object] = {
        "gateway": "gw", "agreement": 7, "application": 1001, "dataset": 3, "day": jst_day_number(datetime(2026, 11, 21, 3, tzinfo=UTC)), "used": 1,
    }  # fmt: skip
    return CounterReading(**{**plain, **changes})  # type: ignore[arg-type]


def test_counters_keep_their_highest_reading() -> None:
    """A late or repeated reading changes nothing."""
    services.ingest_segment(gateway="gw", segment="s1", offset=0, data=b"".join(LINES[:2]))
    services.ingest_counters(readings=[reading(used=1), reading(used=2)])
    services.ingest_counters(readings=[reading(used=1)])
    outcome = services.reconcile(day=DAY)
    assert (outcome.pairs, outcome.logged_calls, outcome.counted_calls, outcome.differences) == (1, 2, 2, ())


def test_differences_between_log_and_counter_are_kept_and_mended() -> None:
    """They are shown until the log has caught up."""
    services.ingest_counters(readings=[reading(used=2), reading(agreement=0, application=2, dataset=9, used=4)])
    services.ingest_segment(gateway="gw", segment="s1", offset=0, data=LINES[0])
    outcome = services.reconcile(day=DAY)
    assert [(d.dataset, d.logged, d.counted) for d in outcome.differences] == [(3, 1, 2), (9, 0, 4)]
    more = LINES[1] + log_line(who="1005,0,9,key,items") * 4
    services.ingest_segment(gateway="gw", segment="s1", offset=len(LINES[0]), data=more)
    assert services.reconcile(day=DAY).differences == ()
    assert [fact.day for fact in queries.reconciliations()] == [DAY]


def test_the_platforms_own_counter_of_open_data_is_compared_with_those_of_all_keys() -> None:
    """Pages ask as an application that has a counter of its own; the log knows only that a key was there."""
    services.ingest_counters(
        readings=[reading(agreement=0, dataset=9, used=3), reading(agreement=0, application=2, dataset=9, used=1)]
    )
    lines = log_line(who="1001,0,9,key,items") * 3 + log_line(who="1005,0,9,key,items")
    services.ingest_segment(gateway="gw", segment="s1", offset=0, data=lines)
    outcome = services.reconcile(day=DAY)
    assert (outcome.pairs, outcome.logged_calls, outcome.counted_calls, outcome.differences) == (1, 4, 4, ())


def test_both_sides_see_the_same_numbers() -> None:
    """By dataset, application and agreement; days without use are there."""
    services.ingest_segment(gateway="gw", segment="s1", offset=0, data=WHOLE)
    first, last = date(2026, 11, 20), date(2026, 11, 22)
    provider = queries.use_of_dataset(3, first, last)
    assert provider == queries.use_of_application(1001, first, last) == queries.use_of_agreement(7, first, last)
    assert [(row.calls, row.bytes, row.errors, row.refused) for row in provider] == [
        (0, 0, 0, 0), (3, 108, 1, 1), (1, 100, 0, 0),
    ]  # fmt: skip
    assert [(s.number, s.calls) for s in queries.shares("dataset", [3, 4], first, last, "application")] == [
        (1001, 4), (1, 1),
    ]  # fmt: skip
    assert queries.calls_of_datasets([3, 4], first, last) == {3: 4, 4: 1}
    assert queries.calls_of_all(first, last) == 5
    text = queries.daily_csv(provider)
    assert text.splitlines()[2] == "2026-11-21,3,108,1,1"


@pytest.mark.django_db(databases=["default", "ledger"], transaction=True)
def test_two_gateways_and_two_senders_at_once() -> None:
    """The same chunk sent by several at the same moment counts once; other gateways add to the same hours."""
    faults: list[BaseException] = []

    def send(gateway: str) -> None:
        try:
            for end in (len(LINES[0]), len(WHOLE)):
                services.ingest_segment(gateway=gateway, segment="s1", offset=0, data=WHOLE[:end])
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(gateway,)) for gateway in ("a", "b") * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert [(segment.gateway, segment.lines) for segment in queries.segments()] == [("a", 9), ("b", 9)]
    assert sum(row[8] for row in totals()) == 10  # type: ignore[misc]


def test_what_is_free_is_neither_a_call_nor_a_refusal() -> None:
    """The list of collections and a redirect cost nothing, and nobody was turned away."""
    free = log_line(who="1001,0,0,key,meta", counted="-", sent=50) + log_line(
        who="1001,0,3,key,items", counted="-", status=308
    )
    services.ingest_segment(gateway="gw", segment="s1", offset=0, data=free + LINES[2])
    (row,) = queries.use_of_application(1001, DAY, DAY)
    assert (row.calls, row.bytes, row.errors, row.refused) == (0, 151, 0, 1)


def test_last_calls_are_found_at_a_quiet_gateway_and_who_called_nobody_reads_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    instant = clock.now()
    busy = b"".join(log_line(at=f"{instant:%Y-%m-%dT%H:%M:%S.000Z}", who="5,12,34,key,items") for _ in range(200))
    mine = b"".join(
        log_line(at=f"{instant - timedelta(minutes=ago):%Y-%m-%dT%H:%M:%S.000Z}", who=who)
        for ago, who in ((3, "1001,7,3,key,items"), (2, "1001,7,4,key,items"), (1, "1001,7,3,key,file"))
    )
    services.ingest_segment(gateway="quiet", segment="s1", offset=0, data=mine)
    services.ingest_segment(gateway="busy", segment="s1", offset=0, data=mine[: mine.index(b"\n") + 1] + busy)
    monkeypatch.setattr(recent_calls, "MOST_READ", len(busy))
    found = queries.recent_calls([1001, 2002], dataset=3)
    assert [(call.application, call.dataset, round((instant - call.at) / timedelta(minutes=1))) for call in found] == [
        (1001, 3, 1),
        (1001, 3, 3),
    ]
    assert [call.dataset for call in queries.recent_calls([1001], limit=2)] == [3, 4]

    def read(path: Path, _most: int) -> bytes:
        raise AssertionError(f"{path} was read for somebody who never called")

    monkeypatch.setattr(recent_calls, "_end_of", read)
    assert queries.recent_calls([2002], dataset=34) == []
