"""What people say of a dataset: asking, correcting, telling of a use, rating, and the thread that follows."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.controlplane.community import queries as community
from tdpf.controlplane.community import services
from tdpf.controlplane.community.types import FeedbackView
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.forms.listening import FeedbackForm, PlannedChangeForm, RatingForm, SayForm
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.paging import offset_of
from tdpf.faces.portal.standing import member_page, see_other, standing_of
from tdpf.faces.portal.views.offers import own_page
from tdpf.faces.portal.visiting import is_robot, private, visitor_words

TITLES = {
    "question": gettext_lazy("質問する"),
    "correction": gettext_lazy("まちがいを知らせる"),
    "reuse": gettext_lazy("活用を紹介する"),
}


def write(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask, correct or tell of a use; a visitor gives a mail address and confirms by the link in it."""
    standing = standing_of(request)
    page = catalog.dataset_page(slug, standing)
    kind = request.GET.get("kind", "question")
    if kind not in TITLES or page.state not in ("published", "withdrawn"):
        raise PageNotFound(path=request.path)
    if kind == "reuse" and standing.is_anonymous:
        return see_other(f"{reverse('account_login')}?next={request.path}%3Fkind%3Dreuse")
    pointed = {name: request.GET.get(name, "")[:500] for name in ("row", "column", "place", "current")}
    form = FeedbackForm(
        request.POST or None, initial=pointed, kind=kind, columns=_columns(page), signed_in=not standing.is_anonymous
    )
    if request.method == "POST" and is_robot(request):
        return render(request, "portal/voices/sent.html", {"page": page})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        visitor = None
        if standing.is_anonymous:
            visitor = visitor_words(request, email=data["email"], name=data["name"])
        with refusals_on(form):
            uid = services.submit_feedback(
                actor=standing, dataset_uid=page.uid, kind=kind, text=data["text"], title=data.get("title", ""),
                target=form.target(), url=data.get("url", ""), reuse_kind=data.get("reuse_kind", ""), visitor=visitor,
            )  # fmt: skip
            if visitor is not None:
                return render(request, "portal/voices/sent.html", {"page": page})
            messages.success(request, _("送りました。回答があると、メールでお知らせします。"))
            return see_other(reverse("feedback", args=[uid]))
    title = page.title.in_(page_language())
    context = {"page": page, "form": form, "kind": kind, "kinds": TITLES,
               "trail": [(title, reverse("dataset", args=[page.slug])), (TITLES[kind], "")]}  # fmt: skip
    return render(request, "portal/voices/write.html", context, status=422 if form.errors else 200)


@member_page
@require_POST
def rate(request: HttpRequest, slug: str) -> HttpResponse:
    """Rate a dataset, change the rating, or take it back; what does not fit comes back with what was typed."""
    standing = standing_of(request)
    page = catalog.dataset_page(slug, standing)
    form = RatingForm(request.POST)
    if request.POST.get("take_back"):
        services.rate_dataset(actor=standing, dataset_uid=page.uid, points=0)
    elif form.is_valid():
        with refusals_on(form):
            services.rate_dataset(actor=standing, dataset_uid=page.uid, **form.cleaned_data)
    if form.errors and not request.POST.get("take_back"):
        trail = [(page.title.in_(page_language()), reverse("dataset", args=[page.slug])), (_("評価する"), "")]
        return render(request, "portal/voices/rate.html", {"page": page, "form": form, "trail": trail}, status=422)
    messages.success(request, _("評価を受け取りました。ありがとうございます。"))
    return see_other(f"{reverse('dataset', args=[page.slug])}#voices")


def threads(request: HttpRequest, slug: str) -> HttpResponse:
    """Show everything that was said of a dataset, the newest first."""
    standing = standing_of(request)
    page = catalog.dataset_page(slug, standing)
    context = {
        "dataset": page,
        "page": community.threads_of(page.uid, standing, offset=offset_of(request)),
        "trail": [(page.title.in_(page_language()), reverse("dataset", args=[page.slug])), (_("声・質問・活用"), "")],
    }
    return render(request, "portal/voices/threads.html", context)


def thread(request: HttpRequest, uid: str) -> HttpResponse:
    """Show one thread; its owner answers, its author writes again, both close it."""
    standing = standing_of(request)
    view = community.get_feedback(uid, standing)
    form = SayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            said = _act(request, view, form.cleaned_data["text"])
            messages.success(request, said)
            return see_other(reverse("feedback", args=[uid]))
    title = view.dataset.title.in_(page_language())
    context = {"view": view, "form": form,
               "trail": [(title, reverse("dataset", args=[view.dataset.slug])), (_("声・質問・活用"), "")]}  # fmt: skip
    return render(request, "portal/voices/thread.html", context, status=422 if form.errors else 200)


def _act(request: HttpRequest, view: FeedbackView, text: str) -> str:
    standing, act = standing_of(request), request.POST.get("act", "")
    if act == "reply":
        services.reply_to_answer(actor=standing, feedback_uid=view.uid, text=text)
        return _("送りました。")
    if act == "close":
        services.close_feedback(actor=standing, feedback_uid=view.uid)
        return _("やりとりを終えました。")
    if act == "release":
        services.moderate_feedback(actor=standing, feedback_uid=view.uid, visibility="shown")
        return _("公開しました。")
    services.answer_feedback(actor=standing, feedback_uid=view.uid, answer=act, text=text)
    return _("答えを公開し、相手に知らせました。")


@member_page
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the owner what was said of their data, what waits first."""
    standing = standing_of(request)
    context = {
        "waiting": community.feedback_to(standing, waiting_only=True, limit=50).items,
        "page": community.feedback_to(standing, offset=offset_of(request)),
        "trail": [(_("マイページ"), reverse("my-home")), (_("届いた声"), "")],
    }
    return render(request, "portal/voices/inbox.html", context)


def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show a visitor what they sent, and let it count when they press the button; opening the page changes nothing."""
    found = community.confirmation_page(token)
    if request.method == "POST":
        path = services.confirm(token=token)
        if found.what == "request":
            messages.success(
                request,
                _(
                    "リクエストを受け取りました。運営者が確かめてから、この一覧に載せます。返事はメールでお知らせします。"
                ),
            )
        else:
            messages.success(request, _("確認しました。ありがとうございます。"))
        return private(see_other(f"{'/en' if page_language() == 'en' else ''}{path}"))
    return private(render(request, "portal/voices/confirm.html", {"found": found}))


def _columns(page: DatasetPage) -> list[str]:
    main = page.main
    return (
        [name for name in main.latest.columns if len(name) <= 500]
        if main is not None and main.latest is not None
        else []
    )


@member_page
def plan_change(request: HttpRequest, slug: str) -> HttpResponse:
    """Announce a change of columns before it happens, or take the announcement back."""
    page = own_page(request, slug)
    standing = standing_of(request)
    taking = request.POST.get("act") == "take_back"
    form = PlannedChangeForm(request.POST if request.method == "POST" and not taking else None)
    done = taking
    if taking:
        services.take_back_change(actor=standing, change_uid=request.POST.get("uid", ""))
    elif request.method == "POST" and form.is_valid():
        with refusals_on(form):
            services.announce_change(actor=standing, dataset_uid=page.uid, **form.given())
            done = True
    if done:
        messages.success(request, _("記録し、お知らせを受け取る人に知らせました。"))
        return see_other(reverse("provide-plan-change", args=[page.slug]))
    context = {"page": page, "form": form, "changes": community.planned_changes_of(page.uid),
               "trail": [(page.title.in_(page_language()), reverse("desk", args=[page.slug])), (_("列の変更を予告する"), "")]}  # fmt: skip
    return render(request, "portal/provide/plan_change.html", context, status=422 if form.errors else 200)
