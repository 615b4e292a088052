"""Pure decisions about applications, keys and tokens."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from tdpf.controlplane.access.errors import (
    ApplicationInvalid,
    ApplicationNotActive,
    InvalidClient,
    KeyInvalid,
    KeyNotLive,
    OAuthRefused,
    UnknownSetting,
)
from tdpf.controlplane.access.types import SCOPES
from tdpf.controlplane.members.types import Standing
from tdpf.kit.hashing import canonical_json, sha256_hex
from tdpf.wire.messages import FIRST_APPLICATION

KEY_PREFIX = "tdpf_"
SHOWN_CHARACTERS = 8
TOKEN_LIFE = timedelta(minutes=15)
LONGEST_OVERLAP = timedelta(days=90)
MOST_LIVE_KEYS = 20
MOST_LIVE_TOKENS = 100
_KEY = re.compile(r"tdpf_[A-Za-z0-9_-]{43}")
_SETTINGS: dict[str, type] = {"open_data_needs_account": bool}

KeyState = Literal["live", "expired", "revoked"]


def application_number(row: int) -> int:
    """Return an application's number on the wire and in the ledger for its row number."""
    return FIRST_APPLICATION + row


def application_row(number: int) -> int:
    """Return the row number of an application for its number on the wire."""
    return number - FIRST_APPLICATION


def has_key_shape(text: str) -> bool:
    """Say whether the text could be a key: the prefix and 256 bits in base64url (RFC 4648 §5)."""
    return _KEY.fullmatch(text) is not None


def key_hash(plaintext: str) -> str:
    """Return what is stored of a key: the SHA-256 of all its characters, in hexadecimal."""
    return hashlib.sha256(plaintext.encode()).hexdigest()


def shown_part(plaintext: str) -> str:
    """Return the first characters behind the prefix, by which people tell keys apart."""
    return plaintext[len(KEY_PREFIX) : len(KEY_PREFIX) + SHOWN_CHARACTERS]


def key_state(*, expires_at: datetime | None, revoked_at: datetime | None, now: datetime) -> KeyState:
    """Say whether a key works at `now`; at the very instant of its end it does not."""
    if revoked_at is not None and revoked_at <= now:
        return "revoked"
    return "live" if expires_at is None or expires_at > now else "expired"


def may_see(standing: Standing, owner_party_id: int) -> bool:
    """Say whether a member may know of an application: any role at its owner, or the operator."""
    return standing.is_operator or owner_party_id in standing.roles


def check_application(*, name: str, description: str, names_in_use: Iterable[str]) -> None:
    """Refuse a nameless, overlong or doubly named application; raises ApplicationInvalid."""
    errors = []
    if not 1 <= len(name) <= 120 or not name.isprintable():
        errors.append(_error("name", "名前は1〜120文字で入力してください。", "Give a name of 1-120 characters."))
    elif name in set(names_in_use):
        errors.append(_error("name", "同じ名前の利用アプリがあります。", "An application of this name exists."))
    if len(description) > 4000:
        errors.append(_error("description", "説明は4000文字までです。", "A description has at most 4000 characters."))
    if errors:
        raise ApplicationInvalid(errors=errors)


def check_active(*, name: str, state: str) -> None:
    """Refuse an application that is suspended or closed; raises ApplicationNotActive."""
    if state != "active":
        raise ApplicationNotActive(name=name, state=state)


def check_key(
    *,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None,
    live_keys: int,
    now: datetime,
    names_in_use: Iterable[str] = (),
) -> None:
    """Refuse a key that is nameless, doubly named, expired from the start, of unknown scope or one too many; raises KeyInvalid."""
    errors = []
    if not 1 <= len(name) <= 120 or not name.isprintable():
        errors.append(_error("name", "名前は1〜120文字で入力してください。", "Give a name of 1-120 characters."))
    elif name in set(names_in_use):
        errors.append(_error("name", "同じ名前の有効なキーがあります。別の名前にするか、そのキーを交換・失効させてください。",
                             "A live key of this name exists; choose another name, or rotate or revoke that key."))  # fmt: skip
    if not scopes or any(scope not in SCOPES for scope in scopes):
        errors.append(_error("scopes", f"範囲は {', '.join(SCOPES)} から選んでください。",
                             f"Choose scopes from {', '.join(SCOPES)}."))  # fmt: skip
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= now):
        errors.append(_error("expires_at", "期限には未来の日時を指定してください。", "The expiry lies in the future."))
    if live_keys >= MOST_LIVE_KEYS:
        errors.append(_error("name", f"有効なキーは {MOST_LIVE_KEYS} 本までです。使わないキーを失効させてください。",
                             f"At most {MOST_LIVE_KEYS} live keys; revoke one that is not used."))  # fmt: skip
    if errors:
        raise KeyInvalid(errors=errors)


def writes(scopes: Iterable[str]) -> bool:
    """Say whether any of the scopes lets a key change something."""
    return any(scope.endswith(":write") for scope in scopes)


def reads_data(scopes: Iterable[str]) -> bool:
    """Say whether the gateway knows a key or token of these scopes: only one that may read data."""
    return "data:read" in scopes


def check_live(*, name: str, state: KeyState) -> None:
    """Refuse a key that is over; raises KeyNotLive."""
    if state != "live":
        raise KeyNotLive(name=name)


def end_of_rotated(*, expires_at: datetime | None, overlap: timedelta, now: datetime) -> datetime:
    """Return when a key ends whose successor was issued now: after the overlap, never later than before.

    Raises KeyInvalid for an overlap below 0 or above 90 days.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise KeyInvalid(errors=[_error("overlap", "重なりの期間は0〜90日です。", "The overlap is 0 to 90 days.")])
    end = now + overlap
    return end if expires_at is None else min(end, expires_at)


def granted_scopes(asked: str | None, of_key: Sequence[str]) -> tuple[str, ...]:
    """Return a token's scopes: what was asked for, or all of the key's; raises OAuthRefused `invalid_scope`."""
    if asked is None or not asked.strip():
        return tuple(of_key)
    wanted = tuple(dict.fromkeys(asked.split()))
    if any(scope not in of_key for scope in wanted):
        raise OAuthRefused(
            error="invalid_scope",
            error_description="the key does not have this scope",
            description_ja="キーにない範囲が指定されています。",
        )
    return wanted


def invalid_client() -> InvalidClient:
    """Return the one answer to every wrong client, so that nothing can be guessed from it (RFC 6749 §5.2)."""
    return InvalidClient(
        error="invalid_client",
        error_description="unknown client, or the secret is not one of its live keys",
        description_ja="client_id または client_secret が正しくありません。",
    )


def check_token_count(live_tokens: int) -> None:
    """Refuse a token when the application holds very many live ones; raises OAuthRefused `invalid_request`."""
    if live_tokens >= MOST_LIVE_TOKENS:
        raise OAuthRefused(
            error="invalid_request",
            error_description="too many live tokens; reuse a token until it expires",
            description_ja="有効なトークンが多すぎます。期限が切れるまで同じトークンをお使いください。",
        )


def check_setting(name: str, value: object) -> None:
    """Refuse an unknown setting or a value of the wrong kind; raises UnknownSetting."""
    kind = _SETTINGS.get(name)
    if kind is None or type(value) is not kind:
        raise UnknownSetting(name=name)


def columns_hash(columns: Iterable[str], areas: Iterable[str] = ()) -> str:
    """Return the identity of a set of columns, and of areas where there are any; their order does not matter."""
    named, kept = sorted(set(columns)), sorted(set(areas))
    return sha256_hex(canonical_json({"columns": named, "areas": kept} if kept else named))


def _error(field: str, ja: str, en: str) -> dict[str, str]:
    return {"field": field, "message_ja": ja, "message_en": en}
