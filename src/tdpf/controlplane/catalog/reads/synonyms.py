"""The table of administrative words that operators tend, and the one that searches use: theirs with the shipped one."""

from __future__ import annotations

import threading
import time
from datetime import datetime

from django.db.models import Count, Max

from tdpf.controlplane.catalog import errors
from tdpf.controlplane.catalog.models import SynonymGroup
from tdpf.controlplane.catalog.search.synonyms import Synonyms, merged, synonyms
from tdpf.controlplane.catalog.search.types import SynonymEntry

_LOOK_EVERY = 3.0
_lock = threading.Lock()
_used: tuple[tuple[int, datetime | None], Synonyms] | None = None
_looked_at = 0.0


def synonym_groups() -> tuple[SynonymEntry, ...]:
    """Return the operators' groups, the one changed last first."""
    return tuple(_entry(group) for group in SynonymGroup.objects.order_by("-changed_at", "-pk"))


def get_synonyms(uid: str) -> SynonymEntry:
    """Return one of the operators' groups. Raises SynonymsUnknown."""
    group = SynonymGroup.objects.filter(uid=uid).first()
    if group is None:
        raise errors.SynonymsUnknown(uid=uid)
    return _entry(group)


def synonyms_with(wide: str, words: tuple[str, ...], *, uid: str = "") -> Synonyms:
    """Return the words that searches would use if a group were added, or took the place of the one of that uid."""
    others = [(group.wide, tuple(group.words)) for group in SynonymGroup.objects.exclude(uid=uid).order_by("pk")]
    return merged(synonyms(), [*others, (wide, words)])


def current_synonyms() -> Synonyms:
    """Return the words that searches use now; the operators' table is looked at every three seconds."""
    global _used, _looked_at
    with _lock:
        if _used is not None and time.monotonic() - _looked_at < _LOOK_EVERY:
            return _used[1]
        told = SynonymGroup.objects.aggregate(number=Count("pk"), last=Max("changed_at"))
        mark = (told["number"], told["last"])
        if _used is None or _used[0] != mark:
            groups = [(group.wide, tuple(group.words)) for group in SynonymGroup.objects.order_by("pk")]
            _used = (mark, merged(synonyms(), groups) if groups else synonyms())
        _looked_at = time.monotonic()
        return _used[1]


def forget_synonyms() -> None:
    """Look at the table at the next search, whenever it was looked at last."""
    global _looked_at
    _looked_at = 0.0


def _entry(group: SynonymGroup) -> SynonymEntry:
    return SynonymEntry(
        uid=group.uid, wide=group.wide, words=tuple(group.words), note=group.note, changed_at=group.changed_at
    )
