"""What a member is told of, how often, and by which webhooks."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tdpf.controlplane.community import queries as community
from tdpf.controlplane.community import services
from tdpf.faces.portal.forms.listening import FollowForm, WebhookForm
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.standing import member_page, see_other, standing_of
from tdpf.faces.portal.visiting import private


@member_page
def follows(request: HttpRequest) -> HttpResponse:
    """Show everything the member is told of; change how often, stop, or begin with a publisher or theme."""
    standing = standing_of(request)
    adding = request.POST.get("act") == "follow"
    form = FollowForm(request.POST if adding else None)
    if adding and form.is_valid():
        with refusals_on(form):
            services.follow_more(actor=standing, kind="theme", **form.cleaned_data)
    elif request.POST.get("act") == "stop":
        services.stop_following(actor=standing, follow_uid=request.POST.get("uid", ""))
    elif request.method == "POST" and not adding:
        services.change_pace(actor=standing, follow_uid=request.POST.get("uid", ""), pace=request.POST.get("pace", ""))
    if request.method == "POST" and not form.errors:
        messages.success(request, _("保存しました。"))
        return see_other(reverse("follows"))
    context = {"follows": community.follows_of(standing), "form": form, "webhooks": community.webhooks_of(standing),
               "trail": [(_("マイページ"), reverse("my-home")), (_("お知らせ"), "")]}  # fmt: skip
    return render(request, "portal/following/follows.html", context, status=422 if form.errors else 200)


@member_page
@require_POST
def follow_more(request: HttpRequest) -> HttpResponse:
    """Have the member told of a publisher, a theme, a search or a data request."""
    services.follow_more(
        actor=standing_of(request),
        kind=request.POST.get("kind", ""),
        name=request.POST.get("name", "")[:4000],
        pace=request.POST.get("pace", "daily"),
    )
    messages.success(request, _("お知らせを登録しました。受け取り方はこのページで変えられます。"))
    return see_other(reverse("follows"))


@member_page
def webhooks(request: HttpRequest) -> HttpResponse:
    """Register an address to be called; its secret is shown on this answer and never again."""
    standing = standing_of(request)
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            uid, secret = services.register_webhook(actor=standing, url=form.cleaned_data["url"])
            return _with_secret(request, uid, secret)
    context = {"webhooks": community.webhooks_of(standing), "form": form,
               "trail": [(_("マイページ"), reverse("my-home")), (_("お知らせ"), reverse("follows")), ("Webhook", "")]}  # fmt: skip
    return render(request, "portal/following/webhooks.html", context, status=422 if form.errors else 200)


@member_page
def webhook(request: HttpRequest, uid: str) -> HttpResponse:
    """Show what was sent to a webhook; test it, give it a new secret, start it again, remove it."""
    standing = standing_of(request)
    act = request.POST.get("act", "")
    if request.method == "POST":
        if act == "test":
            services.try_webhook(actor=standing, webhook_uid=uid)
            messages.success(request, _("試しの通知を送ります。少し待ってから、記録を読み込み直してください。"))
        elif act == "secret":
            return _with_secret(request, uid, services.renew_webhook_secret(actor=standing, webhook_uid=uid))
        elif act == "start":
            services.start_webhook_again(actor=standing, webhook_uid=uid)
            messages.success(request, _("呼び出しを再開しました。"))
        elif act == "remove":
            services.remove_webhook(actor=standing, webhook_uid=uid)
            messages.success(request, _("Webhookを削除しました。"))
            return see_other(reverse("webhooks"))
        return see_other(reverse("webhook", args=[uid]))
    return render(request, "portal/following/webhook.html", _context(request, uid))


def _with_secret(request: HttpRequest, uid: str, secret: str) -> HttpResponse:
    return private(render(request, "portal/following/webhook.html", {**_context(request, uid), "secret": secret}))


def _context(request: HttpRequest, uid: str) -> dict[str, object]:
    trail = [(_("マイページ"), reverse("my-home")), ("Webhook", reverse("webhooks")), (_("記録"), "")]
    return {"webhook": community.get_webhook(uid, standing_of(request)), "trail": trail}
