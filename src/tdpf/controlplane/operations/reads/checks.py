"""What `tdpf check` looks at: the audit log, waiting work, stored tables, secrets."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import datetime, timedelta

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.operations.reads.chain import verify_chain
from tdpf.controlplane.operations.types import Finding, Severity
from tdpf.djangokit.models import Job, Turn
from tdpf.kit.clock import now as present
from tdpf.kit.home import home
from tdpf.kit.text import Text

JOB_IS_STUCK = timedelta(minutes=15)


def check_everything(now: datetime | None = None) -> list[Finding]:
    """Return everything that does not hold: faults break a promise, warnings should be looked at; empty when all is well."""
    instant = now or present()
    return [*_chain(instant), *_work(instant), *_seals(), *_tables(), *_secrets()]


def _chain(now: datetime) -> Iterator[Finding]:
    for fault in verify_chain(now):
        yield Finding(code=f"audit-{fault.kind.value}", severity=Severity.FAULT, sentence=fault.sentence)


def _seals() -> Iterator[Finding]:
    for what in exchange.broken_seals():
        sentence = Text(
            f"封じた内容が書き換えられています: {what}。控えと比べ、原因を調べてください。",
            f"What was sealed has been altered: {what}. Compare it with the parties' copies and find the cause.",
        )
        yield Finding(code="seal-broken", severity=Severity.FAULT, sentence=sentence)


def _work(now: datetime) -> Iterator[Finding]:
    for job in Job.objects.filter(failed_at__isnull=False).order_by("id"):
        yield Finding(
            code="job-failed",
            severity=Severity.FAULT,
            sentence=Text(
                f"作業 {job.handler}（{job.pk}番）は{job.attempts}回失敗して止まっています: {job.last_error[:200]}",
                f"Job {job.handler} (no. {job.pk}) failed {job.attempts} times and stopped: {job.last_error[:200]}",
            ),
        )
    stuck = Job.objects.filter(failed_at__isnull=True, run_at__lt=now - JOB_IS_STUCK)
    if count := stuck.count():
        yield Finding(
            code="jobs-stuck",
            severity=Severity.WARNING,
            sentence=Text(
                f"{count}件の作業が15分以上待っています。worker が動いているか確かめてください。",
                f"{count} job(s) have waited more than 15 minutes; see whether the worker runs.",
            ),
        )
    for turn in Turn.objects.exclude(last_error="").order_by("name"):
        yield Finding(
            code="periodic-failed",
            severity=Severity.WARNING,
            sentence=Text(
                f"定期作業 {turn.name} は前回失敗しました: {turn.last_error[:200]}",
                f"The periodic task {turn.name} failed at its last run: {turn.last_error[:200]}",
            ),
        )


def _tables() -> Iterator[Finding]:
    for table in catalog.published_tables():
        for identity in {table.identity, *(pinned for _, pinned in table.pinned)}:
            if not (catalog.table_folder(identity) / "table.json").is_file():
                name = f"{table.slug}.{table.table}"
                yield Finding(
                    code="table-missing",
                    severity=Severity.FAULT,
                    sentence=Text(
                        f"公開中の表 {name}（{identity[:12]}…）の保存先がありません。",
                        f"The stored table of {name} ({identity[:12]}…) is not there.",
                    ),
                )


def _secrets() -> Iterator[Finding]:
    folder = home().secrets
    if not folder.is_dir():
        return
    for path in [folder, *sorted(folder.iterdir())]:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding(
                code="secrets-readable",
                severity=Severity.WARNING,
                sentence=Text(
                    f"{path} を所有者以外が読めます。chmod go= で閉じてください。",
                    f"Others than the owner can read {path}; close it with chmod go=.",
                ),
            )
