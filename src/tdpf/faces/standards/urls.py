"""Addresses of the open protocols; they have no language prefix."""

from __future__ import annotations

from django.urls import re_path

from tdpf.faces.standards import dcat
from tdpf.faces.standards.ckan import actions

_SLUG = r"(?P<slug>[a-z0-9-]{3,63})"
_RDF = r"(?P<form>jsonld|ttl|xml)"

urlpatterns = [
    re_path(r"^api/(?:3/)?action/(?P<name>[^/]+)/?$", actions.action, name="ckan-action"),
    re_path(r"^api/3/?$", actions.version, name="ckan-version"),
    re_path(r"^catalog$", dcat.about_catalog, name="catalog-id"),
    re_path(rf"^catalog\.{_RDF}$", dcat.whole_catalog, name="dcat-catalog"),
    re_path(rf"^dataset/{_SLUG}$", dcat.about_dataset, name="dataset-id"),
    re_path(rf"^dataset/{_SLUG}\.{_RDF}$", dcat.dataset, name="dcat-dataset"),
]
