"""Making a new grant table: how large, its header, and filling it."""

import contextlib
import dataclasses
import os
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tdpf.wire import grant_layout as layout
from tdpf.wire.grant_slots import Periods, Use
from tdpf.wire.grant_table import GrantTable
from tdpf.wire.messages import Collection, GrantEntry, KeyEntry


def slots_for(entries: int) -> int:
    """Return how many slots a section gets for this many entries: room to grow when small, 7/5 when large."""
    return max(1024, entries * 2) if entries < 100_000 else entries * 7 // 5


def create_table(
    path: Path,
    *,
    keys: int,
    slugs: int,
    grants: int,
    generation: int,
    hash_seed: int,
) -> GrantTable:
    """Make an empty table with room for this many entries at ``path`` (which must not be in use) and map it."""

    def aligned(offset: int) -> int:
        return (offset + 63) // 64 * 64

    counts = {"collection": slots_for(slugs), "key": slots_for(keys), "grant": slots_for(grants)}
    collection_offset = layout.HEADER_BYTES
    key_offset = aligned(collection_offset + counts["collection"] * layout.COLLECTION_SLOT_BYTES)
    grant_offset = aligned(key_offset + counts["key"] * layout.KEY_SLOT_BYTES)
    size = aligned(grant_offset + counts["grant"] * layout.GRANT_SLOT_BYTES)
    fields: dict[str, Any] = {
        "magic": layout.MAGIC,
        "format": layout.FORMAT_VERSION,
        "header_bytes": layout.HEADER_BYTES,
        "generation": generation,
        "file_bytes": size,
        "hash_seed": hash_seed,
        "max_probes": layout.MAX_PROBES,
        "collection_offset": collection_offset,
        "collection_slots": counts["collection"],
        "key_offset": key_offset,
        "key_slots": counts["key"],
        "grant_offset": grant_offset,
        "grant_slots": counts["grant"],
    }
    header = bytearray(layout.HEADER_BYTES)
    for name, value in fields.items():
        offset, code = layout.HEADER[name]
        struct.pack_into("<" + code, header, offset, value)
    check_offset, check_code = layout.HEADER["header_check"]
    check = layout.check_of(bytes(header[: layout.HEADER_STATIC_BYTES]))
    struct.pack_into("<" + check_code, header, check_offset, check)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, size)
        os.pwrite(descriptor, header, 0)
    finally:
        os.close(descriptor)
    return GrantTable(path)


def without_aliases(entry: Collection) -> Collection:
    """Return the entry as a slot tells it: aliases are slots of their own."""
    return dataclasses.replace(entry, aliases=())


def fill_table(
    table: GrantTable,
    *,
    keys: Iterable[KeyEntry],
    collections: Iterable[Collection],
    grants: Iterable[GrantEntry],
    periods: Periods,
    carried: Callable[[GrantEntry], Use] | None = None,
) -> None:
    """Put all entries into a new table; ``carried`` says what a grant has used already."""
    for collection in collections:
        table.put_collection(collection)
    for key in keys:
        table.put_key(key)
    for grant in grants:
        table.put_grant(grant, periods, carried(grant) if carried else None)
        # Nobody has looked at this table yet: its first reader looks at every slot.
        table.touched.clear()
        table.new_shares.clear()
    table.set(prepared_day=periods.day + 1, prepared_month=periods.month + 1)


def mark_replaced(path: Path) -> None:
    """Tell the readers of the file at ``path``, whole or not, to look for its successor."""
    offset, code = layout.HEADER["successor"]
    with contextlib.suppress(FileNotFoundError), path.open("r+b") as stream:
        if os.fstat(stream.fileno()).st_size >= layout.HEADER_BYTES:
            os.pwrite(stream.fileno(), struct.pack("<" + code, 1), offset)
