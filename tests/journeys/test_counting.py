"""Calls are counted once and exactly: what callers got, what the ledger says, what the grant table counted.

The rule: a call is a request that the gateway admitted, whatever its answer's status; a pre-flight question (OPTIONS) and
what the gateway refuses (401, 403, 405, 429) are none. Bytes are those of bodies as they were sent, problem documents
of refusals included; HEAD and 304 send none.
"""

from __future__ import annotations

import contextlib
import itertools
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
from deciding import Answer, Door, Program, wait_until
from playwright.sync_api import BrowserContext, expect
from steps import letters

from tdpf.kit.clock import JST, jst_date

if TYPE_CHECKING:
    from conftest import Platform

pytestmark = pytest.mark.journey

DAY_LIMIT = 40


@dataclass
class Tally:
    """What one caller saw: calls by the rule, refusals, bytes of bodies."""

    calls: int = 0
    errors: int = 0
    refused: int = 0
    bytes: int = 0
    statuses: Counter[int] = field(default_factory=Counter)

    def note(self, answer: Answer, *, admitted: bool) -> Answer:
        self.statuses[answer.status] += 1
        self.bytes += len(answer.body)
        self.calls += admitted
        self.refused += not admitted
        self.errors += admitted and answer.status >= 400
        return answer

    def plus(self, *others: Tally) -> tuple[int, int, int, int]:
        every = (self, *others)
        return (
            sum(x.calls for x in every),
            sum(x.bytes for x in every),
            sum(x.errors for x in every),
            sum(x.refused for x in every),
        )


@dataclass(frozen=True)
class Scene:
    """A dataset of its own, a consumer's application with an agreement, a stranger's without."""

    slug: str
    dataset: int
    agreement: int
    mine: dict[str, Any]
    stranger: dict[str, Any]


def make_scene(program: Program, terms: str) -> Scene:
    slug = f"counted-{secrets.token_hex(4)}"
    found = program.do(f"""
        made = offer("{slug}", approval="automatic", notice_days=1, {terms})
        mine, stranger = application(), application("operator")
        return {{"dataset": made["number"], "mine": mine, "stranger": stranger,
            "agreement": agree(mine["application"], made["offer"]).number}}
    """)
    return Scene(slug=slug, **found)


def wait_for_grant(door: Door, path: str, free: Tally, tally: Tally) -> None:
    """Ask until the gateway knows key and agreement; the last answer is a call, those before were refused.

    The list of collections says whether the key is known; it is neither a call nor a refusal.
    """
    wait_until(lambda: door.ask("/data", method="HEAD").status == 200)
    free.bytes += len(door.ask("/data").body)
    for _ in range(400):
        answer = door.ask(path)
        # The gateway may know an agreement a moment before delivery knows its columns.
        tally.note(answer, admitted=answer.status == 200 or answer.json()["type"].startswith("/problems/delivery/"))
        if answer.status == 200:
            return
        time.sleep(0.05)
    pytest.fail("the agreement never came into force")


def use(program: Program, kind: str, number: int) -> list[Any]:
    """What the ledger says of today: calls, bytes, errors, refused."""
    found = program.do(f"""
        today = clock.jst_date(clock.now())
        (row,) = metering_queries.use_of_{kind}({number}, today, today)
        return [row.calls, row.bytes, row.errors, row.refused]
    """)
    assert isinstance(found, list)
    return found


@pytest.fixture(scope="module", autouse=True)
def not_over_midnight() -> None:
    """The sums are of one day in Japan: a test that began in the last minutes waits for the next."""
    while (datetime.now(JST) + timedelta(minutes=3)).date() != datetime.now(JST).date():
        time.sleep(5)


def reconciled(program: Program) -> dict[str, Any]:
    found = program.do("""
        facts = metering.reconcile(day=clock.jst_date(clock.now()))
        return {"logged": facts.logged_calls, "counted": facts.counted_calls,
            "differences": [dataclasses.astuple(x) for x in facts.differences]}
    """)
    assert isinstance(found, dict)
    return found


def without_difference(program: Program) -> dict[str, Any]:
    """Reconcile until log and counters, which come on different ways, are equal; return what was compared."""
    found = reconciled(program)
    with contextlib.suppress(AssertionError):
        wait_until(lambda: not reconciled(program)["differences"], within=20, every=1)
        found = reconciled(program)
    assert found["differences"] == []
    assert found["logged"] == found["counted"] > 0
    return found


def test_both_sides_see_what_was_called(sample_platform: Platform, program: Program) -> None:
    scene = make_scene(program, f'rate_plan="r100", quota_day={DAY_LIMIT}')
    items = f"/data/collections/{scene.slug}/items"
    mine, strange, unknown, asked_first, free = Tally(), Tally(), Tally(), Tally(), Tally()
    door = Door(sample_platform.port, scene.mine["key"])
    stranger = Door(sample_platform.port, scene.stranger["key"])
    nobody = Door(sample_platform.port)
    wait_for_grant(door, items, free, mine)
    answer = mine.note(door.ask(f"{items}?limit=3"), admitted=True)
    etag = answer.headers["etag"]
    kinds: list[tuple[str, str, dict[str, str], int]] = [
        ("GET", f"{items}?limit=3", {}, 200),
        ("GET", f"{items}?f=csv", {}, 200),
        ("GET", f"{items}?f=json&limit=2", {"Accept-Encoding": "gzip"}, 200),
        ("GET", f"{items}/0000000001", {}, 200),
        ("GET", f"/data/collections/{scene.slug}", {}, 200),
        ("GET", f"{items}?limit=3", {"If-None-Match": etag}, 304),
        ("HEAD", f"{items}?limit=3", {}, 200),
        ("GET", f"{items}/no-such-row", {}, 404),
        ("GET", f"{items}?limit=x", {}, 400),
        ("GET", f"{items}?f=yaml", {}, 400),
        ("GET", f"/data/collections/{scene.slug}/aggregate?group_by={quote('混雑度')}&measures=count", {}, 200),
    ]
    for method, path, headers, status in kinds * 2:
        answer = mine.note(door.ask(path, method=method, headers=headers), admitted=True)
        assert answer.status == status, (method, path, answer.body)
    assert asked_first.note(door.ask(items, method="OPTIONS"), admitted=False).status == 204
    for _ in range(3):
        assert unknown.note(nobody.ask(items), admitted=False).status == 401
        forged = {"Authorization": "Bearer tdpf_" + "A" * 43}
        assert unknown.note(nobody.ask(items, headers=forged), admitted=False).status == 401
        assert strange.note(stranger.ask(items), admitted=False).status == 403
    while mine.calls < DAY_LIMIT:
        assert mine.note(door.ask(f"{items}?limit=1"), admitted=True).status == 200
    for _ in range(3):
        spent = mine.note(door.ask(items), admitted=False)
        assert spent.status == 429
        assert spent.json()["type"] == "/problems/gateway/quota-spent"
    print(f"\nasked: {dict((mine.statuses + strange.statuses + unknown.statuses).items())}")

    wait_until(lambda: use(program, "agreement", scene.agreement)[0] >= DAY_LIMIT, every=0.5)
    time.sleep(2)
    by_agreement = use(program, "agreement", scene.agreement)
    by_application = use(program, "application", scene.mine["number"])
    by_dataset = use(program, "dataset", scene.dataset)
    print(f"calls, bytes, errors, refused: consumer {by_application}, provider {by_dataset}, agreement {by_agreement}")
    assert by_agreement[0] == by_application[0] == by_dataset[0] == mine.calls == DAY_LIMIT
    assert tuple(by_application) == mine.plus(free)
    assert tuple(by_dataset) == mine.plus(strange, unknown)
    assert asked_first.bytes == 0
    print(f"reconciled: {without_difference(program)}")


def test_too_fast_calls_are_none(sample_platform: Platform, program: Program) -> None:
    scene = make_scene(program, 'rate_plan="r1", quota_day=500')
    items = f"/data/collections/{scene.slug}/items?limit=1"
    door = Door(sample_platform.port, scene.mine["key"])
    tally, free = Tally(), Tally()
    wait_for_grant(door, items, free, tally)
    for _ in range(60):
        answer = door.ask(items)
        tally.note(answer, admitted=answer.status == 200)
    assert tally.statuses[429] >= 20
    assert tally.statuses[200] >= 5
    time.sleep(3)
    wait_until(
        lambda: sum(use(program, "application", scene.mine["number"])[::3]) >= sum(tally.statuses.values()), every=0.5
    )
    print(f"\ntoo fast: {dict(tally.statuses)}")
    assert use(program, "application", scene.mine["number"]) == list(tally.plus(free))
    without_difference(program)


QUOTA_MARKS = {85: "85%以上を使いました", 100: "すべて使いました"}


def test_a_consumer_is_written_to_once_at_each_mark_of_a_quota(
    sample_platform: Platform, program: Program, context: BrowserContext
) -> None:
    """From calls at the gateway by its counters to one letter at 85 % and one at 100 %, and to the agreement's page."""
    scene = make_scene(program, 'rate_plan="r100", quota_day=20')
    uid = program.do(f"return exchange_queries.agreements_by_number([{scene.agreement}])[{scene.agreement}].uid")
    items = f"/data/collections/{scene.slug}/items"
    door, mine = Door(sample_platform.port, scene.mine["key"]), Tally()
    wait_for_grant(door, items, Tally(), mine)

    def call(until: int) -> None:
        while mine.calls < until:
            assert mine.note(door.ask(f"{items}?limit=1"), admitted=True).status == 200
        used = f"[use.today for use in metering_queries.quota_use(clock.now()) if use.agreement == {scene.agreement}]"
        wait_until(lambda: program.do(f"return {used}") == [until], every=0.2)

    def told() -> list[int]:
        # The worker looks by itself once a minute; more looks tell nothing more.
        program.do("from tdpf.controlplane.metering import tasks\ntasks.watch_quotas()")
        about = [text for text in letters(sample_platform.home, "consumer@example.jp") if uid in text]
        return [mark for text in about for mark, words in QUOTA_MARKS.items() if words in text]

    call(16)
    assert told() == []
    call(17)
    wait_until(lambda: told() == [85], every=0.2)
    call(20)
    assert door.ask(items).status == 429
    wait_until(lambda: told() == [85, 100], every=0.2)
    page = context.new_page()
    sample_platform.sign_in(page, "consumer")
    page.goto(f"{sample_platform.url}/agreements/{uid}")
    expect(page.get_by_text("今日の回数を使い切りました")).to_be_visible()
    expect(page.get_by_text("今日: 20 / 20 回を使いました（100%）。残り 0 回")).to_be_visible()
    assert told() == [85, 100]


class Internal:
    """The internal API, as a gateway asks it."""

    def __init__(self, platform: Platform) -> None:
        secret = (platform.home.secrets / "node.secret").read_text().strip()
        self._client = httpx.Client(
            transport=httpx.HTTPTransport(uds=str(platform.home.run / "internal.sock")),
            base_url="http://internal",
            headers={"Authorization": f"Bearer {secret}"},
            timeout=30,
        )

    def usage(self, gateway: str, segment: str, offset: int, data: bytes) -> httpx.Response:
        return self._client.post(f"/internal/v1/usage/{gateway}/{segment}", params={"offset": offset}, content=data)


def sums(program: Program) -> Any:
    """Everything the ledger adds up, of every segment but those still being written."""
    return program.do("""
        from tdpf.controlplane.metering.models import CounterDay, HourlyUse
        hours = HourlyUse.objects.using("ledger").order_by("id").values_list(
            "day", "hour", "gateway", "dataset", "application", "agreement", "status_class", "requests", "calls", "bytes")
        return [list(hours), list(CounterDay.objects.using("ledger").order_by("id").values_list("used", flat=True))]
    """)


def test_what_is_sent_again_adds_nothing(sample_platform: Platform, program: Program) -> None:
    door = Door(sample_platform.port)
    for _ in range(20):
        assert door.ask("/data/collections/sample-aed/items?limit=1").status == 200
    evidence = sample_platform.home.evidence / "gateway-1"
    wait_until(lambda: evidence.is_dir() and any(path.stat().st_size for path in evidence.iterdir()))
    time.sleep(3)
    before = sums(program)
    internal = Internal(sample_platform)
    files = sorted(path for path in evidence.iterdir() if path.stat().st_size)
    assert files
    for path in files:
        data = path.read_bytes()
        middle = data.index(b"\n", len(data) // 2 - 1) + 1
        for offset, piece in ((0, data), (0, data), (middle, data[middle:]), (0, data[:middle]), (3, data[3:])):
            answer = internal.usage("gateway-1", path.name, offset, piece)
            assert (answer.status_code, answer.json()) == (200, {"offset": len(data)})
        beyond = internal.usage("gateway-1", path.name, len(data) + 1000, data)
        assert (beyond.status_code, beyond.json()) == (200, {"offset": len(data)})
        other = internal.usage("gateway-1", path.name, 0, data.replace(b"GET", b"PUT"))
        assert other.status_code == 409
        assert other.headers["content-type"] == "application/problem+json"
    assert sums(program) == before


def line(at: datetime, dataset: int, number: int) -> bytes:
    """One line as Envoy writes it."""
    return (
        f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z\t{number:08x}-0000-4000-8000-000000000000\t"
        f"1000,0,{dataset},key,items\t1\tGET\t200\t-\t10\t0\t1\t/data/collections/x/items\n"
    ).encode()


def test_pieces_in_any_order_make_the_same_sums_and_days_are_those_of_japan(
    sample_platform: Platform, program: Program
) -> None:
    dataset, segment = 900_000 + secrets.randbelow(99_999), f"20260101T000000-{secrets.token_hex(4)}"
    midnight = datetime(2026, 11, 21, tzinfo=JST)
    moments = [midnight - timedelta(milliseconds=1), midnight, midnight + timedelta(hours=24, milliseconds=-1)]
    lines = [line(moment, dataset, number) for number, moment in enumerate(moments * 4)]
    whole = b"".join(lines)
    cuts = [0, 40, len(whole) // 3, len(whole) // 2, len(whole)]
    pieces = list(zip(cuts, (whole[a:b] for a, b in itertools.pairwise(cuts)), strict=False))
    internal = Internal(sample_platform)
    assert internal.usage("gateway-test", segment, *pieces[2]).json() == {"offset": 0}
    committed = 0
    for _ in range(20):
        for offset, piece in (pieces[3], pieces[0], pieces[2], pieces[1], pieces[1]):
            answer = internal.usage("gateway-test", segment, offset, piece)
            assert answer.status_code == 200
            committed = answer.json()["offset"]
        rest = whole[committed : committed + 200]
        if rest:
            committed = internal.usage("gateway-test", segment, committed, rest).json()["offset"]
    assert committed == len(whole)
    days = program.do(f"""
        first = datetime(2026, 11, 19).date()
        rows = metering_queries.use_of_dataset({dataset}, first, first + timedelta(days=4))
        return [[row.day.isoformat(), row.calls, row.bytes] for row in rows]
    """)
    assert days == [
        ["2026-11-19", 0, 0], ["2026-11-20", 4, 40], ["2026-11-21", 8, 80], ["2026-11-22", 0, 0], ["2026-11-23", 0, 0],
    ]  # fmt: skip
    assert jst_date(moments[0]).isoformat() == "2026-11-20"
