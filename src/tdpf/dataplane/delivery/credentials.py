"""Providers' credentials, opened in memory only for the moment they are sent."""

from __future__ import annotations

import logging

from tdpf.dataplane.snapshots import read_secret
from tdpf.kit.home import Home
from tdpf.wire.codec import MalformedMessage, from_json
from tdpf.wire.sealing import Unsealable, unseal
from tdpf.wire.sources import ApiCredential

log = logging.getLogger("tdpf.delivery")


def opened_credential(place: Home, sealed: str, *, source: str, address: str) -> ApiCredential | None:
    """Return a source's credential; None when there is none or it cannot be opened (`address` is for the log)."""
    if not sealed:
        return None
    try:
        key = bytes.fromhex(read_secret(place.secrets / "sources.key"))
        return from_json(ApiCredential, unseal(key, sealed, bound_to=source))
    except (OSError, ValueError, Unsealable, MalformedMessage) as fault:
        log.warning("the credential of %s cannot be opened: %s", address, type(fault).__name__)
        return None
