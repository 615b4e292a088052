"""What is asked: one GET or HEAD below `/data`, with the words of the gateway about who asks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from tdpf.wire.delivery_problems import BadParameter, QueryTooLong, RepeatedParameter

MOST_QUERY_BYTES = 8_192
MOST_PARAMETERS = 60
NOT_PART_OF_THE_QUESTION = frozenset({"apikey", "f", "lang"})


def _plain(text: str) -> str:
    return unquote(text.replace("+", " "), errors="strict")


@lru_cache(maxsize=1_024)
def plain_name(name: str) -> str:
    """Return a parameter's name without its escapes; the same few are asked for again and again. Raises UnicodeDecodeError."""
    return _plain(name)


@dataclass(slots=True)
class Request:
    """One request. `view` and `dataset` are what the gateway said (`x-tdpf-*`), None when it said nothing.

    `gathering` says that a gathered table asks. `raw` are the words that an answer to a plain GET depends on beside its path, None when there are others.
    """

    method: str
    path: str
    query: str
    accept: str | None
    language: str
    view: str | None
    dataset: str | None
    if_none_match: str | None
    if_range: str | None
    range: str | None
    request_id: str
    call: str = ""
    key: str = ""
    last_event_id: str = ""
    gathering: bool = False
    raw: tuple[str | None, ...] | None = None

    def caller(self) -> tuple[int, int]:
        """Return the application and the agreement that the gateway named, 0 for what it did not name."""
        numbers = [int(part) if part.isdecimal() else 0 for part in self.call.split(",")[:2]]
        return (numbers[0], numbers[1]) if len(numbers) == 2 else (0, 0)

    def parameters(self) -> dict[str, str]:
        """Return the query's parameters by name; raises QueryTooLong, RepeatedParameter, BadParameter."""
        if not self.query:
            return {}
        if len(self.query) > MOST_QUERY_BYTES:
            raise QueryTooLong(most_bytes=MOST_QUERY_BYTES, most_parameters=MOST_PARAMETERS)
        pieces = self.query.split("&")
        if len(pieces) > MOST_PARAMETERS:
            raise QueryTooLong(most_bytes=MOST_QUERY_BYTES, most_parameters=MOST_PARAMETERS)
        found: dict[str, str] = {}
        try:
            for piece in pieces:
                name, _, value = piece.partition("=")
                if not piece:
                    continue
                if "%" in name or "+" in name:
                    name = plain_name(name)
                if name in found:
                    raise RepeatedParameter(parameter=name[:80])
                found[name] = _plain(value) if "%" in value or "+" in value else value
        except UnicodeDecodeError:
            raise BadParameter(parameter="?", value=self.query[:80], expected="UTF-8") from None
        return found
