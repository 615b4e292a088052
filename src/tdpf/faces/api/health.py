"""`/healthz`, `/readyz` and `/metrics` of the control plane's processes.

The figures of `/metrics` concern nobody outside, so only the internal socket has them.
"""

from __future__ import annotations

from collections.abc import Callable

import orjson
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.metering import queries as metering
from tdpf.controlplane.operations import queries as operations


def healthz(_request: HttpRequest) -> HttpResponse:
    """Say that this process answers."""
    return HttpResponse(b'{"status":"alive"}', content_type="application/json")


def portal_readyz(_request: HttpRequest) -> HttpResponse:
    """Say whether pages can be served: both databases answer and the search index is there (else 503)."""
    return _ready({"database": _answers(access.current_stamp), "search": catalog.search_is_ready()})


def internal_readyz(_request: HttpRequest) -> HttpResponse:
    """Say whether the data plane can be served: both databases answer (else 503)."""
    return _ready({"database": _answers(access.current_stamp), "ledger": _answers(metering.totals)})


def metrics(_request: HttpRequest) -> HttpResponse:
    """Answer the control plane's figures in Prometheus' text format 0.0.4."""
    totals = metering.totals()
    nodes = access.gate_nodes()
    lines = [
        f"tdpf_gate_stamp {access.current_stamp()}",
        f"tdpf_nodes {len(nodes)}",
        f"tdpf_nodes_current {sum(node.is_current for node in nodes)}",
        f"tdpf_ledger_lines_total {totals.lines}",
        f"tdpf_ledger_malformed_lines_total {totals.malformed}",
        f"tdpf_ledger_bytes_total {totals.bytes}",
        f"tdpf_ledger_differences {totals.differences}",
        *(f'tdpf_part_ok{{part="{part.part}"}} {int(part.state == "ok")}' for part in operations.health()),
        *(f'tdpf_waiting{{queue="{queue.name}"}} {queue.waiting}' for queue in operations.queues()),
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except DatabaseError:
        return False
    return True


def _ready(parts: dict[str, bool]) -> HttpResponse:
    ready = all(parts.values())
    return HttpResponse(
        orjson.dumps({"ready": ready, **parts}), status=200 if ready else 503, content_type="application/json"
    )
