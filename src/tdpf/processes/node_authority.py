"""The control plane's own authority for nodes: whom the door lets in, kept in `secrets/nodes/`."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from tdpf.dataplane.control_door import INTERNAL_NAME, PORTAL_NAME
from tdpf.dataplane.gateway.nodes_door import AUTHORITIES, OWN_PAIR, TAKEN_BACK
from tdpf.dataplane.gateway.tls_door import ends_at
from tdpf.kit.certificates import Authority, Issued, issue, new_authority, taken_back
from tdpf.kit.home import Home
from tdpf.kit.writing import write_whole

AUTHORITY_DAYS = 3650
DOOR_DAYS = 397
# The door's own certificate is renewed by the door itself.
_RENEWED_BEFORE = timedelta(days=60)
_KEY, _ISSUED, _LOCK = "authority.key", "issued.json", "lock"


@dataclass(frozen=True, slots=True)
class NodeCertificate:
    """One certificate that a node was given; times as ISO 8601, ``revoked_at`` empty while it holds."""

    name: str
    serial: str
    ends_at: str
    revoked_at: str = ""


def authority_folder(home: Home) -> Path:
    """Return where the authority is kept."""
    return home.secrets / "nodes"


def authority_of(home: Home, *, now: datetime) -> Authority:
    """Return the authority with the door's certificate beside it; what is missing or ends soon is made."""
    folder = authority_folder(home)
    with _alone(folder):
        if not (folder / AUTHORITIES).exists():
            made = new_authority("TDPF nodes", now=now, days=AUTHORITY_DAYS)
            write_closed(folder / _KEY, made.key)
            write_closed(folder / AUTHORITIES, made.certificate)
        authority = Authority((folder / AUTHORITIES).read_bytes(), (folder / _KEY).read_bytes())
        listed, own = folder / TAKEN_BACK, folder / OWN_PAIR
        if not listed.exists() or not listed.stat().st_size:
            write_closed(listed, taken_back(authority, _revoked(_read(folder)), now=now))
        if not _holds(own, now):
            names = (INTERNAL_NAME, PORTAL_NAME)
            write_closed(own, issue(authority, "TDPF control plane", hosts=names, now=now, days=DOOR_DAYS).pem)
    return authority


def issue_for_node(home: Home, name: str, *, now: datetime, days: int) -> Issued:
    """Return a new certificate for a node, and note it; those it had hold until they end or are taken back."""
    made = issue(authority_of(home, now=now), name, now=now, days=days)
    folder = authority_folder(home)
    with _alone(folder):
        entry = NodeCertificate(name, made.serial, made.ends_at.isoformat())
        _keep(folder, [*_read(folder), entry])
    return made


def certificates_of_nodes(home: Home) -> list[NodeCertificate]:
    """Return every certificate that was made, the oldest first."""
    return _read(authority_folder(home))


def revoke_node(home: Home, name: str, *, now: datetime) -> int:
    """Take back every certificate of a node; return how many held until now."""
    authority = authority_of(home, now=now)
    folder = authority_folder(home)
    with _alone(folder):
        known = _read(folder)
        fresh = [
            replace(entry, revoked_at=now.isoformat(timespec="seconds"))
            if entry.name == name and not entry.revoked_at
            else entry
            for entry in known
        ]
        _keep(folder, fresh)
        write_closed(folder / TAKEN_BACK, taken_back(authority, _revoked(fresh), now=now))
    return sum(entry not in known for entry in fresh)


def write_closed(path: Path, data: bytes) -> None:
    """Write a file that only this account may read."""
    write_whole(path, data, mode=0o600)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / _LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read(folder: Path) -> list[NodeCertificate]:
    path = folder / _ISSUED
    return [NodeCertificate(**entry) for entry in json.loads(path.read_text())] if path.exists() else []


def _revoked(entries: list[NodeCertificate]) -> list[str]:
    return [entry.serial for entry in entries if entry.revoked_at]


def _holds(own: Path, now: datetime) -> bool:
    """Return whether the door's own certificate can be read and does not end soon."""
    try:
        return ends_at(own) - now >= _RENEWED_BEFORE
    except (OSError, ValueError):
        return False


def _keep(folder: Path, entries: list[NodeCertificate]) -> None:
    write_closed(folder / _ISSUED, json.dumps([asdict(entry) for entry in entries], indent=1).encode())
