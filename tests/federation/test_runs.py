"""Runs end to end against a site that really listens: first, incremental, deletions, faults, leases."""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta

import pytest
from django.db import transaction
from federation_runs import places_of, run, shown, site_at
from federation_sites import FakeCkan, hurried, made_up_package

from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.federation import queries, rules, services
from tdpf.controlplane.federation.models import Record, RecordChange, Run, RunFault
from tdpf.controlplane.federation.packing import original_of, stated_of
from tdpf.controlplane.federation.verbs import running
from tdpf.controlplane.members.models import Publisher
from tdpf.djangokit.models import OutboxEvent
from tdpf.kit.clock import now

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_first_run_lists_everything() -> None:
    """Each record is a dataset with its place, its publisher, its original; the run's counts say so."""
    with FakeCkan(23) as ckan:
        site = site_at(ckan.url, standing="gathered")
        done = run(site)
    assert (done.state, done.seen, done.added, done.left_out) == ("done", 23, 23, 0)
    assert done.announced == 23
    assert len(shown()) == 23
    record = Record.objects.get(alias="made-up-000003")
    dataset = Dataset.objects.get(uid=record.dataset_uid)
    assert dataset.title_ja == stated_of(record.kept).title
    assert places_of(dataset) == [("ward", True, False)]
    assert json.loads(original_of(record.kept))["id"] == record.record_id
    assert Publisher.objects.filter(party=dataset.provider_id).exists()
    site.refresh_from_db()
    assert site.mark
    assert site.last_full_at
    assert site.next_run_at
    assert OutboxEvent.objects.filter(name="federation.RunEnded").count() == 1


def test_an_unchanged_second_run_does_not_touch_the_catalogue() -> None:
    """What is the same is skipped by its hash; what changed is put; what vanished is retired with the reason."""
    with FakeCkan(40) as ckan:
        site = site_at(ckan.url)
        run(site)
        before = OutboxEvent.objects.filter(name="catalog.HarvestedPut").count()
        again = run(site, is_full=True)
        assert (again.unchanged, again.added, again.changed) == (40, 0, 0)
        assert OutboxEvent.objects.filter(name="catalog.HarvestedPut").count() == before
        ckan.change(7, title="新しい題名の一覧")
        ckan.delete(11)
        later = run(site)
    assert not later.is_full
    assert (later.changed, later.gone, later.added) == (1, 1, 0)
    assert "新しい題名の一覧" in shown().values()
    assert len(shown()) == 39
    gone = Record.objects.get(alias="made-up-000011")
    dataset = Dataset.objects.get(uid=gone.dataset_uid)
    assert dataset.state == "withdrawn"
    assert "wardのカタログ" in dataset.withdrawn_reason
    assert places_of(dataset) == [("ward", True, True)]
    assert list(gone.changes.values_list("what", flat=True)) == ["gone"]


def test_a_counter_in_the_original_is_no_news() -> None:
    """What changes only in the original is kept, and nothing else happens."""
    packages = [made_up_package(number, "2025-01-01T00:00:00") for number in range(3)]
    with FakeCkan(packages=packages) as ckan:
        site = site_at(ckan.url)
        run(site)
        packages[1]["tracking_summary"] = {"total": 7}
        again = run(site, is_full=True)
    assert (again.unchanged, again.changed) == (3, 0)
    kept = Record.objects.get(record_id=packages[1]["id"])
    assert json.loads(original_of(kept.kept))["tracking_summary"] == {"total": 7}
    assert not RecordChange.objects.exists()


def test_what_comes_back_is_shown_again_under_its_slug() -> None:
    """A record that was gone and is listed again is the same entry."""
    with FakeCkan(10) as ckan:
        site = site_at(ckan.url)
        run(site)
        slugs = shown()
        ckan.delete(4)
        run(site, is_full=True)
        assert len(shown()) == 9
        ckan.deleted.clear()
        run(site, is_full=True)
    assert shown() == slugs
    assert set(RecordChange.objects.values_list("what", flat=True)) == {"gone", "back"}


def test_sudden_losses_wait_for_the_operator(operator: object) -> None:
    """A site that lists less than half of what it had takes nothing down until somebody believes it."""
    with FakeCkan(30) as ckan:
        site = site_at(ckan.url)
        run(site)
        ckan.delete(*range(20))
        held = run(site)
        assert (held.state, held.gone, held.losses_held) == ("done", 0, 20)
        assert len(shown()) == 30
        believed = services.ask_run(actor=operator, site_uid=site.uid, believes_losses=True)
        done = services.perform_run(run_uid=believed.uid, manners=hurried())
    assert done is not None
    assert (done.gone, done.losses_held) == (20, 0)
    assert len(shown()) == 10


def test_one_record_that_cannot_be_taken_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in our own hands halves the batch until the record stands alone; all others are taken."""
    taken = running.take_records

    def stumbles(**what: object) -> object:
        if any("000013" in record.alias for record in what["records"]):  # type: ignore[attr-defined]
            raise ZeroDivisionError("planted")
        return taken(**what)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "take_records", stumbles)
    with FakeCkan(50) as ckan:
        done = run(site_at(ckan.url))
    assert (done.state, done.added, done.left_out) == ("done", 49, 1)
    fault = RunFault.objects.get(run=done)
    assert fault.code == "not-taken"
    assert "made-up-000013" in fault.piece


def test_one_record_that_takes_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a deadline for each record."""
    import time

    taken = running.take_records

    def dawdles(**what: object) -> object:
        if any("000002" in record.alias for record in what["records"]):  # type: ignore[attr-defined]
            time.sleep(30)
        return taken(**what)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "take_records", dawdles)
    monkeypatch.setattr(running, "_BATCH_SECONDS", 3.0)
    monkeypatch.setattr(running, "_RECORD_SECONDS", 3.0)
    with FakeCkan(8) as ckan:
        done = run(site_at(ckan.url))
    assert (done.state, done.added, done.left_out) == ("done", 7, 1)
    assert RunFault.objects.get(run=done).code == "took-too-long"


def test_bad_records_and_pages_do_not_stop_a_run() -> None:
    """Malformed records, one that makes its page fail, and a private one are left out with words."""
    packages = [made_up_package(number, "2025-01-01T00:00:00") for number in range(12)]
    packages[5]["title"] = ""
    packages[6]["id"] = packages[7]["id"]
    with FakeCkan(packages=packages) as ckan:
        ckan.spoiled[2] = b"[1,2,3]"
        ckan.failing = {9}
        done = run(site_at(ckan.url))
    assert done.state == "done"
    assert done.added >= 8
    assert done.left_out >= 3
    assert done.added + done.left_out >= 12
    assert queries.faults_of(done).total >= 3


def test_a_site_that_gives_less_than_it_announced_is_told_on() -> None:
    with FakeCkan(7) as ckan:
        ckan.miscount = 493
        done = run(site_at(ckan.url))
    assert (done.state, done.added) == ("done", 7)
    assert any("500" in ja and "7" in ja for _, ja, _ in done.log)


def test_an_endless_site_is_stopped_with_words() -> None:
    """Paging that never ends breaks off; what was taken stays; nothing is believed gone."""
    with FakeCkan(40) as ckan:
        site = site_at(ckan.url)
        run(site)
        ckan.endless = True
        done = run(site, is_full=True)
    assert done.state == "done"
    assert done.gone == 0
    assert RunFault.objects.filter(run=done, code="paging").exists()


def test_a_dead_site_fails_and_is_tried_again_sooner() -> None:
    """A run that cannot read its site says why in both languages; the next try comes before the usual time."""
    with FakeCkan(1) as ckan:
        url = ckan.url
    site = site_at(url, every_hours=24, daily_hour=None)
    begun = services.begin_run(site=site)
    done = services.perform_run(run_uid=begun.uid, manners=hurried(retries=1))
    assert done is not None
    assert done.state == "failed"
    assert done.problem["code"] == "fetching/failed" or done.problem["code"]
    assert done.problem["ja"]["detail"]
    assert done.problem["en"]["detail"]
    site.refresh_from_db()
    assert site.next_run_at is not None
    assert site.next_run_at < now() + timedelta(hours=1)


def test_a_private_address_is_refused(settings: object) -> None:
    """Without the operator's setting no site inside is read, whatever its own switch says."""
    settings.ALLOW_PRIVATE_FETCH = False  # type: ignore[attr-defined]
    with FakeCkan(3) as ckan:
        site = site_at(ckan.url, allow_private=True)
        begun = services.begin_run(site=site)
        done = services.perform_run(run_uid=begun.uid)
    assert done is not None
    assert done.state == "failed"
    assert "address-refused" in done.problem["code"] or "refused" in done.problem["code"]
    assert not shown()


def test_only_one_run_per_site() -> None:
    """Asking twice gives the same run; a lease is given once."""
    with FakeCkan(3) as ckan:
        site = site_at(ckan.url)
        first, second = services.begin_run(site=site), services.begin_run(site=site)
        assert first.pk == second.pk
        assert services.perform_run(run_uid=first.uid, manners=hurried()) is not None
        assert services.perform_run(run_uid=first.uid, manners=hurried()) is None


def test_a_stuck_run_is_freed_and_goes_on() -> None:
    """A run whose heartbeat stopped waits again with its cursor; its old holder cannot write any more."""
    with FakeCkan(30) as ckan:
        site = site_at(ckan.url, options={"rows": "10"})
        begun = services.begin_run(site=site)
        _break_after(begun, pages=1)
        old = Run.objects.get(pk=begun.pk)
        assert old.state == "running"
        assert old.added == 10
        assert services.free_stuck_runs(instant=now()) == []
        later = now() + rules.STUCK_AFTER + timedelta(seconds=1)
        assert services.free_stuck_runs(instant=later) == [begun.uid]
        with pytest.raises(running.LeaseLost), transaction.atomic():
            running.hold(old)
        done = services.perform_run(run_uid=begun.uid, manners=hurried())
    assert done is not None
    assert (done.state, done.seen, done.added, done.restarts) == ("done", 30, 30, 1)
    assert len(shown()) == 30


def test_a_stopped_run_is_gone_on_with() -> None:
    """What the operator stopped begins where it was; what was read before counts as seen when looking for deletions."""
    with FakeCkan(30) as ckan:
        site = site_at(ckan.url, options={"rows": "10"})
        begun = services.begin_run(site=site)
        _break_after(begun, pages=2, stop=True)
        stopped = Run.objects.get(pk=begun.pk)
        assert stopped.state == "stopped"
        done = run(site)
    assert done.state == "done"
    assert done.added == 10
    assert done.gone == 0
    assert len(shown()) == 30


def test_times_follow_the_schedule() -> None:
    """Due sites wait for a run, paused ones do not."""
    with FakeCkan(1) as ckan:
        active, paused = site_at(ckan.url), site_at(ckan.url, slug="other", options={"rows": "10"})
        type(paused).objects.filter(pk=paused.pk).update(state="paused")
        waiting = services.begin_due_runs(instant=now() + timedelta(seconds=1))
    assert [queries.get_run(uid).site.slug for uid in waiting] == [active.slug]


class _Killed(BaseException):
    """Stands for the end of the process."""


def _break_after(begun: Run, *, pages: int, stop: bool = False) -> None:
    """Run until some pages were taken, then vanish as a killed process does, or be asked to stop."""
    run = running.take_lease(begun.uid)
    assert run is not None
    work = running._Running(run, hurried())
    take, count = work._take, 0

    def counting(page: object) -> None:
        nonlocal count
        take(page)  # type: ignore[arg-type]
        count += 1
        if count == pages:
            if stop:
                raise running.StopAsked
            raise _Killed

    work._take = counting  # type: ignore[method-assign,assignment]
    with contextlib.suppress(_Killed):
        work.read()
