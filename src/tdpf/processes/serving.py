"""Serving the control plane: the portal and the internal API, each by granian on a Unix socket."""

from __future__ import annotations

import os

from granian import Granian
from granian.constants import Interfaces

from tdpf.kit.home import Home

# Threads share one core in Python, processes do not; a second one also goes on when the first is lost.
PORTAL_WORKERS = 2
PORTAL_THREADS = 4
# Every gateway and delivery node holds one waiting request for the next snapshot.
INTERNAL_THREADS = 16


def serve_portal(home: Home) -> None:
    """Serve pages and the public API on `run/portal.sock` until told to stop."""
    workers = int(os.environ.get("TDPF_PORTAL_WORKERS", PORTAL_WORKERS))
    _serve(home, "portal.sock", "tdpf.processes.wsgi:application", PORTAL_THREADS, workers=max(1, workers))


def serve_internal(home: Home) -> None:
    """Serve the internal API on `run/internal.sock` until told to stop."""
    _serve(home, "internal.sock", "tdpf.processes.internal_wsgi:application", INTERNAL_THREADS)


def _serve(home: Home, socket_name: str, target: str, threads: int, *, workers: int = 1) -> None:
    path = home.run / socket_name
    path.unlink(missing_ok=True)
    os.environ["TDPF_SERVING_PARENT"] = str(os.getpid())
    Granian(
        target,
        uds=path,
        uds_permissions=0o600,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backlog=512,
        workers_kill_timeout=5,
        log_access=False,
        log_level="error",  # type: ignore[arg-type]  # granian accepts the enum's value
    ).serve()
