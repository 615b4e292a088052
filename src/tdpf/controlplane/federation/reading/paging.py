"""Watching a source's pages: whether they repeat, run in a circle, or bring more than can be true."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from tdpf.controlplane.federation.reading.taking import SAME_KEY, Taking
from tdpf.controlplane.federation.types import LeftOut, ReadRecord
from tdpf.kit.text import Text

_SLACK = 1000
_MOST_EMPTY = 3


class PageWatch:
    """Sees every page of one run; keeps eight bytes per record, so that a million records are no burden."""

    def __init__(self, *, max_records: int, taken: int = 0) -> None:
        self.taken = taken
        self._max_records = max_records
        self._steps: set[int] = set()
        self._bodies: set[int] = set()
        self._keys: dict[int, int] = {}
        self._empty = 0

    def is_over(self, records: int) -> bool:
        """Say whether a page of so many records is the end whatever it calls the next one.

        One empty page may be a hiccup or a filter of the server's with more behind it; many servers name a next page for ever.
        """
        self._empty = 0 if records else self._empty + 1
        return self._empty >= _MOST_EMPTY

    def fault_of(self, *, step: str, content: str, records: int, announced: int | None) -> Text | None:
        """Return why the paging must not go on, None while it is sound.

        `step` is where the page stands (offset, address of the next page), `content` what it holds without what
        changes by the minute (its keys), `records` how many it holds, `announced` how many the source says it has.
        """
        mark = _short(step.encode("utf-8", "replace"))
        if mark in self._steps:
            return Text("次のページが前に読んだページを指しています", "the next page is one that was read before")
        self._steps.add(mark)
        if records:
            digest = _short(content.encode("utf-8", "replace"))
            if digest in self._bodies:
                return Text("同じ内容のページが繰り返されています", "the same page comes again and again")
            self._bodies.add(digest)
        self.taken += records
        if announced is not None and announced >= 0 and self.taken > 2 * announced + _SLACK:
            return Text(
                f"件数は {announced} 件のはずですが、{self.taken} 件を超えて続いています",
                f"{announced} records were announced, but more than {self.taken} came",
            )
        return self.too_many() if self.taken > self._max_records else None

    def too_many(self) -> Text:
        """Return why a run stops that brings more records than one run may."""
        return Text(
            f"1回の収集の上限 {self._max_records} 件を超えました",
            f"the limit of {self._max_records} records for one run was passed",
        )

    def once(self, records: Iterable[ReadRecord]) -> tuple[list[ReadRecord], list[LeftOut]]:
        """Return each record once; one that has the key of another but other content is a fault, the first one stands."""
        kept: list[ReadRecord] = []
        faults: list[LeftOut] = []
        for record in records:
            key = _short(record.stated.record_id.encode("utf-8", "replace"))
            content = _short(record.original.encode("utf-8", "replace"))
            known = self._keys.setdefault(key, content)
            if known is not content and known != content:
                faults.append(Taking(record.where, record.stated.record_id).refusal("same-key", SAME_KEY))
            elif known is content:
                kept.append(record)
        return kept, faults

    @property
    def distinct(self) -> int:
        """How many different records were seen in this process."""
        return len(self._keys)


def _short(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big")
