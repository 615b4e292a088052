"""Rates strangers' files in a process of its own, many in one go; a file that kills the process costs only itself."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tdpf.controlplane.preparation.engine.answering import STOPPED, Stopped, answers_of
from tdpf.controlplane.preparation.engine.rating.types import CatalogueFacts, Rating, facts_as_dict, rating_from_dict
from tdpf.controlplane.preparation.engine.types import Limits

_PROCESS = "tdpf.controlplane.preparation.engine.rating.rating_process"


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingOrder:
    """A file to rate: its path, how the path is shown in the answer, its own name, and what the catalogue knows."""

    path: Path
    shown: str = ""
    name: str = ""
    facts: CatalogueFacts | None = None


def rate_in_sandbox(orders: Sequence[RatingOrder], *, limits: Limits | None = None) -> Iterator[Rating]:
    """Yield the rating of every file in order; one that runs out of memory or time is rated as an error."""
    answers = answers_of(_PROCESS, [_entry(order) for order in orders], limits or Limits())
    for order, answer in zip(orders, answers, strict=True):
        yield _stopped(order, answer) if isinstance(answer, Stopped) else rating_from_dict(orjson.loads(answer))


def _entry(order: RatingOrder) -> dict[str, Any]:
    return {
        "path": os.path.abspath(order.path),  # noqa: PTH100 - a link stays the path that was given
        "shown": order.shown or str(order.path),
        "name": order.name or order.path.name,
        "facts": facts_as_dict(order.facts) if order.facts is not None else None,
    }


def _stopped(order: RatingOrder, stopped: Stopped) -> Rating:
    from tdpf.controlplane.preparation.engine.rating.rate import failed

    said = STOPPED[stopped.why]
    ending = (order.name or order.path.name).rpartition(".")[2].lower()
    return failed(order.shown or str(order.path), "preparation/reader-stopped", said.ja, said.en, form=ending)
