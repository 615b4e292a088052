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


def test_who_waited_long_takes_the_turn_over_and_those_behind_wait_for_that_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "LONGEST_SECONDS", 0.01)
    queue = turns.Turns()
    with queue.turn():
        with queue.turn():
            second = queue._holder
            assert second is not None
            assert not queue._waiting
        assert queue._holder is None
        with queue.turn():
            third = queue._holder
            assert third is not second
    assert queue._holder is None


def test_whoever_was_too_slow_gives_nobody_elses_turn_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONGEST_SECONDS", 0.01)
    queue = turns.Turns()
    slow = queue.turn()
    slow.__enter__()
    with queue.turn():
        holder = queue._holder
        slow.__exit__(None, None, None)
        assert queue._holder is holder
    assert queue._holder is None
