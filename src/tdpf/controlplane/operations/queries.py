"""Every read of this room; those about decisions are for operators and ask for their standing."""

from __future__ import annotations

from tdpf.controlplane.operations.reads.chain import (
    chain_head,
    event_names,
    search_audit,
    unsealed_since,
    verify_chain,
)
from tdpf.controlplane.operations.reads.checks import check_everything
from tdpf.controlplane.operations.reads.health import health
from tdpf.controlplane.operations.reads.orders import (
    latest_suspension_orders,
    queues,
    suspension_order,
    suspension_orders,
    suspension_orders_of,
)

__all__ = [
    "chain_head",
    "check_everything",
    "event_names",
    "health",
    "latest_suspension_orders",
    "queues",
    "search_audit",
    "suspension_order",
    "suspension_orders",
    "suspension_orders_of",
    "unsealed_since",
    "verify_chain",
]
