"""Screens strangers' files for personal data in a process of its own, many in one go; a file that kills the process costs only itself."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from tdpf.controlplane.preparation.engine.answering import STOPPED, Stopped, answers_of
from tdpf.controlplane.preparation.engine.personal.screened import Screened, screened_from_dict, unscreened
from tdpf.controlplane.preparation.engine.types import Limits

_PROCESS = "tdpf.controlplane.preparation.engine.personal.screening_process"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningOrder:
    """A file to screen: its path, how the path is shown in the answer, and its own name."""

    path: Path
    shown: str = ""
    name: str = ""


def screen_in_sandbox(orders: Sequence[ScreeningOrder], *, limits: Limits | None = None) -> Iterator[Screened]:
    """Yield what the screen says of every file in order; one that runs out of memory or time has an error in place of a verdict."""
    with tempfile.TemporaryDirectory(prefix="tdpf-screen-") as folder:
        entries = [
            {
                "path": os.path.abspath(order.path),  # noqa: PTH100 - a link stays the path that was given
                "shown": order.shown or str(order.path),
                "name": order.name or order.path.name,
                "folder": folder,
            }
            for order in orders
        ]
        for entry, answer in zip(entries, answers_of(_PROCESS, entries, limits or Limits()), strict=True):
            if isinstance(answer, Stopped):
                yield unscreened(entry["shown"], "preparation/reader-stopped", STOPPED[answer.why])
            else:
                yield screened_from_dict(orjson.loads(answer))
