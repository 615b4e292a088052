"""Connected files and usual APIs: where each is, in a list that the module reads.

The list has a line for each, tab-separated: its address below ``/data/files/`` (or ``/data/apis/``) as it stands in a path, the cluster, the Host
header, and the path with its query at the provider; of an API what its paths begin with there, and its operations: pattern, value of Allow, ``call``. It is replaced by rename. The mark is a number of 32 bits that the module maps:
raised behind each new list, it tells it to read that. So they cost Envoy no route, and one more acts without new routes.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from tdpf.dataplane.gateway.upstreams import Upstream
from tdpf.kit.writing import write_whole

_MARK_BYTES = 4


def connected_list(upstreams: Iterable[Upstream], apis: Iterable[bytes] = ()) -> bytes:
    """Return the list of these files, and of usual APIs by their lines; what would break a line is left out."""
    files = (
        (f"{upstream.slug}/{quote(upstream.file)}", upstream.cluster, upstream.host.authority, upstream.target)
        for upstream in upstreams
    )
    lines = [line_of(line) for line in files if not any(mark < " " for part in line for mark in part)]
    return b"".join([*lines, *apis])


def line_of(words: Iterable[str]) -> bytes:
    """Return a line of the list; none when a word is empty or would break it."""
    said = tuple(words)
    broken = not all(said) or any(mark in word for word in said for mark in "\t\n")
    return b"" if broken else "\t".join(said).encode() + b"\n"


class ConnectedFiles:
    """The list and the mark of one gateway."""

    def __init__(self, listed: Path, mark: Path) -> None:
        self._listed = listed
        self._mark = mark
        self._there: bytes | None = None

    def put(self, upstreams: Iterable[Upstream], apis: Iterable[bytes] = ()) -> None:
        """Make the module know these files and usual APIs and no others."""
        data = connected_list(upstreams, apis)
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
