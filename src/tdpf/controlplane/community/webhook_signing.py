"""Signatures on what webhooks get, after Standard Webhooks 1.0: HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from django.utils.crypto import salted_hmac

_PREFIX = "whsec_"


def secret_of(uid: str, turn: int) -> str:
    """Return a webhook's secret; it is derived from the installation's key and stands in no table."""
    digest = salted_hmac("community.webhook", f"{uid}:{turn}", algorithm="sha256").digest()
    return _PREFIX + base64.b64encode(digest).decode()


def signed_headers(*, secret: str, message_uid: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers that let the receiver check where a message comes from, and when it was sent."""
    stamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = hmac.new(key, f"{message_uid}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": message_uid,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }
