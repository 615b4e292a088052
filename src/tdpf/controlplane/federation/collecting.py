"""What an operator says about a site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteFacts:
    """How a site is to be read. One of `every_hours` and `daily_hour` (Japan, 0–23) is given.

    `standing` is "own" for a publisher's own site and "gathered" for one that lists what others publish.
    `publisher_area` is the six-digit code of the publisher's municipality. Times are seconds, days, hours as named.
    """

    name_ja: str
    kind: str
    url: str
    slug: str = ""
    name_en: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    standing: str = "own"
    every_hours: int | None = None
    daily_hour: int | None = 3
    full_days: int = 7
    publisher_name: str = ""
    publisher_area: str = ""
    contact_email: str = ""
    pause_seconds: float = 1.0
    run_hours: int = 6
    robots_permission: str = ""
    allow_private: bool = False
