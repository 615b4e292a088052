"""What is asked: one GET or HEAD below `/data`, with the words of the gateway about who asks."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from tdpf.wire.delivery_problems import BadParameter, QueryTooLong, RepeatedParameter

MOST_QUERY_BYTES = 8_192
MOST_PARAMETERS = 60
NOT_PART_OF_THE_QUESTION = frozenset({"apikey", "f", "lang"})


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
        try:
            pairs = parse_qsl(self.query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
        except UnicodeDecodeError:
            raise BadParameter(parameter="?", value=self.query[:80], expected="UTF-8") from None
        except ValueError:
            raise QueryTooLong(most_bytes=MOST_QUERY_BYTES, most_parameters=MOST_PARAMETERS) from None
        found = dict(pairs)
        if len(found) != len(pairs):
            seen: set[str] = set()
            for name, _ in pairs:
                if name in seen:
                    raise RepeatedParameter(parameter=name[:80])
                seen.add(name)
        return found
