"""One polite visitor of one site: asks one thing at a time, waits its turn, and never beyond its time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import urlsplit

from tdpf.controlplane.federation.errors import RobotsForbid, SourceBusy, SourceRefuses, SourceTimeOver
from tdpf.controlplane.federation.visiting.manners import AGENT, Manners, Pace, retry_after_seconds
from tdpf.controlplane.federation.visiting.robots import EVERYTHING, MAX_BYTES, Robots, read_robots
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import FetchFailed, Resolver, TooSlow, system_resolver
from tdpf.kit.sites import Answer, Method, SiteClient

# Asked again: the site is overloaded or being restarted. A 500 is asked for once more only: mostly it stays one.
_PASSING = {408: 3, 425: 3, 429: 3, 500: 1, 502: 3, 503: 3, 504: 3}
# One page that ends so may be one bad record behind a proxy; the second in a row is an overloaded site.
_BUSY = (429, 503)
_BUSY_SECONDS = 900
_SLICE = 10.0
_BEHIND = 1024 * 1024
# For so long a host whose robots.txt cannot be had is not asked for it again.
_DEAD_SECONDS = 600.0
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Visitor:
    """Visits a site for one run. Not for several threads: concurrency within a site is one.

    `beat` is called before every request and at least every ten seconds of waiting; it may raise to stop the run.
    """

    def __init__(
        self,
        manners: Manners,
        *,
        pace: Pace | None = None,
        beat: Callable[[], None] = lambda: None,
        resolver: Resolver = system_resolver,
    ) -> None:
        self.manners = manners
        self.forbidden: RobotsForbid | None = None
        self.requests = 0
        self.bytes = 0
        self._pace = pace or Pace()
        self._beat = beat
        self._client = SiteClient(
            allow_private=manners.allow_private, resolver=resolver, headers={"User-Agent": manners.user_agent}
        )
        self._robots: dict[str, Robots] = {}
        self._dead: dict[str, tuple[float, Problem]] = {}
        self._busy: dict[str, int] = {}
        self._free_at: dict[str, float] = {}
        self._slower: dict[str, float] = {}
        self._end = self._pace.monotonic() + manners.source_seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def get(
        self,
        url: str,
        *,
        accept: str = "*/*",
        etag: str = "",
        last_modified: str = "",
        max_bytes: int | None = None,
        also: frozenset[int] = frozenset(),
        cut_at: int | None = None,
        into: Path | None = None,
    ) -> Answer:
        """Return the answer with status 2xx, 304 when validators were given, or one of the statuses in `also`.

        With `into` the body goes into that file; it may be larger then, and take longer, as `Manners` says of files.

        Raises RobotsForbid, SourceRefuses, SourceTimeOver, the problems of `kit.fetching`, and SourceBusy: when we are to come
        back later than we can wait, are asked for fewer requests all the same (429), or a second page in a row ends with 503.
        """
        headers = {"Accept": accept, "Accept-Language": "ja,en;q=0.5"}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        limit = max_bytes or (self.manners.file_bytes if into is not None else self.manners.max_bytes)
        answer = self._persist(url, "GET", headers, limit, cut_at, also, into)
        welcome = 200 <= answer.status < 300 or (answer.status == 304 and bool(etag or last_modified))
        if not welcome and answer.status not in also:
            raise SourceRefuses(url=url, answer_status=answer.status)
        return answer

    def head(self, url: str) -> Answer:
        """Return the answer to HEAD whatever its status. Raises as `get`, without SourceRefuses."""
        return self._persist(url, "HEAD", {"Accept": "*/*"}, MAX_BYTES, None, frozenset(range(400, 600)))

    def peek(self, url: str, *, accept: str = "*/*", bytes_wanted: int = 64 * 1024) -> Answer | None:
        """Return the beginning of what is there, whatever its status, or None when nothing sensible answers.

        The first address that robots.txt kept us from is remembered in `forbidden`.
        """
        try:
            # What is cut off is not too large: the limit lies behind the cut.
            return self._once(url, "GET", {"Accept": accept}, bytes_wanted + _BEHIND, bytes_wanted)
        except SourceTimeOver:
            raise
        except RobotsForbid as refusal:
            self.forbidden = self.forbidden or refusal
            return None
        except Problem:
            return None

    def sitemaps(self, url: str) -> tuple[str, ...]:
        """Return the sitemaps that the site's robots.txt names."""
        return self._robots_of(_origin(url)).sitemaps

    def seconds_left(self) -> float:
        """Return what is left of the time for this site."""
        return self._end - self._pace.monotonic()

    def wait(self, seconds: float) -> None:
        """Sleep with a beat at least every ten seconds."""
        while seconds > 0:
            self._beat()
            self._pace.sleep(min(seconds, _SLICE))
            seconds -= _SLICE

    def _persist(
        self,
        url: str,
        method: Method,
        headers: Mapping[str, str],
        limit: int,
        cut_at: int | None,
        also: frozenset[int],
        into: Path | None = None,
    ) -> Answer:
        tries = 0
        while True:
            asked_to_wait: float | None = None
            try:
                answer = self._once(url, method, headers, limit, cut_at, into)
            except (FetchFailed, TooSlow) as fault:
                most = 1 if isinstance(fault, TooSlow) else self.manners.retries - 1
                if tries >= most or _origin(url) in self._dead:
                    raise
            else:
                allowed = min(self.manners.retries, _PASSING.get(answer.status, 0))
                if not allowed or (answer.status in also and answer.status not in _BUSY):
                    self._busy.pop(_origin(url), None)
                    return answer
                asked_to_wait = retry_after_seconds(answer.headers.get("retry-after", ""), self._pace.now())
                if answer.status == 429:
                    self._slow_down(_origin(url))
                if asked_to_wait is not None and asked_to_wait > self.manners.longest_wait:
                    raise SourceBusy(url=url, answer_status=answer.status, retry_after_seconds=int(asked_to_wait))
                if tries >= allowed:
                    if answer.status in also:
                        return answer
                    self._leave_alone(url, answer.status, asked_to_wait)
                    raise SourceRefuses(url=url, answer_status=answer.status)
            tries += 1
            self.wait(asked_to_wait if asked_to_wait is not None else self.manners.first_backoff * 2 ** (tries - 1))

    def _once(
        self,
        url: str,
        method: Method,
        headers: Mapping[str, str],
        limit: int,
        cut_at: int | None,
        into: Path | None = None,
    ) -> Answer:
        origin = _origin(url)
        self._permit(url)
        self._wait_turn(origin)
        self._beat()
        left = self.seconds_left()
        if left <= 0:
            raise SourceTimeOver(url=url, limit_seconds=self.manners.source_seconds)
        self.requests += 1
        try:
            answer = self._client.ask(
                url,
                method=method,
                max_bytes=limit,
                timeout=min(left, self.manners.request_seconds if into is None else self.manners.file_seconds),
                headers=headers,
                permit=self._permit,
                cut_at=cut_at,
                into=into,
                beat=self._beat,
            )
        finally:
            self._free_at[origin] = self._pace.monotonic() + self._pause(origin)
        self.bytes += len(answer.body) if into is None else into.stat().st_size
        return answer

    def _permit(self, url: str) -> None:
        origin = _origin(url)
        if self._is_permitted(origin):
            return
        if not self._robots_of(origin).allows(url):
            raise RobotsForbid(url=url, robots_url=f"{origin}/robots.txt", agent=AGENT)

    def _robots_of(self, origin: str) -> Robots:
        known = self._robots.get(origin)
        if known is not None:
            return known
        until, refusal = self._dead.get(origin, (0.0, None))
        if refusal is not None and self._pace.monotonic() < until:
            raise refusal.with_traceback(None)
        # A redirected robots.txt is asked for under its own rules only: it must not lead into a circle of permissions.
        self._robots[origin] = EVERYTHING
        url = f"{origin}/robots.txt"
        try:
            answer = self._persist(url, "GET", _NO_HEADERS, 16 * MAX_BYTES, MAX_BYTES, frozenset())
        except BaseException as fault:
            del self._robots[origin]
            if isinstance(fault, FetchFailed | TooSlow | SourceRefuses | SourceBusy):
                self._dead[origin] = self._pace.monotonic() + _DEAD_SECONDS, fault
            raise
        self._dead.pop(origin, None)
        if 200 <= answer.status < 300:
            self._robots[origin] = read_robots(answer.body.decode("utf-8", errors="replace"), AGENT)
            self._free_at[origin] = self._pace.monotonic() + self._pause(origin)
        return self._robots[origin]

    def _is_permitted(self, origin: str) -> bool:
        """Say whether the owner of this very host permits what its robots.txt does not; another's word says nothing about it."""
        return bool(self.manners.robots_permission) and urlsplit(origin).hostname == self.manners.permitted_host

    def _wait_turn(self, origin: str) -> None:
        self.wait(self._free_at.get(origin, 0.0) - self._pace.monotonic())

    def _pause(self, origin: str) -> float:
        robots = self._robots.get(origin)
        delay = robots.crawl_delay if robots and robots.crawl_delay and not self._is_permitted(origin) else 0.0
        longest = max(self.manners.longest_pause, self.manners.pause)
        return min(max(self.manners.pause, delay, self._slower.get(origin, 0.0)), longest)

    def _leave_alone(self, url: str, status: int, asked_to_wait: float | None) -> None:
        """Raise SourceBusy when a site is overloaded rather than one of its pages broken."""
        if status not in _BUSY:
            return
        origin = _origin(url)
        self._busy[origin] = self._busy.get(origin, 0) + 1
        if status == 429 or self._busy[origin] > 1:
            seconds = max(_BUSY_SECONDS, int(asked_to_wait or 0))
            raise SourceBusy(url=url, answer_status=status, retry_after_seconds=seconds)

    def _slow_down(self, origin: str) -> None:
        self._slower[origin] = max(1.0, 2 * self._pause(origin))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}"
