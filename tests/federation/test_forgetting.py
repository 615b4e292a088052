"""What is old goes, what tells where data came from stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from federation_runs import run, site_at
from federation_sites import FakeCkan, made_up_package

from tdpf.controlplane.catalog.models import Distribution
from tdpf.controlplane.community import services as community
from tdpf.controlplane.community.models import Confirmation, Visitor
from tdpf.controlplane.federation import queries, services, tasks
from tdpf.controlplane.federation.models import LinkLook, Record, RecordChange, Run, RunFault
from tdpf.kit.clock import now

pytestmark = pytest.mark.django_db(transaction=True)


def test_old_runs_and_looks_go_and_provenance_stays() -> None:
    """Four runs: the first is named by a change, the second by nothing, the third by a record, the last is the site's last."""
    packages = [made_up_package(number, "2025-01-01T00:00:00.000000") for number in range(2)]
    with FakeCkan(packages=packages) as ckan:
        site = site_at(ckan.url)
        run(site)
        packages[0]["title"] = "変わった題名"
        packages[1]["resources"] = packages[1]["resources"][:1]
        changing = run(site, is_full=True)
        run(site, is_full=True)
        seen = run(site, is_full=True)
        ckan.answers = {f"/api/3/action/{name}": b"nothing" for name in ("package_search", "package_list")}
        last = run(site)
    long_ago = now() - timedelta(days=400)
    Run.objects.update(ended_at=long_ago)
    RunFault.objects.create(run=seen, code="x", why_ja="x", why_en="x", at=now() - timedelta(days=100))
    gone = Distribution.objects.get(state="removed")
    Distribution.objects.filter(pk=gone.pk).update(modified_at=long_ago)
    kept = Distribution.objects.filter(state="active")[0]
    for uid, count in ((kept.uid, 3), (gone.uid, 1)):
        for _ in range(count):
            LinkLook.objects.create(
                distribution_uid=uid, dataset_uid="x", url="x", state="ok", first_at=long_ago, last_at=long_ago
            )
    records, changes = Record.objects.count(), RecordChange.objects.count()
    tasks.forget_old()
    assert set(Run.objects.values_list("pk", flat=True)) == {changing.pk, seen.pk, last.pk}
    assert not RunFault.objects.filter(run=seen).exists()
    assert (Record.objects.count(), RecordChange.objects.count()) == (records, changes)
    assert [look.distribution_uid for look in LinkLook.objects.all()] == [kept.uid]
    assert not Distribution.objects.filter(pk=gone.pk).exists()
    uid = Record.objects.order_by("pk")[0].dataset_uid
    assert len(queries.history_of(uid)) == 2
    assert services.forget_old(runs_before=long_ago, faults_before=long_ago, links_before=long_ago) == 0


def test_visitors_of_whom_nothing_is_left_are_forgotten() -> None:
    """A used link goes after its time; the address with it, when nothing else was sent."""
    old = now() - timedelta(days=400)
    visitor = Visitor.objects.create(email="once@example.jp", confirmed_at=old, created_at=old)
    Visitor.objects.create(email="fresh@example.jp")
    Confirmation.objects.create(sha256="0" * 64, visitor=visitor, made_at=old, expires_at=old, used_at=old)
    assert community.forget_visitors(before=now() - timedelta(days=365)) == 1
    assert [row.email for row in Visitor.objects.all()] == ["fresh@example.jp"]
