"""Puts the names into rows that are stored as values only: many rows at once, without parsing any of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

VALUE_SEPARATOR = "\t"
"""Between two JSON values of a stored row. A tab never stands inside a JSON text, so a row is cut without a parser."""
OLD_SEPARATOR = ",\t"
"""Between two members of a stored row of rows files of version 1, which carry the names in every row."""


@dataclass(frozen=True, slots=True)
class Template:
    """How the pieces of stored rows become JSON objects.

    Every row has `width` pieces; the piece at `chosen[k]` is written after `before[k]`, and `after` ends the row.
    """

    width: int
    chosen: tuple[int, ...]
    before: tuple[bytes, ...]
    after: bytes
    separator: bytes = VALUE_SEPARATOR.encode()
    pattern: bytes = b""

    def one(self, stored: bytes) -> bytes:
        """Return one stored row as a JSON object."""
        pieces = stored.split(self.separator)
        if len(self.chosen) < self.width:
            pieces = [pieces[position] for position in self.chosen]
        return self.pattern % tuple(pieces)

    def rows(self, stored: bytes, count: int, between: bytes = b",") -> bytes:
        """Return `count` rows, stored one after the other with the separator, as JSON objects with `between` between them."""
        if count == 0:
            return b""
        pieces = stored.split(self.separator)
        steps = 2 * len(self.chosen)
        out: list[bytes] = [b""] * (steps * count)
        for place, position in enumerate(self.chosen):
            out[2 * place + 1 :: steps] = pieces[position :: self.width]
        out[0::steps] = [self.after + between + self.before[0]] * count
        for place in range(1, len(self.chosen)):
            out[2 * place :: steps] = [self.before[place]] * count
        out[0] = self.before[0]
        out.append(self.after)
        return b"".join(out)


def template(
    names: Sequence[str], *, head: Sequence[str] = (), positions: Sequence[int] | None = None, old: bool = False
) -> Template:
    """Return the template of rows with these `"name":` texts.

    `head` are the texts before the pieces that stand before the values, as id and place of a feature do; with a head the values
    are the member `properties`. `positions` are the columns to keep, None for all. `old`: the names are in the pieces.
    """
    kept = range(len(names)) if positions is None else positions
    before, opening = list(head), ',"properties":{' if head else "{"
    for number, position in enumerate(kept):
        before.append(("," if number else opening) + ("" if old else names[position]))
    after = b"}}" if head else b"}"
    pattern = b"".join(text.encode().replace(b"%", b"%%") + b"%b" for text in before) + after
    return Template(
        width=len(head) + len(names),
        chosen=(*range(len(head)), *(len(head) + position for position in kept)),
        before=tuple(text.encode() for text in before),
        after=after,
        pattern=pattern,
        separator=(OLD_SEPARATOR if old else VALUE_SEPARATOR).encode(),
    )
