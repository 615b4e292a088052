"""A second machine on one control plane, its own gateway and delivery let in by certificate: either may die or be cut off,
decisions act on both, and a quota is one quota.

How far a shared quota can be off: never more than N - 1 calls too many for N gateways, and too few by what a gateway
that is gone still holds. Both are told with their figures.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from deciding import Answer, Door, Load, Program, answers, kill, wait_until
from gateway_stand_ins import free_port

from tdpf.kit.home import Home
from tdpf.wire.usage_log import parse_lines

if TYPE_CHECKING:
    from conftest import Platform

pytestmark = pytest.mark.fault

QUOTA = 240
ENDS = 5
_TDPF = (sys.executable, "-m", "tdpf.processes.cli")


@dataclass
class Second:
    """Another machine of the same installation: a home of its own, a gateway and a delivery, and the door they come in by."""

    platform: Platform
    machine: Platform
    door: int
    running: dict[str, subprocess.Popen[bytes]] = dataclasses.field(default_factory=dict)

    def join(self) -> None:
        """Be let in: one file from the control plane, and the folders of what is published."""
        for shared in ("tables", "originals"):
            (self.machine.home.root / shared).symlink_to(self.platform.home.root / shared)
        given = str(self.machine.home.root / "given.json")
        added = self.platform.tdpf("node", "add", "node-2", "--out", given)
        assert added.returncode == 0, added.stderr
        joined = self.machine.tdpf("node", "join", given)
        assert joined.returncode == 0, joined.stderr
        Path(given).unlink()

    def open_door(self) -> None:
        """Let nodes in, as the control plane's machine does."""
        self._run("nodes", {**self.platform.environment(), "TDPF_NODES_PORT": str(self.door)})

    def shut_door(self) -> None:
        """Make the control plane unreachable from here."""
        self._end("nodes", signal.SIGKILL)

    def start(self, *, alone: bool = False) -> float:
        """Start this machine and wait until it serves, with the control plane's pages unless alone; return the seconds."""
        began = time.monotonic()
        self._run("node", self.machine.environment())
        wait_until(lambda: self.serves(pages=not alone), within=120)
        return time.monotonic() - began

    def serves(self, *, pages: bool) -> bool:
        """Say whether gateway and delivery are ready, and what the door leads to is shown."""
        run, port = self.machine.home.run, self.machine.port
        with contextlib.suppress(OSError, http.client.HTTPException):
            return (
                all(answers(run, part, "/readyz") for part in ("node-2.sock", "delivery.sock"))
                and Door(port).ask("/data").status == 200
                and (not pages or Door(port).ask("/").status == 200)
            )
        return False

    def kill(self) -> None:
        """Kill all of this machine, as a power cut does."""
        envoy = self.machine.part("envoy")
        self._end("node", signal.SIGKILL)
        kill(envoy)
        wait_until(lambda: not self.machine.leftovers())

    def spooled(self, agreement: int) -> int:
        """Return how many calls of an agreement lie in this machine's usage log, shipped or not."""
        spool = self.machine.home.gateway / "node-2" / "spool"
        return sum(
            line.agreement == agreement
            for path in spool.glob("*.tsv")
            for line in parse_lines(path.read_bytes().rpartition(b"\n")[0])
        )

    def stop(self) -> None:
        """End whatever runs, and leave nothing."""
        for part in ("node", "nodes"):
            with contextlib.suppress(subprocess.TimeoutExpired, KeyError):
                self._end(part, signal.SIGTERM)
        for pid in self.machine.leftovers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.machine.home.root, ignore_errors=True)

    def _run(self, part: str, environment: dict[str, str]) -> None:
        with (self.machine.home.root / f"{part}.log").open("ab") as log:
            self.running[part] = subprocess.Popen(
                [*_TDPF, "run", part], env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def _end(self, part: str, sign: signal.Signals) -> None:
        self.running[part].send_signal(sign)
        self.running[part].wait(30)


@pytest.fixture(scope="module")
def second(sample_platform: Platform) -> Iterator[Second]:
    door, home = free_port(), Home(Path(tempfile.mkdtemp(prefix="tdpf-2-")))
    more = {"TDPF_CONTROL": f"127.0.0.1:{door}", "TDPF_DEMO": ""}
    machine = dataclasses.replace(sample_platform, home=home, port=free_port(), process=None, more=more)
    made = Second(sample_platform, machine, door)
    try:
        made.join()
        made.open_door()
        print(f"\na second machine serves {made.start():.1f} s after it was started the first time")
        yield made
    finally:
        made.stop()


@pytest.fixture(autouse=True)
def both_known(program: Program, second: Second) -> None:
    """Begin when the control plane knows of both gateways."""
    del second
    wait_until(lambda: program.do("return len(access_queries.sharing_gateways()[0]) == 2"), within=60)


def offered(program: Program, slug: str, terms: str, applications: int = 1) -> list[Any]:
    """Offer a dataset, agreed with so many applications; return key, agreement's number and uid of each."""
    return program.do(f"""
        made, found = offer("{slug}", approval="automatic", notice_days=1, {terms}), []
        for _ in range({applications}):
            app = application()
            agreement = agree(app["application"], made["offer"])
            found.append({{"key": app["key"], "agreement": agreement.number, "uid": agreement.uid}})
        return found
    """)  # type: ignore[no-any-return]


def ended(program: Program, agreement: Any) -> float:
    """End an agreement; return when (`time.monotonic`)."""
    return program.decide(f"""
        exchange.end_agreement(actor=standing("consumer"), agreement_uid="{agreement["uid"]}", reason="試験を終えます。")
    """).ended


def counted(program: Program, agreement: Any) -> int:
    """Return an agreement's calls in the ledger, by the counters of all gateways."""
    return int(
        program.do(f"""
            from tdpf.controlplane.metering.models import CounterDay
            rows = CounterDay.objects.using("ledger").filter(agreement={agreement["agreement"]})
            return sum(rows.values_list("used", flat=True))
        """)
    )


def logged(program: Program, agreement: Any) -> int:
    """Return an agreement's calls in the ledger, by the logs of all gateways."""
    return int(
        program.do(f"""
            today = clock.jst_date(clock.now())
            found = metering_queries.use_of_agreement({agreement["agreement"]}, today - timedelta(days=1), today)
            return sum(row.calls for row in found)
        """)
    )


def was_admitted(answer: Answer) -> bool:
    """Say whether a gateway let a call through: it is counted then, whatever delivery says."""
    return answer.status == 200 or not answer.json()["type"].startswith("/problems/gateway/")


def both_serve(doors: list[Door], path: str) -> int:
    """Call every door until it answers; return the calls admitted until then."""
    admitted = 0
    for door in doors:
        while (answer := door.ask(path)).status != 200:
            assert answer.status in (401, 403, 404), answer.body
            # A gateway may know an agreement a moment before its delivery does.
            admitted += was_admitted(answer)
            time.sleep(0.02)
        admitted += 1
    return admitted


def spent(doors: list[Door], path: str, *, quiet: int = 12) -> int:
    """Call all doors in turn until each has said only that the quota is spent, so many times; return the calls admitted."""
    admitted = refused = 0
    while refused < quiet:
        for door in doors:
            answer = door.ask(path)
            if was_admitted(answer):
                admitted, refused = admitted + 1, 0
            elif answer.status == 429 and answer.json()["type"].endswith("quota-spent"):
                refused += 1
            else:
                assert answer.status in (429, 503), answer.body
            if answer.status != 200:
                time.sleep(0.1)
    return admitted


def steady(load: Load, calls: int = 30) -> None:
    """Wait until the last calls, so many, all succeeded."""
    before = len(load.outcomes)
    wait_until(
        lambda: len(load.outcomes) >= before + calls and {status for _, status in load.outcomes[-calls:]} == {200},
        within=120,
    )


def test_one_quota_over_two_gateways_one_of_them_killed(
    sample_platform: Platform, program: Program, second: Second
) -> None:
    (found,) = offered(program, "two-gateways", f'rate_plan="r100", quota_day={QUOTA}')
    path = "/data/collections/two-gateways/items?limit=1"
    doors = [Door(port, found["key"]) for port in (sample_platform.port, second.machine.port)]
    admitted = both_serve(doors, path)
    # Both serve; what each began with runs out, and more comes.
    for _ in range(30):
        for door in doors:
            admitted += was_admitted(door.ask(path))
    second.kill()
    alone = spent(doors[:1], path)
    left_behind = QUOTA - admitted - alone
    seconds = second.start()
    back = spent([doors[0], Door(second.machine.port, found["key"])], path)
    print(
        f"\nquota {QUOTA}: both {admitted}, after the kill {alone}, the dead one held {left_behind}, after its return"
        f" (in {seconds:.1f} s) {back}; in all {admitted + alone + back}"
    )
    # What was free is given by halves, so that one of two never holds more than half of it.
    assert 0 <= left_behind <= (QUOTA - admitted + 1) // 2
    assert QUOTA - 1 <= admitted + alone + back <= QUOTA + 1
    wait_until(lambda: counted(program, found) == admitted + alone + back, within=60, every=0.5)


def test_a_speed_is_shared_and_an_end_acts_on_both(sample_platform: Platform, program: Program, second: Second) -> None:
    found = offered(program, "two-speeds", 'rate_plan="r5"', ENDS)
    path = "/data/collections/two-speeds/items?limit=1"
    ports = (sample_platform.port, second.machine.port)
    doors = [[Door(port, agreement["key"]) for port in ports] for agreement in found]
    for pair in doors:
        both_serve(pair, path)
    began, passed, refused = time.monotonic(), 0, [0, 0]
    while min(refused) < 20:
        for number, door in enumerate(doors[0]):
            admitted = was_admitted(door.ask(path))
            passed, refused[number] = passed + admitted, refused[number] + (not admitted)
    seconds = time.monotonic() - began
    # Bursts of 50 saved, 5 a second: of both gateways together.
    print(f"\ntwo gateways at 5 calls a second, bursts of 50: {passed} calls in {seconds:.1f} s")
    assert 40 <= passed <= 50 + 5 * seconds + 4
    known: list[list[float]] = [[], []]
    for agreement, pair in zip(found, doors, strict=True):
        at = ended(program, agreement)
        open_still = {0, 1}
        while open_still:
            for number in sorted(open_still):
                if pair[number].ask(path).status == 403:
                    known[number].append(time.monotonic() - at)
                    open_still.discard(number)
            assert time.monotonic() - at < 30, f"an end does not act on {open_still}"
            time.sleep(0.005)
    here, there = (f"{statistics.median(one) * 1000:.0f} ms, {max(one) * 1000:.0f} ms at most" for one in known)
    print(f"{ENDS} ends act on the control plane's machine after {here} (median), on the other after {there}")


def test_a_delivery_dies_and_the_other_goes_on(sample_platform: Platform, program: Program, second: Second) -> None:
    (found,) = offered(program, "two-deliveries", 'rate_plan="r100"')
    path = "/data/collections/two-deliveries/items?limit=1"
    ports = (sample_platform.port, second.machine.port)
    with Load(ports[0], found["key"], path) as going, Load(ports[1], found["key"], path) as failing:
        steady(going)
        steady(failing)
        at = kill(second.machine.part("delivery"))
        gone = wait_until(lambda: failing.first(503, at), within=60)
        back = wait_until(lambda: failing.first(200, gone), within=120)
        steady(failing)
    told, other = failing.statuses(at), going.statuses(at)
    print(f"\nkill -9 of one delivery: back after {back - at:.1f} s, its calls {dict(told)}, the other's {dict(other)}")
    assert set(told) == {200, 503}
    assert set(other) == {200}


def test_a_machine_cut_off_serves_on_even_when_started_again_and_then_catches_up(
    sample_platform: Platform, program: Program, second: Second
) -> None:
    kept, taken = offered(program, "two-apart", 'rate_plan="r100"', 2)
    path = "/data/collections/two-apart/items?limit=1"
    here, there = (Door(port, taken["key"]) for port in (sample_platform.port, second.machine.port))
    both_serve([here, there], path)
    admitted = both_serve([Door(second.machine.port, kept["key"])], path)
    with Load(second.machine.port, kept["key"], path) as load:
        steady(load)
        second.shut_door()
        shut = time.monotonic()
        ended(program, taken)
        wait_until(lambda: here.ask(path).status == 403, within=60)
        steady(load, 60)
        assert there.ask(path).status == 200, "the last good snapshot holds"
        assert Door(second.machine.port).ask("/", headers={"Accept": "text/html"}).status == 503
    assert set(load.statuses()) == {200}
    admitted += load.answered
    wait_until(lambda: second.spooled(kept["agreement"]) == admitted)
    second.kill()
    seconds = second.start(alone=True)
    for agreement in (taken, kept):
        assert Door(second.machine.port, agreement["key"]).ask(path).status == 200, "the last good snapshot holds"
    cut_off = time.monotonic() - shut
    second.open_door()
    opened, there = time.monotonic(), Door(second.machine.port, taken["key"])
    wait_until(lambda: there.ask(path).status == 403, within=120)
    known = time.monotonic() - opened
    wait_until(lambda: (counted(program, kept), logged(program, kept)) == (admitted + 1,) * 2, within=60, every=0.5)
    print(
        f"\ncut off for {cut_off:.1f} s: {load.statuses(shut)[200]} calls, none failed; killed meanwhile and serving again"
        f" in {seconds:.1f} s; an end known {known:.1f} s after the way was open; {admitted + 1} calls, all in the ledger once"
    )
