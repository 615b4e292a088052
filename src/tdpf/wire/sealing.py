"""Sealing secrets that pass through the snapshot: AES-256-GCM (NIST SP 800-38D), bound to what they belong to."""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORM = "v1."
_NONCE_BYTES = 12


class Unsealable(Exception):
    """The sealed text was altered, belongs to something else, or was sealed with another key."""


def new_sealing_key() -> bytes:
    """Return a new key (32 bytes)."""
    return AESGCM.generate_key(bit_length=256)


def seal(key: bytes, plain: bytes, *, bound_to: str) -> str:
    """Return the sealed text; it opens only with the same key and the same ``bound_to``."""
    nonce = os.urandom(_NONCE_BYTES)
    return _FORM + base64.urlsafe_b64encode(nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())).decode()


def unseal(key: bytes, sealed: str, *, bound_to: str) -> bytes:
    """Return what was sealed; raises Unsealable."""
    try:
        if not sealed.startswith(_FORM):
            raise Unsealable("the form is not known")
        data = base64.urlsafe_b64decode(sealed[len(_FORM) :])
        return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError) as fault:
        raise Unsealable(type(fault).__name__) from None
