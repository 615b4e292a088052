"""ととのえる, what the pages' buttons do: try, fold, judge, finish, keep, hand on, erase. Every one leads back to a page."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tdpf.controlplane.preparation import queries as preparation
from tdpf.controlplane.preparation import services
from tdpf.controlplane.preparation.errors import AnswerNotRead
from tdpf.faces.portal.forms.preparing import conflict_answers_from
from tdpf.faces.portal.standing import member_page, see_other, standing_of
from tdpf.faces.portal.views.preparing import begun_from, conflicts_shown, tell
from tdpf.faces.portal.visiting import private
from tdpf.kit.errors import Problem


@require_POST
def again(request: HttpRequest, address: str) -> HttpResponse:
    """Prepare the first rows anew with the answers given since."""
    services.try_again(actor=standing_of(request), address=address)
    return see_other(reverse("prepare-compare", args=[address]))


@require_POST
def fold(request: HttpRequest, address: str) -> HttpResponse:
    """Make one row of the rows of the same thing, or leave them apart."""
    folds = request.POST.get("folds") == "1"
    services.fold_duplicates(actor=standing_of(request), address=address, folds=folds)
    return see_other(reverse("prepare-compare", args=[address]))


@require_POST
def pair(request: HttpRequest, address: str) -> HttpResponse:
    """Say that likely duplicates are one thing, or that one of them is another; or take that back."""
    standing = standing_of(request)
    said = request.POST.get("same") or request.POST.get("apart") or ""
    row, _dot, member = said.partition(".")
    if request.POST.get("key"):
        services.take_back_answer(actor=standing, address=address, key=request.POST["key"])
    elif row.isdecimal() and (member.isdecimal() or request.POST.get("same")):
        services.judge_pair(
            actor=standing,
            address=address,
            row=int(row),
            member=int(member) if member else None,
            by=standing.display_name,
        )
    return see_other(f"{reverse('prepare-compare', args=[address])}#same")


@require_POST
def conflicts(request: HttpRequest, address: str) -> HttpResponse:
    """Take answers about values that differ between files, or take one back; a part of the page for those with JavaScript."""
    standing = standing_of(request)
    open_ones = [
        entry for entry in preparation.conflicts_of(preparation.workpiece_at(address, standing)) if not entry.action
    ]
    taken = 0
    if request.POST.get("reopen"):
        services.take_back_conflict(actor=standing, address=address, key=request.POST["reopen"])
    refused: Problem | None = None
    for key, action, value in conflict_answers_from(request.POST, open_ones):
        try:
            services.answer_conflict(
                actor=standing, address=address, key=key, action=action, value=value, by=standing.display_name
            )
            taken += 1
        except AnswerNotRead as problem:
            refused = problem
    told = _("%(count)s件の答えを保存しました。") % {"count": taken} if taken else ""
    compare = reverse("prepare-compare", args=[address])
    tries = request.POST.get("then") == "try" and refused is None
    if tries:
        services.try_again(actor=standing, address=address)
    if refused is not None:
        tell(request, refused)
    if request.headers.get("HX-Request") and not tries and refused is None:
        row = preparation.workpiece_at(address, standing)
        context = {**conflicts_shown(row), "address": address, "result": preparation.result_of(row), "told": told}
        return private(render(request, "portal/prepare/conflicts.html", context))
    if told:
        messages.success(request, told)
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = compare
        return answer
    return see_other(compare if tries else f"{compare}#conflicts")


@require_POST
def finish(request: HttpRequest, address: str) -> HttpResponse:
    """Have the whole prepared."""
    services.finish_workpiece(actor=standing_of(request), address=address)
    return see_other(reverse("prepare-results", args=[address]))


@require_POST
def leave_recipe(request: HttpRequest, address: str) -> HttpResponse:
    """Match the columns anew instead of following the recipe."""
    services.leave_recipe(actor=standing_of(request), address=address)
    return see_other(reverse("prepare-found", args=[address]))


@require_POST
def erase(request: HttpRequest, address: str) -> HttpResponse:
    """Erase the files and everything made of them."""
    services.erase_workpiece(actor=standing_of(request), address=address)
    messages.success(request, _("ファイルと、そこから作ったものを消しました。"))
    return see_other(reverse("prepare"))


@member_page
@require_POST
def adopt(request: HttpRequest, address: str) -> HttpResponse:
    """Make what was begun without an account the member's own work."""
    standing = standing_of(request)
    given = request.POST.get("party", "")
    party = int(given) if given.isdecimal() else standing.person_party_id
    row = services.adopt_workpiece(actor=standing, address=address, party_id=party)
    messages.success(request, _("この整備をあなたの仕事にしました。「ととのえる」のページからいつでも続けられます。"))
    return see_other(reverse("prepare-found", args=[preparation.address_of(row)]))


@member_page
@require_POST
def publish(request: HttpRequest, address: str) -> HttpResponse:
    """Hand the prepared table on to providing; begun for a new version of a dataset, it goes on as one."""
    try:
        upload = services.hand_on_workpiece(actor=standing_of(request), address=address)
    except Problem as problem:
        tell(request, problem)
        return see_other(reverse("prepare-results", args=[address]))
    dataset = begun_from(preparation.workpiece_at(address, standing_of(request))).get("dataset", "")
    return see_other(
        reverse("provide-found", args=[upload.uid]) + (f"?{urlencode({'dataset': dataset})}" if dataset else "")
    )


@member_page
@require_POST
def keep_recipe(request: HttpRequest, address: str) -> HttpResponse:
    """Keep the recipe for next year's file."""
    services.store_recipe(actor=standing_of(request), address=address, title=request.POST.get("title", ""))
    messages.success(request, _("レシピをしまいました。来年のファイルは「ととのえる」のページから1回で整えられます。"))
    return see_other(reverse("prepare-results", args=[address]))


@member_page
@require_POST
def erase_recipe(request: HttpRequest, uid: str) -> HttpResponse:
    """Forget a stored recipe."""
    services.erase_recipe(actor=standing_of(request), recipe_uid=uid)
    messages.success(request, _("レシピを消しました。"))
    return see_other(reverse("prepare"))


@member_page
@require_POST
def keep_merge(request: HttpRequest, address: str) -> HttpResponse:
    """Have the table renew itself from now on."""
    try:
        services.keep_merge(actor=standing_of(request), address=address, title=request.POST.get("title", ""))
    except Problem as problem:
        tell(request, problem)
    else:
        messages.success(request, _("材料が新しくなったら、自動で作り直して知らせます。署名するまで公開はしません。"))
    return see_other(reverse("prepare-results", args=[address]))


@member_page
@require_POST
def renew(request: HttpRequest, uid: str) -> HttpResponse:
    """Have the sources looked at now."""
    services.ask_to_renew(actor=standing_of(request), merge_uid=uid)
    messages.success(request, _("材料を確かめています。変わっていれば作り直し、メールで知らせます。"))
    return see_other(reverse("prepare"))


@member_page
@require_POST
def stop_merge(request: HttpRequest, uid: str) -> HttpResponse:
    """Have the table renew itself no more."""
    services.stop_merge(actor=standing_of(request), merge_uid=uid)
    messages.success(request, _("自動で作り直すのをやめました。公開したものはそのままです。"))
    return see_other(reverse("prepare"))
