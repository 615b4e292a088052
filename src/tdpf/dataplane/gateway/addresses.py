"""Addresses of providers' servers: resolved here and vetted, so that Envoy never follows a name inward."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import orjson

from tdpf.dataplane.gateway.upstreams import Host
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import Resolver, may_be_reached, system_resolver
from tdpf.kit.writing import write_whole

_log = logging.getLogger(__name__)


class VettedAddresses:
    """The last good addresses of every host. A host that resolves to any private address has none.

    With ``kept`` they outlive the agent: who starts again takes nothing away from an Envoy that serves on while names are looked up.
    """

    def __init__(self, *, allow_private: bool, resolver: Resolver = system_resolver, kept: Path | None = None) -> None:
        self._allow_private = allow_private
        self._resolver = resolver
        self._kept = kept
        self._known: dict[Host, tuple[str, ...]] = self._read()
        self._without: set[Host] = set()

    @property
    def known(self) -> dict[Host, tuple[str, ...]]:
        """The vetted addresses by host."""
        return dict(self._known)

    def resolve(self, hosts: Iterable[Host], *, again: bool = True) -> bool:
        """Look every host up again; return whether any address changed. A failing lookup keeps the old addresses.

        With ``again`` false only those are looked up that never were.
        """
        before = dict(self._known)
        wanted = set(hosts)
        for host in [host for host in self._known if host not in wanted]:
            del self._known[host]
        self._without &= wanted
        for host in wanted if again else wanted - self._known.keys() - self._without:
            self._without.add(host)
            try:
                found = tuple(sorted(self._resolver(host.name, host.port)))
            except (OSError, UnicodeError, ValueError, Problem):
                _log.warning("the name %s was not found", host.name)
                continue
            if self._may_be_served(found):
                self._known[host] = found
                self._without.discard(host)
            else:
                _log.warning("%s points at an address that is not public; it is not served", host.name)
                self._known.pop(host, None)
        if before != self._known:
            self._keep()
        return before != self._known

    def _may_be_served(self, addresses: tuple[str, ...]) -> bool:
        reached = [may_be_reached(address, allow_private=self._allow_private) for address in addresses]
        return bool(reached) and all(reached)

    def _read(self) -> dict[Host, tuple[str, ...]]:
        if self._kept is None:
            return {}
        try:
            lines = orjson.loads(self._kept.read_bytes())
            found = {Host(scheme, name, port): tuple(addresses) for scheme, name, port, addresses in lines}
            return {host: addresses for host, addresses in found.items() if self._may_be_served(addresses)}
        except (OSError, ValueError, TypeError):
            return {}

    def _keep(self) -> None:
        if self._kept is None:
            return
        lines = [(host.scheme, host.name, host.port, addresses) for host, addresses in self._known.items()]
        with suppress(OSError):
            write_whole(self._kept, orjson.dumps(lines), mode=0o600, durable=False)
