"""Signing and checking snapshot manifests: Ed25519 (RFC 8032) over the manifest's canonical JSON."""

import dataclasses

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tdpf.wire.codec import MalformedMessage, from_json, to_plain
from tdpf.wire.messages import SnapshotManifest


class UntrustedSnapshot(ValueError):
    """The manifest's signature is missing, or was not made by the control plane's key."""


def _signed_bytes(manifest: SnapshotManifest) -> bytes:
    plain = to_plain(dataclasses.replace(manifest, signature=""))
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)


def new_signing_key() -> tuple[bytes, bytes]:
    """Return a new (private, public) key pair as 32 raw bytes each; the files hold them in hexadecimal."""
    private = Ed25519PrivateKey.generate()
    return (
        private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()),
        private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
    )


def public_half(private_key: bytes) -> bytes:
    """Return the public key (32 raw bytes) that belongs to a private one."""
    return Ed25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign_manifest(manifest: SnapshotManifest, private_key: bytes) -> SnapshotManifest:
    """Return the manifest with its signature; ``private_key`` is 32 raw bytes."""
    signature = Ed25519PrivateKey.from_private_bytes(private_key).sign(_signed_bytes(manifest))
    return dataclasses.replace(manifest, signature=signature.hex())


def verify_manifest(data: bytes, public_key: bytes) -> SnapshotManifest:
    """Read a manifest and check its signature; raises MalformedMessage or UntrustedSnapshot."""
    manifest = from_json(SnapshotManifest, data)
    try:
        signature = bytes.fromhex(manifest.signature)
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _signed_bytes(manifest))
    except (ValueError, InvalidSignature):
        raise UntrustedSnapshot("the snapshot was not signed by this platform's key") from None
    return manifest


__all__ = [
    "MalformedMessage",
    "UntrustedSnapshot",
    "new_signing_key",
    "public_half",
    "sign_manifest",
    "verify_manifest",
]
