"""Opening sessions at strangers' databases: to an address that was vetted, encrypted as was agreed."""

from __future__ import annotations

import socket
import ssl

from tdpf.kit.certificates import show
from tdpf.kit.database_clock import PAGE_GRACE_SECONDS, Clock
from tdpf.kit.databases import DatabaseAddress, DatabaseRefused, Session, silent
from tdpf.kit.databases_mysql import MySqlSession
from tdpf.kit.databases_postgresql import PostgresSession
from tdpf.kit.fetching import Resolver, may_be_reached, system_resolver
from tdpf.kit.unreached import why_unreached

_LOGIN_SECONDS = 10.0


def open_session(
    address: DatabaseAddress, *, seconds: float, allow_private: bool = False, resolver: Resolver = system_resolver
) -> Session:
    """Open a session in which nothing can be written and no statement takes longer than `seconds`.

    Its clock gives it PAGE_GRACE_SECONDS more and PAGE_BYTES for everything, from signing in on, until it is set anew.
    Raises DatabaseRefused, DatabaseSilent, DatabaseFault, DatabaseSlow.
    """
    context, sock = _context(address), _connected(address, allow_private, resolver)
    clock = Clock(sock, seconds=seconds + PAGE_GRACE_SECONDS)
    if address.engine == "postgresql":
        return PostgresSession(address, sock, context, seconds, clock)
    return MySqlSession(address, sock, context, seconds, clock)


def _connected(address: DatabaseAddress, allow_private: bool, resolver: Resolver) -> socket.socket:
    """Return a connection to the address that was vetted, whatever the name resolves to a moment later."""
    try:
        found = resolver(address.host, address.port)
    except (OSError, ValueError, UnicodeError):
        raise silent(address.host, "名前が見つかりません", "the name was not found") from None
    if not found:
        raise silent(address.host, "名前が見つかりません", "the name was not found")
    if not all(may_be_reached(one, allow_private=allow_private) for one in found):
        raise DatabaseRefused(
            host=address.host,
            why_ja="公開されていないアドレスを指しています",
            why_en="it points at an address that is not public",
        )
    try:
        return socket.create_connection((found[0], address.port), timeout=_LOGIN_SECONDS)
    except OSError as fault:
        why = why_unreached(fault)
        raise silent(address.host, why.ja, why.en) from None


def _context(address: DatabaseAddress) -> ssl.SSLContext | None:
    if address.tls == "off":
        return None
    try:
        context = ssl.create_default_context(cadata=address.certificate or None)
    except ssl.SSLError:
        raise DatabaseRefused(
            host=address.host, why_ja="証明書（PEM）を読めません", why_en="the certificate (PEM) cannot be read"
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if address.tls == "encrypt":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if address.shown:
        try:
            show(context, address.shown.encode())
        except (ssl.SSLError, ValueError):
            raise DatabaseRefused(
                host=address.host, why_ja="見せる証明書を使えません", why_en="the client certificate cannot be shown"
            ) from None
    return context
