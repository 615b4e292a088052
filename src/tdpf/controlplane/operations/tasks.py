"""What the worker does for this room."""

from __future__ import annotations

from tdpf.controlplane.operations import services
from tdpf.djangokit.jobs import every


@every(seconds=1, name="operations.tasks.seal_audit")
def seal_audit() -> int:
    """Seal what was announced since the last time."""
    return services.seal_audit()
