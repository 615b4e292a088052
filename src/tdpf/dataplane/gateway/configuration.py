"""What Envoy and its script are configured by, put in place in an order in which no call meets a gap."""

from collections.abc import Sequence
from typing import Any

from tdpf.dataplane.gateway.apis import ApiUpstream
from tdpf.dataplane.gateway.connected_files import ConnectedFiles
from tdpf.dataplane.gateway.envoy_config import (
    CLUSTERS_FILE,
    LISTENERS_FILE,
    ROUTES_FILE,
    GatewaySettings,
    clusters,
    listeners,
    routes,
)
from tdpf.dataplane.gateway.envoy_process import EnvoyProcess
from tdpf.dataplane.gateway.upstreams import Upstream
from tdpf.dataplane.gateway.xds import names_written, write_if_changed


class Configuration:
    """The files of one gateway that Envoy watches, and its list of connected files."""

    def __init__(self, settings: GatewaySettings, envoy: EnvoyProcess) -> None:
        self._settings = settings
        self._envoy = envoy
        self._connected = ConnectedFiles(settings.connected, settings.connected_mark)
        # What an earlier agent wrote: an Envoy that serves on has these.
        self._clusters = names_written(settings.folder / "xds" / CLUSTERS_FILE)
        self._put: list[dict[str, Any]] = []

    def put(self, files: Sequence[Upstream], apis: Sequence[ApiUpstream], authorities: str) -> None:
        """Make these files and APIs reachable and no others; ``authorities`` as in ``clusters``."""
        folder = self._settings.folder / "xds"
        # Nobody is led to a cluster that goes or has not come yet: that would answer 503.
        self._connected.put(one for one in files if one.cluster in self._clusters)
        found = clusters(self._settings, files, apis, authorities)
        if found != self._put:
            self._envoy.take_clusters(lambda: write_if_changed(folder / CLUSTERS_FILE, found))
            self._put = found
        self._clusters = frozenset(one.cluster for one in files)
        self._connected.put(files)
        write_if_changed(folder / ROUTES_FILE, routes(apis))

    def put_listeners(self) -> None:
        """Make the public listeners those of the settings."""
        write_if_changed(self._settings.folder / "xds" / LISTENERS_FILE, listeners(self._settings))
