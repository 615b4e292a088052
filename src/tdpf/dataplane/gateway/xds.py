"""The configuration files Envoy watches: written only when they change, put in place by rename."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from tdpf.kit.hashing import canonical_json, sha256_hex
from tdpf.kit.writing import write_whole


def discovery_response(resources: Sequence[dict[str, Any]]) -> bytes:
    """Return resources as an xDS DiscoveryResponse; its version is the hash of its content."""
    version = sha256_hex(canonical_json(list(resources)))[:16]
    return orjson.dumps({"version_info": version, "resources": list(resources)})


def names_written(path: Path) -> frozenset[str]:
    """Return the names of the resources that ``path`` holds; none when it is not there or is no such file."""
    try:
        return frozenset(resource["name"] for resource in orjson.loads(path.read_bytes())["resources"])
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


def write_if_changed(path: Path, resources: Sequence[dict[str, Any]]) -> bool:
    """Write the resources to ``path`` unless they are there already; return whether it was written."""
    data = discovery_response(resources)
    try:
        if path.read_bytes() == data:
            return False
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    # What is lost with the machine is written again before Envoy starts.
    write_whole(path, data, durable=False)
    return True
