"""A provider that hangs leaves threads to the others."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tdpf.dataplane.delivery.connectors.tables import Connectors
from tdpf.kit.home import Home


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
