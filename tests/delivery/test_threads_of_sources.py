"""A provider that hangs leaves threads to the others."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tdpf.dataplane.delivery.connectors.budget import Budget
from tdpf.dataplane.delivery.connectors.tables import Connectors
from tdpf.kit.home import Home
from tdpf.wire.connected import ConnectedColumn, ConnectedLimits, ConnectedTable, NgsiPlace
from tdpf.wire.connected_problems import SourceBusy


def test_a_source_that_hangs_holds_its_own_threads_only(tmp_path: Path) -> None:
    service: Any = SimpleNamespace(home=Home(tmp_path))
    hanging: Any = SimpleNamespace(source="hanging", gathered=None)
    other: Any = SimpleNamespace(source="other", gathered=None)
    go_on = threading.Event()

    async def ask() -> str:
        connectors = Connectors(service, allow_private=True)
        held = [asyncio.ensure_future(connectors._in_thread(hanging, go_on.wait)) for _ in range(20)]
        await asyncio.sleep(0.1)
        try:
            return await asyncio.wait_for(connectors._in_thread(other, lambda: "answered"), 2)
        finally:
            go_on.set()
            await asyncio.gather(*held)

    assert asyncio.run(ask()) == "answered"


def test_looking_ahead_and_closing_take_no_thread_of_those_who_wait(tmp_path: Path) -> None:
    service: Any = SimpleNamespace(home=Home(tmp_path))
    go_on, looks = threading.Event(), []
    asked: Any = SimpleNamespace(source="asked", gathered=None)

    class Hanging:
        def look(self, *, only_if_free: bool) -> None:
            looks.append(only_if_free)
            go_on.wait()

        def close(self) -> None:
            go_on.wait()

    async def ask() -> str:
        connectors = Connectors(service, allow_private=True)
        table: Any = Hanging()
        connectors._known = {
            f"s{number}": SimpleNamespace(source=SimpleNamespace(source=f"s{number}"), table=table)  # type: ignore[misc]
            for number in range(20)
        }
        for number in range(40):
            connectors._look_beside(table, f"s{number % 20}")
        connectors.take(SimpleNamespace(collections={}))  # type: ignore[arg-type]  # nothing is offered any more
        try:
            return await asyncio.wait_for(connectors._in_thread(asked, lambda: "answered"), 2)
        finally:
            go_on.set()

    assert asyncio.run(ask()) == "answered"
    # Each source is looked at once at a time, however often it is asked for.
    assert len(looks) <= 20


def test_a_connection_that_changes_lets_its_file_go_and_what_it_still_answers_counts(tmp_path: Path) -> None:
    connectors = Connectors(SimpleNamespace(home=Home(tmp_path)), allow_private=True)  # type: ignore[arg-type]
    limits = ConnectedLimits(timeout_seconds=0, most_connections=2)
    place = NgsiPlace("https://broker.example", "v2", "Hall")
    source = ConnectedTable(
        1, "halls", "main", "s1", "a1", (ConnectedColumn("番号", origin="id"),), "会館", ngsi=place, limits=limits
    )
    changed = replace(source, title_ja="新しい会館")

    def files() -> list[str]:
        found = []
        for entry in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                found.append(entry.readlink().name)
        return [name for name in found if name == "s1.budget"]

    before = connectors._opened(source).budget
    held = before.take()
    connectors.take(SimpleNamespace(collections={"halls": SimpleNamespace(source=changed)}))  # type: ignore[arg-type]
    after = connectors._opened(changed).budget
    connectors._closing.shutdown()
    assert (held, after.take(), len(files())) == (1, 2, 2)
    with pytest.raises(SourceBusy):
        before.take()
    before.give(held)
    assert len(files()) == 1
    # What another worker sees: the connection of the new one is held, though a file of the same name was closed.
    other = Budget(connectors._folder / "s1.budget", "halls", limits)
    assert other.take() == 1
    with pytest.raises(SourceBusy):
        other.take()
    other.give(1)
    other.close()
    after.give(2)
    after.close()
    assert not files()
