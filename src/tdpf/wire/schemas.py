"""JSON Schemas of every message, for whoever writes another node or another control plane."""

from typing import Any

from tdpf.wire.codec import json_schema
from tdpf.wire.messages import (
    ENTRY_CLASSES,
    CounterReading,
    NodeHealth,
    SnapshotManifest,
    UsageLine,
)


def message_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema (draft 2020-12) of each message by its class name."""
    messages = (*ENTRY_CLASSES.values(), SnapshotManifest, CounterReading, UsageLine, NodeHealth)
    return {message.__name__: json_schema(message) for message in messages}
