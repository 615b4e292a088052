"""The addresses of the pages; English pages stand at the same addresses under `/en/`."""

from __future__ import annotations

from django.urls import path

from tdpf.faces.portal.views import home, information, outbox, search

urlpatterns = [
    path("", home.home, name="home"),
    path("search", search.search, name="search"),
    path("developers", information.developers, name="developers"),
    path("help", information.help_page, name="help"),
    path("problems", information.problems, name="problems"),
    path("problems/<path:code>", information.problem, name="problem"),
    path("policies", information.policies, name="policies"),
    path("policies/<slug:name>", information.policy, name="policy"),
    path("accessibility", information.accessibility, name="accessibility"),
    path("demo/outbox", outbox.outbox, name="demo-outbox"),
]

# Addresses that the frame already points to; each gets its own view as its room opens.
urlpatterns += [
    path("datasets/<slug:slug>", information.help_page, name="dataset"),
    path("publishers/<slug:slug>", information.help_page, name="publisher"),
    path("provide", information.help_page, name="provide"),
    path("check", information.help_page, name="check"),
    path("home", information.help_page, name="my-home"),
    path("operator", information.help_page, name="operator-desk"),
    path("status", information.help_page, name="status"),
    path("applications", information.help_page, name="applications"),
]
