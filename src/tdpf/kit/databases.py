"""Asking databases that strangers name, without becoming their tool: a vetted address, read-only, an end for certain.

PostgreSQL is spoken by pg8000, MySQL and MariaDB by PyMySQL. A statement holds `MARK` where a value goes, so that no value is
ever part of the text.
"""

from __future__ import annotations

import re
import ssl
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

from tdpf.kit.database_clock import Clock
from tdpf.kit.errors import Problem
from tdpf.kit.text import Text

Engine = Literal["postgresql", "mysql"]
Tls = Literal["verify", "encrypt", "off"]
Rows = list[tuple[Any, ...]]

MARK = "\x00"
"""Stands in a statement for one value."""
_DOLLAR_QUOTE = re.compile(r"\$\w*\$")
_GRACE_SECONDS = 2.0


class DatabaseRefused(Problem):
    """The server's address, or its way of encrypting, is not accepted."""

    code: ClassVar[str] = "databases/refused"
    status: ClassVar[int] = 422
    title = Text("このデータベースにはつなげません", "This database cannot be connected")
    detail = Text("{host} にはつなげません: {why_ja}", "{host} cannot be connected: {why_en}")
    cure = Text(
        "インターネットから届くサーバーの名前と、暗号化の設定を確かめてください。",
        "Check that the server can be reached from the internet, and how it encrypts.",
    )


class DatabaseSilent(Problem):
    """The server could not be reached, or the connection broke."""

    code: ClassVar[str] = "databases/silent"
    status: ClassVar[int] = 502
    title = Text("データベースから答えがありません", "The database does not answer")
    detail = Text("{host} へつながりませんでした: {why_ja}", "{host} could not be reached: {why_en}")
    cure = Text(
        "サーバーが動いているか、この基盤からの接続を許しているかを確かめてください。",
        "Check that the server runs and lets this platform in.",
    )


class DatabaseFault(Problem):
    """The server answered that it will not do what was asked; `state` is its own code."""

    code: ClassVar[str] = "databases/fault"
    status: ClassVar[int] = 502
    title = Text("データベースが断りました", "The database refused")
    detail = Text("データベースの答え: {state} {said}", "The database says: {state} {said}")
    cure = Text(
        "利用者名とパスワード、表やビューの名前、読む権限を確かめてください。",
        "Check the account and password, the name of the table or view, and the right to read it.",
    )


class DatabaseSlow(Problem):
    """The statement did not end in the time allowed."""

    code: ClassVar[str] = "databases/slow"
    status: ClassVar[int] = 504
    title = Text("データベースの答えが時間内に届きませんでした", "The database did not answer in time")
    detail = Text("{seconds} 秒以内に終わりませんでした。", "It did not finish within {seconds} seconds.")
    cure = Text("条件を足して、もう一度お試しください。", "Add a condition and try again.")


class DatabaseLarge(Problem):
    """The answer was larger than one answer may be."""

    code: ClassVar[str] = "databases/large"
    status: ClassVar[int] = 502
    title = Text("データベースの答えが大きすぎます", "The database's answer is too large")
    detail = Text("{host} の答えは一度に受け取れる大きさを超えました。", "{host} answered more than is taken at once.")
    cure = Text("列か行を減らして、もう一度お試しください。", "Ask for fewer columns or rows.")


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Where a database is and who asks. `certificate` is the PEM of an authority to trust, empty = the system's.

    `shown` is a client certificate with its key (PEM).
    `tls`: "verify" checks the server's certificate and name, "encrypt" only encrypts, "off" sends in the clear.
    """

    engine: Engine
    host: str
    port: int
    database: str
    account: str
    password: str
    tls: Tls = "verify"
    certificate: str = ""
    shown: str = ""


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """A column as the place describes it; `origin` is what it is called there where that is another name."""

    name: str
    type: str
    origin: str = ""


class Session(Protocol):
    """A read-only session of one thread; its clock runs from the first byte until it rests."""

    clock: Clock

    def rows(self, sql: str, values: Sequence[object], *, batch: int = 1000) -> Iterator[Rows]:
        """Yield the answer's rows a batch at a time; raises DatabaseFault, DatabaseSlow, DatabaseSilent."""
        ...

    def columns(self, sql: str) -> list[SeenColumn]:
        """Return the columns of a statement without running it further than its first row."""
        ...

    def close(self) -> None:
        """End the session."""
        ...


def waits(seconds: float) -> float:
    """Return how long a socket may stay silent when the server itself ends statements after `seconds`."""
    return seconds + _GRACE_SECONDS


STRANGE = (OSError, ValueError, struct.error, LookupError, AttributeError, TypeError)
"""What drivers raise, besides their own errors, when a connection breaks or a server does not keep to the protocol."""


def breach(clock: Clock, host: str) -> Problem | None:
    """Return the problem for which a clock cut its connection, or None."""
    if clock.breach == "slow":
        return DatabaseSlow(seconds=int(clock.seconds))
    return DatabaseLarge(host=host) if clock.breach == "large" else None


def silent(host: str, why_ja: str, why_en: str) -> DatabaseSilent:
    """Return the problem of a server that does not answer."""
    return DatabaseSilent(host=host, why_ja=why_ja, why_en=why_en)


def broken(host: str, fault: BaseException, seconds: float) -> Problem:
    """Return the problem that a fault of the connection is."""
    if isinstance(fault, TimeoutError):
        return DatabaseSlow(seconds=int(seconds))
    if isinstance(fault, ssl.SSLError):
        return DatabaseRefused(
            host=host, why_ja="暗号化か証明書が合いません", why_en="encryption or certificate do not fit"
        )
    return silent(host, "接続が切れました", f"the connection broke ({type(fault).__name__})")


def is_one_question(statement: str) -> bool:
    """Say whether a text is one SELECT (or WITH) without comments, statement ends or open quotes and brackets."""
    bare, depth, quote, position = "", 0, "", 0
    while position < len(statement):
        character = statement[position]
        if quote:
            if character == "\\":
                return False
            if character == quote:
                quote = ""
        elif character in "'\"`":
            quote = character
        else:
            depth += (character == "(") - (character == ")")
            if depth < 0:
                return False
            bare += character
        position += 1
    words = bare.strip().lower()
    unwanted = (";", "--", "/*", "#", MARK)
    return (
        not quote
        and depth == 0
        and words.startswith(("select ", "with ", "select\n", "with\n"))
        and not any(mark in bare for mark in unwanted)
        and _DOLLAR_QUOTE.search(bare) is None
    )
