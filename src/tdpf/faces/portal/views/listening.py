"""The operator's listening desk: words to review, requests to carry to holders, answers that came."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.controlplane.community import queries as community
from tdpf.controlplane.community import services
from tdpf.controlplane.community.types import DataRequestState
from tdpf.controlplane.members import queries as members
from tdpf.faces.portal.forms.listening import STEPS, ErrandForm, HideForm, MergeForm, StepForm
from tdpf.faces.portal.forms.problems import add_problem, refusals_on
from tdpf.faces.portal.standing import operator_page, see_other, standing_of
from tdpf.kit import clock
from tdpf.kit.errors import Problem


@operator_page
def desk(request: HttpRequest) -> HttpResponse:
    """Show what waits, the longest first."""
    context = {"desk": community.listening_desk(standing_of(request)), "now": clock.now(),
               "trail": [(_("運営"), reverse("operator-desk")), (_("声の机"), "")]}  # fmt: skip
    return render(request, "portal/listening/desk.html", context)


@operator_page
def feedback(request: HttpRequest, uid: str) -> HttpResponse:
    """Release, hide, or carry a thread to the owner of the data."""
    standing = standing_of(request)
    view = community.get_feedback(uid, standing)
    page = catalog.dataset_page(view.dataset.uid, standing)
    act = request.POST.get("act", "")
    errand_form = ErrandForm(request.POST if act == "carry" else None, initial=_holder_of(page))
    hide_form = HideForm(request.POST if act == "hide" else None)
    if request.method == "POST":
        done = _tried(
            {
                "carry": (errand_form, lambda: services.send_errand(
                    actor=standing, feedback_uid=uid, **errand_form.cleaned_data)),
                "hide": (hide_form, lambda: services.moderate_feedback(
                    actor=standing, feedback_uid=uid, visibility="hidden", reason=hide_form.cleaned_data["reason"])),
                "release": (None, lambda: services.moderate_feedback(
                    actor=standing, feedback_uid=uid, visibility="shown")),
            },
            act,
        )  # fmt: skip
        if done:
            messages.success(request, _("記録しました。"))
            return see_other(reverse("operator-feedback", args=[uid]))
    context = {
        "view": view, "errands": community.errands_of(standing, feedback_uid=uid), "errand_form": errand_form,
        "hide_form": hide_form, "holder": members.publisher_of_party(page.provider.party_id),
        "trail": [(_("運営"), reverse("operator-desk")), (_("声の机"), reverse("operator-listening")), (_("声"), "")],
    }  # fmt: skip
    status = 422 if errand_form.errors or hide_form.errors else 200
    return render(request, "portal/listening/feedback.html", context, status=status)


@operator_page
def data_request(request: HttpRequest, uid: str) -> HttpResponse:
    """Review a data request: take a step, carry it, merge it, release or hide it."""
    standing = standing_of(request)
    view = community.get_data_request(uid, standing)
    act = request.POST.get("act", "")
    steps = [step for step in community.steps_from(DataRequestState(view.state)) if step in STEPS]
    if view.dataset is not None:
        page = catalog.dataset_page(view.dataset.uid, standing)
        holder, initial = members.publisher_of_party(page.provider.party_id), _holder_of(page)
    else:
        holder = members.publisher_named(view.holder_name)
        initial = {"recipient_name": view.holder_name, "email": holder.contact_email if holder else ""}
    errand_form = ErrandForm(request.POST if act == "carry" else None, initial=initial, prefix=None)
    step_form = StepForm(request.POST if act == "step" else None, steps=steps)
    merge_form = MergeForm(request.POST if act == "merge" else None)
    hide_form = HideForm(request.POST if act == "hide" else None)
    forms = (errand_form, step_form, merge_form, hide_form)
    if request.method == "POST":
        done = _tried(
            {
                "carry": (errand_form, lambda: services.send_errand(
                    actor=standing, request_uid=uid, **errand_form.cleaned_data)),
                "step": (step_form, lambda: services.move_request(
                    actor=standing, request_uid=uid, **step_form.cleaned_data)),
                "merge": (merge_form, lambda: services.merge_requests(
                    actor=standing, request_uid=uid, into_uid=_uid_in(merge_form.cleaned_data["into"]))),
                "hide": (hide_form, lambda: services.moderate_request(
                    actor=standing, request_uid=uid, visibility="hidden", reason=hide_form.cleaned_data["reason"])),
                "release": (None, lambda: services.moderate_request(
                    actor=standing, request_uid=uid, visibility="shown")),
            },
            act,
        )  # fmt: skip
        if done:
            messages.success(request, _("記録しました。"))
            return see_other(reverse("operator-listening" if act == "merge" else "operator-data-request",
                                     args=[] if act == "merge" else [uid]))  # fmt: skip
    context = {
        "view": view, "errands": community.errands_of(standing, request_uid=uid), "errand_form": errand_form,
        "holder": holder, "step_form": step_form if steps else None, "merge_form": merge_form, "hide_form": hide_form,
        "may_carry": "send" in community.steps_from(DataRequestState(view.state)),
        "similar": community.similar_requests(view.title, standing, leave_out=uid),
        "trail": [(_("運営"), reverse("operator-desk")), (_("声の机"), reverse("operator-listening")), (view.title, "")],
    }  # fmt: skip
    return render(
        request,
        "portal/listening/data_request.html",
        context,
        status=422 if any(form.errors for form in forms) else 200,
    )


@operator_page
@require_POST
def errand(request: HttpRequest, uid: str) -> HttpResponse:
    """Revoke a link, send it anew, or take an answer off the desk."""
    standing, act = standing_of(request), request.POST.get("act", "")
    if act == "revoke":
        services.revoke_errand(actor=standing, errand_uid=uid)
        messages.success(request, _("リンクを取り消しました。"))
    elif act == "resend":
        services.resend_errand(actor=standing, errand_uid=uid)
        messages.success(request, _("新しいリンクで送り直しました。前のリンクは使えません。"))
    else:
        services.see_answer(actor=standing, errand_uid=uid)
        messages.success(request, _("確認済みにしました。"))
    return see_other(reverse("operator-listening"))


Trial = tuple[ErrandForm | StepForm | MergeForm | HideForm | None, Callable[[], object]]


def _tried(acts: dict[str, Trial], act: str) -> bool:
    """Do the act whose form holds; a refusal stands on that form. Raises it where there is no form."""
    if act not in acts:
        return False
    form, do = acts[act]
    if form is not None and not form.is_valid():
        return False
    try:
        do()
    except Problem as problem:
        if form is None:
            raise
        add_problem(form, problem, {"into_uid": "into"})
        return False
    return True


def _holder_of(page: DatasetPage) -> dict[str, str]:
    """Return whom to write to about a dataset: the address operators confirmed, else the dataset's, else one only stated."""
    publisher = members.publisher_of_party(page.provider.party_id)
    known = publisher.contact_email if publisher is not None else ""
    if publisher is not None and publisher.contact_confirmed:
        return {"recipient_name": page.provider.name.ja, "email": known}
    return {"recipient_name": page.contact_name or page.provider.name.ja, "email": page.contact_email or known}


def _uid_in(text: str) -> str:
    return text.strip().rstrip("/").rsplit("/", 1)[-1].partition("?")[0]


@operator_page
def rating(request: HttpRequest, slug: str, member: str) -> HttpResponse:
    """Hide a rating with a reason."""
    page = catalog.dataset_page(slug, standing_of(request))
    form = HideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            services.hide_rating(
                actor=standing_of(request), dataset_uid=page.uid, member_uid=member, reason=form.cleaned_data["reason"]
            )
            messages.success(request, _("記録しました。"))
            return see_other(f"{reverse('dataset', args=[page.slug])}#voices")
    return render(
        request, "portal/listening/rating.html", {"page": page, "form": form}, status=422 if form.errors else 200
    )
