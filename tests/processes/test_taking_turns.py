"""Calls that only read take turns; calls with a body do not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tdpf.kit import turns
from tdpf.processes.taking_turns import taking_turns


def _asked_at_once(method: str, calls: int) -> int:
    """Return how many calls were answered side by side at most, of so many that come while the first is being answered."""
    at_work: list[int] = []
    most: list[int] = []
    together = threading.Barrier(calls) if method == "POST" else None

    def application(environment: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        at_work.append(1)
        if together is not None:
            together.wait(10)
        time.sleep(0.005)
        most.append(len(at_work))
        at_work.pop()
        return [b"whole"]

    serving = taking_turns(application)
    threads = [
        threading.Thread(target=serving, args=({"REQUEST_METHOD": method}, lambda *_: None)) for _ in range(calls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(most) == calls
    return max(most)


def test_reading_calls_are_answered_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONGEST_SECONDS", 30)
    assert _asked_at_once("GET", 6) == 1
    assert _asked_at_once("HEAD", 6) == 1


def test_calls_with_a_body_wait_for_nobody() -> None:
    assert _asked_at_once("POST", 4) == 4
