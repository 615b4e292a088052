"""Connected files: from where each is fetched, in a list that the module reads.

The list has a line for each file, tab-separated: its address below ``/data/files/`` as it stands in a path, the cluster, the Host
header, and the path with its query at the provider. It is replaced by rename. The mark is a number of 32 bits that the module maps:
raised behind each new list, it tells it to read that. So a file costs Envoy no route, and one more acts without a new configuration.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from tdpf.dataplane.gateway.upstreams import Upstream
from tdpf.kit.writing import write_whole

_MARK_BYTES = 4


def connected_list(upstreams: Iterable[Upstream]) -> bytes:
    """Return the list of these files; what would break a line is left out."""
    lines = (
        (f"{upstream.slug}/{quote(upstream.file)}", upstream.cluster, upstream.host.authority, upstream.target)
        for upstream in upstreams
    )
    return b"".join(
        "\t".join(line).encode() + b"\n"
        for line in lines
        if all(part and not any(mark < " " for mark in part) for part in line)
    )


class ConnectedFiles:
    """The list and the mark of one gateway."""

    def __init__(self, listed: Path, mark: Path) -> None:
        self._listed = listed
        self._mark = mark
        self._there: bytes | None = None

    def put(self, upstreams: Iterable[Upstream]) -> None:
        """Make the module know these files and no others."""
        data = connected_list(upstreams)
        # What lies there from an earlier run may be newer than the mark.
        if data == self._there:
            return
        write_whole(self._listed, data, mode=0o600, durable=False)
        self._raise_mark()
        self._there = data

    def _raise_mark(self) -> None:
        # Envoy has the mark mapped: it is never replaced or made shorter.
        descriptor = os.open(self._mark, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            number = int.from_bytes(os.pread(descriptor, _MARK_BYTES, 0), "little")
            os.pwrite(descriptor, ((number + 1) % 2**32).to_bytes(_MARK_BYTES, "little"), 0)
        finally:
            os.close(descriptor)
