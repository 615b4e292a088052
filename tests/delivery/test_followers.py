"""Who follows a stream gets every event once and in order, whether it reads at once or stops reading for a while."""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path

import pytest

from tdpf.dataplane.delivery import live
from tdpf.dataplane.delivery.live import Channel, Following, Reader
from tdpf.dataplane.delivery.pipes import fill, new_pipe
from tdpf.dataplane.delivery.rings import StreamEvent
from tdpf.wire.sources import StreamColumn, StreamSource, StreamView

_COLUMNS = (StreamColumn("名称", "string"), StreamColumn("備考", "string"))
_VIEW = StreamView(("名称",))
_ALL = StreamView(("名称", "備考"))
_STREAM = StreamSource(1, "counts", "main", "s", _COLUMNS, views={1: _VIEW, 2: _ALL})
_EVENTS = 400


async def _follow(channel: Channel, folder: Path, view: StreamView) -> tuple[int, Following, asyncio.Task[None]]:
    """Return the reading end of a follower's pipe once its opening has come."""
    reader, following = Reader(_STREAM, view, 0), Following("s", 1, 1001, 1, 1, "")

    def opened(pipe: int) -> None:
        reader.pipe = pipe

    path = new_pipe(folder)
    end = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    pieces = channel.server_sent(_STREAM, view, 0, following, reader)
    task = asyncio.create_task(fill(path, pieces, opened))
    got = b""
    while b"\n\n" not in got:
        await asyncio.sleep(0.001)
        try:
            got += os.read(end, 1 << 16)
        except BlockingIOError:
            continue
    return end, following, task


async def _waiting(channel: Channel, followers: int) -> None:
    while channel.followers < followers:  # noqa: ASYNC110 - the channel tells nobody who waits
        await asyncio.sleep(0.001)


async def _read(end: int, until: bytes) -> bytes:
    got = b""
    while until not in got:
        try:
            got += os.read(end, 1 << 16)
        except BlockingIOError:
            await asyncio.sleep(0.001)
    return got


def test_every_event_comes_once_and_in_order(tmp_path: Path) -> None:
    async def run() -> None:
        channel = Channel(tmp_path / "s.sqlite")
        quick, _, _ = await _follow(channel, tmp_path / "live", _VIEW)
        slow, _, _ = await _follow(channel, tmp_path / "live", _ALL)
        gone, _, left = await _follow(channel, tmp_path / "live", _ALL)
        os.close(gone)
        told = b""
        for number in range(1, _EVENTS + 1):
            # Together far more than a pipe holds.
            row = {"名称": f"n{number}", "備考": "長" * 400}
            channel.ring.push([row], key_columns=(), window=10_000)
            channel.look()
            if number % 40 == 0:
                told += await _read(quick, b'"n%d"' % number)
        await left
        late = await _read(slow, b'"n%d"' % _EVENTS)
        for got in (told, late):
            assert [int(one) for one in re.findall(rb"^id: (\d+)$", got, re.MULTILINE)] == list(range(1, _EVENTS + 1))
        assert "備考".encode() not in told
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    asyncio.run(run())


def test_an_event_that_was_begun_is_ended_before_the_end(tmp_path: Path) -> None:
    async def run() -> None:
        channel = Channel(tmp_path / "s.sqlite")
        end, following, task = await _follow(channel, tmp_path / "live", _ALL)
        for number in range(100):
            await _waiting(channel, 1)
            channel.ring.push([{"名称": f"n{number}", "備考": "長" * 4000}], key_columns=(), window=10_000)
            channel.look()
            if following.reader and following.reader.rest:
                break
        following.end()
        got = await _read(end, b"event: end\ndata:")
        pieces = got.decode().split("\n\n")
        assert [piece.split("\n")[1] for piece in pieces[:-2]] == ["event: row"] * (number + 1)
        assert f"n{number}" in json.dumps(json.loads(pieces[-3].split("data: ")[1]))
        await task

    asyncio.run(run())


def test_what_breaks_for_one_view_leaves_the_others_following(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = live.seen

    def breaks(event: StreamEvent, view: StreamView, stream: StreamSource) -> bytes | None:
        if view == _VIEW:
            raise TypeError
        return usual(event, view, stream)

    monkeypatch.setattr(live, "seen", breaks)

    async def run() -> None:
        channel = Channel(tmp_path / "s.sqlite")
        _, _, broken = await _follow(channel, tmp_path / "live", _VIEW)
        end, following, task = await _follow(channel, tmp_path / "live", _ALL)
        await _waiting(channel, 2)
        channel.ring.push([{"名称": "n1", "備考": "長"}], key_columns=(), window=10_000)
        channel.look()
        await _read(end, b'"n1"')
        following.end()
        await asyncio.wait([broken, task])
        assert isinstance(broken.exception(), TypeError)

    asyncio.run(run())
