"""Names of providers for the facets of a search: the same few are asked for again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import islice

from tdpf.controlplane.members import queries as members
from tdpf.kit.text import Text

_SECONDS = 60.0
_MOST = 50_000
_AT_ONCE = 500
_UNKNOWN: tuple[float, Text | None] = (0.0, None)
_known: dict[str, tuple[float, Text | None]] = {}


def provider_names(uids: Iterable[str], *, beside: Callable[[], Iterable[str]] = tuple) -> dict[str, Text]:
    """Return the names of providers as they were within the last minute; those that are not known are left out.

    Some of `beside` are read along where a question is asked anyway, so that the next searches need not ask for theirs.
    """
    instant = time.monotonic()
    wanted = list(uids)
    lacking = [uid for uid in wanted if _known.get(uid, _UNKNOWN)[0] < instant]
    if lacking:
        if len(_known) > _MOST:
            _known.clear()
            lacking = wanted
        old = (uid for uid in beside() if _known.get(uid, _UNKNOWN)[0] < instant)
        lacking = list(dict.fromkeys((*lacking, *islice(old, _AT_ONCE))))
        names = members.names_of_parties(lacking)
        _known.update((uid, (instant + _SECONDS, names.get(uid))) for uid in lacking)
    return {uid: name for uid in wanted if (name := _known.get(uid, _UNKNOWN)[1]) is not None}
