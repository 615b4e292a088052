"""Feeds: what changed in a dataset, and what is new (Atom, RFC 4287); following a dataset by mail."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.community import queries as community
from tdpf.controlplane.community import services
from tdpf.controlplane.community.types import Feed
from tdpf.faces.portal.standing import member_page, see_other, standing_of
from tdpf.kit.atom import MEDIA_TYPE, AtomEntry, atom_feed


def dataset_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """Return a dataset's news, newest first."""
    del request
    return _told(community.dataset_feed(slug), f"/feeds/datasets/{slug}.atom")


def publisher_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the newest datasets of a provider."""
    del request
    return _told(community.publisher_feed(slug), f"/feeds/publishers/{slug}.atom")


def theme_feed(request: HttpRequest, code: str) -> HttpResponse:
    """Return the newest datasets of a theme."""
    del request
    return _told(community.theme_feed(code), f"/feeds/themes/{code}.atom")


def search_feed(request: HttpRequest) -> HttpResponse:
    """Return the newest datasets that a search finds."""
    query = community.canonical_search(request.GET.urlencode())
    return _told(community.search_feed(query), f"/feeds/search.atom?{query}")


def requests_feed(request: HttpRequest) -> HttpResponse:
    """Return the data requests in which something happened last."""
    del request
    return _told(community.requests_feed(), "/feeds/data-requests.atom")


def request_feed(request: HttpRequest, uid: str) -> HttpResponse:
    """Return the steps of a data request."""
    del request
    return _told(community.request_feed(uid), f"/feeds/data-requests/{uid}.atom")


def _told(news: Feed, path: str) -> HttpResponse:
    base = settings.PUBLIC_URL
    body = atom_feed(
        uid=news.uid,
        title=news.title.ja,
        author="東京データプラットフォーム",
        updated=news.updated,
        entries=[
            AtomEntry(
                uid=entry.uid,
                title=entry.title.ja,
                summary=entry.summary.ja,
                address=f"{base}{entry.path}",
                updated=entry.at,
            )
            for entry in news.entries
        ],
        own=f"{base}{path}",
        page=f"{base}{news.path}",
    )
    return HttpResponse(body, content_type=MEDIA_TYPE)


@member_page
@require_POST
def follow(request: HttpRequest, slug: str) -> HttpResponse:
    """Have the member told of a dataset's changes by mail, or no longer."""
    standing = standing_of(request)
    page = catalog.dataset_page(slug, standing)
    if request.POST.get("follow") == "off":
        services.unfollow(actor=standing, dataset_uid=page.uid)
        messages.success(request, _("更新のメールを止めました。"))
    else:
        services.follow(actor=standing, dataset_uid=page.uid)
        messages.success(request, _("新しい版や提供の終わりを、メールでお知らせします。"))
    return see_other(reverse("dataset", args=[page.slug]))
