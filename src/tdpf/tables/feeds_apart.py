"""A process of its own that reads strangers' GTFS Realtime feeds: told by an order which, it leaves the rows.

`python -m tdpf.tables.feeds_apart`, the order (JSON) on its standard input, started by `kit.apart.run_apart`. It begins quickly:
a feed is read many times an hour.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Any

import orjson

from tdpf.tables.gtfs_rt import NotAFeed, rows_of_feed

_MOST_MEMORY = 2 << 30
_MOST_FILE = 1 << 30


def main() -> None:
    """Carry out the order, and leave what came of it in `result`."""
    order: dict[str, Any] = orjson.loads(sys.stdin.buffer.read())
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_FILE, _MOST_FILE))
    resource.setrlimit(resource.RLIMIT_CPU, (order["seconds"], order["seconds"] + 1))
    found: dict[str, Any]
    try:
        found = {"rows": list(rows_of_feed(Path(order["file"]), order["feed"]))}
    except NotAFeed as fault:
        found = {"why_ja": fault.ja, "why_en": fault.en}
    Path(order["result"]).write_bytes(orjson.dumps(found))


if __name__ == "__main__":
    main()
