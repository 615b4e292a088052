"""Sending to addresses that strangers name, under the same guard as fetching from them."""

from __future__ import annotations

import time
from collections.abc import Mapping

import httpx

from tdpf.kit.fetching import Deadline, Resolver, TooSlow, pinned_client, system_resolver, unreached, vetted_address


def post(
    url: str,
    *,
    body: bytes,
    headers: Mapping[str, str],
    timeout: float = 15.0,
    allow_private: bool = False,
    resolver: Resolver = system_resolver,
) -> int:
    """Send a body once and return the status; redirects are not followed and the answer's body is not read.

    `timeout` is seconds for everything. Raises AddressRefused, FetchFailed, TooSlow.
    """
    deadline = Deadline(time.monotonic() + timeout)
    address, _, _ = vetted_address(url, allow_private=allow_private, resolver=resolver)
    try:
        with (
            pinned_client(address, deadline) as client,
            client.stream("POST", url, content=body, headers=dict(headers)) as answer,
        ):
            return answer.status_code
    except httpx.TimeoutException:
        raise TooSlow(url=url, limit_seconds=timeout) from None
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise unreached(url, fault) from None
