"""Listening at MQTT brokers that strangers name (OASIS MQTT 3.1.1), spoken by paho: a vetted address, encrypted as agreed.

Nothing is ever published. A message is acknowledged when the caller says that it is kept, so with quality of service 1 nothing
is lost between the two.
"""

from __future__ import annotations

import logging
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from tdpf.kit.certificates import show
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import Resolver, may_be_reached, system_resolver
from tdpf.kit.text import Text
from tdpf.kit.unreached import why_unreached

Tls = Literal["verify", "encrypt", "off"]

KEEPALIVE_SECONDS = 30
LARGEST_PACKET_BYTES = 8 << 20
_MOST_AT_ONCE = 500
_MOST_HELD_BYTES = 4 * LARGEST_PACKET_BYTES
_MOST_UNSENT = 10_000
_CONNACK, _PUBLISH, _SUBACK, _PINGRESP = 0x20, 0x30, 0x90, 0xD0
_TWICE = 0b100
# What is wrong is told in Problems.
logging.getLogger("paho").setLevel(logging.CRITICAL)
_GATHER_SECONDS = 0.02


class BrokerRefused(Problem):
    """The broker's address, its way of encrypting, or what it answers is not accepted."""

    code: ClassVar[str] = "brokers/refused"
    status: ClassVar[int] = 422
    title = Text("このブローカーにはつなげません", "This broker cannot be connected")
    detail = Text("{host} にはつなげません: {why_ja}", "{host} cannot be connected: {why_en}")
    cure = Text(
        "インターネットから届くサーバーの名前、アカウントとパスワード、購読を許すトピック、暗号化の設定を確かめてください。",
        "Check that the server can be reached from the internet, the account, the topics it may read, and how it encrypts.",
    )


class BrokerSilent(Problem):
    """The broker could not be reached, or the connection broke."""

    code: ClassVar[str] = "brokers/silent"
    status: ClassVar[int] = 502
    title = Text("ブローカーから答えがありません", "The broker does not answer")
    detail = Text("{host} へつながりませんでした: {why_ja}", "{host} could not be reached: {why_en}")
    cure = Text(
        "サーバーが動いているか、この基盤からの接続を許しているかを確かめてください。",
        "Check that the server runs and lets this platform in.",
    )


class BrokerOverbearing(Problem):
    """A message is larger than what is read at all."""

    code: ClassVar[str] = "brokers/overbearing"
    status: ClassVar[int] = 502
    title = Text("ブローカーのメッセージが大きすぎます", "The broker's message is too large")
    detail = Text(
        "{host} から {most_bytes} バイトを超えるメッセージが届きました。届いていないメッセージとともに捨てました。",
        "{host} sent a message of more than {most_bytes} bytes. It was thrown away, with what was waiting behind it.",
    )
    cure = Text("メッセージを小さく分けて送ってください。", "Send smaller messages.")


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker is and as whom it is spoken to; `certificate` is the PEM of an authority of its own.

    `shown` is a client certificate with its key (PEM).

    With `kept` the broker keeps what comes while nobody listens, for the same `client_id`.
    """

    host: str
    port: int
    client_id: str
    account: str = ""
    password: str = ""
    tls: Tls = "verify"
    certificate: str = ""
    kept: bool = False
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What came: its topic, its bytes, and whether the broker had kept it from before."""

    topic: str
    payload: bytes
    retained: bool = False
    number: int = 0
    quality: int = 0


class _Client(paho.Client):
    """Connects to the address that was vetted, whatever the name resolves to a moment later, and hears what it asked for only.

    A publication of quality 2 would be held until the broker releases it, which it may never do: none was subscribed to.
    """

    vetted: tuple[str, int] = ("", 0)
    is_overreached = False

    def _create_socket_connection(self) -> socket.socket:
        return socket.create_connection(self.vetted, timeout=self._connect_timeout)

    @property
    def incoming_bytes(self) -> int:
        """The announced size of the packet that is being read."""
        return int(self._in_packet["remaining_length"])

    @property
    def unsent(self) -> int:
        """How many packets the broker has not taken."""
        return len(self._out_packet)

    def _packet_handle(self) -> MQTTErrorCode:
        command = int(self._in_packet["command"])
        kind = command & 0xF0
        if kind not in (_CONNACK, _PUBLISH, _SUBACK, _PINGRESP) or (kind == _PUBLISH and command & _TWICE):
            self.is_overreached = True
            return MQTTErrorCode.MQTT_ERR_PROTOCOL
        return super()._packet_handle()


class Listening:
    """One subscription; belongs to the thread that opened it."""

    def __init__(self, host: str, client: _Client) -> None:
        self._host = host
        self._client = client
        self._came: list[Message] = []
        self._held_bytes = 0
        self._answer: str | None = None
        self._granted: bool | None = None
        client.on_message = self._on_message
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe

    def _on_connect(self, _client: object, _data: object, _flags: object, reason: ReasonCode, _more: object) -> None:
        self._answer = str(reason) if reason.is_failure else ""

    def _on_subscribe(
        self, _client: object, _data: object, _number: int, reasons: list[ReasonCode], _more: object
    ) -> None:
        self._granted = not any(reason.is_failure for reason in reasons)

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "\ufffd"
        self._came.append(Message(topic, bytes(message.payload), message.retain, message.mid, message.qos))
        self._held_bytes += len(message.payload)

    def begin(self, topics: Sequence[str], quality: int, until: float) -> None:
        """Wait until the broker lets us in and grants the topics; raises BrokerRefused, BrokerSilent."""
        while self._answer is None:
            self._turn(until)
        if self._answer:
            raise _refused(
                self._host, f"ブローカーの答えは「{self._answer}」でした", f"the broker says “{self._answer}”"
            )
        self._client.subscribe([(topic, quality) for topic in topics])
        while self._granted is None:
            self._turn(until)
            if self._held_bytes > _MOST_HELD_BYTES:
                raise _refused(
                    self._host, "購読を認める前に送り続けます", "it sends on and on before it grants the topics"
                )
        if not self._granted:
            raise _refused(self._host, "トピックの購読を断られました", "it does not grant the topics")

    def _turn(self, until: float) -> None:
        left = until - time.monotonic()
        if left <= 0:
            raise _silent(self._host, "時間内に答えがありません", "it did not answer in time")
        self._pump(min(left, 1.0))

    def _pump(self, seconds: float) -> None:
        code = self._client.loop(seconds)
        if self._client.incoming_bytes > LARGEST_PACKET_BYTES:
            raise BrokerOverbearing(host=self._host, most_bytes=LARGEST_PACKET_BYTES)
        if self._client.is_overreached:
            raise _refused(
                self._host,
                "頼んでいない送り方（QoS 2 など）をします",
                "it sends what was not asked for, such as quality 2",
            )
        if self._client.unsent > _MOST_UNSENT:
            raise _silent(self._host, "受け取りの返事を読みません", "it does not read what is acknowledged")
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS and not self._answer:
            raise _silent(self._host, "接続が切れました", "the connection was closed")

    def take(self, seconds: float, most: int = _MOST_AT_ONCE) -> list[Message]:
        """Return at most `most` of what came, waiting up to `seconds` for the first.

        Raises BrokerSilent, BrokerRefused, BrokerOverbearing.
        """
        until = time.monotonic() + seconds
        while not self._came and (left := until - time.monotonic()) > 0:
            self._pump(left)
        until = time.monotonic() + _GATHER_SECONDS
        while self._came and len(self._came) < most and self._has_room and time.monotonic() < until:
            before = len(self._came)
            self._pump(0.0)
            if len(self._came) == before:
                break
        found, self._came = self._came[:most], self._came[most:]
        self._held_bytes = sum(len(one.payload) for one in self._came)
        return found

    @property
    def _has_room(self) -> bool:
        return len(self._came) < _MOST_AT_ONCE and self._held_bytes < LARGEST_PACKET_BYTES

    def wait(self, seconds: float) -> None:
        """Let time go by without losing the connection: what comes meanwhile is held for `take`, a little of it."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._has_room:
                self._pump(left)
            else:
                time.sleep(left)

    def keep(self, messages: Sequence[Message]) -> None:
        """Tell the broker that messages are in safe hands."""
        for message in messages:
            self._client.ack(message.number, message.quality)

    def close(self) -> None:
        """Say goodbye."""
        self._client.disconnect()


def listen(
    address: BrokerAddress,
    topics: Sequence[str],
    *,
    quality: Literal[0, 1] = 1,
    seconds: float = 10.0,
    allow_private: bool = False,
    resolver: Resolver = system_resolver,
) -> Listening:
    """Connect and subscribe within `seconds`; raises BrokerRefused, BrokerSilent."""
    until = time.monotonic() + seconds
    context = _context(address)
    client = _Client(
        CallbackAPIVersion.VERSION2, address.client_id, clean_session=not address.kept, protocol=paho.MQTTv311,
        reconnect_on_failure=False, manual_ack=True,
    )  # fmt: skip
    client.vetted = (_vetted(address, allow_private, resolver), address.port)
    client.connect_timeout = seconds
    if address.account:
        client.username_pw_set(address.account, address.password)
    if context is not None:
        client.tls_set_context(context)
    listening = Listening(address.host, client)
    try:
        client.connect(address.host, address.port, KEEPALIVE_SECONDS)
    except (OSError, ValueError) as fault:
        why = why_unreached(fault)
        told = _refused if isinstance(fault, ssl.SSLCertVerificationError) else _silent
        raise told(address.host, why.ja, why.en) from None
    try:
        listening.begin(topics, quality, until)
    except BaseException:
        listening.close()
        raise
    return listening


def _vetted(address: BrokerAddress, allow_private: bool, resolver: Resolver) -> str:
    try:
        found = resolver(address.host, address.port)
    except (OSError, ValueError, UnicodeError):
        found = []
    if not found:
        raise _silent(address.host, "名前が見つかりません", "the name was not found")
    if not all(may_be_reached(one, allow_private=allow_private) for one in found):
        raise _refused(
            address.host, "公開されていないアドレスを指しています", "it points at an address that is not public"
        )
    return found[0]


def _context(address: BrokerAddress) -> ssl.SSLContext | None:
    if address.tls == "off":
        return None
    try:
        context = ssl.create_default_context(cadata=address.certificate or None)
    except (ssl.SSLError, TypeError, ValueError):  # TypeError: it is no ASCII
        raise _refused(address.host, "証明書（PEM）を読めません", "the certificate (PEM) cannot be read") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if address.tls == "encrypt":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if address.shown:
        try:
            show(context, address.shown.encode())
        except (ssl.SSLError, ValueError):
            raise _refused(address.host, "見せる証明書を使えません", "the client certificate cannot be shown") from None
    return context


def _refused(host: str, ja: str, en: str) -> BrokerRefused:
    return BrokerRefused(host=host, why_ja=ja, why_en=en)


def _silent(host: str, ja: str, en: str) -> BrokerSilent:
    return BrokerSilent(host=host, why_ja=ja, why_en=en)
