"""What a snapshot makes a gateway reach outside. Pure."""

from tdpf.dataplane.gateway.apis import hosts_of
from tdpf.dataplane.gateway.upstreams import Host, host_of
from tdpf.dataplane.snapshots import Snapshot


def reached(snapshot: Snapshot | None) -> tuple[object, ...]:
    """What of a snapshot is reached at providers: the shards, which are the same objects while they do not change."""
    if snapshot is None:
        return ()
    return tuple(entries for (kind, _), entries in snapshot.shards.items() if kind in ("passthroughs", "apis"))


def hosts(snapshot: Snapshot) -> set[Host]:
    """Return every provider's server that a snapshot names."""
    through = {host_of(entry.url) for entry in snapshot.passthroughs}
    return through | {host for source in snapshot.apis for host in hosts_of(source)}
