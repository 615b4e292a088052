"""How the door for nodes says whose certificate was shown, and what a node may say in its own name."""

from __future__ import annotations

NODE_HEADER = "x-tdpf-node"
"""What the door alone adds to a request; it is absent on the control plane's own socket."""

NODE_PREFIX = "node="
"""How the header begins, so that it is never empty, whatever the certificate names."""


def may_speak_for(shown: str, name: str) -> bool:
    """Return whether who comes in with this header may speak for a gateway or delivery: its own, or one of its workers (``name.0``)."""
    node = shown.removeprefix(NODE_PREFIX)
    return bool(node) and shown != node and (name == node or name.startswith(f"{node}."))
