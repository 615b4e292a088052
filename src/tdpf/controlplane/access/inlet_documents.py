"""Reading the documents of streams, and where their events are fetched (取り込み口): pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from types import MappingProxyType

from tdpf.controlplane.access.documents import (
    Fault,
    certificate_faults,
    is_file_address,
    must_be_faultless,
    stream_faults,
    typed,
    with_written_certificate,
)
from tdpf.controlplane.access.source_types import DocumentCredential, StreamDocument
from tdpf.wire.sources import FeedInlet, MqttInlet

HOST = re.compile(
    r"(?=.{1,253}\Z)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z"
)
MOST_TOPICS = 20
_RANGES = MappingProxyType(
    {"mqtt.per_second": (1, 10_000), "feed.every_seconds": (10, 3600), "feed.most_bytes": (1 << 10, 256 << 20)}
)


def read_stream_document(plain: object) -> StreamDocument:
    """Return the document of a stream; raises SourceInvalid with an error for each fault."""
    document = typed(StreamDocument, plain)
    must_be_faultless(chain(stream_faults(document), _inlet_faults(document)))
    return with_written_certificate(document)


def _inlet_faults(document: StreamDocument) -> Iterator[Fault]:
    if document.mqtt is not None and document.feed is not None:
        yield "feed", "取り込み口は一つだけです。", "A stream has one inlet."
    if document.mqtt is not None:
        yield from _mqtt_faults(document.mqtt)
    if document.feed is not None:
        yield from _feed_faults(document.feed)
    if document.payload != "rows" and (document.mqtt or document.feed):
        yield "payload", "payload は、機器から届くストリームだけのものです。", "The payload is of pushed streams only."
    kinds = ("basic", "certificate") if document.mqtt else ("header", "query", "basic", "certificate")
    asked = document.credential
    if asked is not None and not (document.mqtt or document.feed):
        yield "credential", "機器は送信トークンで送ります。", "Devices push with tokens."
    elif asked is not None and asked.kind not in kinds:
        yield "credential.kind", f"認証は {'、'.join(kinds)} です。", f"The credential is {', '.join(kinds)}."
    elif asked is not None and asked.kind == "certificate":
        yield from certificate_faults(asked)
        yield from _showing_faults(document, asked)
    elif asked is not None and not (1 <= len(asked.name) <= 200 and asked.name.isprintable()):
        yield "credential.name", "アカウントの名前を入力してください。", "Name the account."
    elif asked is not None and asked.kind == "header" and not re.fullmatch(r"[a-z0-9-]{1,100}", asked.name):
        yield (
            "credential.name",
            "ヘッダーの名前は小文字の英数字です。",
            "A header's name is lower-case letters and digits.",
        )
    for number, column in enumerate(document.columns):
        if len(column.origin) > 200 or not (column.origin == "" or column.origin.isprintable()):
            yield f"columns[{number}].origin", "元の場所は200文字以内です。", "Keep the origin within 200 characters."


def _showing_faults(document: StreamDocument, asked: DocumentCredential) -> Iterator[Fault]:
    if document.mqtt is not None and document.mqtt.tls == "off":
        yield "mqtt.tls", "証明書を見せるには暗号化が要ります。", "A certificate is shown in TLS only."
    if document.feed is not None and not document.feed.url.startswith("https://"):
        yield "feed.url", "証明書を見せる相手は https のURLです。", "A certificate is shown to an https address only."
    if len(asked.name) > (200 if document.mqtt else 0) or not asked.name.isprintable():
        yield "credential.name", "この名前は使えません。", "This name cannot be used."


def _mqtt_faults(inlet: MqttInlet) -> Iterator[Fault]:
    if HOST.match(inlet.host) is None:
        yield (
            "mqtt.host",
            "ブローカーの名前を入力してください（例: mqtt.example.jp）。",
            "Name the broker, such as mqtt.example.jp.",
        )
    if len(inlet.topics) > MOST_TOPICS:
        yield "mqtt.topics", f"トピックは{MOST_TOPICS}までです。", f"At most {MOST_TOPICS} topics."
    for number, topic in enumerate(inlet.topics):
        if not _is_filter(topic):
            yield f"mqtt.topics[{number}]", "トピックは city/+/state の形です。", "A topic looks like city/+/state."
    if not re.fullmatch(r"[!-~]{0,128}", inlet.client_id):
        yield "mqtt.client_id", "クライアントIDは英数字・記号で128文字以内です。", "A client id is ASCII, 128 at most."
    if len(inlet.certificate) > 20_000:
        yield "mqtt.certificate", "証明書が長すぎます。", "The certificate is too long."
    yield from _out_of_range("mqtt.per_second", inlet.per_second)


def _feed_faults(inlet: FeedInlet) -> Iterator[Fault]:
    if not is_file_address(inlet.url):
        yield "feed.url", "フィードの http(s) のURLを入力してください。", "Give the feed's http(s) address."
    yield from _out_of_range("feed.every_seconds", inlet.every_seconds)
    yield from _out_of_range("feed.most_bytes", inlet.most_bytes)


def _out_of_range(place: str, value: int) -> Iterator[Fault]:
    least, most = _RANGES[place]
    if not least <= value <= most:
        yield place, f"{least}〜{most} にしてください。", f"Keep it between {least} and {most}."


def _is_filter(topic: str) -> bool:
    """Say whether a text is a topic filter (MQTT 3.1.1 §4.7)."""
    levels = topic.split("/")
    whole = all(level in ("+", "#") or not set(level) & set("+#") for level in levels)
    return 1 <= len(topic) <= 1000 and topic.isprintable() and whole and "#" not in levels[:-1]


def same_inlet_receiver(old: StreamDocument, new: StreamDocument) -> bool:
    """Say whether a kept secret may go on to be sent: to the same server, encrypted in the same way."""

    def receiver(document: StreamDocument) -> tuple[object, ...]:
        kind = document.credential and document.credential.kind
        if document.mqtt is not None:
            place = document.mqtt
            return "mqtt", place.host.lower(), place.port, place.tls, place.certificate, kind
        return ("feed", *document.feed.url.split("/")[:3], kind) if document.feed is not None else ()

    return receiver(old) == receiver(new)
