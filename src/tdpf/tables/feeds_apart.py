"""A process of its own that reads strangers' GTFS Realtime feeds: told by an order which, it leaves the rows, one a line.

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

MOST_ROWS = 200_000
MOST_BYTES = 128 << 20
_MOST_MEMORY = 2 << 30
_MOST_FILE = 2 * MOST_BYTES


def main() -> None:
    """Carry out the order: the rows with the named columns, and what came of it in `result`."""
    order: dict[str, Any] = orjson.loads(sys.stdin.buffer.read())
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_FILE, _MOST_FILE))
    resource.setrlimit(resource.RLIMIT_CPU, (order["seconds"], order["seconds"] + 1))
    found: dict[str, Any]
    try:
        found = {"rows": _write(order)}
    except NotAFeed as fault:
        found = {"why_ja": fault.ja, "why_en": fault.en}
    Path(order["result"]).write_bytes(orjson.dumps(found))


def _write(order: dict[str, Any]) -> int:
    columns, count, size = order["columns"], 0, 0
    with Path(order["rows"]).open("wb") as rows:
        for row in rows_of_feed(Path(order["file"]), order["feed"]):
            count += 1
            size += rows.write(orjson.dumps({name: row.get(name) for name in columns}) + b"\n")
            if count > MOST_ROWS or size > MOST_BYTES:
                raise NotAFeed(
                    f"{MOST_ROWS:,} 行または {MOST_BYTES >> 20} MB を超えるフィードは読めません",
                    f"it holds more than {MOST_ROWS:,} rows or {MOST_BYTES >> 20} MB",
                )
    return count


if __name__ == "__main__":
    main()
