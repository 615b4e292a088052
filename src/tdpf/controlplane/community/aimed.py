"""A correction in words: the same on the page where it is confirmed and in the letters that carry it."""

from __future__ import annotations

from collections.abc import Mapping

from tdpf.kit.text import Text

_AIMED = {
    "row": Text("行", "row"),
    "column": Text("列", "column"),
    "place": Text("場所", "place"),
}


def aimed_words(target: Mapping[str, str], text: str) -> str:
    """Return a correction as it is read first: where it points, what stands there and what should, then the words."""
    lines = [f"{name.ja} / {name.en}: {target[key]}" for key, name in _AIMED.items() if target.get(key)]
    now, rightly = target.get("current", ""), target.get("proposed", "")
    if rightly:
        lines.append(f"「{now}」→「{rightly}」" if now else f"→「{rightly}」")
    elif now:
        lines.append(f"「{now}」")
    return "\n".join(part for part in ("\n".join(lines), text) if part)
