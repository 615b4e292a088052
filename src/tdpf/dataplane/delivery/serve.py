"""Serving `/data` on a Unix socket that only the gateway reaches."""

from __future__ import annotations

import os
import shutil

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops

from tdpf.kit.home import Home, home
from tdpf.kit.writing import forget_unfinished

SOCKET_NAME = "delivery.sock"


def serve(place: Home, *, workers: int | None = None, tcp: tuple[str, int] | None = None) -> None:
    """Serve until told to stop, on `run/delivery.sock`, or for tests of outside clients on a TCP address instead.

    `workers` defaults to the number of processors, two at least. There is no access control on the TCP address.
    """
    place.prepare()
    path = place.run / SOCKET_NAME
    os.environ["TDPF_HOME"] = str(place.root)
    os.environ["TDPF_SERVING_PARENT"] = str(os.getpid())
    path.unlink(missing_ok=True)
    shutil.rmtree(place.delivery / "work", ignore_errors=True)
    forget_unfinished(place.delivery)
    Granian(
        "tdpf.dataplane.delivery.worker:application",
        factory=True,
        address=tcp[0] if tcp else "127.0.0.1",
        port=tcp[1] if tcp else 0,
        uds=None if tcp else path,
        uds_permissions=0o600,
        interface=Interfaces.RSGI,
        http=HTTPModes.auto,
        loop=Loops.uvloop,
        workers=workers or max(2, os.cpu_count() or 2),
        websockets=True,
        backlog=1024,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=5,
        log_access=False,
        log_level="warning",  # type: ignore[arg-type]  # granian accepts the enum's value
    ).serve()


def main() -> None:
    """Serve the installation named by `TDPF_HOME`."""
    serve(home())


if __name__ == "__main__":
    main()
