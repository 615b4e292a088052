"""New versions, ended offers, purged and damaged files, dead control planes and killed workers."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import httpx
import psutil
import pytest
from delivery_stand_ins import PUBLIC_URL, Delivery

from tdpf.tables.build import rebuild_table
from tdpf.tables.identity import table_folder
from tdpf.tables.types import Field

FIELDS = [Field("n", "integer"), Field("t")]
ITEMS = "/data/collections/things/items"
Make = Callable[..., Delivery]


def things(delivery: Delivery, count: int, version: int = 1, **facts: object) -> str:
    manifest = delivery.build([[str(n), "x" * 20] for n in range(count)], FIELDS, label=str(version))
    delivery.offer("things", manifest, version=version, **facts)
    return manifest.identity


def matched(delivery: Delivery, **params: str) -> int:
    with delivery.client as client:
        answer = client.get(ITEMS, params=params)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["numberMatched"])


def test_a_new_version_while_someone_reads(make_delivery: Make) -> None:
    delivery = make_delivery(workers=2)
    first = things(delivery, 5)
    delivery.start()
    with delivery.client as client:
        following = client.get(ITEMS, params={"limit": "2"}).json()["links"]
        address = next(link["href"] for link in following if link["rel"] == "next").removeprefix(PUBLIC_URL)
        things(delivery, 7, version=2)
        delivery.publish()
        for _ in range(6):
            assert matched(delivery) == 7
            assert client.get(address).json()["numberMatched"] == 5, "a page of the version it began with"
        shutil.rmtree(table_folder(delivery.home.tables, first))
        gone = client.get(address)
        assert (gone.status_code, gone.json()["type"]) == (410, "/problems/delivery/version-gone")


def test_what_is_purged_is_gone_from_made_files_too(make_delivery: Make) -> None:
    delivery = make_delivery()
    first = things(delivery, 5)
    delivery.start()
    with delivery.client as client:
        assert client.get("/data/files/things/things.xlsx").status_code == 200
        assert list((delivery.home.delivery / "formats" / first).iterdir())
        shutil.rmtree(table_folder(delivery.home.tables, first))
        delivery.control.tables = []
        delivery.publish()
        assert client.get(ITEMS).status_code == 404
        assert not (delivery.home.delivery / "formats" / first).exists()


def test_the_end_of_an_offer_is_announced(make_delivery: Make) -> None:
    delivery = make_delivery()
    things(delivery, 3, sunset=date(2027, 4, 1), deprecated_at=1_790_000_000)
    delivery.start()
    with delivery.client as client:
        headers = client.get(ITEMS).headers
        assert headers["deprecation"] == "@1790000000"
        assert headers["sunset"] == "Wed, 31 Mar 2027 15:00:00 GMT"
        assert 'rel="sunset"' in headers["link"]
        assert client.get("/data/collections/things").json()["sunset"] == "2027-04-01"


def test_a_change_does_not_wait_for_the_next_poll(make_delivery: Make) -> None:
    delivery = make_delivery()
    things(delivery, 3)
    delivery.start()
    things(delivery, 4, version=2)
    with delivery.client as client:
        began = time.monotonic()
        delivery.control.publish()
        while client.get(ITEMS).json()["numberMatched"] != 4:
            assert time.monotonic() - began < 8, "a waiting call for the stamp lasts 20 seconds"
            time.sleep(0.01)


def test_without_the_control_plane(make_delivery: Make) -> None:
    delivery = make_delivery()
    things(delivery, 3)
    delivery.start()
    delivery.control.close()
    assert matched(delivery) == 3
    delivery.stop()
    delivery.start(publish=False)
    assert matched(delivery) == 3, "the last good snapshot serves on"


def test_not_ready_without_any_snapshot(make_delivery: Make) -> None:
    delivery = make_delivery()
    things(delivery, 3)
    delivery.control.close()
    with pytest.raises(AssertionError, match="did not get ready"):
        _start_within(delivery, 3)
    with delivery.client as client:
        answer = client.get(ITEMS)
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/delivery/not-ready")
        assert answer.headers["retry-after"]
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200


def _start_within(delivery: Delivery, seconds: float) -> None:
    def wait_ready(stamp: int | None = None) -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                with delivery.client as client:
                    client.get("/healthz")
                break
            except httpx.HTTPError:
                time.sleep(0.05)
        time.sleep(0.3)
        with delivery.client as client:
            assert client.get("/readyz").status_code == 200, "did not get ready"

    delivery.wait_ready = wait_ready  # type: ignore[method-assign]  # it never gets ready here
    delivery.start()


def test_an_old_snapshot_closes_the_data(make_delivery: Make) -> None:
    delivery = make_delivery()
    things(delivery, 3)
    delivery.start()
    assert matched(delivery) == 3
    delivery.control.not_after_seconds = 1
    delivery.control.publish()
    with delivery.client as client:
        until = time.monotonic() + 20
        answer = client.get(ITEMS)
        while answer.status_code == 200 and time.monotonic() < until:
            time.sleep(0.05)
            answer = client.get(ITEMS)
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/delivery/closed")
        assert client.get("/readyz").json()["state"] == "closed"


@pytest.mark.parametrize("how", ["rubbish", "one byte"])
def test_a_damaged_rows_file_is_put_aside(make_delivery: Make, how: str) -> None:
    delivery = make_delivery()
    identity = things(delivery, 30_000)
    delivery.offer("others", delivery.build([["1", "a"]], FIELDS))
    path = table_folder(delivery.home.tables, identity) / "rows.sqlite"
    data = bytearray(path.read_bytes())
    if how == "rubbish":
        data[:] = b"\xff" * len(data)
    else:
        data[len(data) - 100] ^= 0xFF
    path.write_bytes(data)
    delivery.start()
    with delivery.client as client:
        until = time.monotonic() + 10
        answer = client.get(ITEMS)
        while answer.status_code == 200 and time.monotonic() < until:
            time.sleep(0.05)
            answer = client.get(ITEMS)
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/tables/damaged")
        assert client.get("/data/collections/others/items").status_code == 200
        assert client.get("/readyz").json()["state"] == "degraded"
        rebuild_table(table_folder(delivery.home.tables, identity))
        until = time.monotonic() + 10
        while client.get(ITEMS).status_code != 200 and time.monotonic() < until:
            time.sleep(0.05)
        assert client.get(ITEMS).status_code == 200, "built anew, it is served again"


def test_a_table_without_its_files_is_told_until_they_are_there(make_delivery: Make) -> None:
    delivery = make_delivery()
    folder = table_folder(delivery.home.tables, things(delivery, 3))
    folder.rename(folder.with_name("elsewhere"))
    delivery.start()
    with delivery.client as client:
        answer = client.get(ITEMS)
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/tables/missing")
        assert client.get("/readyz").json()["state"] == "degraded"
        folder.with_name("elsewhere").rename(folder)
        assert client.get(ITEMS).status_code == 200
        assert client.get("/readyz").json()["state"] == "ok"


def test_a_killed_worker_comes_back(make_delivery: Make) -> None:
    delivery = make_delivery(workers=2)
    things(delivery, 3)
    delivery.start()
    assert delivery.process is not None
    workers = [child.pid for child in psutil.Process(delivery.process.pid).children() if _is_worker(child)]
    own = next(one.path for one in psutil.Process(workers[0]).open_files() if one.path.endswith("/lock"))
    delivery.control.answering.clear()
    asked = delivery.control.asked
    os.kill(workers[0], signal.SIGKILL)
    Path(own).with_name("snapshot").joinpath("manifest.json").unlink()
    until = time.monotonic() + 20
    while delivery.control.asked == asked and time.monotonic() < until:
        time.sleep(0.01)
    for _ in range(40):
        assert matched(delivery) == 3, "a worker that has no snapshot yet leaves the calls to the other one"
    delivery.control.answering.set()
    delivery.wait_ready()
    assert matched(delivery) == 3


def _is_worker(process: psutil.Process) -> bool:
    return "spawn_main" in " ".join(process.cmdline()) or process.name().startswith("python")


def test_workers_die_with_their_parent(make_delivery: Make) -> None:
    delivery = make_delivery(workers=2)
    things(delivery, 3)
    delivery.start()
    assert delivery.process is not None
    children = psutil.Process(delivery.process.pid).children(recursive=True)
    delivery.process.kill()
    delivery.process.wait()
    _, alive = psutil.wait_procs(children, timeout=5)
    assert [child for child in alive if "resource_tracker" not in " ".join(child.cmdline())] == []


def test_a_stream_that_fails_never_looks_whole(make_delivery: Make) -> None:
    delivery = make_delivery()
    identity = things(delivery, 120_000)
    delivery.start()
    path = table_folder(delivery.home.tables, identity) / "rows.sqlite"
    with delivery.client as client:
        assert client.get(ITEMS, params={"limit": "1"}).status_code == 200
        data = bytearray(path.read_bytes())
        half = len(data) // 3
        with path.open("r+b") as stream:
            stream.seek(4096)
            stream.write(data[4096:half] + b"\xff" * (len(data) - half))
        try:
            answer = client.get(ITEMS, params={"f": "csv", "filter": "n >= 0"}, timeout=3)
        except httpx.HTTPError:
            return
        # Seen before the first byte was sent, the damage is told instead.
        assert answer.status_code >= 500, answer.text[-200:]


def test_slow_readers_hold_nothing_in_memory(make_delivery: Make) -> None:
    delivery = make_delivery()
    rows = [[str(number), "文字" * 60] for number in range(150_000)]
    delivery.offer("things", delivery.build(rows, FIELDS))
    delivery.start()
    assert delivery.process is not None
    children = psutil.Process(delivery.process.pid).children(recursive=True)
    with delivery.client as client, client.stream("GET", ITEMS, params={"f": "ndjson", "filter": "n >= 0"}) as answer:
        pieces = answer.iter_bytes()
        next(pieces)
        before = sum(child.memory_info().rss for child in children)
        time.sleep(1.5)
        grown = sum(child.memory_info().rss for child in children) - before
        assert grown < 25 * 1024**2
        assert sum(len(piece) for piece in pieces) > 50 * 1024**2
