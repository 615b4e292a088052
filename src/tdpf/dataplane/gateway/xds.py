"""The configuration files Envoy watches: written only when they change, put in place by rename.

A file whose name ends in ``.pb`` holds the message in its binary form, which Envoy reads in a third of the time it takes for JSON.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import orjson

from tdpf.dataplane.gateway.envoy_messages import Encoded, encoded, fields
from tdpf.kit.hashing import canonical_json, sha256_hex
from tdpf.kit.writing import write_whole

BINARY = ".pb"
T = TypeVar("T")


def discovery_response(resources: Sequence[dict[str, Any]]) -> bytes:
    """Return resources as an xDS DiscoveryResponse; its version is the hash of its content."""
    version = sha256_hex(canonical_json(list(resources)))[:16]
    return orjson.dumps({"version_info": version, "resources": list(resources)})


def binary_response(resources: Sequence[dict[str, Any] | Encoded]) -> bytes:
    """Return the same in its binary form; what is encoded already is taken as it is."""
    content = encoded("DiscoveryResponse", {"resources": resources})
    return encoded("DiscoveryResponse", {"version_info": sha256_hex(content)[:16]}) + content


def names_written(path: Path) -> frozenset[str]:
    """Return the names of the resources that ``path`` (binary) holds; none when it is not there or is no such file."""
    try:
        carried = [dict(fields(data)) for number, data in fields(path.read_bytes()) if number == 2]
        return frozenset(dict(fields(one[2]))[1].decode() for one in carried)
    except (OSError, ValueError, LookupError):
        return frozenset()


def write_if_changed(path: Path, resources: Sequence[dict[str, Any]]) -> bool:
    """Write the resources to ``path``, in the form its name says, unless they are there already; return whether it was written."""
    return put_if_changed(path, (binary_response if path.suffix == BINARY else discovery_response)(resources))


def put_if_changed(path: Path, data: bytes) -> bool:
    """Write a response to ``path`` unless it is there already; return whether it was written."""
    try:
        if path.read_bytes() == data:
            return False
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    # What is lost with the machine is written again before Envoy starts.
    write_whole(path, data, durable=False)
    return True


class Kept(Generic[T]):
    """The binary forms of what was configured last, by name: with many APIs, only the one that changed is made anew."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[object, T]] = {}
        self._used: dict[str, tuple[object, T]] = {}

    def of(self, name: str, source: object, make: Callable[[], T]) -> T:
        """Return what was made for that name from an equal source, else make it."""
        known = self._kept.get(name)
        if known is None or (known[0] is not source and known[0] != source):
            known = (source, make())
        self._used[name] = known
        return known[1]

    def settle(self) -> None:
        """Forget what was not asked for since the last time."""
        self._kept, self._used = self._used, {}
