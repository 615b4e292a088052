"""Secrets of an installation: made at the first run, kept in `secrets/` with mode 0600."""

from __future__ import annotations

import os
import secrets as random
from pathlib import Path

from tdpf.kit.home import Home


def secret(home: Home, name: str) -> str:
    """Return the named secret, making it when it is missing; safe when two processes start at once."""
    home.secrets.mkdir(parents=True, exist_ok=True)
    home.secrets.chmod(0o700)
    path = home.secrets / name
    if not path.exists():
        fresh = path.with_name(f".{name}.{os.getpid()}")
        _write_closed(fresh, random.token_urlsafe(48))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


def _write_closed(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
