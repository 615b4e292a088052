"""What is asked: one GET or HEAD below `/data`, with the words of the gateway about who asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from tdpf.dataplane.delivery.formats import language_of
from tdpf.wire.delivery_problems import BadParameter, QueryTooLong, RepeatedParameter

MOST_QUERY_BYTES = 8_192
MOST_PARAMETERS = 60
GATHERING = "tdpf-gathering"
"""The header by which a gathering says what it is, so that no gathered table answers it."""
NOT_PART_OF_THE_QUESTION = frozenset({"apikey", "f", "lang"})


def _plain(text: str) -> str:
    return unquote(text.replace("+", " "), errors="strict")


@lru_cache(maxsize=1_024)
def plain_name(name: str) -> str:
    """Return a parameter's name without its escapes; the same few are asked for again and again. Raises UnicodeDecodeError."""
    return _plain(name)


@dataclass(slots=True)
class Request:
    """One request. Its headers are read with `get` when they are asked for: reading all of them costs as much as finding a row.

    `raw` are the words that an answer to a plain GET depends on beside its path, None when there are others.
    """

    method: str
    path: str
    query: str
    get: Callable[[str], str | None]
    raw: tuple[str | None, ...] | None = None

    @property
    def accept(self) -> str | None:
        """The media types the caller takes."""
        return self.get("accept")

    @property
    def language(self) -> str:
        """The language of what is said: "ja" or "en"."""
        return language_of(self.get("accept-language"))

    @property
    def view(self) -> str | None:
        """The view that the gateway granted, None when it said nothing."""
        return (self.get("x-tdpf-view") or "").partition(",")[0] or None

    @property
    def dataset(self) -> str | None:
        """The dataset that the gateway admitted to, None when it said nothing."""
        return (self.get("x-tdpf-view") or "").partition(",")[2] or None

    @property
    def if_none_match(self) -> str | None:
        """The entity tags that the caller has."""
        return self.get("if-none-match")

    @property
    def if_range(self) -> str | None:
        """The entity tag for which a part is wanted."""
        return self.get("if-range")

    @property
    def range(self) -> str | None:
        """The part that is wanted."""
        return self.get("range")

    @property
    def request_id(self) -> str:
        """The gateway's number of the call."""
        return self.get("x-request-id") or ""

    @property
    def key(self) -> str:
        """The number of the key that was shown."""
        return self.get("x-tdpf-key") or ""

    @property
    def last_event_id(self) -> str:
        """The last event that a follower of a stream has seen."""
        return self.get("last-event-id") or ""

    @property
    def gathering(self) -> bool:
        """Whether a gathered table asks."""
        return self.get(GATHERING) is not None

    def caller(self) -> tuple[int, int]:
        """Return the application and the agreement that the gateway named, 0 for what it did not name."""
        numbers = [int(part) if part.isdecimal() else 0 for part in (self.get("x-tdpf-call") or "").split(",")[:2]]
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
