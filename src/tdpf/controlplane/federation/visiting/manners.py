"""How we behave at other people's sites: figures an operator may change, and the words by which we introduce ourselves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

AGENT = "TDPF-harvester"


@dataclass(frozen=True, slots=True)
class Pace:
    """Time as the visitor sees it: the monotonic clock, sleeping, and the instant now; replaced in tests."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


@dataclass(frozen=True, kw_only=True, slots=True)
class Manners:
    """Times are seconds, sizes bytes. `pause` lies between the end of one request and the next to the same site.

    `robots_permission` holds the operator's note that the owner of `permitted_host` permits reading it although robots.txt does not;
    "" obeys robots.txt. `longest_wait` is the longest Retry-After we sit out; a longer one ends the run. A whole list that
    comes as one file, which goes to disk and not into memory, may be of `file_bytes` and take `file_seconds`.
    """

    contact_url: str = ""
    pause: float = 1.0
    longest_pause: float = 30.0
    request_seconds: float = 60.0
    source_seconds: float = 6 * 3600.0
    max_bytes: int = 64 * 1024 * 1024
    file_seconds: float = 1800.0
    file_bytes: int = 1024 * 1024 * 1024
    retries: int = 3
    first_backoff: float = 2.0
    longest_wait: float = 300.0
    robots_permission: str = ""
    permitted_host: str = ""
    allow_private: bool = False

    @property
    def user_agent(self) -> str:
        """The User-Agent header: product token, version, and where to complain."""
        return f"{AGENT}/1.0" + (f" (+{self.contact_url})" if self.contact_url else "")


def retry_after_seconds(value: str, now: datetime) -> float | None:
    """Return the wait that a Retry-After header asks for in seconds (RFC 9110 §10.2.3), None when it says nothing usable."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        instant = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return max(0.0, (instant - now).total_seconds())
