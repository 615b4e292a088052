"""Sites that are edited between and during runs, permissions, runs that stand still, and when a site is read next."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
from federation_runs import run, shown, site_at
from federation_sites import FakeCkan, Reply, hurried

from tdpf.controlplane.catalog.models import Dataset, Place
from tdpf.controlplane.federation import errors, queries, rules, services
from tdpf.controlplane.federation.errors import SiteKnown
from tdpf.controlplane.federation.models import Record, Run, Site
from tdpf.controlplane.federation.types import SiteFacts
from tdpf.controlplane.federation.verbs import leases, running
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.models import OutboxEvent
from tdpf.faces.portal.forms.sites import SiteForm
from tdpf.kit.clock import now
from tdpf.processes import harvesting

pytestmark = pytest.mark.django_db(transaction=True)


def edited(site: Site, operator: Standing, **changes: Any) -> Site:
    """Edit a site as its page does."""
    site.refresh_from_db()
    plain = {field.name: getattr(site, field.name) for field in fields(SiteFacts)}
    return services.edit_site(actor=operator, site_uid=site.uid, facts=SiteFacts(**{**plain, **changes}))


def broken_off(site: Site, **changes: Any) -> Run:
    """Keep a run that broke off behind its first page."""
    begun = services.begin_run(site=site)
    taken = leases.take_lease(begun.uid)
    assert taken is not None
    Run.objects.filter(pk=begun.pk).update(cursor={"start": 10, "taken": 10}, **changes)
    return Run.objects.get(pk=begun.pk)


def test_a_cursor_is_good_at_its_own_address_only(operator: Standing) -> None:
    """Stopped or waiting, a run that was begun at the old address begins anew at the other one, and reads everything."""
    with FakeCkan(30) as old, FakeCkan(30) as other:
        site = site_at(old.url, options={"rows": "10"})
        broken_off(site, state="stopped", lease="", ended_at=now())
        edited(site, operator, url=other.url)
        done = run(site)
        assert (done.state, done.is_full, done.added) == ("done", True, 30)
        waiting = services.begin_run(site=Site.objects.get(pk=site.pk))
        assert not waiting.is_full
        Run.objects.filter(pk=waiting.pk).update(cursor={"start": 10, "taken": 10})
        edited(site, operator, url=f"{old.url}/")
        again = services.perform_run(run_uid=waiting.uid, manners=hurried())
    assert again is not None
    assert (again.is_full, again.seen) == (True, 30)


def test_one_catalogue_is_collected_once(operator: Standing) -> None:
    """Another spelling of the address is the same place; a part of it chosen by options, or another kind, is not."""
    first = site_at("https://catalog.example.jp/ckan/")
    for same in ("https://catalog.example.jp/ckan", "http://CATALOG.example.jp:80/ckan/"):
        with pytest.raises(SiteKnown) as known:
            site_at(same, slug="again")
        assert first.slug in known.value.detail_in("ja")
    site_at("https://catalog.example.jp/ckan", slug="part", options={"organization": "bunkyo"})
    other = site_at("https://catalog.example.jp/other", slug="other")
    with pytest.raises(SiteKnown):
        edited(other, operator, url=first.url)
    assert edited(first, operator, url="https://catalog.example.jp/ckan").slug == first.slug


def test_a_run_at_the_old_address_ends_and_leaves_no_mark(operator: Standing) -> None:
    """An edit in the middle of a run stops it; even when it comes to its end first, its mark is not kept."""
    with FakeCkan(30) as ckan:
        site = site_at(ckan.url)
        begun = services.begin_run(site=site)
        held = leases.take_lease(begun.uid)
        assert held is not None
        site = edited(site, operator, url="https://other.example/")
        due = site.next_run_at
        assert Run.objects.get(pk=begun.pk).stop_asked
        Run.objects.filter(pk=begun.pk).update(stop_asked=False)
        running._Running(held, hurried()).read()
    site.refresh_from_db()
    assert Run.objects.get(pk=begun.pk).state == "done"
    assert (site.mark, site.last_full_at, site.next_run_at) == ({}, None, due)


def test_other_settings_reach_unchanged_records(operator: Standing) -> None:
    """A site's area and name are written with records that did not change, by the next full run."""
    with FakeCkan(3) as ckan:
        site = site_at(ckan.url)
        run(site)
        edited(site, operator, name_ja="新しい名前", publisher_area="131032")
        done = run(site, is_full=True)
    assert (done.changed, done.unchanged) == (0, 3)
    assert set(Place.objects.values_list("site_name_ja", flat=True)) == {"新しい名前"}
    assert not Record.objects.filter(show_again=True).exists()


def test_losses_are_believed_by_the_run_that_goes_on_and_by_no_later_one(operator: Standing) -> None:
    """The permission belongs to one run: asked for while it goes on it counts, and it is used up when that run fails."""
    with FakeCkan(30) as ckan:
        site = site_at(ckan.url)
        run(site)
        ckan.delete(*range(20))
        begun = services.begin_run(site=Site.objects.get(pk=site.pk), is_full=True)
        held = leases.take_lease(begun.uid)
        assert held is not None
        services.ask_run(actor=operator, site_uid=site.uid, believes_losses=True)
        running._Running(held, hurried()).read()
        assert len(shown()) == 10
        ckan.delete(*range(29))
        failed = services.ask_run(actor=operator, site_uid=site.uid, believes_losses=True)
        Run.objects.filter(pk=failed.pk).update(state="failed", ended_at=now())
        later = run(site, is_full=True)
    assert later.losses_held == 9
    assert len(shown()) == 10


def test_what_is_held_back_was_not_seen() -> None:
    """Places that a site lists no more do not say that they were seen today; the others do."""
    with FakeCkan(30) as ckan:
        site = site_at(ckan.url)
        run(site)
        Place.objects.update(last_seen_at=now() - timedelta(days=9))
        ckan.delete(*range(20))
        assert run(site, is_full=True).losses_held == 20
    since = now() - timedelta(days=1)
    assert Place.objects.filter(last_seen_at__gt=since).count() == 10


def test_a_run_that_stands_still_too_often_has_failed() -> None:
    """It ends with words, the site is read again later, its process is ended; before that it waits again."""
    site = site_at("https://ward.example/")
    begun = broken_off(site, restarts=rules.MOST_RESTARTS - 1)
    later = now() + rules.STUCK_AFTER + timedelta(seconds=1)
    assert services.free_stuck_runs(instant=later) == [begun.uid]
    assert leases.take_lease(begun.uid) is not None
    Site.objects.update(next_run_at=None)
    assert services.free_stuck_runs(instant=later) == [begun.uid]
    begun.refresh_from_db()
    assert (begun.state, begun.ended_at, begun.lease) == ("failed", later, "")
    assert begun.problem["code"] == "federation/run-broke"
    site.refresh_from_db()
    assert site.next_run_at is not None
    assert OutboxEvent.objects.filter(name="federation.RunEnded").count() == 1
    assert services.free_stuck_runs(instant=later) == []


def test_a_stuck_run_that_was_to_end_has_ended() -> None:
    """It does not begin anew."""
    begun = broken_off(site_at("https://ward.example/"), stop_asked=True)
    later = now() + rules.STUCK_AFTER + timedelta(seconds=1)
    assert services.free_stuck_runs(instant=later) == [begun.uid]
    assert Run.objects.get(pk=begun.pk).state == "stopped"


def test_a_holder_that_comes_to_life_keeps_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A heartbeat between the look and the change."""
    begun = broken_off(site_at("https://ward.example/"))

    def beating(heartbeat_at: object, instant: object) -> bool:
        Run.objects.filter(pk=begun.pk).update(heartbeat_at=now())
        return True

    monkeypatch.setattr(rules, "is_stuck", beating)
    assert services.free_stuck_runs(instant=now()) == []
    assert Run.objects.get(pk=begun.pk).state == "running"


def test_a_stranger_does_not_say_when_for_ever() -> None:
    """Retry-After of a hundred years counts as a week."""
    with FakeCkan(1) as ckan:
        away = Reply(b"", 503, {"Retry-After": str(100 * 365 * 86400)})
        site = site_at(ckan.url)
        ckan.answers = {f"/api/3/action/{name}": away for name in ("package_search", "package_list", "status_show")}
        assert run(site).state == "failed"
    site.refresh_from_db()
    assert site.next_run_at is not None
    assert site.next_run_at <= now() + timedelta(days=7)


def test_paused_sites_run_only_when_asked(operator: Standing) -> None:
    """A run that waits since before the pause stays; one that somebody asks for goes on."""
    site = site_at("https://ward.example/")
    assert len(services.begin_due_runs(instant=now())) == 1
    services.set_site_state(actor=operator, site_uid=site.uid, state="paused")
    assert services.begin_due_runs(instant=now()) == []
    asked = services.ask_run(actor=operator, site_uid=site.uid)
    assert services.begin_due_runs(instant=now()) == [asked.uid]


def test_the_only_place_of_a_registered_dataset_is_parted(operator: Standing) -> None:
    """It gets an entry of its own, which harvests change from then on."""
    with FakeCkan(1) as ckan:
        site = site_at(ckan.url)
        run(site)
        record = Record.objects.get()
        Dataset.objects.filter(uid=record.dataset_uid).update(origin="registered", created_by_id=operator.member_id)
        Record.objects.update(registered=True)
        parted = services.part_record(
            actor=operator, dataset_uid=record.dataset_uid, site=site.slug, record_id=record.record_id
        )
        ckan.change(0, title="新しい題名")
        run(site, is_full=True)
    assert Dataset.objects.get(uid=parted).title_ja == "新しい題名"
    assert not Place.objects.filter(dataset__uid=record.dataset_uid).exists()
    assert not Record.objects.get().registered


def test_the_list_of_sites_says_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    """`tdpf harvest list` says what a site is called, not only its short name."""
    site = site_at("https://ward.example/")
    harvesting.print_sites()
    assert site.name_ja in capsys.readouterr().out


def test_whoever_stops_a_run_is_named_in_the_log(operator: Standing) -> None:
    """A run that waits ends at once, one that goes on when it hears; both are announced, each once."""
    with FakeCkan(3) as ckan:
        site = site_at(ckan.url)
        begun = services.begin_run(site=site)
        for _ in range(2):
            services.stop_run(actor=operator, run_uid=begun.uid)
    assert Run.objects.get(pk=begun.pk).state == "stopped"
    told = OutboxEvent.objects.filter(name="federation.RunStopped")
    assert [(row.actor, row.payload["run_uid"]) for row in told] == [(operator.actor, begun.uid)]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("ckan", {"rows": "viele"}),
        ("ckan", {"rows": "0"}),
        ("ckan", {"organisation": "minato"}),
        ("ckan", {"organization minato": ""}),
        ("data_json", {"rows": "10"}),
    ],
)
def test_settings_that_a_kind_does_not_know_are_said(kind: str, options: dict[str, str]) -> None:
    """Neither kept nor passed over in silence, nor tried: the field and what is known are named."""
    with pytest.raises(errors.SiteIncomplete) as refused:
        site_at("https://catalog.example", kind=kind, options=options)
    assert [fault["field"] for fault in refused.value.data["errors"]] == ["options"]  # type: ignore[union-attr,index]  # a list of faults
    with pytest.raises(errors.SiteIncomplete):
        queries.preview_site(kind=kind, url="https://catalog.example", options=options)
    assert site_at("https://catalog.example", options={" rows ": " 10 "}).options == {"rows": "10"}


def test_no_line_of_settings_is_lost() -> None:
    """A line without an equals sign is a name that the room does not know."""
    form = SiteForm(
        {
            "name_ja": "港区", "kind": "ckan", "url": "https://catalog.example", "standing": "own", "daily_hour": "3",
            "full_days": "7", "pause_seconds": "1", "run_hours": "6", "options": "organization minato\n\nfq = a=b\n",
        }
    )  # fmt: skip
    assert form.is_valid(), form.errors
    assert dict(form.facts().options) == {"organization minato": "", "fq": "a=b"}
