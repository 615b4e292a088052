"""Addresses of the open protocols; they have no language prefix."""

from __future__ import annotations

from django.urls import re_path

from tdpf.faces.standards import atom, data_json, data_package, dcat, sitemap, terria, well_known
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
    re_path(r"^data\.json$", data_json.data_json, name="data-json"),
    re_path(rf"^datasets/{_SLUG}/datapackage\.json$", data_package.data_package, name="data-package"),
    re_path(r"^terria/catalog\.json$", terria.terria_catalog, name="terria"),
    re_path(r"^feeds/datasets\.atom$", atom.datasets, name="newest-feed"),
    re_path(r"^sitemap\.xml$", sitemap.index, name="sitemap"),
    re_path(r"^sitemap-(?P<name>pages|[0-9]{1,8})\.xml$", sitemap.part, name="sitemap-part"),
    re_path(r"^robots\.txt$", sitemap.robots, name="robots"),
    re_path(r"^llms\.txt$", sitemap.llms, name="llms"),
    re_path(r"^opensearch\.xml$", sitemap.opensearch, name="opensearch"),
]
