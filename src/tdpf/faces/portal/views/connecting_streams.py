"""Connecting streams: what their events look like, and whether devices push them or they are fetched."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access import services
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal.forms.problems import add_problem
from tdpf.faces.portal.forms.streams import (
    DeviceTokenForm,
    form_of_stream,
    stream_field_names,
    stream_initial,
)
from tdpf.faces.portal.standing import member_page, see_other, standing_of
from tdpf.faces.portal.views.connecting import around, begun, facts_of, saved
from tdpf.faces.portal.views.offers import own_page
from tdpf.kit.errors import Problem


@member_page
def stream_start(request: HttpRequest) -> HttpResponse:
    """Describe a stream as a dataset; what its events look like comes next."""
    inlet = request.GET.get("from", "push")
    if form_of_stream(None, inlet) is None:
        raise PageNotFound(path=request.path)
    return begun(
        request, lambda slug: reverse("provide-stream", args=[slug, "main"]) + ("" if inlet == "push" else f"?from={inlet}"),
        "portal/provide/stream_start.html", _("ストリームをつなぐ"), inlet=inlet,
    )  # fmt: skip


@member_page
def stream(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Say what a stream's events look like and where they come from; try it, or issue tokens for the devices that push."""
    page = own_page(request, slug)
    standing = standing_of(request)
    facts = facts_of(request, page, name)
    shape = form_of_stream(facts.document if facts else None, request.GET.get("from", ""))
    if shape is None:
        raise PageNotFound(path=request.path)
    form = shape(initial=stream_initial(facts.document) if facts else None)
    token_form = DeviceTokenForm()
    issued = None
    wish = request.POST.get("do", "")
    here = reverse("provide-stream", args=[page.slug, name])
    if wish == "token":
        token_form = DeviceTokenForm(request.POST)
        if token_form.is_valid():
            try:
                issued = services.issue_device_token(
                    actor=standing, dataset_uid=page.uid, name=name, token_name=token_form.cleaned_data["token_name"]
                )
            except Problem as problem:
                add_problem(token_form, problem)
    elif wish.startswith("revoke:"):
        services.revoke_device_token(actor=standing, dataset_uid=page.uid, name=name, token_uid=wish[7:])
        messages.success(request, _("送信トークンを失効させました。"))
        return see_other(here)
    elif request.method == "POST":
        form = shape(request.POST)
        if form.is_valid() and saved(request, page, name, form, _form_names, try_it=wish == "try"):
            return see_other(f"{here}#tried" if wish == "try" else here)
    wrong = bool(form.errors or token_form.errors)
    context = {
        "page": page, "facts": facts, "form": form, "token_form": token_form, "issued": issued, "inlet": shape.inlet,
        "told": access.inlet_of(facts.uid) if facts else None,
        "tokens": access.device_tokens(facts.uid) if facts else [],
        "push_address": f"{settings.PUBLIC_URL}/push/{page.slug if name == 'main' else f'{page.slug}.{name}'}",
        "streams": access.streams_of(page, settings.PUBLIC_URL),
        **around(request, page, _("ストリームのつなぎ方")),
    }  # fmt: skip
    response = render(request, "portal/provide/stream.html", context, status=422 if wrong else 200)
    if issued:
        response["Cache-Control"] = "no-store"
    return response


def _form_names(problem: Problem) -> dict[str, str]:
    """Return the form's field for each place in the document that has a fault."""
    listed = problem.data.get("errors")
    return stream_field_names(
        [str(entry.get("field", "")) for entry in listed] if isinstance(listed, list | tuple) else []
    )
