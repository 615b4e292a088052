"""The sample accounts of demo mode: who they are, and the codes they sign in with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from tdpf.kit.home import Home

TOTP_STEP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One made-up person of the sample data."""

    name: str
    email: str
    password: str
    totp_secret: str
    role_ja: str
    role_en: str
    api_key: str = ""


def store_accounts(home: Home, accounts: list[DemoAccount]) -> Path:
    """Keep the accounts where only the owner of the installation can read them."""
    path = home.secrets / "demo.json"
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(orjson.dumps([asdict(account) for account in accounts], option=orjson.OPT_INDENT_2))
    fresh.replace(path)
    return path


def load_accounts(home: Home) -> list[DemoAccount]:
    """Return the sample accounts, none when demo data were never made."""
    path = home.secrets / "demo.json"
    if not path.exists():
        return []
    return [DemoAccount(**entry) for entry in orjson.loads(path.read_bytes())]


def totp_code(totp_secret: str, at: float | None = None) -> str:
    """Return the six digits that an authenticator app shows for the secret (RFC 6238, SHA-1, 30 s)."""
    key = base64.b32decode(totp_secret + "=" * (-len(totp_secret) % 8))
    counter = int((time.time() if at is None else at) // TOTP_STEP_SECONDS)
    digest = hmac.new(key, struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def told_accounts(home: Home) -> list[str]:
    """Return the lines that introduce the sample accounts to whoever started the platform."""
    accounts = load_accounts(home)
    if not accounts:
        return []
    lines = ["sample accounts (made up; sign in with e-mail, password and a six-digit code):"]
    for account in accounts:
        lines.append(f"  {account.name:<9} {account.role_ja} / {account.role_en}")
        lines.append(f"            e-mail {account.email}   password {account.password}")
        lines.append(f"            TOTP secret {account.totp_secret}   (code now: tdpf demo code {account.name})")
        if account.api_key:
            lines.append(f"            API key {account.api_key}")
    return lines
