"""What the worker does for this room: it reads what was asked for, and erases what nobody came back to."""

from __future__ import annotations

from typing import Any

from tdpf.controlplane.preparation import services
from tdpf.controlplane.preparation.models import Upload
from tdpf.controlplane.preparation.types import UploadState
from tdpf.djangokit.jobs import every, handler
from tdpf.kit.clock import now


@handler("preparation.tasks.read_upload", takes_long=True)
def read_upload(payload: dict[str, Any]) -> None:
    """Read an upload that waits to be read."""
    upload = Upload.objects.filter(uid=payload["upload_uid"], state=UploadState.READING).first()
    if upload is not None:
        services.perform_reading(upload, choice=payload.get("choice"), actor=str(payload.get("actor") or "system"))


@every(seconds=3600, name="preparation.tasks.expire_uploads")
def expire_uploads() -> int:
    """Erase uploads that nobody came back to."""
    return services.expire_uploads(instant=now())


@every(seconds=300, name="preparation.tasks.free_stuck_readings")
def free_stuck_readings() -> int:
    """Give uploads back whose reading never ended."""
    return services.give_up_readings(instant=now())
