"""Doing a run: read page by page, take what is new, go on after bad records, end with words."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.federation import errors, rules
from tdpf.controlplane.federation.deadlines import Alarm, TookTooLong, at_most
from tdpf.controlplane.federation.models import Record, Run, RunFault, Site
from tdpf.controlplane.federation.reading.registry import reader_of
from tdpf.controlplane.federation.reading.taking import clean
from tdpf.controlplane.federation.types import LeftOut, ReadingOrder, ReadPage, ReadRecord
from tdpf.controlplane.federation.verbs.becoming_alike import join_become_alike
from tdpf.controlplane.federation.verbs.leases import (
    Heart,
    LeaseLost,
    StopAsked,
    announce_end,
    failures_in_a_row,
    hold,
    take_lease,
)
from tdpf.controlplane.federation.verbs.losses import (
    dropped_keys,
    lost_keys,
    sure_losses,
    take_losses,
    take_said_losses,
)
from tdpf.controlplane.federation.verbs.records import take_records
from tdpf.controlplane.federation.visiting.manners import Manners
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.clock import now
from tdpf.kit.errors import Problem
from tdpf.kit.text import Text

log = logging.getLogger("tdpf.federation")

_AT_ONCE = 500
_BATCH_SECONDS = 120.0
_RECORD_SECONDS = 10.0
_PIECE = 600
_TRIES_AT_THE_DATABASE = 5
_MOST_IN_A_ROW = 50
_MOST_ANNOUNCED = 2**31 - 1
_NOT_TAKEN = Text("この記録を取り込めませんでした（{why}）", "the record could not be taken ({why})")
_TOO_SLOW = Text("この記録の処理に時間がかかりすぎました", "working on this record took too long")


def perform_run(*, run_uid: str, manners: Manners | None = None) -> Run | None:
    """Work on a waiting run to its end, whatever that is; return it, or None when it did not wait.

    Never call it inside a transaction; it may take hours. Killed at any moment, it goes on from its last page.
    """
    run = take_lease(run_uid)
    if run is None:
        return None
    try:
        _Running(run, manners or manners_of(run.site)).read()
    except LeaseLost:
        log.warning("run %s is somebody else's now", run.uid)
    run.refresh_from_db()
    return run


def manners_of(site: Site) -> Manners:
    """Return how we behave at a site."""
    return Manners(
        contact_url=f"{settings.PUBLIC_URL}/help",
        pause=site.pause_seconds,
        source_seconds=site.run_hours * 3600.0,
        robots_permission=site.robots_permission,
        permitted_host=urlsplit(site.url).hostname or "",
        allow_private=site.allow_private and settings.ALLOW_PRIVATE_FETCH,
    )


class _Running:
    """One run in the hands of this process."""

    def __init__(self, run: Run, manners: Manners) -> None:
        self.run = run
        self.site = run.site
        self.heart = Heart(run)
        self.visitor = Visitor(manners, beat=self.heart.beat)
        self.requests, self.bytes = run.requests, run.bytes
        self.faults = run.faults.count()
        self.failed_in_a_row = 0

    def read(self) -> None:
        """Read the site to its end and close the run. Raises LeaseLost."""
        order = ReadingOrder(
            url=self.site.url,
            options=self.site.options,
            since={} if self.run.is_full else self.site.mark,
            cursor=self.run.cursor,
        )
        with self.visitor:
            try:
                for page in reader_of(self.site.kind).read(self.visitor, order):
                    self.heart.beat()
                    self._take(page)
                    if page.is_last:
                        self._end(page)
                        return
                self._end(ReadPage(is_last=True, coverage="part", mark=self.site.mark))
            except StopAsked:
                self._close(Run.State.STOPPED, line=Text("運営者が止めました", "the operator stopped it"))
            except Problem as problem:
                self._fail(problem)
            except LeaseLost:
                raise
            except Exception:
                # A bug in one reader must not look like a run that still goes on.
                log.exception("run %s broke", self.run.uid)
                self._fail(errors.RunBroke(site=self.site.slug))

    def _take(self, page: ReadPage) -> None:
        for begun in range(0, len(page.records), _AT_ONCE):
            self._take_batch(page.records[begun : begun + _AT_ONCE])
            self.heart.beat()
        instant = now()
        with transaction.atomic():
            run = self._own()
            gone = (*page.gone, *dropped_keys(run=self.run, page=page))
            run.gone += take_said_losses(run=self.run, site=self.site, record_ids=gone, instant=instant)
            run.announced = min(page.announced, _MOST_ANNOUNCED) if page.announced is not None else run.announced
            run.cursor = dict(page.cursor) if not page.is_last else run.cursor
            run.log = rules.log_with(run.log, [_line(remark) for remark in page.remarks])
            left_out = [_storable(fault) for fault in page.left_out]
            self._keep_faults(run, left_out, {record.stated.record_id: record for record in page.records})
            self._still_listed(left_out)
            self._save(run)

    def _take_batch(self, records: Sequence[ReadRecord]) -> None:
        """Take records; when one of them cannot be taken, halve until it stands alone, and leave only that out."""
        if not records:
            return
        fault = self._fault_in(records)
        if fault is None:
            self.failed_in_a_row = 0
        elif len(records) > 1:
            middle = len(records) // 2
            self._take_batch(records[:middle])
            self._take_batch(records[middle:])
        else:
            self._leave(records[0], fault)

    def _fault_in(self, records: Sequence[ReadRecord]) -> Exception | None:
        """Try to take records, return what stood in the way."""
        try:
            self._persist(records, _BATCH_SECONDS if len(records) > 1 else _RECORD_SECONDS)
        except (LeaseLost, StopAsked, OperationalError, InterfaceError):
            raise
        except Exception as fault:  # noqa: BLE001  # whatever a record does to us, the others are taken
            return fault
        return None

    def _leave(self, record: ReadRecord, fault: Exception) -> None:
        self.failed_in_a_row += 1
        if self.failed_in_a_row > _MOST_IN_A_ROW:
            raise fault
        slow = isinstance(fault, TookTooLong)
        if not slow:
            log.warning("run %s leaves out %s", self.run.uid, record.stated.record_id, exc_info=fault)
        why = _TOO_SLOW if slow else _NOT_TAKEN.filled({"why": repr(fault)[:300]})
        code = "took-too-long" if slow else "not-taken"
        left = LeftOut(record_id=record.stated.record_id, where=record.where, code=code, why=why)
        with transaction.atomic():
            run = self._own()
            run.seen += 1
            self._keep_faults(run, [left], {record.stated.record_id: record})
            self._still_listed([left])
            self._save(run)

    def _persist(self, records: Sequence[ReadRecord], seconds: float) -> None:
        """Take records in one transaction; a database that is busy is asked again."""
        for attempt in range(_TRIES_AT_THE_DATABASE):
            alarm = Alarm()
            try:
                with at_most(seconds) as alarm, transaction.atomic():
                    self._take_all(records)
                return
            except (TookTooLong, DatabaseError, InterfaceError) as fault:
                if alarm.rang:
                    # The connection may stand in the middle of a command and be good for nothing any more.
                    connection.close()
                    raise TookTooLong from fault
                if not isinstance(fault, OperationalError | InterfaceError) or attempt == _TRIES_AT_THE_DATABASE - 1:
                    raise
                connection.close()
                time.sleep(2.0**attempt)

    def _take_all(self, records: Sequence[ReadRecord]) -> None:
        run = self._own()
        taken = take_records(run=self.run, site=self.site, records=records, instant=now())
        run.seen += taken.seen
        run.added += taken.added
        run.changed += taken.changed
        run.unchanged += taken.unchanged
        run.duplicates += taken.duplicates + join_become_alike(site=self.site, records=taken.reworded)
        self._save(run)

    def _own(self) -> Run:
        hold(self.run)
        return Run.objects.get(pk=self.run.pk)

    def _save(self, run: Run) -> None:
        run.heartbeat_at = now()
        run.requests = self.requests + self.visitor.requests
        run.bytes = self.bytes + self.visitor.bytes
        run.save()

    def _still_listed(self, left_out: Sequence[LeftOut]) -> None:
        """Note that what could not be read this time is listed all the same: a bad record is not a deleted one."""
        keys = [
            fault.record_id for fault in left_out if fault.record_id and not fault.part and fault.code != "not-public"
        ]
        if keys:
            found = Record.objects.filter(site=self.site, record_id__in=keys, gone_at__isnull=True)
            found.update(last_seen_at=now(), missing_since=None)

    def _keep_faults(self, run: Run, left_out: Sequence[LeftOut], records: dict[str, ReadRecord]) -> None:
        run.left_out += sum(not fault.part for fault in left_out)
        run.trimmed += sum(bool(fault.part) for fault in left_out)
        room = max(0, rules.MOST_FAULTS - self.faults)
        kept = sorted(left_out, key=lambda fault: bool(fault.part))[:room]
        self.faults += len(kept)
        RunFault.objects.bulk_create(
            [
                RunFault(
                    run=run,
                    record_id=fault.record_id[:500],
                    where=fault.where[:2000],
                    code=fault.code[:32],
                    part=fault.part[:100],
                    why_ja=fault.why.ja[:1000],
                    why_en=fault.why.en[:1000],
                    piece=_piece(records.get(fault.record_id)),
                )
                for fault in kept
            ],
            batch_size=200,
        )

    def _end(self, page: ReadPage) -> None:
        """Take what is gone, keep where the next run begins, close the run."""
        instant = now()
        keys = lost_keys(run=self.run, page=page)
        sure = sure_losses(run=self.run, page=page, keys=keys, instant=instant)
        marked, held = take_losses(run=self.run, site=self.site, keys=sure, instant=instant)
        if page.coverage in ("all", "pages") or (page.coverage == "changes" and page.listed is not None):
            self._touch_places(instant, unseen=set(keys) - (set() if held else set(sure)))
        line = Text("終わりました", "done")
        if missing := len(keys) - len(sure):
            line = Text(
                f"終わりました。{missing} 件は見あたりませんでした。次の収集でも見あたらなければ、掲載終了とします",
                f"done; {missing} records were not seen: they are gone when the next run does not see them either",
            )
        if held:
            line = Text(
                f"{held} 件が急に載らなくなりました。確かめるまで公開を続けます",
                f"{held} records are suddenly missing; they stay until somebody has looked",
            )
        whole = page.coverage != "part"
        site: dict[str, Any] = {}
        if whole:
            site["mark"] = dict(page.mark)
            if self.run.is_full:
                site["last_full_at"] = instant
        counted = self.run.is_full and page.coverage in ("all", "pages")
        self._close(Run.State.DONE, line=line, gone=marked, held=held, site=site, counted=counted)

    def _touch_places(self, instant: datetime, *, unseen: set[int]) -> None:
        seen: list[str] | None = None
        if unseen:
            live = Record.objects.filter(site=self.site, gone_at__isnull=True).values_list("pk", "record_id")
            seen = [record_id for pk, record_id in live.iterator(chunk_size=5000) if pk not in unseen]
        with transaction.atomic():
            hold(self.run)
            catalog.touch_places(site=self.site.slug, seen_at=instant, record_ids=seen)

    def _fail(self, problem: Problem) -> None:
        plain = {"code": problem.code, "ja": problem.as_dict("ja"), "en": problem.as_dict("en")}
        line = Text(problem.detail_in("ja"), problem.detail_in("en"))
        self._close(Run.State.FAILED, line=line, problem=plain, wait=problem.data.get("retry_after_seconds"))

    def _close(
        self,
        state: Run.State,
        *,
        line: Text,
        gone: int = 0,
        held: int = 0,
        problem: dict[str, Any] | None = None,
        site: dict[str, Any] | None = None,
        wait: object = None,
        counted: bool = False,
    ) -> None:
        instant = now()
        with transaction.atomic():
            # The site before the run, as those lock them who edit a site.
            fresh = Site.objects.select_for_update().get(pk=self.site.pk)
            run = self._own()
            run.state, run.ended_at, run.lease = state, instant, ""
            run.gone += gone
            run.losses_held = held
            run.problem = problem
            fewer = rules.fewer_than_announced(run.announced, run.seen + run.left_out) if counted else None
            run.log = rules.log_with(run.log, [_line(words) for words in (fewer, line) if words is not None])
            self._save(run)
            if run.place == rules.place_of(kind=fresh.kind, url=fresh.url, options=fresh.options):
                when = self._next_run_at(fresh, state, instant, wait)
                Site.objects.filter(pk=fresh.pk).update(next_run_at=when, **(site or {}))
            announce_end(run, fresh, reason=line.ja if state != Run.State.DONE or held else "")

    def _next_run_at(self, site: Site, state: Run.State, instant: datetime, wait: object) -> datetime:
        when = rules.next_run_at(every_hours=site.every_hours, daily_hour=site.daily_hour, after=instant)
        if state == Run.State.FAILED:
            # The run itself is kept as failed already.
            when = rules.retry_at(failures=failures_in_a_row(site), usual=when, now=instant)
        if isinstance(wait, int):
            when = max(when, instant + timedelta(seconds=min(wait, rules.LONGEST_WAIT_SECONDS)))
        return when


def _line(words: Text) -> list[str]:
    return [now().isoformat(timespec="seconds"), clean(words.ja)[:500], clean(words.en)[:500]]


def _storable(fault: LeftOut) -> LeftOut:
    """Return a fault in characters that every database takes: what it quotes is a stranger's."""
    return replace(
        fault,
        record_id=clean(fault.record_id),
        where=clean(fault.where),
        part=clean(fault.part),
        why=Text(clean(fault.why.ja), clean(fault.why.en)),
    )


def _piece(record: ReadRecord | None) -> str:
    return record.original[:_PIECE].replace("\x00", "") if record is not None else ""
