"""The address of a workpiece: a member's is its uid, a visitor's has 256 bits more that only this installation can make."""

from __future__ import annotations

import hmac

from django.utils.crypto import salted_hmac

from tdpf.kit.ids import is_uid


def address_for(uid: str, *, visitor: bool) -> str:
    """Return the last part of a workpiece's address."""
    return f"{uid}-{_secret(uid)}" if visitor else uid


def read_address(address: str) -> tuple[str, bool]:
    """Return the uid in an address and whether it carries a good secret; ("", False) for anything else."""
    uid, dash, secret = address.partition("-")
    if not is_uid(uid):
        return "", False
    if not dash:
        return uid, False
    return (uid, True) if hmac.compare_digest(_secret(uid).encode(), secret.encode()) else ("", False)


def _secret(uid: str) -> str:
    return salted_hmac("preparation.workpiece", uid, algorithm="sha256").hexdigest()
