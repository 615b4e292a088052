"""Events from a provider's MQTT broker: each message is JSON whose members, and levels of its topic, become columns."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson

from tdpf.dataplane.delivery.inlets.taking import Batch, Row
from tdpf.dataplane.delivery.rings import StreamEvent
from tdpf.dataplane.delivery.stream_rows import MOST_ROWS, fitted
from tdpf.kit.json_paths import value_at
from tdpf.kit.mqtt import BrokerAddress, BrokerOverbearing, Listening, Message, listen
from tdpf.kit.text import Text
from tdpf.wire.sources import ApiCredential, MqttInlet, StreamSource

MOST_PAYLOAD_BYTES = 1 << 18
_TOPIC, _PAYLOAD = "$topic", "$payload"


class MqttFetched:
    """Listens at the broker, and acknowledges what is kept."""

    def __init__(
        self,
        stream: StreamSource,
        place: MqttInlet,
        credential: ApiCredential | None,
        *,
        name: str,
        allow_private: bool,
    ) -> None:
        """`name` is the client id."""
        self._stream = stream
        self._place = place
        self._address = BrokerAddress(
            place.host, place.port, name, credential.name if credential else "",
            credential.password if credential else "", place.tls, place.certificate, kept=place.quality > 0,
            shown=credential.shown if credential else "",
        )  # fmt: skip
        self._allow_private = allow_private
        self._listening: Listening | None = None
        self._ahead: list[Message] = []
        self._due = 0.0

    def open(self, last: Sequence[StreamEvent]) -> None:  # noqa: ARG002 - the protocol's
        """Connect and subscribe; raises BrokerSilent, BrokerRefused."""
        self._ahead = []
        self._listening = listen(
            self._address,
            self._place.topics,
            quality=1 if self._place.quality else 0,
            allow_private=self._allow_private,
        )

    def take(self, seconds: float) -> Batch:
        """Return the rows of the messages that came; what is more than the stated pace of events waits at the broker."""
        assert self._listening is not None, "it was opened"
        pace, ahead = self._place.per_second, self._due - time.monotonic()
        try:
            if ahead > 0:
                self._listening.wait(min(ahead, seconds))
                return Batch()
            messages = self._ahead or self._listening.take(seconds, most=min(MOST_ROWS, pace))
        except BrokerOverbearing:
            self._forget()
            raise
        batch, count, events = Batch(), 0, 0
        while count < len(messages) and events < pace:
            _read(messages[count], self._stream, batch)
            count += 1
            events = len(batch.rows) + len(batch.again) + batch.refused
        batch.receipt, self._ahead = messages[:count], messages[count:]
        self._due = max(self._due, time.monotonic() - 1.0) + events / pace
        return batch

    def _forget(self) -> None:
        """Let the broker throw away what it keeps for us: it would send the same message again and again."""
        self.close()
        if self._address.kept:
            listen(replace(self._address, kept=False), self._place.topics, allow_private=self._allow_private).close()

    def keep(self, batch: Batch) -> None:
        """Acknowledge the messages."""
        if self._listening is not None and batch.receipt:
            self._listening.keep(batch.receipt)

    def close(self) -> None:
        """Say goodbye; the broker keeps what comes meanwhile."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None


def _read(message: Message, stream: StreamSource, batch: Batch) -> None:
    """Add the rows of a message to a batch, or note what is wrong with it."""
    if len(message.payload) > MOST_PAYLOAD_BYTES:
        _refuse(
            batch,
            message,
            "",
            Text(f"{MOST_PAYLOAD_BYTES}バイトより大きいです。", f"It is larger than {MOST_PAYLOAD_BYTES} bytes."),
        )
        return
    try:
        plain = orjson.loads(message.payload)
    except orjson.JSONDecodeError:
        _refuse(batch, message, "", Text("JSONとして読めません。", "It is not JSON."))
        return
    items = plain if isinstance(plain, list) else [plain]
    if not 1 <= len(items) <= MOST_ROWS:
        _refuse(
            batch,
            message,
            "",
            Text(f"1件から{MOST_ROWS}件までにしてください。", f"It must hold 1 to {MOST_ROWS} events."),
        )
        return
    for item in items:
        row, faults = fitted({one.name: _value(item, one.at_origin, message.topic) for one in stream.columns}, stream)
        if faults:
            _refuse(batch, message, *faults[0])
        else:
            (batch.again if message.retained else batch.rows).append(row)


def _refuse(batch: Batch, message: Message, place: str, why: Text) -> None:
    batch.refused += 1
    where = f"{message.topic[:200]} {place}".strip()
    batch.why = Text(f"メッセージが列に合いません（{where}: {why.ja}）", f"a message does not fit ({where}: {why.en})")


def _value(item: Any, origin: str, topic: str) -> Any:
    """Return what a column's origin names: `$topic`, a level of it (`$topic/2`), `$payload`, or a member's path."""
    head, _, rest = origin.partition("/")
    if head == _TOPIC:
        levels = topic.split("/")
        if not rest:
            return topic
        return levels[int(rest) - 1] if rest.isascii() and rest.isdecimal() and 0 < int(rest) <= len(levels) else None
    if origin == _PAYLOAD:
        return item
    return value_at(item, origin.removeprefix(f"{_PAYLOAD}.")) if isinstance(item, dict | list) else None


def news_of(batch: Batch, stream: StreamSource, last: Sequence[StreamEvent], newest: int) -> list[Row]:
    """Return the rows of a batch that say something new: what was sent before counts where its key's last value differs."""
    if not batch.again:
        return batch.rows
    if not stream.key_columns:
        return batch.rows if newest else [*batch.again, *batch.rows]
    known = {_key(event.row, stream): event.row for event in last}
    return [*(row for row in batch.again if known.get(_key(row, stream)) != row), *batch.rows]


def _key(row: Any, stream: StreamSource) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in stream.key_columns)
