"""Feeds: what changed in a dataset, and what is new (Atom, RFC 4287); following a dataset by mail."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import datetime

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
from tdpf.kit.text import Text

_ATOM = "http://www.w3.org/2005/Atom"
_NEWEST = 50


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
    feed = _feed(news.uid, news.title, path, news.updated)
    for entry in news.entries:
        _entry(feed, entry.uid, entry.title, entry.path, entry.at, entry.summary)
    return _answer(feed)


def _feed(uid: str, title: Text, path: str, updated: datetime) -> ET.Element:
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "ja"})
    ET.SubElement(feed, "title").text = title.ja
    ET.SubElement(feed, "id").text = uid
    ET.SubElement(feed, "link", {"rel": "self", "href": f"{settings.PUBLIC_URL}{path}"})
    ET.SubElement(feed, "updated").text = updated.isoformat()
    author = ET.SubElement(feed, "author")
    ET.SubElement(author, "name").text = "東京データプラットフォーム"
    return feed


def _entry(feed: ET.Element, uid: str, title: Text, path: str, at: datetime, summary: Text) -> None:
    entry = ET.SubElement(feed, "entry")
    ET.SubElement(entry, "id").text = uid
    ET.SubElement(entry, "title").text = title.ja
    ET.SubElement(entry, "link", {"href": f"{settings.PUBLIC_URL}{path}"})
    ET.SubElement(entry, "updated").text = at.isoformat()
    ET.SubElement(entry, "summary").text = summary.ja


def _answer(feed: ET.Element) -> HttpResponse:
    body = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return HttpResponse(body, content_type="application/atom+xml; charset=utf-8")


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
