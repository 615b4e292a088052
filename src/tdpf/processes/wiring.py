"""Who is told of what: the one place where announced events meet those who act on them."""

from __future__ import annotations


def wire_events() -> None:
    """Subscribe every handler and hook; called once per process when Django is ready."""
