"""A dataset that is new here, for those who tell others of it."""

from __future__ import annotations

from dataclasses import dataclass

from tdpf.kit.text import Text


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A dataset that is new here, in as many words as are needed to tell of it."""

    number: int
    uid: str
    slug: str
    title: Text
    provider_uid: str
    themes: tuple[str, ...]
