"""What access does by itself."""

from __future__ import annotations

from django.db import transaction

from tdpf.controlplane.access import services
from tdpf.djangokit import jobs
from tdpf.kit import clock


@jobs.every(seconds=300, name="access.purge_expired_tokens")
def purge_expired_tokens() -> None:
    """Forget tokens that no longer work."""
    services.purge_expired_tokens()


@jobs.every(seconds=30, name="access.begin_day")
def begin_day() -> None:
    """Have the gate compiled anew soon after midnight in Japan."""
    services.begin_day(day=clock.jst_day_number(clock.now()))


@jobs.every(seconds=6 * 3600, name="access.renew_snapshot")
def renew_snapshot() -> None:
    """Have the nodes fetch a freshly signed snapshot well before the last one ends."""
    with transaction.atomic():
        services.bump_stamp("settings")
