"""Addresses without a language: feeds."""

from __future__ import annotations

from django.urls import path

from tdpf.faces.portal.views import feeds

urlpatterns = [
    path("feeds/datasets.atom", feeds.newest_feed, name="newest-feed"),
    path("feeds/datasets/<slug:slug>.atom", feeds.dataset_feed, name="dataset-feed"),
]
