"""A process of its own that reads strangers' files: told by an order what to read, it leaves a table, or its columns.

`python -m tdpf.tables.reading_apart`, the order (JSON) on its standard input, started by `kit.apart.run_apart`.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from tdpf.kit.errors import Problem
from tdpf.tables.build import build_table
from tdpf.tables.from_files import Unreadable, columns_of, rows_of
from tdpf.tables.types import field_from_dict

_MOST_MEMORY = 6 << 30
_MOST_FILE = 8 << 30


def main() -> None:
    """Carry out the order, and leave what came of it in `result`."""
    order: dict[str, Any] = orjson.loads(sys.stdin.buffer.read())
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_FILE, _MOST_FILE))
    resource.setrlimit(resource.RLIMIT_CPU, (order["seconds"], order["seconds"] + 1))
    try:
        found = _described(order) if order.get("describe") else _built(order)
    except Unreadable as fault:
        found = {"why_ja": fault.ja, "why_en": fault.en}
    except Problem as fault:
        found = {"why_ja": fault.detail_in("ja"), "why_en": fault.detail_in("en")}
    Path(order["result"]).write_bytes(orjson.dumps(found))


def _described(order: dict[str, Any]) -> dict[str, Any]:
    path = Path(order["files"][0])
    return {"columns": columns_of(path, order["format"], encoding=order["encoding"], rows_at=order["rows_at"])}


def _built(order: dict[str, Any]) -> dict[str, Any]:
    fields = [field_from_dict(column) for column in order["columns"]]
    manifest = build_table(
        _rows(order), fields, out_root=Path(order["out_root"]), identity=order["identity"],
        key_columns=order["key_columns"], name=order["name"],
    )  # fmt: skip
    return {"rows": manifest.rows}


def _rows(order: dict[str, Any]) -> Iterator[list[str | None]]:
    origins = [column["origin"] for column in order["columns"]]
    for path in order["files"]:
        yield from rows_of(Path(path), order["format"], origins, encoding=order["encoding"], rows_at=order["rows_at"])


if __name__ == "__main__":
    main()
