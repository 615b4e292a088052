"""News: what happened, told in the past tense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact that other rooms may act upon; a subclass adds its fields and states its `name` ("room.WhatHappened").

    `actor` is a member's uid or "system", `subject` names the thing ("dataset:<uid>"), `reason` is the actor's own
    words where a reason is asked for.
    """

    name: ClassVar[str]

    actor: str
    subject: str
    reason: str = ""
