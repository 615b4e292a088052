"""Entries of large shards, kept packed: a million grants as objects would fill a gateway's memory."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from tdpf.wire.messages import ShardKind, entry_of_text, split_shard


class PackedEntries:
    """The entries of one shard, checked once and made anew each time they are asked for; about 10 bytes a grant."""

    def __init__(self, kind: ShardKind, data: bytes, before: "PackedEntries | None" = None) -> None:
        """Check and pack a shard; what was in the one before is not checked again. Raises MalformedMessage."""
        known = frozenset(before.texts()) if before is not None else frozenset()
        texts = split_shard(kind, data)
        for text in texts:
            if text not in known:
                entry_of_text(kind, text)
        self.kind = kind
        self._count = len(texts)
        self._packed = zlib.compress(data, 1)

    def texts(self) -> list[bytes]:
        """Return the JSON text of each entry."""
        return split_shard(self.kind, zlib.decompress(self._packed))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Any]:
        return (entry_of_text(self.kind, text) for text in self.texts())


Entries = tuple[Any, ...] | PackedEntries


def changes(before: Entries, after: Entries) -> tuple[list[Any], list[Any]]:
    """Return the entries that only the first of two states of a shard has, and those that only the second has."""
    if isinstance(before, PackedEntries) and isinstance(after, PackedEntries):
        texts = (before.texts(), after.texts())
        old, new = (frozenset(one) for one in texts)
        return (
            [entry_of_text(before.kind, text) for text in texts[0] if text not in new],
            [entry_of_text(after.kind, text) for text in texts[1] if text not in old],
        )
    return _without(before, after), _without(after, before)


def _without(entries: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    known = frozenset(others)
    return [entry for entry in entries if entry not in known]
