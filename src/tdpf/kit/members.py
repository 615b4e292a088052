"""Members of JSON values by their path: `a.b.0` is member b of member a, its first item."""

from __future__ import annotations

from typing import Any


def member_at(value: Any, path: str) -> Any:
    """Return what stands at a path, None when nothing does; a member whose whole name is the path comes first."""
    if not path:
        return value
    if isinstance(value, dict):
        if path in value:
            return value[path]
        # A name may hold dots itself: the longest one that is there wins.
        cut = path.rfind(".")
        while cut > 0:
            if path[:cut] in value:
                return member_at(value[path[:cut]], path[cut + 1 :])
            cut = path.rfind(".", 0, cut)
        return None
    if isinstance(value, list):
        first, _, rest = path.partition(".")
        if first.isascii() and first.isdecimal() and int(first) < len(value):
            return member_at(value[int(first)], rest)
    return None
