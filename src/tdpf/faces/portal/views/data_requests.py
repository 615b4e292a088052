"""Requests for data: the public list, one request, asking with what is alike shown first, votes; a holder's answer page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.community import queries as community
from tdpf.controlplane.community import services
from tdpf.controlplane.community.types import DataRequestState, RequestFilters, RequestKind
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.forms.listening import REQUEST_KINDS, AnswerForm, DataRequestForm, VoteForm
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.paging import offset_of
from tdpf.faces.portal.standing import member_page, see_other, standing_of
from tdpf.faces.portal.visiting import is_robot, private, visitor_words

_SHOWN = [state for state in DataRequestState if state not in (DataRequestState.UNCONFIRMED, DataRequestState.MERGED)]


def listed(request: HttpRequest) -> HttpResponse:
    """List the public requests with filters."""
    words = request.GET.get("q", "").strip()[:200]
    states = tuple(state for state in request.GET.getlist("state") if state in _SHOWN)
    kind = request.GET.get("kind", "")
    sort = request.GET.get("sort", "newest")
    filters = RequestFilters(states=states, kind=kind if kind in set(RequestKind) else "", words=words)
    page = community.list_data_requests(standing_of(request), filters=filters, sort=sort, offset=offset_of(request))
    context = {
        "page": page, "filters": filters, "sort": sort, "states": [str(state) for state in _SHOWN],
        "kinds": REQUEST_KINDS, "sorts": [("newest", _("新しい順")), ("votes", _("賛同の多い順")), ("changed", _("動きのあった順"))],
        "trail": [(_("データのリクエスト"), "")],
    }  # fmt: skip
    return render(request, "portal/data_requests/list.html", context)


def one(request: HttpRequest, uid: str) -> HttpResponse:
    """Show a request with its history; a merged one leads to where it went."""
    standing = standing_of(request)
    view = community.get_data_request(uid, standing)
    if view.merged_into:
        response = see_other(reverse("data-request", args=[view.merged_into]))
        response.status_code = 301
        return response
    context = {"view": view, "form": VoteForm(),
               "following": community.is_following_key(standing, f"request:{view.uid}"),
               "trail": [(_("データのリクエスト"), reverse("data-requests")), (view.title, "")]}  # fmt: skip
    return render(request, "portal/data_requests/one.html", context)


def ask(request: HttpRequest) -> HttpResponse:
    """Take a request; before it is sent, datasets and requests that are alike are shown once."""
    standing = standing_of(request)
    named = request.GET.get("dataset", "")
    dataset = catalog.dataset_page(named, standing) if named else None
    initial = {"title": request.GET.get("title", "")[:200], "kind": "format" if dataset else "missing"}
    form = DataRequestForm(
        request.POST or None, initial=initial, for_dataset=dataset is not None, similar=reverse("data-requests-similar"),
        signed_in=not standing.is_anonymous,
    )  # fmt: skip
    if request.method == "POST" and is_robot(request):
        return render(request, "portal/data_requests/sent.html", {})
    alike = _alike(request, form["title"].value() or "")
    seen = request.POST.get("seen") == "1"
    if request.method == "POST" and form.is_valid() and (seen or not any(alike.values())):
        data = form.cleaned_data
        visitor = None
        if standing.is_anonymous:
            visitor = visitor_words(request, email=data.pop("email"), name=data.pop("name"))
        with refusals_on(form):
            uid = services.request_data(
                actor=standing, dataset_uid=dataset.uid if dataset else "", visitor=visitor, **data
            )
            if visitor is not None:
                return render(request, "portal/data_requests/sent.html", {})
            messages.success(request, _("リクエストを受け付けました。動きがあると、メールでお知らせします。"))
            return see_other(reverse("data-request", args=[uid]))
    context = {"form": form, "dataset": dataset, "seen": request.method == "POST" and any(alike.values()), **alike,
               "trail": [(_("データのリクエスト"), reverse("data-requests")), (_("リクエストする"), "")]}  # fmt: skip
    return render(request, "portal/data_requests/ask.html", context, status=422 if form.errors else 200)


def similar(request: HttpRequest) -> HttpResponse:
    """Return what is like the words typed so far: the part of the asking page that htmx asks for."""
    return render(request, "portal/data_requests/similar.html", _alike(request, request.GET.get("title", "")))


def _alike(request: HttpRequest, words: str) -> dict[str, object]:
    words = words.strip()[:200]
    return {
        "datasets": community.similar_datasets(words),
        "requests": community.similar_requests(words, standing_of(request)) if len(words) > 1 else [],
    }


@require_POST
def vote(request: HttpRequest, uid: str) -> HttpResponse:
    """Take a vote, or a member's vote back; a visitor confirms by mail."""
    standing = standing_of(request)
    view = community.get_data_request(uid, standing)
    address = reverse("data-request", args=[uid])
    if not standing.is_anonymous:
        if request.POST.get("vote") == "off":
            services.take_vote_back(actor=standing, request_uid=uid)
        else:
            services.vote(actor=standing, request_uid=uid)
            messages.success(request, _("賛同を受け取りました。"))
        return see_other(address)
    form = VoteForm(request.POST)
    if is_robot(request):
        return render(request, "portal/data_requests/sent.html", {})
    if form.is_valid():
        with refusals_on(form):
            visitor = visitor_words(request, email=form.cleaned_data["email"])
            services.vote(actor=standing, request_uid=uid, visitor=visitor)
            return render(request, "portal/data_requests/sent.html", {})
    context = {"view": view, "form": form,
               "trail": [(_("データのリクエスト"), reverse("data-requests")), (view.title, "")]}  # fmt: skip
    return render(request, "portal/data_requests/one.html", context, status=422)


@member_page
@require_POST
def withdraw(request: HttpRequest, uid: str) -> HttpResponse:
    """Take one's own request back."""
    reason = request.POST.get("reason", "")[:1000]
    services.withdraw_data_request(actor=standing_of(request), request_uid=uid, reason=reason)
    messages.success(request, _("リクエストを取り下げました。"))
    return see_other(reverse("data-request", args=[uid]))


def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a holder who needs no account: it shows what was carried; only pressing a button answers."""
    found = community.answer_page(token)
    form = AnswerForm(request.POST or None, of_request=found.errand.is_request)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            services.answer_errand(token=token, answer=request.POST.get("answer", ""), **form.cleaned_data)
            return private(see_other(request.path))
    choices = [(code, words.in_(page_language())) for code, words in found.choices]
    context = {
        "found": found,
        "form": form,
        "choices": choices,
        "answer_words": dict(choices).get(found.errand.answer, ""),
    }
    return private(render(request, "portal/data_requests/answer.html", context, status=422 if form.errors else 200))
