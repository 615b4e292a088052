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
