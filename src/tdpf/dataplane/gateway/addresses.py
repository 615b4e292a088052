"""Addresses of providers' servers: resolved here and vetted, so that Envoy never follows a name inward."""

import logging
from collections.abc import Iterable

from tdpf.dataplane.gateway.upstreams import Host
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import Resolver, may_be_reached, system_resolver

_log = logging.getLogger(__name__)


class VettedAddresses:
    """The last good addresses of every host. A host that resolves to any private address has none."""

    def __init__(self, *, allow_private: bool, resolver: Resolver = system_resolver) -> None:
        self._allow_private = allow_private
        self._resolver = resolver
        self._known: dict[Host, tuple[str, ...]] = {}
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
            if found and all(may_be_reached(address, allow_private=self._allow_private) for address in found):
                self._known[host] = found
                self._without.discard(host)
            else:
                _log.warning("%s points at an address that is not public; it is not served", host.name)
                self._known.pop(host, None)
        return before != self._known
