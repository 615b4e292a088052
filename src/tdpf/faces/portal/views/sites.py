"""The operator's pages about collecting: sites, trying and adding one, runs with their faults, likely duplicates."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.federation import queries as federation
from tdpf.controlplane.federation import services
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.forms.sites import AddressForm, SiteForm, TableForm
from tdpf.faces.portal.paging import offset_of
from tdpf.faces.portal.standing import operator_page, see_other, standing_of
from tdpf.kit import clock
from tdpf.kit.errors import Problem
from tdpf.kit.pages import Page

_LINK_STATES = ("broken", "suspect", "moved", "ok", "unknown")


@operator_page
def sites(request: HttpRequest) -> HttpResponse:
    """List the sites with their last and next runs, and what waits for a decision."""
    return _sites_page(request)


def _sites_page(
    request: HttpRequest, *, form: AddressForm | None = None, table_form: TableForm | None = None
) -> HttpResponse:
    context = {
        "lines": federation.list_sites(),
        "going_on": federation.open_runs(),
        "pairs": federation.waiting_pairs(limit=1).total,
        "now": clock.now(),
        "kinds": {kind.kind: kind.title for kind in federation.site_kinds()},
        "form": form or AddressForm(),
        "table_form": table_form or TableForm(),
        "proposals": federation.open_proposals(offset=offset_of(request)),
        "trail": _trail(),
    }
    return render(request, "portal/operator/sites.html", context, status=422 if form or table_form else 200)


@operator_page
@require_POST
def table_taken(request: HttpRequest) -> HttpResponse:
    """Learn from a table of bodies which catalogues there are."""
    form = TableForm(request.POST, request.FILES)
    if form.is_valid():
        table = form.cleaned_data["table"]
        with tempfile.NamedTemporaryFile(prefix="tdpf-bodies-") as kept:
            for piece in table.chunks():
                kept.write(piece)
            kept.flush()
            with refusals_on(form):
                fresh = services.take_table(actor=standing_of(request), path=Path(kept.name), name=table.name)
                messages.success(
                    request, _("一覧表から、まだ知らなかった目録を %(count)d 件見つけました。") % {"count": fresh}
                )
                return see_other(f"{reverse('operator-sites')}#proposals")
    return _sites_page(request, table_form=form)


@operator_page
def site_new(request: HttpRequest) -> HttpResponse:
    """Find out what answers at an address, show its first records, and add it."""
    if request.method != "POST":
        return see_other(reverse("operator-sites"))
    if request.POST.get("step") == "find":
        return _found(request)
    form = SiteForm(request.POST)
    preview = None
    if form.is_valid():
        with refusals_on(form):
            if request.POST.get("step") == "save":
                site = services.add_site(actor=standing_of(request), facts=form.facts())
                messages.success(request, _("収集元を加えました。まもなく最初の収集が始まります。"))
                return see_other(reverse("operator-site", args=[site.slug]))
            facts = form.facts()
            preview = federation.preview_site(kind=facts.kind, url=facts.url, options=facts.options)
    return _new_page(request, form=form, preview=preview)


def _found(request: HttpRequest) -> HttpResponse:
    address = AddressForm(request.POST)
    guesses = []
    if address.is_valid():
        with refusals_on(address):
            guesses = federation.guess_kinds(address.cleaned_data["url"])
    if not address.is_valid():
        return _sites_page(request, form=address)
    url = address.cleaned_data["url"]
    best = guesses[0] if guesses else None
    form = SiteForm(
        initial={
            "url": best.url if best else url,
            "kind": best.kind if best else "",
            "name_ja": (best.title if best else "") or urlsplit(url).hostname,
            "standing": "own",
            "daily_hour": 3,
            "full_days": 7,
            "pause_seconds": 1.0,
            "run_hours": 6,
            # Who looked there and goes on means that address.
            "allow_private": best is not None and federation.is_inside(best.url),
        }
    )
    preview = None
    if best is not None and best.place == "near":
        messages.warning(
            request,
            _(
                "入力されたアドレスそのものには、読み取れる目録がありません。同じサイトの別の場所にあるものを示しています。"
            ),
        )
    if best is not None:
        try:
            preview = federation.preview_site(kind=best.kind, url=best.url, options={})
        except Problem as problem:
            messages.warning(request, problem.detail_in(page_language()))
    return _new_page(request, form=form, preview=preview, guesses=guesses, looked=True)


def _new_page(request: HttpRequest, *, form: SiteForm, **more: object) -> HttpResponse:
    kinds = {kind.kind: kind for kind in federation.site_kinds()}
    context = {"form": form, "kinds": kinds, "trail": _trail((_("収集元を加える"), "")), **more}
    return render(request, "portal/operator/site_new.html", context, status=422 if form.errors else 200)


@operator_page
def site(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a site: how it is read, its runs, what is held back."""
    found = federation.get_site(slug)
    runs = federation.runs_of(found)
    held = next((run for run in runs if run.state == "done"), None)
    context = {
        "site": found,
        "line": federation.site_line(found),
        "kind": {kind.kind: kind.title for kind in federation.site_kinds()}.get(found.kind),
        "runs": runs,
        "held": held if held and held.losses_held else None,
        "now": clock.now(),
        "trail": _trail((found.name_ja, "")),
    }
    return render(request, "portal/operator/site.html", context)


@operator_page
def site_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change how a site is read."""
    found = federation.get_site(slug)
    form = SiteForm(request.POST or None, initial=SiteForm.initial_of(found))
    form.fields["slug"].disabled = True
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            services.edit_site(actor=standing_of(request), site_uid=found.uid, facts=form.facts())
            messages.success(request, _("設定を保存しました。"))
            return see_other(reverse("operator-site", args=[found.slug]))
    trail = _trail((found.name_ja, reverse("operator-site", args=[found.slug])), (_("設定"), ""))
    context = {"site": found, "form": form, "trail": trail}
    return render(request, "portal/operator/site_edit.html", context, status=422 if form.errors else 200)


@operator_page
@require_POST
def site_act(request: HttpRequest, slug: str) -> HttpResponse:
    """Run a site now, pause it, let it go on, or believe what it lists no more."""
    found = federation.get_site(slug)
    actor, what = standing_of(request), request.POST.get("what", "")
    if what in ("run", "full", "believe"):
        run = services.ask_run(
            actor=actor, site_uid=found.uid, is_full=what == "full", believes_losses=what == "believe"
        )
        messages.success(request, _("収集を予約しました。数秒で始まります。"))
        return see_other(reverse("operator-run", args=[run.uid]))
    services.set_site_state(actor=actor, site_uid=found.uid, state="paused" if what == "pause" else "active")
    messages.success(request, _("収集を休止しました。") if what == "pause" else _("収集を再開しました。"))
    return see_other(reverse("operator-site", args=[found.slug]))


@operator_page
def run(request: HttpRequest, uid: str) -> HttpResponse:
    """Show a run: counts, log, and what it left out."""
    found = federation.get_run(uid)
    offset = offset_of(request)
    english = page_language() == "en"
    context = {
        "run": found,
        "site": found.site,
        "lines": [(line[0], line[2] if english else line[1]) for line in reversed(found.log)],
        "problem": (found.problem or {}).get(page_language()),
        "page": federation.faults_of(found, offset=offset),
        "now": clock.now(),
        "trail": _trail((found.site.name_ja, reverse("operator-site", args=[found.site.slug])), (_("収集の記録"), "")),
    }
    return render(request, "portal/operator/run.html", context)


@operator_page
@require_POST
def run_stop(request: HttpRequest, uid: str) -> HttpResponse:
    """End a run soon; what it took stays."""
    services.stop_run(actor=standing_of(request), run_uid=uid)
    messages.success(request, _("止めるよう伝えました。数秒で止まります。"))
    return see_other(reverse("operator-run", args=[uid]))


@operator_page
def pairs(request: HttpRequest) -> HttpResponse:
    """Show likely duplicates side by side, oldest first."""
    offset = offset_of(request)
    context = {
        "page": federation.waiting_pairs(offset=offset),
        "decided": federation.decided_pairs(),
        "trail": _trail((_("重複候補"), "")),
    }
    return render(request, "portal/operator/pairs.html", context)


@operator_page
@require_POST
def pair_decide(request: HttpRequest, number: int) -> HttpResponse:
    """Merge a pair or keep it apart."""
    merge = request.POST.get("decision") == "merge"
    services.decide_pair(actor=standing_of(request), pair_id=number, merge=merge, reason=request.POST.get("reason", ""))
    messages.success(request, _("一つにまとめました。") if merge else _("別々のままにします。もう候補に出ません。"))
    return see_other(reverse("operator-pairs"))


@operator_page
def links(request: HttpRequest) -> HttpResponse:
    """Show how many links are in which state, and those of one state."""
    counts = catalog.count_links()
    chosen = request.GET.get("state", "broken")
    chosen = chosen if chosen in _LINK_STATES else "broken"
    offset = offset_of(request)
    found = catalog.links_in_state([chosen], offset=offset)
    context = {
        "counts": [(state, counts.get(state, 0)) for state in _LINK_STATES],
        "shown_states": _LINK_STATES,
        "chosen": chosen,
        "page": Page(items=found, total=counts.get(chosen, 0), offset=offset, limit=50),
        "trail": _trail((_("リンクの様子"), "")),
    }
    return render(request, "portal/operator/links.html", context)


@operator_page
@require_POST
def record_part(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a place that was joined wrongly an entry of its own."""
    page = catalog.dataset_page(slug, standing_of(request))
    services.part_record(
        actor=standing_of(request), dataset_uid=page.uid, site=request.POST.get("site", ""),
        record_id=request.POST.get("record_id", ""), reason=request.POST.get("reason", ""),
    )  # fmt: skip
    messages.success(request, _("別のデータとして分けました。もう自動ではまとめません。"))
    return see_other(reverse("dataset-history", args=[page.slug]))


def _trail(*more: tuple[str, str]) -> list[tuple[str, str]]:
    sites_page = (_("自動収集"), reverse("operator-sites") if more else "")
    return [(_("運営"), reverse("operator-desk")), sites_page, *more]
