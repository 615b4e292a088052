"""Values inside JSON by their path: `a.b.0` is the first item of what `b` of `a` holds."""

from __future__ import annotations

from typing import Any


def value_at(value: Any, path: str) -> Any:
    """Return what stands at a path, None when nothing does; a name that is the whole path comes first."""
    if not path:
        return value
    if isinstance(value, dict):
        if path in value:
            return value[path]
        # A name may hold dots itself: the longest one that is there wins.
        cut = path.rfind(".")
        while cut > 0:
            if path[:cut] in value:
                return value_at(value[path[:cut]], path[cut + 1 :])
            cut = path.rfind(".", 0, cut)
        return None
    if isinstance(value, list):
        first, _, rest = path.partition(".")
        if first.isascii() and first.isdecimal() and int(first) < len(value):
            return value_at(value[int(first)], rest)
    return None
