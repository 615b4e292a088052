"""ととのえる: from any file to a standard table, step by step, with or without an account. Every step can be left and resumed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from itertools import islice
from typing import Any, Concatenate, ParamSpec

import orjson
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.preparation import queries as preparation
from tdpf.controlplane.preparation import services
from tdpf.controlplane.preparation.errors import WorkpieceUnknown
from tdpf.controlplane.preparation.types import WorkpieceState
from tdpf.faces.portal.begun import begun, remember
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.forms.preparing import (
    FilesForm,
    answers_from,
    choices_from,
    decisions_from,
)
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.paging import offset_of
from tdpf.faces.portal.standing import see_other, standing_of
from tdpf.faces.portal.steps import work_steps
from tdpf.faces.portal.views.provide import own_parties
from tdpf.faces.portal.visiting import is_robot, private, trace_of
from tdpf.kit.errors import Problem
from tdpf.kit.ids import is_uid
from tdpf.kit.pages import Page

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
_PIECE = 4 * 1024 * 1024
_BUSY = (WorkpieceState.LOOKING, WorkpieceState.PLANNING, WorkpieceState.TRYING, WorkpieceState.FINISHING)
_PAGES = {
    WorkpieceState.FOUND: "prepare-found",
    WorkpieceState.PLANNED: "prepare-columns",
    WorkpieceState.TRIED: "prepare-compare",
    WorkpieceState.FINISHED: "prepare-results",
}
_ORDER = list(_PAGES)
_SHOWS = ("all", "changed", "rejected")
_SETTLED = ("confirmed", "reshape", "personal")
_ROWS_SHOWN = 20
_WAITING_SHOWN = 40
_POINTS_SHOWN = 2_000
_CONFLICTS_SHOWN = 40


def _private(view: View[P]) -> View[P]:
    """Keep pages whose address is a secret out of caches and search engines."""

    @wraps(view)
    def kept(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except WorkpieceUnknown:
            if request.user.is_authenticated or not is_uid(str(kwargs.get("address", ""))):
                raise
            # A member's own, seen after the session ended: they sign in and come back.
            return redirect_to_login(request.get_full_path())
        return private(response) if isinstance(response, HttpResponse) else response

    return kept


def start(request: HttpRequest) -> HttpResponse:
    """Choose files to rate and prepare; members find here what they began and the recipes they keep."""
    standing = standing_of(request)
    recipe_uid = request.GET.get("recipe", "") or request.POST.get("recipe", "")
    recipe = preparation.stored_recipe(recipe_uid, standing) if recipe_uid else None
    parties = [] if standing.is_anonymous else own_parties(standing)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = FilesForm(*posted, parties=parties, recipe=recipe)
    if request.method == "POST" and not is_robot(request) and form.is_valid():
        party = recipe.party_id if recipe else form.cleaned_data.get("party")
        with refusals_on(form):
            row = services.start_workpiece(
                actor=standing,
                files=[(file.name, file.size, file.chunks(_PIECE)) for file in form.cleaned_data["file"]],
                party_id=None if standing.is_anonymous else party,
                trace=trace_of(request) if standing.is_anonymous else "",
                recipe_uid=recipe.uid if recipe else "",
                sources=form.cleaned_data.get("sources", ()),
            )
            address = preparation.address_of(row)
            onward = see_other(reverse("prepare-found", args=[address]))
            return remember(request, onward, address) if standing.is_anonymous else onward
    context = {
        "form": form,
        "recipe": recipe,
        "standing": standing,
        "begun": [_listed(row, address) for address, row in begun(request)],
        "workpieces": []
        if standing.is_anonymous
        else [_listed(row, row.uid) for row in preparation.workpieces_of(standing).items],
        "recipes": [] if standing.is_anonymous else preparation.recipes_of(standing),
        "merges": [] if standing.is_anonymous else [_renewing(row) for row in preparation.merges_of(standing)],
        "steps": work_steps(1),
        "trail": [(_("ととのえる"), "")],
    }
    return render(request, "portal/prepare/start.html", context, status=422 if form.errors else 200)


@_private
def found(request: HttpRequest, address: str) -> HttpResponse:
    """Show what was found in the files: rating, tables, personal data; choose the standard table."""
    row, busy = _arrive(request, address, WorkpieceState.FOUND)
    if busy is not None:
        return busy
    if request.method == "POST":
        files = preparation.files_looked(row)
        try:
            services.choose_schema(
                actor=standing_of(request), address=address, schema=request.POST.get("schema", ""),
                choices=choices_from(request.POST, files),
            )  # fmt: skip
        except Problem as problem:
            tell(request, problem)
            return see_other(request.path)
        return see_other(reverse("prepare-columns", args=[address]))
    offered = preparation.schemas_offered(row)
    fitting = [offer for offer in offered if offer.mapped][:3]
    looked = preparation.files_looked(row)
    context = {
        **_frame(request, row, address, 2),
        "files": looked,
        "fitting": fitting,
        "others": [offer for offer in offered if offer not in fitting],
        "chosen": row.schema or (fitting[0].name if fitting else ""),
        "usable": any(entry.table or entry.choices for entry in looked),
        "persons": sorted({name for _, name in preparation.columns_of_persons(row)}),
    }
    return render(request, "portal/prepare/found.html", context)


@_private
def columns(request: HttpRequest, address: str) -> HttpResponse:
    """Show what each column was taken for and why; confirm or correct."""
    row, busy = _arrive(request, address, WorkpieceState.PLANNED)
    if busy is not None:
        return busy
    asked = preparation.columns_asked(row)
    status, problem_shown = 200, None
    chosen = [column.target for column in asked]
    if request.method == "POST":
        decisions = decisions_from(request.POST, asked)
        try:
            services.choose_columns(actor=standing_of(request), address=address, decisions=decisions)
        except Problem as problem:
            status, problem_shown = 422, problem
            chosen = [decisions[column.input][column.name] for column in asked]
        else:
            return see_other(reverse("prepare-compare", args=[address]))
    fields = preparation.fields_of(row)
    made = preparation.fields_made(row)
    lacking = [name for name, required in fields if required and name not in chosen and name not in made]
    context = {
        **_frame(request, row, address, 3),
        "columns": list(zip(asked, chosen, strict=True)),
        "personal": preparation.columns_of_persons(row),
        "several": len({column.input for column in asked}) > 1,
        "fields": fields,
        "lacking": lacking,
        "doubtful": sum(
            1 for column in asked if not column.target and column.alternatives and column.method not in _SETTLED
        ),
        "left": sum(
            1
            for column, target in zip(asked, chosen, strict=True)
            if not target and not column.alternatives and column.method not in ("reshape", "personal")
        ),
        "unused": sum(1 for column in asked if column.method == "personal"),
        "follows": bool(row.given_recipe),
        "refused": problem_shown.detail_in(page_language()) if problem_shown else "",
    }
    return render(request, "portal/prepare/columns.html", context, status=status)


@_private
def compare(request: HttpRequest, address: str) -> HttpResponse:
    """Show the first rows before and after, cell by cell, every change with its rule."""
    row, busy = _arrive(request, address, WorkpieceState.TRIED)
    if busy is not None:
        return busy
    show = request.GET.get("show", "all")
    show = show if show in _SHOWS else "all"
    offset = offset_of(request)
    seen = preparation.comparison_of(row, show=show, offset=offset, limit=_ROWS_SHOWN)
    waiting = preparation.waiting_of(row)
    context = {
        **_frame(request, row, address, 4),
        "comparison": seen,
        "several": len(row.files) > 1,
        "page": Page(items=list(seen.rows), total=seen.total, offset=offset, limit=_ROWS_SHOWN),
        "result": preparation.result_of(row),
        "show": show,
        "open": sum(1 for entry in waiting if entry.answer is None),
        "answered": len(row.answers),
        "pairs": preparation.pairs_judged(row),
        **conflicts_shown(row),
    }
    return render(request, "portal/prepare/compare.html", context)


@_private
def waiting(request: HttpRequest, address: str) -> HttpResponse:
    """One list of what waits for a person; every answer becomes a step of the recipe."""
    row, busy = _arrive(request, address, WorkpieceState.TRIED)
    if busy is not None:
        return busy
    entries = preparation.waiting_of(row)
    if request.method == "POST":
        standing = standing_of(request)
        taken = 0
        for key, action, value in answers_from(request.POST, entries):
            services.answer_waiting(
                actor=standing, address=address, key=key, action=action, value=value, by=standing.display_name
            )
            taken += 1
        if request.POST.get("reopen"):
            services.take_back_answer(actor=standing, address=address, key=request.POST["reopen"])
        if taken:
            messages.success(request, _("%(count)s件の答えを保存しました。") % {"count": taken})
        if request.POST.get("then") == "try":
            services.try_again(actor=standing, address=address)
            return see_other(reverse("prepare-compare", args=[address]))
        # What was answered has moved to the end of the list.
        turned = {"next": max(0, _WAITING_SHOWN - taken), "before": -_WAITING_SHOWN}.get(
            request.POST.get("then", ""), 0
        )
        return see_other(f"{request.path}?offset={max(0, offset_of(request) + turned)}")
    offset = offset_of(request)
    shown = entries[offset : offset + _WAITING_SHOWN]
    context = {
        **_frame(request, row, address, 4),
        "entries": shown,
        "page": Page(items=shown, total=len(entries), offset=offset, limit=_WAITING_SHOWN),
        "open": sum(1 for entry in entries if entry.answer is None),
        "result": preparation.result_of(row),
    }
    return render(request, "portal/prepare/waiting.html", context)


@_private
def cell(request: HttpRequest, address: str, key: str) -> HttpResponseBase:
    """Give the picture of a cell that was read from a page and waits."""
    row = preparation.workpiece_at(address, standing_of(request))
    response = FileResponse(preparation.cell_picture(row, key).open("rb"), content_type="image/png")
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@_private
def results(request: HttpRequest, address: str) -> HttpResponse:
    """Show what was made: numbers, files in every format, recipe and manual; publish it or keep the recipe."""
    row, busy = _arrive(request, address, WorkpieceState.FINISHED)
    if busy is not None:
        return busy
    result = preparation.result_of(row)
    standing = standing_of(request)
    context = {
        **_frame(request, row, address, 5),
        "result": result,
        "several": len(row.files) > 1,
        **conflicts_shown(row),
        "waiting": [entry for entry in preparation.waiting_of(row) if entry.answer is None][:_WAITING_SHOWN],
        "standing": standing,
        "mine": row.party_id is not None,
        "points_shown": _POINTS_SHOWN,
        "schema_title": next(
            (offer.title.ja for offer in preparation.schemas_offered(row) if offer.name == row.schema), ""
        ),
        "fetched": all(entry.get("source") for entry in row.files),
        "kept": [recipe for recipe in preparation.recipes_of(standing) if result and recipe.document == result.recipe]
        if row.party_id is not None
        else [],
    }
    return render(request, "portal/prepare/results.html", context)


@_private
def points(request: HttpRequest, address: str) -> HttpResponse:
    """Give the first located rows of a result for its map."""
    row = preparation.workpiece_at(address, standing_of(request))
    document = orjson.loads(preparation.result_file(row, f"{row.schema}.geojson").read_bytes())
    located = (feature for feature in document["features"] if feature["geometry"])
    shown = {"type": "FeatureCollection", "features": list(islice(located, _POINTS_SHOWN))}
    return HttpResponse(orjson.dumps(shown), content_type="application/geo+json")


@_private
def file(request: HttpRequest, address: str, name: str) -> HttpResponseBase:
    """Give one file of the results, always as an attachment."""
    row = preparation.workpiece_at(address, standing_of(request))
    path = preparation.result_file(row, name)
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Content-Security-Policy"] = "sandbox"
    return response


def _arrive(request: HttpRequest, address: str, page: WorkpieceState) -> tuple[Any, HttpResponse | None]:
    """Return the workpiece, and in place of the page what to show when it is being worked on or has not come so far."""
    row = preparation.workpiece_at(address, standing_of(request))
    asks = bool(request.headers.get("HX-Request"))
    if row.state in _BUSY:
        context = {
            **_frame(request, row, address, _BUSY.index(WorkpieceState(row.state)) + 2),
            "busy": True,
            "progress": preparation.progress_of(row),
        }
        template = "portal/prepare/progress.html" if asks else "portal/prepare/working.html"
        return row, render(request, template, context)
    here = WorkpieceState(row.state)
    came = _ORDER.index(here) >= _ORDER.index(page)
    target = request.path if came else reverse(_PAGES[here], args=[address])
    if asks:
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = target
        return row, answer
    return row, None if came else see_other(target)


def _frame(request: HttpRequest, row: Any, address: str, current: int) -> dict[str, Any]:
    here = WorkpieceState(row.state)
    visitor = row.party_id is None
    return {
        "row": row,
        "address": address,
        "parties": own_parties(standing_of(request)) if visitor and request.user.is_authenticated else [],
        "problem": (row.problem or {}).get(page_language()),
        "hours": preparation.kept_hours(row),
        "visitor": visitor,
        "steps": work_steps(current, address, reached=_ORDER.index(here) + 2 if here in _ORDER else 0),
        "begun_from": begun_from(row),
        "trail": _trail(row),
    }


def begun_from(row: Any) -> dict[str, str]:
    """Return the upload, and the dataset it was to be a new version of, from which preparing was begun, if it was."""
    return dict(row.files[0].get("begun_from") or {}) if row.files else {}


def _trail(row: Any) -> list[tuple[str, str]]:
    return [(_("ととのえる"), reverse("prepare")), ("、".join(entry["name"] for entry in row.files)[:60], "")]


def _listed(row: Any, address: str) -> dict[str, Any]:
    return {
        "row": row,
        "address": address,
        "name": "、".join(entry["name"] for entry in row.files)[:80],
        "page": _PAGES.get(WorkpieceState(row.state), "prepare-found"),
        "busy": row.state in _BUSY,
        "unread": preparation.is_unread(row),
    }


def _renewing(row: Any) -> dict[str, Any]:
    return {
        "row": row,
        "waits": preparation.page_of_upload(row),
        "lost": preparation.renewal_was_lost(row),
        "work": preparation.work_of_renewal(row),
        "problem": (row.problem or {}).get(page_language()),
    }


def conflicts_shown(row: Any) -> dict[str, Any]:
    """Return the values that differ between files, as the part of a page about them shows them."""
    found = preparation.conflicts_of(row)
    differing = [entry for entry in found if not entry.action]
    return {
        "differing": differing[:_CONFLICTS_SHOWN],
        "differing_more": max(0, len(differing) - _CONFLICTS_SHOWN),
        "settled": [entry for entry in found if entry.action],
    }


def tell(request: HttpRequest, problem: Problem) -> None:
    """Say on the next page why something was refused."""
    language = page_language()
    messages.error(request, f"{problem.title_in(language)}: {problem.detail_in(language)}")
