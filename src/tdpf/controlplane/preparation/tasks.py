"""What the worker does for this room: it reads what was asked for, and erases what nobody came back to."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.mail import send_mail

from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Role
from tdpf.controlplane.preparation import services
from tdpf.controlplane.preparation.models import KeptMerge, Upload, Workpiece
from tdpf.controlplane.preparation.reads.merges import renewal_letter
from tdpf.controlplane.preparation.types import UploadState
from tdpf.djangokit.jobs import every, handler
from tdpf.kit.clock import now
from tdpf.kit.errors import Problem
from tdpf.kit.text import Text

log = logging.getLogger(__name__)


@handler("preparation.tasks.read_upload", lane="asked")
def read_upload(payload: dict[str, Any]) -> None:
    """Read an upload that waits to be read."""
    upload = Upload.objects.filter(uid=payload["upload_uid"], state=UploadState.READING).first()
    if upload is not None:
        services.perform_reading(upload, choice=payload.get("choice"), actor=str(payload.get("actor") or "system"))


@handler("preparation.tasks.finish", lane="apart")
@handler("preparation.tasks.work_on", lane="asked")
def work_on(payload: dict[str, Any]) -> None:
    """Do what a workpiece waits for; an order that was overtaken by another is left. To finish a table takes minutes."""
    row = Workpiece.objects.filter(uid=payload["workpiece_uid"], state=payload["state"]).first()
    if row is not None:
        services.perform_work(row)


@handler("preparation.tasks.renew_merge", lane="apart")
def renew_merge(payload: dict[str, Any]) -> None:
    """Look at the sources of a table that renews itself, and begin when one changed."""
    row = KeptMerge.objects.filter(uid=payload["merge_uid"]).first()
    if row is not None:
        services.renew_merge(row, asked=bool(payload.get("asked")))


@handler("preparation.tasks.conclude_renewal", lane="apart")
def conclude_renewal(payload: dict[str, Any]) -> None:
    """Say what a renewal brought and hand its table in for the provider's signature."""
    row = Workpiece.objects.filter(uid=payload["workpiece_uid"]).select_related("merge__member").first()
    if row is not None and row.merge is not None:
        services.conclude_renewal(row)


@handler("preparation.tasks.renew_fed_by")
def renew_fed_by(payload: dict[str, Any]) -> None:
    """Have tables renewed that have a new version among their sources, after a VersionPublished."""
    services.renew_fed_by(distribution_uid=payload["distribution_uid"])


@handler("preparation.tasks.note_used")
def note_used(payload: dict[str, Any]) -> None:
    """Remember what was published of a table that renews itself, after an UploadUsed."""
    services.note_used(upload_uid=payload["upload_uid"], distribution_uid=payload["distribution_uid"])


@handler("preparation.tasks.rate_version", lane="apart")
def rate_version(payload: dict[str, Any]) -> None:
    """Rate a version with what the catalogue knows of it, after an UploadUsed."""
    services.rate_version(version_uid=payload["version_uid"])


@handler("preparation.tasks.rebuild_lost", lane="long")
def rebuild_lost(payload: dict[str, Any]) -> None:
    """Make a table's files anew from what the provider handed in, after a TableLost; doing it twice changes nothing."""
    try:
        done = services.rebuild_lost(version_uid=payload["version_uid"])
    except (Problem, OSError) as fault:
        # Trying again helps no more: what was handed in is gone too.
        log.error("table %s cannot be made anew: %s", payload["identity"], fault)
    else:
        if not done:
            log.error("what was handed in makes another table than %s now", payload["identity"])


@handler("preparation.tasks.mail_renewal")
def mail_renewal(payload: dict[str, Any]) -> None:
    """Tell those who hand in files for the party what changed and that a signature is waited for, or why it did not work."""
    row = KeptMerge.objects.filter(uid=payload["merge_uid"]).first()
    if row is None:
        return
    for member in members.members_of_party(row.party_id, minimum=Role.EDITOR):
        subject, lines = renewal_letter(row, payload, member.language, settings.PUBLIC_URL)
        send_mail(f"[TDPF] {subject}", "\n".join(lines), settings.DEFAULT_FROM_EMAIL, [member.email])


@handler("preparation.tasks.mail_screening_decided")
def mail_screening_decided(payload: dict[str, Any]) -> None:
    """Tell those who hand in files for the party what the operator decided, with the reason, after a ScreeningDecided."""
    upload = Upload.objects.get(uid=payload["upload_uid"])
    accepted = payload["decision"] == "accepted"
    subject = Text("個人情報の確認が終わりました", "The check for personal data is done")
    verdict = (
        Text(
            "運営者が確認し、公開してよいと判断しました。",
            "The operator has looked at it and found that it may be published.",
        )
        if accepted
        else Text(
            "運営者が確認し、このままでは公開できないと判断しました。",
            "The operator has looked at it: it cannot be published as it is.",
        )
    )
    page = f"{settings.PUBLIC_URL}/provide/uploads/{upload.uid}"
    for member in members.members_of_party(payload["party_id"], minimum=Role.EDITOR):
        language = member.language
        lines = [verdict.in_(language), "", upload.file_name, payload["reason"], "", page]
        send_mail(f"[TDPF] {subject.in_(language)}", "\n".join(lines), settings.DEFAULT_FROM_EMAIL, [member.email])


@every(seconds=3600, name="preparation.tasks.expire_uploads")
def expire_uploads() -> int:
    """Erase uploads that nobody came back to."""
    return services.expire_uploads(instant=now())


@every(seconds=300, name="preparation.tasks.free_stuck_readings")
def free_stuck_readings() -> int:
    """Give uploads back whose reading never ended."""
    return services.give_up_readings(instant=now())


@every(seconds=3600, name="preparation.tasks.expire_workpieces")
def expire_workpieces() -> int:
    """Erase workpieces that nobody came back to; a visitor's after a day."""
    return services.expire_workpieces(instant=now())


@every(seconds=3600, name="preparation.tasks.renew_merges")
def renew_merges() -> int:
    """Have the sources of tables that renew themselves looked at, each once a day."""
    return services.renew_due(instant=now())


@every(seconds=300, name="preparation.tasks.free_stuck_work")
def free_stuck_work() -> int:
    """Give workpieces back whose work never ended."""
    return services.give_up_work(instant=now())
