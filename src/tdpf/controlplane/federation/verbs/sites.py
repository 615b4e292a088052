"""Verbs on sites: add, edit, pause; ask for a run, stop one, believe what a site lists no more."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import Q

from tdpf.controlplane.federation import errors, events, queries, rules
from tdpf.controlplane.federation.models import Record, Run, Site
from tdpf.controlplane.federation.types import SiteFacts
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.hashing import sha256_hex

_PLACE = frozenset({"url", "kind", "options"})
_SHOWN_WITH_RECORDS = frozenset({"publisher_name", "publisher_area", "standing", "name_ja", "name_en"})
_KEPT_CURSOR = timedelta(days=7)


def add_site(*, actor: Standing, facts: SiteFacts) -> Site:
    """Have a site read from now on, the first time at once.

    Raises OperatorNeeded (`members.may_operate`), SiteIncomplete, SiteNameTaken, SiteKnown, KindUnknown.
    """
    members.may_operate(actor)
    return keep_site(facts=facts, actor=actor.actor, member_id=actor.member_id)


@transaction.atomic
def keep_site(*, facts: SiteFacts, actor: str = "system", member_id: int | None = None) -> Site:
    """Add a site for whoever sits at the machine itself; raises as `add_site`, without asking who it is."""
    tidy = rules.tidy_site(facts, kinds=queries.site_kinds())
    _refuse_known(tidy)
    slug = tidy.slug or _proposed_slug(tidy)
    values = {**_columns(tidy), "slug": slug}
    try:
        with transaction.atomic():
            site = Site.objects.create(**values, next_run_at=now(), created_by_id=member_id)
    except IntegrityError:
        raise errors.SiteNameTaken(site=slug) from None
    announce(events.SiteAdded(actor=actor, subject=f"site:{site.uid}", site=slug, kind=site.kind, url=site.url))
    return site


@transaction.atomic
def edit_site(*, actor: Standing, site_uid: str, facts: SiteFacts) -> Site:
    """Change how a site is read; its short name stays. Another address or kind is read anew from the beginning.

    A run that goes on at the old address ends. What is shown with records is written by the next full run.
    Raises OperatorNeeded, SiteUnknown, SiteIncomplete, SiteKnown, KindUnknown.
    """
    members.may_operate(actor)
    site = _locked(site_uid)
    tidy = rules.tidy_site(facts, kinds=queries.site_kinds())
    wanted = _columns(tidy)
    del wanted["slug"]
    changed = [name for name, value in wanted.items() if getattr(site, name) != value]
    if not changed:
        return site
    if _PLACE & set(changed):
        _refuse_known(tidy, but=site.pk)
    for name in changed:
        setattr(site, name, wanted[name])
    if _PLACE & set(changed):
        site.mark, site.last_full_at = {}, None
        Run.objects.filter(site=site, state=Run.State.RUNNING).update(stop_asked=True)
    if _SHOWN_WITH_RECORDS & set(changed):
        Record.objects.filter(site=site).update(show_again=True)
    site.next_run_at = rules.next_run_at(every_hours=site.every_hours, daily_hour=site.daily_hour, after=now())
    site.save()
    announce(events.SiteEdited(actor=actor.actor, subject=f"site:{site.uid}", site=site.slug, fields=tuple(changed)))
    return site


@transaction.atomic
def set_site_state(*, actor: Standing, site_uid: str, state: str) -> Site:
    """Pause a site or let it go on; its records stay as they are. Raises OperatorNeeded, SiteUnknown."""
    members.may_operate(actor)
    site = _locked(site_uid)
    wanted = Site.State.PAUSED if state == Site.State.PAUSED else Site.State.ACTIVE
    if site.state != wanted:
        site.state = wanted
        site.save(update_fields=["state"])
        announce(events.SiteEdited(actor=actor.actor, subject=f"site:{site.uid}", site=site.slug, fields=("state",)))
    return site


def ask_run(*, actor: Standing, site_uid: str, is_full: bool = False, believes_losses: bool = False) -> Run:
    """Ask for a run now; one that waits or runs already is returned as it is.

    With `believes_losses` this run takes down what is not there any more, however much it is, and reads everything anew
    unless it goes on already.
    Raises OperatorNeeded, SiteUnknown.
    """
    members.may_operate(actor)
    with transaction.atomic():
        site = _locked(site_uid)
        run = begin_run(site=site, asked_by=actor.actor, is_full=is_full or believes_losses)
        waiting = Run.objects.filter(pk=run.pk, state=Run.State.WAITING)
        waiting.update(asked_by=actor.actor)
        if believes_losses:
            waiting.filter(is_full=False).update(is_full=True, cursor={}, reads_since=None)
            Run.objects.filter(pk=run.pk).update(believes_losses=True)
        run.refresh_from_db()
        announce(
            events.RunAsked(
                actor=actor.actor, subject=f"site:{site.uid}", site=site.slug, run_uid=run.uid,
                believes_losses=believes_losses,
            )
        )  # fmt: skip
        return run


@transaction.atomic
def begin_run(*, site: Site, asked_by: str = "system", is_full: bool | None = None) -> Run:
    """Return the run of a site that waits or runs, or a new one that goes on where the last one broke off."""
    open_run = Run.objects.filter(site=site, state__in=[Run.State.WAITING, Run.State.RUNNING]).first()
    if open_run is not None:
        return open_run
    instant = now()
    due = rules.is_full_due(mark=site.mark, last_full_at=site.last_full_at, full_days=site.full_days, now=instant)
    full = due or bool(is_full)
    place = rules.place_of(kind=site.kind, url=site.url, options=site.options)
    broken = _broken_off(site, instant)
    run = Run(site=site, asked_by=asked_by, asked_at=instant, is_full=full, place=place)
    if broken is not None and broken.place == place and broken.is_full == full and not is_full:
        run.cursor, run.reads_since = broken.cursor, broken.reads_since
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError:
        return Run.objects.get(site=site, state__in=[Run.State.WAITING, Run.State.RUNNING])
    Site.objects.filter(pk=site.pk).update(
        next_run_at=rules.next_run_at(every_hours=site.every_hours, daily_hour=site.daily_hour, after=instant)
    )
    return run


@transaction.atomic
def stop_run(*, actor: Standing, run_uid: str) -> Run:
    """End a run as soon as it hears; what it took stays, and the next run goes on from there. Raises OperatorNeeded, RunUnknown."""
    members.may_operate(actor)
    run = Run.objects.select_for_update(of=("self",)).select_related("site").filter(uid=run_uid).first()
    if run is None:
        raise errors.RunUnknown(run=run_uid)
    if run.stop_asked or run.state not in (Run.State.WAITING, Run.State.RUNNING):
        return run
    if run.state == Run.State.WAITING:
        run.state, run.ended_at = Run.State.STOPPED, now()
    run.stop_asked = True
    run.save(update_fields=["state", "ended_at", "stop_asked"])
    announce(events.RunStopped(actor=actor.actor, subject=f"site:{run.site.uid}", site=run.site.slug, run_uid=run.uid))
    return run


def begin_due_runs(*, instant: datetime) -> list[str]:
    """Let every active site whose time has come wait for a run; return the uids of all that wait, the longest first.

    Of paused sites only runs that somebody asked for.
    """
    for site in Site.objects.filter(state=Site.State.ACTIVE, next_run_at__lte=instant):
        begin_run(site=site)
    waiting = Run.objects.filter(Q(site__state=Site.State.ACTIVE) | ~Q(asked_by="system"), state=Run.State.WAITING)
    return list(waiting.order_by("pk").values_list("uid", flat=True))


def _columns(facts: SiteFacts) -> dict[str, Any]:
    found = {field.name: getattr(facts, field.name) for field in fields(facts)}
    return {**found, "options": dict(facts.options)}


def _broken_off(site: Site, instant: datetime) -> Run | None:
    last = Run.objects.filter(site=site).order_by("-pk").first()
    ended_badly = last is not None and last.state in (Run.State.STOPPED, Run.State.FAILED)
    if last is None or not ended_badly or not last.cursor or last.ended_at is None:
        return None
    return last if instant - last.ended_at < _KEPT_CURSOR else None


def _locked(site_uid: str) -> Site:
    site = Site.objects.select_for_update().filter(uid=site_uid).first()
    if site is None:
        raise errors.SiteUnknown(site=site_uid)
    return site


def _refuse_known(facts: SiteFacts, *, but: int | None = None) -> None:
    """Raise SiteKnown when another site reads the same of the same catalogue."""
    key = rules.address_key(facts.url)
    for site in Site.objects.filter(kind=facts.kind):
        if site.pk != but and rules.address_key(site.url) == key and site.options == dict(facts.options):
            raise errors.SiteKnown(url=facts.url, site=site.slug)


def _proposed_slug(facts: SiteFacts) -> str:
    """Return a short name from the host of a site's address, with a mark of the whole address when that is taken."""
    host = (urlsplit(facts.url).hostname or "site").removeprefix("www.")
    made = "-".join(part for part in host.lower().replace("_", "-").split(".") if part.isascii())[:50].strip("-")
    made = "".join(sign for sign in made if sign.isalnum() or sign == "-") or "site"
    if len(made) < 3 or Site.objects.filter(slug=made).exists():
        made = f"{made}-{sha256_hex(f'{facts.kind} {facts.url}'.encode())[:8]}"
    return made
