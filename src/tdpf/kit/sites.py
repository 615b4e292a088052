"""Asking strangers' sites many times over kept connections, with every guarantee of `fetching` for each request."""

from __future__ import annotations

import errno
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Literal, Self
from urllib.parse import urljoin, urlsplit

import httpx

from tdpf.kit.fetching import (
    MAX_REDIRECTS,
    Deadline,
    FetchFailed,
    NotKept,
    Resolver,
    TooSlow,
    pinned_client,
    system_resolver,
    unpacked,
    unreached,
    vetted_address,
)

Method = Literal["GET", "HEAD"]

_KEPT_SITES = 8
_VETTED_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status: header names in lower case, the body unpacked; `chain` ends at `url`.

    `cut` says that the body was longer than was asked for, `hops` with which statuses the redirects came. With a `file`
    the body stands in that file, and `body` is empty.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    chain: tuple[str, ...]
    cut: bool = False
    hops: tuple[int, ...] = ()
    file: Path | None = None

    @property
    def media_type(self) -> str:
        """The media type in lower case without parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The charset that the content type names, in lower case; "" without one."""
        for part in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = part.partition("=")
            if name.strip().lower() == "charset":
                return value.strip().strip("\"'").lower()
        return ""

    @property
    def etag(self) -> str:
        """The entity tag as sent."""
        return self.headers.get("etag", "")

    @property
    def last_modified(self) -> str:
        """The date of the last change as sent."""
        return self.headers.get("last-modified", "")


@dataclass(slots=True)
class _Kept:
    client: httpx.Client
    deadline: Deadline
    vetted_until: float


class SiteClient:
    """Asks one after the other; connections stay open and pinned to the address that was vetted. For one thread."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        resolver: Resolver = system_resolver,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._allow_private = allow_private
        self._resolver = resolver
        self._headers = dict(headers)
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        while self._kept:
            self._kept.popitem()[1].client.close()

    def ask(
        self,
        url: str,
        *,
        method: Method = "GET",
        max_bytes: int,
        timeout: float = 30.0,
        headers: Mapping[str, str] = MappingProxyType({}),
        permit: Callable[[str], None] | None = None,
        cut_at: int | None = None,
        into: Path | None = None,
        beat: Callable[[], None] = lambda: None,
    ) -> Answer:
        """Ask for a URL and return the answer, also one that is an error.

        Times are seconds for everything, redirects included; `max_bytes` counts the unpacked body. `permit` is called
        with each address before it is asked and may raise. `cut_at` stops reading quietly after that many bytes. The body goes
        into the file `into` where one is named; `beat` is called with every piece of it and may raise.
        Raises AddressRefused, FetchFailed, NotKept, TooLarge, TooSlow.
        """
        end = time.monotonic() + timeout
        chain: list[str] = []
        hops: list[int] = []
        current = url
        while True:
            if current in chain:
                raise FetchFailed(url=url, why_ja="転送が堂々巡りしています", why_en="the redirects go in a circle")
            chain.append(current)
            if len(chain) > MAX_REDIRECTS + 1:
                raise FetchFailed(url=url, why_ja="転送が多すぎます", why_en="there were too many redirects")
            if permit is not None:
                permit(current)
            kept = self._to(current)
            left = end - time.monotonic()
            if left <= 0:
                raise TooSlow(url=url, limit_seconds=timeout)
            kept.deadline.at = end
            try:
                with kept.client.stream(
                    method, current, headers={**self._headers, **headers}, timeout=max(0.001, left)
                ) as answer:
                    if answer.is_redirect and answer.headers.get("location"):
                        hops.append(answer.status_code)
                        current = urljoin(current, answer.headers["location"])
                        continue
                    pieces = _in_time(unpacked(answer, url=url, max_bytes=max_bytes), url, end, timeout)
                    body, cut = (
                        (b"", _saved(pieces, into, current, beat)) if into is not None else _body(pieces, cut_at)
                    )
                    return Answer(
                        url=current,
                        status=answer.status_code,
                        headers=MappingProxyType({name.lower(): value for name, value in answer.headers.items()}),
                        body=body,
                        chain=tuple(chain),
                        cut=cut,
                        hops=tuple(hops),
                        file=into,
                    )
            except httpx.TimeoutException:
                raise TooSlow(url=url, limit_seconds=timeout) from None
            except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError) as fault:
                raise unreached(url, fault) from None

    def _to(self, url: str) -> _Kept:
        parts = urlsplit(url)
        key = (parts.scheme, parts.netloc)
        kept = self._kept.get(key)
        if kept is not None and time.monotonic() < kept.vetted_until:
            self._kept.move_to_end(key)
            return kept
        if kept is not None:
            self._kept.pop(key).client.close()
        address, _, _ = vetted_address(url, allow_private=self._allow_private, resolver=self._resolver)
        now = time.monotonic()
        deadline = Deadline(now + 30.0)
        fresh = _Kept(pinned_client(address, deadline), deadline, now + _VETTED_SECONDS)
        self._kept[key] = fresh
        while len(self._kept) > _KEPT_SITES:
            self._kept.popitem(last=False)[1].client.close()
        return fresh


def _in_time(pieces: Iterator[bytes], url: str, end: float, timeout: float) -> Iterator[bytes]:
    for piece in pieces:
        yield piece
        if time.monotonic() > end:
            raise TooSlow(url=url, limit_seconds=timeout)


def _body(pieces: Iterator[bytes], cut_at: int | None) -> tuple[bytes, bool]:
    taken = bytearray()
    for piece in pieces:
        taken += piece
        if cut_at is not None and len(taken) > cut_at:
            return bytes(taken[:cut_at]), True
    return bytes(taken), False


def _saved(pieces: Iterator[bytes], into: Path, url: str, beat: Callable[[], None]) -> bool:
    try:
        with into.open("wb") as stream:
            for piece in pieces:
                stream.write(piece)
                beat()
    except OSError as fault:
        is_full = fault.errno in (errno.ENOSPC, errno.EDQUOT)
        told = fault.strerror or type(fault).__name__
        why_ja, why_en = ("空き容量がありません", "no room is left") if is_full else (told, told)
        raise NotKept(url=url, why_ja=why_ja, why_en=why_en) from None
    return False
