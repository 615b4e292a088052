"""Serving the control plane: a process of the portal, and the internal API, each by granian on a Unix socket."""

from __future__ import annotations

import os
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces

from tdpf.kit.home import Home

# The gateway lets two of each process wait for large bodies; the others answer meanwhile.
PORTAL_THREADS = 6
# Every gateway and delivery node holds one waiting request for the next snapshot.
INTERNAL_THREADS = 16
_SOCKET = "TDPF_SERVING_SOCKET"


def serve_portal(path: Path) -> None:
    """Serve pages and the public API by one process until told to stop; the socket is there when it can answer."""
    path.unlink(missing_ok=True)
    os.environ[_SOCKET] = str(path)
    try:
        _serve(_unnamed(path), "tdpf.processes.wsgi:application", PORTAL_THREADS)
    finally:
        path.unlink(missing_ok=True)


def give_socket_its_name() -> None:
    """Say that this process can answer: until then nobody finds its socket, and calls go to the others."""
    path = os.environ.get(_SOCKET)
    if path:
        _unnamed(Path(path)).replace(path)


def _unnamed(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def serve_internal(home: Home) -> None:
    """Serve the internal API on `run/internal.sock` until told to stop."""
    _serve(home.run / "internal.sock", "tdpf.processes.internal_wsgi:application", INTERNAL_THREADS)


def _serve(path: Path, target: str, threads: int) -> None:
    path.unlink(missing_ok=True)
    os.environ["TDPF_SERVING_PARENT"] = str(os.getpid())
    Granian(
        target,
        uds=path,
        uds_permissions=0o600,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        backlog=512,
        workers_kill_timeout=5,
        log_access=False,
        log_level="error",  # type: ignore[arg-type]  # granian accepts the enum's value
    ).serve()
