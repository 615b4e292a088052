"""What federation announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tdpf.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class SiteAdded(Event):
    """A site is read from now on."""

    name: ClassVar[str] = "federation.SiteAdded"
    site: str
    kind: str
    url: str


@dataclass(frozen=True, kw_only=True)
class SiteEdited(Event):
    """How a site is read was changed; `fields` are the names of what differs."""

    name: ClassVar[str] = "federation.SiteEdited"
    site: str
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RunAsked(Event):
    """Somebody asked for a run now, or to believe what a site lists no more (`believes_losses`)."""

    name: ClassVar[str] = "federation.RunAsked"
    site: str
    run_uid: str
    believes_losses: bool = False


@dataclass(frozen=True, kw_only=True)
class RunStopped(Event):
    """Somebody had a run end before its time, or not begin."""

    name: ClassVar[str] = "federation.RunStopped"
    site: str
    run_uid: str


@dataclass(frozen=True, kw_only=True)
class RunEnded(Event):
    """A run ended: `state` is done, stopped or failed. What it left out is on its page."""

    name: ClassVar[str] = "federation.RunEnded"
    site: str
    run_uid: str
    state: str
    seen: int
    added: int
    changed: int
    gone: int
    left_out: int
    losses_held: int


@dataclass(frozen=True, kw_only=True)
class PairDecided(Event):
    """The operator decided whether two records are about the same data: `decision` is merged or apart."""

    name: ClassVar[str] = "federation.PairDecided"
    decision: str
    dataset_uids: tuple[str, ...]
