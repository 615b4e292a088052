"""Fetching from addresses that strangers name, without becoming their tool (server-side request forgery)."""

from __future__ import annotations

import ipaddress
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from tdpf.kit.errors import Problem
from tdpf.kit.inflating import Bomb, Damaged, inflate
from tdpf.kit.text import Text
from tdpf.kit.unreached import why_unreached

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], list[str]]

MAX_REDIRECTS = 5
# IPv4 in disguise that no network should carry: compatible addresses (RFC 4291 §2.5.5.1), local translation (RFC 8215).
_DISGUISES = (ipaddress.IPv6Network("::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
# Where machines answer about themselves, keys of the cloud's account among it: never, whatever the operator allows.
_OWN_MACHINE = tuple(map(ipaddress.ip_network, ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "100.100.100.200/32")))
_PIECE = 64 * 1024
# One line a request, with the whole address in it, is neither wanted nor safe: addresses may hold keys.
logging.getLogger("httpx").setLevel(logging.WARNING)


class AddressRefused(Problem):
    """The URL cannot be fetched by this platform at all."""

    code: ClassVar[str] = "fetching/address-refused"
    status: ClassVar[int] = 422
    title = Text("このURLは取得できません", "This URL cannot be fetched")
    detail = Text("{url} は取得できません: {why_ja}", "{url} cannot be fetched: {why_en}")
    cure = Text(
        "インターネットに公開された http または https のURLを指定してください。",
        "Give an http or https URL that is public on the internet.",
    )


class TooLarge(Problem):
    """The answer is larger than the limit."""

    code: ClassVar[str] = "fetching/too-large"
    status: ClassVar[int] = 422
    title = Text("ファイルが大きすぎます", "The file is too large")
    detail = Text(
        "{url} は上限 {limit_bytes} バイトを超えています。", "{url} is larger than the limit of {limit_bytes} bytes."
    )
    cure = Text("分割するか、アップロードで渡してください。", "Split the file, or hand it in by upload.")


class FetchFailed(Problem):
    """The other side could not be reached or did not give the file."""

    code: ClassVar[str] = "fetching/failed"
    status: ClassVar[int] = 422
    title = Text("取得できませんでした", "The file could not be fetched")
    detail = Text("{url} を取得できませんでした: {why_ja}", "{url} could not be fetched: {why_en}")
    cure = Text(
        "URLをブラウザで開けるか確かめ、しばらくしてから、もう一度お試しください。",
        "Check that the URL opens in a browser and try again a little later.",
    )


def unreached(url: str, fault: Exception) -> FetchFailed:
    """Return the problem of an address to which no connection could be made, with the reason."""
    why = why_unreached(fault)
    return FetchFailed(url=url, why_ja=why.ja, why_en=why.en)


class TooSlow(Problem):
    """The transfer did not finish in the time allowed."""

    code: ClassVar[str] = "fetching/too-slow"
    status: ClassVar[int] = 422
    title = Text("時間内に取得できませんでした", "The file did not arrive in time")
    detail = Text(
        "{url} は {limit_seconds} 秒以内に届きませんでした。", "{url} did not arrive within {limit_seconds} seconds."
    )
    cure = Text(
        "ファイルをアップロードで渡すか、後でもう一度お試しください。",
        "Hand the file in by upload, or try again later.",
    )


class NotKept(Problem):
    """What came could not be written to this machine's disk."""

    code: ClassVar[str] = "fetching/not-kept"
    status: ClassVar[int] = 507
    title = Text("届いたファイルを保存できませんでした", "The file that came could not be kept")
    detail = Text(
        "{url} をディスクに書き込めませんでした: {why_ja}", "{url} could not be written to the disk: {why_en}"
    )
    cure = Text(
        "運営者がディスクの空き容量と設置先の権限を確かめてから、もう一度お試しください。",
        "Have the operator check the room left on the disk and the rights of the installation's folder; then try again.",
    )


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that arrived: where it really came from, what it says of itself, and where its bytes are."""

    url: str
    status: int
    media_type: str
    etag: str
    last_modified: str
    file_name: str
    size: int
    path: Path
    chain: tuple[str, ...] = field(default=())


def system_resolver(host: str, port: int) -> list[str]:
    """Return the addresses of a host as the system resolves them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Say whether an address may be reached on behalf of a member: global, and no private or mapped disguise."""
    try:
        ip: Address = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if any(ip in network for network in _DISGUISES):
            return False
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


def may_be_reached(address: str, *, allow_private: bool) -> bool:
    """Say whether an address may be reached: a public one or, where the operator allows them, a private one, and no link-local one."""
    if is_public(address):
        return True
    try:
        ip: Address = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return allow_private and not ip.is_multicast and not any(ip in network for network in _OWN_MACHINE)


def vetted_address(
    url: str, *, allow_private: bool, resolver: Resolver = system_resolver, shown_url: str = ""
) -> tuple[str, str, int]:
    """Return `(address, host, port)` for a URL, or raise AddressRefused. Every resolved address must be allowed.

    The problems say `shown_url` in its place where there is one.
    """
    parts, shown = urlsplit(url), shown_url or url
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AddressRefused(
            url=shown, why_ja="http または https のURLではありません", why_en="it is not an http or https URL"
        )
    if parts.username or parts.password:
        raise AddressRefused(
            url=shown_url or parts.hostname,
            why_ja="URLに認証情報を含められません",
            why_en="a URL must not carry credentials",
        )
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        addresses = resolver(parts.hostname, port)
    except (OSError, ValueError, UnicodeError):
        raise FetchFailed(url=shown, why_ja="ホスト名が見つかりません", why_en="the host name was not found") from None
    if not addresses:
        raise FetchFailed(url=shown, why_ja="ホスト名が見つかりません", why_en="the host name was not found")
    if not all(may_be_reached(address, allow_private=allow_private) for address in addresses):
        raise AddressRefused(
            url=shown,
            why_ja="公開されていないアドレスを指しています",
            why_en="it points at an address that is not public",
        )
    return addresses[0], parts.hostname, port


@dataclass(slots=True)
class Deadline:
    """The instant on the monotonic clock at which whatever goes over a connection must be done; moved on for each request."""

    at: float


class _TimedStream(httpcore.NetworkStream):
    """A connection on which no wait goes beyond the deadline: a server that drips its headers byte by byte gains nothing."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout=self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout=self._left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, self._left()), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def _left(self) -> float:
        left = self._deadline.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time for the whole transfer is over")
        return left


class _PinnedBackend(httpcore.NetworkBackend):
    """Connects to the address that was vetted, whatever the name resolves to a moment later (DNS rebinding)."""

    def __init__(self, address: str, deadline: Deadline) -> None:
        self._address = address
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: object = None,
    ) -> httpcore.NetworkStream:
        stream = self._inner.connect_tcp(self._address, port, timeout=timeout, local_address=local_address)
        return _TimedStream(stream, self._deadline)


@cache
def _authorities() -> ssl.SSLContext:
    """Return what servers' certificates are checked with; reading all authorities takes longer than many an answer."""
    return httpx.create_ssl_context(trust_env=False)


def pinned_client(address: str, deadline: Deadline, context: ssl.SSLContext | None = None) -> httpx.Client:
    """Return a client whose connections all go to `address` and on which no wait goes beyond the deadline.

    `context` says whose certificates are believed and what is shown; None: everybody's, nothing.
    """
    transport = httpx.HTTPTransport(verify=context or _authorities(), trust_env=False, retries=0)
    transport._pool._network_backend = _PinnedBackend(address, deadline)
    left = max(0.001, deadline.at - time.monotonic())
    client = httpx.Client(transport=transport, timeout=left, follow_redirects=False, trust_env=False)
    client.headers["accept-encoding"] = "gzip, deflate"
    return client


def unpacked(answer: httpx.Response, *, url: str, max_bytes: int) -> Iterator[bytes]:
    """Yield the body of a streamed answer in small pieces, unpacked. Raises TooLarge, FetchFailed (damaged, unknown packing)."""
    coding = answer.headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity"):
        total = 0
        for piece in answer.iter_raw(_PIECE):
            total += len(piece)
            if total > max_bytes:
                raise TooLarge(url=url, limit_bytes=max_bytes)
            yield piece
        return
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise FetchFailed(
            url=url,
            why_ja=f"知らない圧縮方式（{coding[:40]}）です",
            why_en=f"it is packed in an unknown way ({coding[:40]})",
        )
    try:
        yield from inflate(answer.iter_raw(_PIECE), limit=max_bytes, raw_allowed=coding == "deflate")
    except Bomb:
        raise TooLarge(url=url, limit_bytes=max_bytes) from None
    except Damaged:
        raise FetchFailed(
            url=url, why_ja="圧縮された中身が壊れています", why_en="the packed content is damaged or cut off"
        ) from None


def fetch(
    url: str,
    *,
    into: Path,
    max_bytes: int,
    timeout: float = 30.0,
    until: float | None = None,
    allow_private: bool = False,
    private_origin: str = "",
    shown_url: str = "",
    headers: dict[str, str] | None = None,
    resolver: Resolver = system_resolver,
    context: ssl.SSLContext | None = None,
) -> Fetched:
    """Fetch a URL into the file `into`.

    Sizes are bytes after decompression, times are seconds for the whole transfer, redirects included. Raises
    AddressRefused, FetchFailed, TooLarge, TooSlow; then `into` does not exist. `headers` and `context` are for the URL's own server only.
    `until` is an instant on the monotonic clock at which it ends too, where one time is for several transfers.
    `private_origin` is an address whose own server may be private; wherever a redirect leads from there may not.
    `shown_url` is what problems say in place of a URL that holds a credential, and of where it leads.
    """
    own, shown = urlsplit(url)[:2], shown_url or url
    latest = time.monotonic() + timeout
    deadline = Deadline(latest if until is None else min(latest, until))
    chain: list[str] = []
    current = url
    while True:
        chain.append(current)
        if len(chain) > MAX_REDIRECTS + 1:
            raise FetchFailed(url=shown, why_ja="転送が多すぎます", why_en="there were too many redirects")
        private = allow_private or urlsplit(current)[:2] == urlsplit(private_origin)[:2]
        address, _, _ = vetted_address(current, allow_private=private, resolver=resolver, shown_url=shown_url)
        if time.monotonic() >= deadline.at:
            raise TooSlow(url=shown, limit_seconds=timeout)
        try:
            with (
                pinned_client(address, deadline, context if urlsplit(current)[:2] == own else None) as client,
                client.stream(
                    "GET", current, headers=(headers or {}) if urlsplit(current)[:2] == own else {}
                ) as answer,
            ):
                if answer.has_redirect_location:
                    current = urljoin(current, answer.headers.get("location", ""))
                    continue
                if answer.status_code not in (200, 304):
                    raise FetchFailed(
                        url=shown,
                        why_ja=f"相手の応答は {answer.status_code} でした",
                        why_en=f"the answer was {answer.status_code}",
                    )
                size = _save(answer, into, url=shown, max_bytes=max_bytes, deadline=deadline, timeout=timeout)
                return Fetched(
                    url=current,
                    status=answer.status_code,
                    media_type=answer.headers.get("content-type", "").split(";")[0].strip().lower(),
                    etag=answer.headers.get("etag", ""),
                    last_modified=answer.headers.get("last-modified", ""),
                    file_name=_file_name(current),
                    size=size,
                    path=into,
                    chain=tuple(chain),
                )
        except httpx.TimeoutException:
            raise TooSlow(url=shown, limit_seconds=timeout) from None
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise unreached(shown, fault) from None


def _save(answer: httpx.Response, into: Path, *, url: str, max_bytes: int, deadline: Deadline, timeout: float) -> int:
    size = 0
    try:
        with into.open("wb") as stream:
            for piece in unpacked(answer, url=url, max_bytes=max_bytes):
                size += len(piece)
                if time.monotonic() > deadline.at:
                    raise TooSlow(url=url, limit_seconds=timeout)
                stream.write(piece)
    except BaseException:
        into.unlink(missing_ok=True)
        raise
    return size


def _file_name(url: str) -> str:
    name = urlsplit(url).path.rsplit("/", 1)[-1]
    return name or "download"
