"""The parts of the data plane, and the door through which they reach it from elsewhere; none knows Django, nor has a database password."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tdpf.kit.home import Home
from tdpf.processes.secrets import secret
from tdpf.wire.start_problems import (
    CertificateUnreadable,
    ControlUnknown,
    EnvoyMissing,
    HomeTooLong,
    NodesUnknown,
    PortTaken,
)

if TYPE_CHECKING:
    from tdpf.dataplane.gateway.tls_door import TlsDoor


def run_gateway_part(home: Home, *, name: str, port: int, portal_processes: int) -> int:
    """Run one gateway until told to stop; return the exit code."""
    from tdpf.dataplane.control_door import door_of
    from tdpf.dataplane.gateway.agent import AgentOptions, run_gateway

    logging.basicConfig(level=os.environ.get("TDPF_LOG_LEVEL", "INFO"), format="%(levelname)s %(name)s %(message)s")
    secret(home, "node.secret")
    try:
        options = AgentOptions(
            name=name,
            port=port,
            control=door_of(home),
            trusted_hops=int(os.environ.get("TDPF_TRUSTED_PROXIES", "0")),
            allow_private_sources=os.environ.get("TDPF_ALLOW_PRIVATE_FETCH", "") == "1",
            tls=_tls_door(),
            portal_processes=portal_processes,
        )
        run_gateway(home, options)
    except (ControlUnknown, CertificateUnreadable, EnvoyMissing, HomeTooLong, PortTaken) as refused:
        print(f"gateway: {refused}", file=sys.stderr)
        return 1
    return 0


def _tls_door() -> TlsDoor | None:
    from tdpf.dataplane.gateway.tls_door import TlsDoor

    port = os.environ.get("TDPF_TLS_PORT", "")
    if not port:
        return None
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise SystemExit(
            f"gateway: TDPF_TLS_PORT={port}: 1から65535までの数ではありません / not a number from 1 to 65535"
        )
    certificate, key = (Path(os.environ.get(name, "")) for name in ("TDPF_TLS_CERTIFICATE", "TDPF_TLS_KEY"))
    return TlsDoor(int(port), certificate.absolute(), key.absolute(), quic=os.environ.get("TDPF_QUIC", "") == "1")


def run_delivery_part(home: Home, *, name: str = "") -> int:
    """Serve `/data` to the gateway until told to stop; return the exit code. `name` tells several deliveries apart."""
    from tdpf.dataplane.control_door import door_of
    from tdpf.dataplane.delivery.following import NAME_VARIABLE
    from tdpf.dataplane.delivery.serve import serve

    secret(home, "node.secret")
    try:
        door_of(home)
    except ControlUnknown as refused:
        print(f"delivery: {refused}", file=sys.stderr)
        return 1
    os.environ[NAME_VARIABLE] = name
    serve(home)
    return 0


def run_nodes_part(home: Home, *, port: int, portal_processes: int) -> int:
    """Serve nodes on other machines until told to stop; return the exit code."""
    from tdpf.dataplane.gateway.nodes_door import run_nodes_door
    from tdpf.kit.clock import now
    from tdpf.processes.node_authority import authority_folder, authority_of

    logging.basicConfig(level=os.environ.get("TDPF_LOG_LEVEL", "INFO"), format="%(levelname)s %(name)s %(message)s")

    def renew() -> None:
        authority_of(home, now=now())

    try:
        run_nodes_door(home, authority_folder(home), port=port, renew=renew, portal_processes=portal_processes)
    except (EnvoyMissing, NodesUnknown, PortTaken) as refused:
        print(f"nodes: {refused}", file=sys.stderr)
        return 1
    return 0
