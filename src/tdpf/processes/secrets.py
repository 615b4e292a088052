"""Secrets of an installation: made at the first run, kept in `secrets/` with mode 0600."""

from __future__ import annotations

import secrets as random

from tdpf.kit.home import Home
from tdpf.kit.writing import made_once


def secret(home: Home, name: str) -> str:
    """Return the named secret, making it when it is missing; safe when two processes start at once."""
    home.secrets.mkdir(parents=True, exist_ok=True)
    home.secrets.chmod(0o700)
    return made_once(home.secrets / name, lambda: random.token_urlsafe(48))
