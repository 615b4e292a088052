"""Secrets in links that are mailed: derived from the installation's key, so that a reminder repeats the very same link
while the database holds only hashes."""

from __future__ import annotations

import hmac
import re

from django.conf import settings
from django.utils.crypto import salted_hmac

from tdpf.kit.hashing import sha256_hex

_TOKEN = re.compile(r"[0-9a-z]{26}\.[0-9a-f]{64}")


def token_for(purpose: str, uid: str, turn: int = 1) -> str:
    """Return the token of one link: the thing's uid and 256 bits that only this installation can make."""
    secret = salted_hmac(f"community.{purpose}", f"{uid}:{turn}", algorithm="sha256").hexdigest()
    return f"{uid}.{secret}"


def token_hash(token: str) -> str:
    """Return what is stored of a token."""
    return sha256_hex(token.encode())


def uid_of(purpose: str, token: str, turn: int = 1) -> str:
    """Return the uid in a token whose signature is good, "" for anything else; compared in constant time."""
    if not _TOKEN.fullmatch(token):
        return ""
    uid = token.partition(".")[0]
    return uid if hmac.compare_digest(token_for(purpose, uid, turn), token) else ""


def trace_of(address: str, day: str) -> str:
    """Return a keyed hash of a network address for one day; the address itself is kept nowhere."""
    return salted_hmac("community.trace", f"{day}:{address}", algorithm="sha256").hexdigest()


def address_of(path: str, language: str = "ja") -> str:
    """Return the full address of a page in a reader's language."""
    prefix = "/en" if language.lower().startswith("en") else ""
    return f"{settings.PUBLIC_URL}{prefix}{path}"
