"""Threads that take turns."""

from __future__ import annotations

import threading
import time

import pytest

from tdpf.kit import turns


def test_one_works_at_a_time_in_the_order_of_coming_and_a_fault_gives_the_turn_back() -> None:
    queue = turns.Turns()
    done: list[int] = []
    at_work: list[int] = []

    def work(number: int) -> None:
        with queue.turn():
            at_work.append(number)
            assert at_work == [number]
            at_work.remove(number)
            done.append(number)

    with pytest.raises(ZeroDivisionError), queue.turn():
        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for waiting, thread in enumerate(threads, 1):
            thread.start()
            while len(queue._waiting) < waiting:
                time.sleep(0.001)
        _ = 1 / 0
    for thread in threads:
        thread.join(5)
    assert done == [0, 1, 2, 3]


def test_who_waited_long_goes_on_beside_the_one_that_holds_the_others_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.01)
    queue = turns.Turns()
    with queue.turn(), queue.turn():
        assert not queue._waiting
    with queue.turn():
        assert queue._taken
    assert not queue._taken
