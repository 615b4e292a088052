"""Asking an address once to see whether it answers, under the same guard as fetching from it."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from tdpf.kit.fetching import (
    Deadline,
    Resolver,
    TooLarge,
    TooSlow,
    pinned_client,
    system_resolver,
    unpacked,
    unreached,
    vetted_address,
)


@dataclass(frozen=True, slots=True)
class Probed:
    """What came back: status, media type, the body as far as it was read, and the time until then in milliseconds."""

    status: int
    media_type: str
    body: bytes
    milliseconds: int


def probe(
    url: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    max_bytes: int = 1 << 20,
    timeout: float = 15.0,
    allow_private: bool = False,
    resolver: Resolver = system_resolver,
    context: ssl.SSLContext | None = None,
) -> Probed:
    """Ask once; redirects are not followed, and of a larger body `max_bytes` are read at most.

    `timeout` is seconds for everything; `context` None checks servers as everybody does. Raises AddressRefused, FetchFailed, TooSlow.
    """
    started = time.monotonic()
    deadline = Deadline(started + timeout)
    address, _, _ = vetted_address(url, allow_private=allow_private, resolver=resolver)
    whole = bytearray()
    try:
        with (
            pinned_client(address, deadline, context) as client,
            client.stream(method, url, content=body, headers=dict(headers or {})) as answer,
        ):
            try:
                for piece in unpacked(answer, url=url, max_bytes=max_bytes):
                    whole += piece
            except TooLarge:
                pass
            return Probed(
                status=answer.status_code,
                media_type=answer.headers.get("content-type", "").split(";")[0].strip().lower(),
                body=bytes(whole),
                milliseconds=int((time.monotonic() - started) * 1000),
            )
    except httpx.TimeoutException:
        raise TooSlow(url=url, limit_seconds=timeout) from None
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise unreached(url, fault) from None
