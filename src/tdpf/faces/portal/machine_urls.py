"""Addresses without a language: feeds."""

from __future__ import annotations

from django.urls import path

from tdpf.faces.portal.views import feeds

urlpatterns = [
    path("feeds/datasets/<slug:slug>.atom", feeds.dataset_feed, name="dataset-feed"),
    path("feeds/publishers/<slug:slug>.atom", feeds.publisher_feed, name="publisher-feed"),
    path("feeds/themes/<slug:code>.atom", feeds.theme_feed, name="theme-feed"),
    path("feeds/search.atom", feeds.search_feed, name="search-feed"),
    path("feeds/data-requests.atom", feeds.requests_feed, name="data-requests-feed"),
    path("feeds/data-requests/<str:uid>.atom", feeds.request_feed, name="data-request-feed"),
]
