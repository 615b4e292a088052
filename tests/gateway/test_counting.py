"""Quotas, speed limits and counters through a real Envoy: exact, crash-safe, per JST day."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from gateway_stand_ins import Decisions, Gateway, key_entry, key_text, wait_until

from tdpf.dataplane.gateway.table_keeper import periods_at
from tdpf.kit.clock import JST, jst_date, jst_midnight
from tdpf.wire.messages import ANONYMOUS, Collection, GrantEntry

FAST = "r100"


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    gateway = Gateway(workers=2)
    decisions = gateway.control.decisions
    decisions.collections = [Collection(n, f"data-{n}", access="conditional") for n in range(1, 30)]
    decisions.keys = [key_entry(f"app{n}", 1000 + n) for n in range(1, 30)]
    gateway.control.publish()
    yield gateway.start()
    gateway.close()


def grant(number: int, **fields: int | str) -> Callable[[Decisions], None]:
    """A decision: application 1000 + number may use data-number, under agreement 100 + number."""
    entry = GrantEntry(1000 + number, number, **{"agreement": 100 + number, "rate_plan": FAST, **fields})  # type: ignore[arg-type]

    def change(decisions: Decisions) -> None:
        decisions.grants = [g for g in decisions.grants if g.dataset != number] + [entry]

    return change


def call(gateway: Gateway, number: int, **options: str) -> int:
    return gateway.get(f"/data/collections/data-{number}/items", key=f"app{number}", **options).status  # type: ignore[arg-type]


def used(gateway: Gateway, number: int) -> int:
    table = gateway.agent.keeper.table
    assert table is not None
    use = table.use_at(table.grants[(1000 + number, number)])
    return use.days[periods_at(time.time()).day]


def test_quota_is_exact_with_two_workers_under_load(gateway: Gateway) -> None:
    gateway.decide(grant(1, day_limit=500))
    statuses: Counter[int] = Counter()
    lock = threading.Lock()
    # Many speed-limit buckets' worth of calls: the quota, not the speed, must decide, so the calls are spread in time.
    begin = threading.Barrier(8)

    def caller() -> None:
        mine: Counter[int] = Counter()
        begin.wait()
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=10)
        for _ in range(110):
            connection.request(
                "GET", "/data/collections/data-1/items", headers={"authorization": f"Bearer {key_text('app1')}"}
            )
            answer = connection.getresponse()
            answer.read()
            mine[answer.status] += 1
        with lock:
            statuses.update(mine)

    threads = [threading.Thread(target=caller) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == {200: 500, 429: 380}
    assert used(gateway, 1) == 500


def test_a_spent_quota_says_when_it_returns(gateway: Gateway) -> None:
    gateway.decide(grant(2, day_limit=2))
    first = gateway.get("/data/collections/data-2/items", key="app2")
    assert first.headers["x-ratelimit-remaining"] == "1"
    assert call(gateway, 2, method="HEAD") == 200
    answer = gateway.get("/data/collections/data-2/items", key="app2")
    assert answer.status == 429
    assert answer.json()["type"] == "/problems/gateway/quota-spent"
    midnight = jst_midnight(jst_date(datetime.now(UTC)) + timedelta(days=1))
    left = (midnight - datetime.now(JST)).total_seconds()
    assert abs(int(answer.headers["retry-after"]) - left) < 5
    assert answer.headers["ratelimit"].startswith('"day";r=0;t=')


def test_a_month_limit_gives_the_day_back(gateway: Gateway) -> None:
    gateway.decide(grant(3, day_limit=100, month_limit=3))
    assert [call(gateway, 3) for _ in range(5)] == [200, 200, 200, 429, 429]
    assert used(gateway, 3) == 3
    answer = gateway.get("/data/collections/data-3/items", key="app3")
    now = datetime.now(JST)
    first = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
    assert abs(int(answer.headers["retry-after"]) - (jst_midnight(first.date()) - now).total_seconds()) < 5


def test_too_fast_does_not_spend_the_quota(gateway: Gateway) -> None:
    gateway.decide(grant(4, day_limit=1000, rate_plan="r1"))
    statuses = Counter(call(gateway, 4) for _ in range(40))
    assert statuses[429] >= 25
    assert used(gateway, 4) == statuses[200]
    answer = gateway.get("/data/collections/data-4/items", key="app4")
    assert answer.status == 429
    assert answer.json()["type"] == "/problems/gateway/too-fast"
    assert answer.headers["retry-after"] == "1"
    assert call(gateway, 5) == 403


def test_speed_limits_are_by_caller_and_plan(gateway: Gateway) -> None:
    """A bucket for each application and plan: one that is empty closes no other; a second gives the plan's calls back."""
    gateway.decide(grant(16, rate_plan="r1"))
    gateway.decide(grant(17, rate_plan="r1"))
    gateway.decide(lambda d: setattr(d, "grants", [*d.grants, GrantEntry(1016, 18, 218, rate_plan="r5")]))
    assert [call(gateway, 16) for _ in range(12)].count(200) in (10, 11)
    assert call(gateway, 16) == 429
    assert call(gateway, 17) == 200
    other = [gateway.get("/data/collections/data-18/items", key="app16").status for _ in range(20)]
    assert other == [200] * 20
    time.sleep(1.1)
    assert call(gateway, 16) == 200


def test_anonymous_callers_are_told_apart_by_address(gateway: Gateway) -> None:
    gateway.decide(lambda d: setattr(d, "grants", [*d.grants, GrantEntry(ANONYMOUS, 19, rate_plan="r1")]))
    path = "/data/collections/data-19/items"
    statuses = [gateway.get(path).status for _ in range(12)]
    assert statuses.count(200) in (10, 11)
    assert gateway.get(path).status == 429
    if gateway.agent.settings.ipv6:
        assert gateway.get(path, host="::1").status == 200


def test_refusals_and_preflight_are_not_counted(gateway: Gateway) -> None:
    gateway.decide(grant(6, day_limit=10))
    assert call(gateway, 6) == 200
    assert gateway.get("/data/collections/data-6/items", key="app7").status == 403
    assert gateway.get("/data/collections/data-6/items").status == 401
    assert call(gateway, 6, method="OPTIONS") == 204
    assert call(gateway, 6, method="POST") == 405
    assert used(gateway, 6) == 1


def test_revocation_acts_at_the_next_request(gateway: Gateway) -> None:
    gateway.decide(grant(8))
    assert call(gateway, 8) == 200
    table = gateway.agent.keeper.table
    assert table is not None
    key = key_entry("app8", 1008)
    table.drop_key(key.sha256)
    assert call(gateway, 8) == 401
    table.put_key(key)
    assert call(gateway, 8) == 200
    table.drop_grant(1008, 8)
    assert call(gateway, 8) == 403


def test_decisions_act_within_two_seconds(gateway: Gateway) -> None:
    assert call(gateway, 9) == 403
    grant(9)(gateway.control.decisions)
    begun = time.monotonic()
    gateway.control.publish()
    wait_until(lambda: call(gateway, 9) == 200, 5, 0.005)
    granted = time.monotonic() - begun
    gateway.control.decisions.keys = [k for k in gateway.control.decisions.keys if k.application != 1009]
    begun = time.monotonic()
    gateway.control.publish()
    wait_until(lambda: call(gateway, 9) == 401, 5, 0.005)
    revoked = time.monotonic() - begun
    assert granted < 2
    assert revoked < 2


def test_a_changed_limit_keeps_what_was_used(gateway: Gateway) -> None:
    gateway.decide(grant(10, day_limit=5))
    assert [call(gateway, 10) for _ in range(3)] == [200] * 3
    gateway.decide(grant(10, day_limit=8))
    assert used(gateway, 10) == 3
    assert [call(gateway, 10) for _ in range(6)] == [200] * 5 + [429]
    gateway.decide(grant(10, day_limit=4))
    assert used(gateway, 10) == 8
    assert call(gateway, 10) == 429


def test_calls_during_a_change_are_all_counted(gateway: Gateway) -> None:
    gateway.decide(grant(11, day_limit=100_000))
    counted = 0
    stop = threading.Event()

    def caller() -> None:
        nonlocal counted
        while not stop.is_set():
            counted += call(gateway, 11) == 200

    thread = threading.Thread(target=caller)
    thread.start()
    for limit in range(100_001, 100_011):
        gateway.decide(grant(11, day_limit=limit))
    stop.set()
    thread.join()
    assert used(gateway, 11) == counted


def test_an_agreement_that_returns_keeps_its_use(gateway: Gateway) -> None:
    gateway.decide(grant(12, day_limit=5, month_limit=9))
    assert [call(gateway, 12) for _ in range(2)] == [200] * 2
    gateway.decide(lambda d: setattr(d, "grants", [g for g in d.grants if g.dataset != 12]))
    assert call(gateway, 12) == 403
    gateway.decide(grant(12, day_limit=5, month_limit=9))
    assert used(gateway, 12) == 2
    gateway.decide(grant(12, agreement=999, day_limit=5))
    assert used(gateway, 12) == 0


def test_unlimited_grants_are_counted_and_reported(gateway: Gateway) -> None:
    gateway.decide(grant(13))
    assert [call(gateway, 13) for _ in range(7)] == [200] * 7
    today = periods_at(time.time()).day
    wait_until(lambda: gateway.control.counters.get((113, 1013, 13, today)) == 7)


def test_an_ended_agreement_is_reported_to_the_last_call(gateway: Gateway) -> None:
    gateway.decide(grant(14))
    assert [call(gateway, 14) for _ in range(3)] == [200] * 3
    gateway.decide(lambda d: setattr(d, "grants", [g for g in d.grants if g.dataset != 14]))
    today = periods_at(time.time()).day
    wait_until(lambda: gateway.control.counters.get((114, 1014, 14, today)) == 3)


def test_open_data_may_need_a_key(gateway: Gateway) -> None:
    gateway.decide(lambda d: setattr(d, "grants", [*d.grants, GrantEntry(ANONYMOUS, 15)]))
    assert gateway.get("/data/collections/data-15/items").status == 200
    table = gateway.agent.keeper.table
    assert table is not None
    table.set(flags=3)
    answer = gateway.get("/data/collections/data-15/items")
    table.set(flags=1)
    assert answer.status == 401
    assert answer.json()["type"] == "/problems/gateway/no-key"


def test_a_new_day_begins_at_midnight_in_japan(make_gateway: Callable[..., Gateway]) -> None:
    offset = 0.0
    gateway = make_gateway(clock=lambda: time.time() + offset)
    gateway.control.decisions.collections = [Collection(1, "data-1"), Collection(2, "data-2")]
    gateway.control.decisions.keys = [key_entry("app1", 1001), key_entry("app2", 1002)]
    gateway.control.decisions.lifetime = 40 * 86400
    gateway.control.decisions.grants = [
        GrantEntry(1001, 1, 101, day_limit=2, month_limit=100, rate_plan=FAST),
        GrantEntry(1002, 2, 102, rate_plan=FAST),
    ]
    gateway.control.publish()
    gateway.start()
    wait_until(lambda: gateway.agent.keeper.table)
    table = gateway.agent.keeper.table
    assert table is not None
    today = periods_at(time.time()).day

    def travel(seconds: float) -> None:
        nonlocal offset
        offset = seconds
        table.set(clock_offset=int(seconds))

    assert [call(gateway, 1) for _ in range(3)] == [200, 200, 429]
    wait_until(lambda: gateway.control.counters.get((101, 1001, 1, today)) == 2)
    midnight = jst_midnight(jst_date(datetime.now(UTC)) + timedelta(days=1)).timestamp()

    with gateway.agent._lock:
        # The agent is held: the day after the prepared one must close limited grants, not open them without a count.
        travel(midnight - time.time() - 5)
        assert call(gateway, 1) == 429
        travel(midnight - time.time() + 1)
        assert [call(gateway, 1) for _ in range(3)] == [200, 200, 429]
        travel(midnight - time.time() + 86400 + 1)
        answer = gateway.get("/data/collections/data-1/items", key="app1")
        assert answer.status == 503
        assert answer.json()["type"] == "/problems/gateway/not-ready"
        assert call(gateway, 2) == 200
    wait_until(lambda: call(gateway, 1) == 200)
    wait_until(lambda: gateway.control.counters.get((101, 1001, 1, today + 1)) == 2)
    travel(midnight - time.time() + 2 * 86400 + 3600)
    wait_until(lambda: table.get("prepared_day") == today + 4)
    assert [call(gateway, 1) for _ in range(3)] == [200, 200, 429]
    wait_until(lambda: gateway.control.counters.get((101, 1001, 1, today + 3)) == 2)


def test_counters_survive_kill_9_of_envoy(make_gateway: Callable[..., Gateway]) -> None:
    gateway = make_gateway()
    gateway.control.decisions.collections = [Collection(1, "data-1")]
    gateway.control.decisions.keys = [key_entry("app1", 1001)]
    gateway.control.decisions.grants = [GrantEntry(1001, 1, 101, day_limit=1000, rate_plan=FAST)]
    gateway.control.publish()
    gateway.start()
    admitted = [call(gateway, 1) for _ in range(50)].count(200)
    times = []
    for _ in range(3):
        pid = gateway.agent.envoy.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        begun = time.monotonic()
        gateway.wait_serving()
        times.append(time.monotonic() - begun)
        assert gateway.agent.envoy.pid != pid
        time.sleep(1)
    assert min(times) < 2
    assert used(gateway, 1) == admitted == 50
    assert call(gateway, 1) == 200
    assert used(gateway, 1) == 51
