"""Addresses of the open protocols; they have no language prefix."""

from __future__ import annotations

from django.urls import re_path

from tdpf.faces.standards import dcat, well_known
from tdpf.faces.standards.ckan import actions
from tdpf.faces.standards.mcp.endpoint import endpoint

_SLUG = r"(?P<slug>[a-z0-9-]{3,63})"
_RDF = r"(?P<form>jsonld|ttl|xml)"

urlpatterns = [
    re_path(r"^api/(?:3/)?action/(?P<name>[^/]+)/?$", actions.action, name="ckan-action"),
    re_path(r"^api/3/?$", actions.version, name="ckan-version"),
    re_path(r"^catalog$", dcat.about_catalog, name="catalog-id"),
    re_path(rf"^catalog\.{_RDF}$", dcat.whole_catalog, name="dcat-catalog"),
    re_path(rf"^dataset/{_SLUG}$", dcat.about_dataset, name="dataset-id"),
    re_path(rf"^dataset/{_SLUG}\.{_RDF}$", dcat.dataset, name="dcat-dataset"),
    re_path(r"^mcp/?$", endpoint, name="mcp"),
    re_path(r"^\.well-known/api-catalog$", well_known.api_catalog, name="api-catalog"),
    re_path(r"^\.well-known/security\.txt$", well_known.security, name="security-txt"),
    re_path(
        r"^\.well-known/oauth-protected-resource(?:/(?P<path>mcp))?$", well_known.protected_resource, name="mcp-guard"
    ),
    re_path(r"^\.well-known/(?:void|dcat)$", well_known.void, name="void"),
]
