"""How every part of the platform is doing, as far as the control plane can see."""

from __future__ import annotations

from datetime import datetime, timedelta

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access.types import GateNodeFacts
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.operations.reads.chain import unsealed_since
from tdpf.controlplane.operations.types import HealthState, PartHealth
from tdpf.djangokit.models import Job, Turn
from tdpf.kit.clock import now as present
from tdpf.kit.text import Text

WORKER_IS_LATE = timedelta(seconds=15)
WORKER_IS_DOWN = timedelta(seconds=60)
AUDIT_IS_LATE = timedelta(seconds=15)
JOB_IS_LATE = timedelta(minutes=5)
FAILS_OFTEN = 6
NODE_IS_DOWN = timedelta(seconds=60)
NODE_LABELS = {
    "gateway": Text("ゲートウェイ", "Gateway"),
    "delivery": Text("配信", "Delivery"),
}


def health(now: datetime | None = None) -> list[PartHealth]:
    """Return the state of every part: worker, jobs, audit log, gateways and delivery nodes."""
    instant = now or present()
    return [_worker(instant), _jobs(instant), _audit(instant), *_nodes(instant)]


def _worker(now: datetime) -> PartHealth:
    seen = Turn.objects.exclude(last_run_at__isnull=True).order_by("-last_run_at").first()
    seen_at = seen.last_run_at if seen is not None else None
    if seen_at is None or now - seen_at > WORKER_IS_DOWN:
        state, detail = HealthState.DOWN, Text("定期作業が動いていません。", "Periodic work does not run.")
    elif now - seen_at > WORKER_IS_LATE:
        state, detail = HealthState.LATE, Text("定期作業が遅れています。", "Periodic work is late.")
    else:
        state, detail = HealthState.OK, Text("動いています。", "Running.")
    return PartHealth(part="worker", label=Text("作業", "Worker"), state=state, seen_at=seen_at, detail=detail)


def _jobs(now: datetime) -> PartHealth:
    failed = Job.objects.filter(failed_at__isnull=False).count()
    failing = Job.objects.filter(failed_at__isnull=True, attempts__gte=FAILS_OFTEN).exclude(last_error="").count()
    late = Job.objects.filter(failed_at__isnull=True, run_at__lt=now - JOB_IS_LATE).order_by("run_at").first()
    waiting = Job.objects.filter(failed_at__isnull=True, run_at__lte=now).count()
    if failed:
        state = HealthState.LATE
        detail = Text(f"{failed}件の作業が失敗したままです。", f"{failed} job(s) have failed for good.")
    elif failing:
        state = HealthState.LATE
        detail = Text(f"{failing}件の作業が何度も失敗しています。", f"{failing} job(s) fail again and again.")
    elif late is not None:
        state = HealthState.LATE
        detail = Text(f"{waiting}件の作業が待っています。", f"{waiting} job(s) are waiting.")
    else:
        state, detail = HealthState.OK, Text(f"待ちは{waiting}件です。", f"{waiting} waiting.")
    return PartHealth(
        part="jobs",
        label=Text("作業の待ち行列", "Job queue"),
        state=state,
        seen_at=late.run_at if late is not None else now,
        detail=detail,
    )


def _audit(now: datetime) -> PartHealth:
    since = unsealed_since()
    late = since is not None and now - since > AUDIT_IS_LATE
    return PartHealth(
        part="audit",
        label=Text("監査ログ", "Audit log"),
        state=HealthState.LATE if late else HealthState.OK,
        seen_at=since if late else now,
        detail=Text("封じるのが遅れています。", "Sealing is late.")
        if late
        else Text("すべて封じられています。", "Everything is sealed."),
    )


def _nodes(now: datetime) -> list[PartHealth]:
    nodes = access.gate_nodes()
    parts = [_node(node, now) for node in nodes]
    parts += [
        PartHealth(
            part=kind,
            label=label,
            state=HealthState.DOWN,
            seen_at=None,
            detail=Text("まだ報告がありません。", "It has never reported."),
        )
        for kind, label in NODE_LABELS.items()
        if not any(node.kind == kind for node in nodes)
    ]
    return parts


def _what_is_wrong(node: GateNodeFacts) -> Text:
    told = node.health.get("damaged")
    lost = {str(identity) for identity in told} if isinstance(told, list) else set()
    if not lost:
        return Text("一部が動いていません。", "It runs in part.")
    names = [
        f"{table.slug}.{table.table}"
        for table in catalog.published_tables()
        if lost & {table.identity, *(identity for _, identity in table.pinned)}
    ]
    return Text(
        f"公開中の表 {len(lost)} 件のファイルがないか壊れていて、答えられません: {'、'.join(names)}",
        f"The files of {len(lost)} published table(s) are missing or damaged, so they are not answered: {', '.join(names)}",
    )


def _node(node: GateNodeFacts, now: datetime) -> PartHealth:
    told = str(node.health.get("state", ""))
    if now - node.seen_at > NODE_IS_DOWN or told in ("closed", "stopping"):
        state = HealthState.DOWN
        detail = Text("報告が止まっているか、閉じています。", "It is silent or closed.")
    elif not node.is_current:
        state = HealthState.LATE
        detail = Text(
            f"反映は{node.applied_stamp}番まで（最新は{access.current_stamp()}番）です。",
            f"It works by stamp {node.applied_stamp}; the latest is {access.current_stamp()}.",
        )
    elif told == "degraded":
        state, detail = HealthState.LATE, _what_is_wrong(node)
    else:
        state = HealthState.OK
        detail = Text(f"{node.applied_stamp}番まで反映しています。", f"It works by stamp {node.applied_stamp}.")
    label = NODE_LABELS.get(node.kind, Text(node.kind, node.kind))
    return PartHealth(
        part=node.kind,
        label=Text(f"{label.ja} {node.name}", f"{label.en} {node.name}"),
        state=state,
        seen_at=node.seen_at,
        detail=detail,
    )
