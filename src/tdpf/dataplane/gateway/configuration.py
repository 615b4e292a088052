"""What Envoy and its module are configured by, put in place in an order in which no call meets a gap."""

from collections.abc import Sequence
from typing import Any

from tdpf.dataplane.gateway.apis import ApiUpstream, api_clusters, is_usual, listed_api
from tdpf.dataplane.gateway.connected_files import ConnectedFiles, line_of
from tdpf.dataplane.gateway.envoy_config import (
    CLUSTERS_FILE,
    LISTENERS_FILE,
    ROUTES_FILE,
    GatewaySettings,
    api_match,
    clusters,
    listeners,
    routes,
)
from tdpf.dataplane.gateway.envoy_messages import Encoded, encoded, encoded_any
from tdpf.dataplane.gateway.envoy_process import EnvoyProcess
from tdpf.dataplane.gateway.upstreams import Upstream, upstream_cluster
from tdpf.dataplane.gateway.xds import Kept, binary_response, names_written, put_if_changed, write_if_changed
from tdpf.kit.hashing import sha256_hex


def _parted(apis: Sequence[ApiUpstream]) -> tuple[list[ApiUpstream], list[ApiUpstream]]:
    """Return the usual APIs, and those with a route of their own."""
    usual: list[ApiUpstream] = []
    own: list[ApiUpstream] = []
    for api in apis:
        (usual if is_usual(api) else own).append(api)
    return usual, own


class Configuration:
    """The files of one gateway that Envoy watches, and its list of what is connected."""

    def __init__(self, settings: GatewaySettings, envoy: EnvoyProcess) -> None:
        self._settings = settings
        self._envoy = envoy
        self._connected = ConnectedFiles(settings.connected, settings.connected_mark)
        # What an earlier agent wrote: an Envoy that serves on has these.
        self._clusters = names_written(settings.folder / "xds" / CLUSTERS_FILE)
        self._put = ""
        self._usual: dict[str, ApiUpstream] = {}
        self._kept_clusters: Kept[list[Encoded]] = Kept()
        self._kept_matches: Kept[Encoded] = Kept()
        self._kept_lines: Kept[bytes] = Kept()

    def put(self, files: Sequence[Upstream], apis: Sequence[ApiUpstream], authorities: str) -> None:
        """Make these files and APIs reachable and no others; ``authorities`` as in ``clusters``."""
        folder = self._settings.folder / "xds"
        usual, own = _parted(apis)
        wanted = frozenset([*(one.cluster for one in files), *(api.cluster for api in usual)])
        all_wanted = wanted | {api.cluster for api in own}
        if not self._clusters <= all_wanted:
            # Nobody is led to a cluster that goes or has not come yet: that would answer 503.
            self._connected.put(
                [one for one in files if one.cluster in self._clusters],
                self._lines([one for one in usual if one.cluster in self._clusters] + self._until_routed(own)),
            )
        found = binary_response(self._clusters_for(files, apis, authorities))
        if sha256_hex(found) != self._put:

            def put() -> bool:
                return put_if_changed(folder / CLUSTERS_FILE, found)

            # The list acts when it is written, a route behind the clusters that were there before it: Envoy takes one file after the other.
            put() if wanted <= self._clusters else self._envoy.take_clusters(put)
            self._put = sha256_hex(found)
        self._clusters = all_wanted
        self._connected.put(files, self._lines(usual + self._until_routed(own)))
        put_if_changed(folder / ROUTES_FILE, binary_response(routes(own, of_api=self._match_for)))
        self._usual = {api.source.address: api for api in [*self._until_routed(own), *usual]}
        self._kept_clusters.settle()
        self._kept_matches.settle()
        self._kept_lines.settle()

    def _lines(self, apis: Sequence[ApiUpstream]) -> list[bytes]:
        kept = self._kept_lines
        return [kept.of(api.cluster, api.source, lambda api=api: line_of(listed_api(api))) for api in apis]  # type: ignore[misc]  # the same as below

    def _until_routed(self, own: Sequence[ApiUpstream]) -> list[ApiUpstream]:
        """Return what got a route of its own, as it was: it is called by the list until each worker has the route, which then goes before."""
        return [self._usual[api.source.address] for api in own if api.source.address in self._usual]

    def _clusters_for(
        self, files: Sequence[Upstream], apis: Sequence[ApiUpstream], authorities: str
    ) -> list[dict[str, Any] | Encoded]:
        """Return the same clusters as ``clusters``, those of providers in their binary form."""
        believed, kept = self._settings.source_authorities, self._kept_clusters
        found: list[dict[str, Any] | Encoded] = [*clusters(self._settings, control_authorities=authorities)]
        for name, one in sorted({one.cluster: one for one in files}.items()):
            found += kept.of(name, one.addresses, lambda one=one: [encoded_any(upstream_cluster(one, believed))])  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        for api in apis:
            found += kept.of(api.cluster, api, lambda api=api: [encoded_any(c) for c in api_clusters(api, believed)])  # type: ignore[misc]  # the same
        return found

    def _match_for(self, api: ApiUpstream) -> Encoded:
        return self._kept_matches.of(api.cluster, api, lambda: encoded("OnMatch", api_match(api)))

    def put_listeners(self) -> None:
        """Make the public listeners those of the settings."""
        write_if_changed(self._settings.folder / "xds" / LISTENERS_FILE, listeners(self._settings))
