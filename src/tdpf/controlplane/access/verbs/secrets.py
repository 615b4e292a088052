"""Providers' secrets: sealed when they are given, opened only to ask the source they were given for."""

from __future__ import annotations

import re
from collections.abc import Callable
from textwrap import wrap

import orjson

from tdpf.controlplane.access.documents import error
from tdpf.controlplane.access.errors import SourceInvalid
from tdpf.controlplane.access.models import SourceConnection
from tdpf.controlplane.access.source_types import DocumentCredential
from tdpf.kit.certificates import fits, key_in
from tdpf.kit.home import home
from tdpf.kit.writing import made_once
from tdpf.wire.codec import from_plain, to_json
from tdpf.wire.sealing import new_sealing_key, seal, unseal
from tdpf.wire.sources import ApiCredential

LONGEST_SECRET = 4000
LONGEST_KEY = 8000
_KEY = re.compile(r"(-----BEGIN ([A-Z ]*PRIVATE KEY)-----)([A-Za-z0-9+/=\s]+)(-----END \2-----)")


def sealed_secret(
    row: SourceConnection, asked: DocumentCredential | None, secret: str | None, *, may_keep: Callable[[], bool]
) -> str:
    """Return the sealed credential of a connection; `secret` None or empty keeps the one that is kept.

    `may_keep` says whether what is kept may be sent to where the document now points. Raises SourceInvalid.
    """
    if asked is None:
        if secret:
            raise _about_secret("認証の方法を選んでください。", "Choose how the API asks for it.")
        return ""
    if secret is None or not secret:
        if not row.secret:
            raise _about_secret("認証の値を入力してください。", "Give the secret.")
        if not may_keep():
            raise _about_secret(
                "送り先か認証の方法が変わるため、認証の値をもう一度入力してください。",
                "The server or the way changes: give the secret anew.",
            )
        before = from_plain(ApiCredential, orjson.loads(opened_secret(row)))
        value = before.value
        if (before.name, before.scopes, before.certificate) == (asked.name, asked.scopes, asked.certificate):
            return row.secret
    elif asked.kind == "certificate":
        value = key_text(secret)
    else:
        value = secret
        plain = value.isprintable() and (value.isascii() or asked.kind in ("basic", "query"))
        if len(value) > LONGEST_SECRET or not plain or value != value.strip():
            raise _about_secret(
                "認証の値は、改行や前後の空白のない英数字・記号で4000文字以内です。",
                "A secret is printable ASCII without outer spaces, 4000 characters at most.",
            )
    if asked.kind == "certificate" and not fits(asked.certificate.encode(), value.encode()):
        raise _about_secret(
            "証明書と対になる、パスワードのない秘密鍵（PEM）を入れてください。",
            "Give the certificate's own private key, as PEM without a password.",
        )
    if asked.kind == "certificate":
        value = key_in(value.encode()).decode()
    credential = ApiCredential(asked.kind, asked.name, value, asked.token_url, asked.scopes, asked.certificate)
    return seal(sealing_key(), to_json(credential), bound_to=row.uid)


def key_text(secret: str) -> str:
    """Return a PEM key as it was made, also when a field of one line took its line ends away."""
    found = _KEY.fullmatch(secret.strip())
    if found is None or len(secret) > LONGEST_KEY:
        return ""
    return "\n".join((found[1], *wrap("".join(found[3].split()), 64), found[4], ""))


def _about_secret(ja: str, en: str) -> SourceInvalid:
    return SourceInvalid(errors=[error("secret", ja, en)])


def opened_secret(row: SourceConnection) -> bytes:
    """Return the credential of a connection as JSON (`ApiCredential`)."""
    return unseal(sealing_key(), row.secret, bound_to=row.uid)


def sealing_key() -> bytes:
    """Return the key (32 bytes) that seals providers' secrets; it is made where it is missing."""
    return bytes.fromhex(made_once(home().secrets / "sources.key", lambda: new_sealing_key().hex()))
