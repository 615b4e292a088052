"""Addresses of the public API."""

from django.urls import URLPattern, path

from tdpf.faces.api import health, oauth
from tdpf.faces.api.v1.application import api, one_view_per_address
from tdpf.faces.api.v1.datasets import router as datasets
from tdpf.faces.api.v1.dealings import router as dealings
from tdpf.faces.api.v1.listening import router as listening
from tdpf.faces.api.v1.publishing import router as publishing
from tdpf.faces.api.v1.searching import router as searching
from tdpf.faces.api.v1.sources import router as sources
from tdpf.faces.api.v1.speaking import router as speaking
from tdpf.faces.api.v1.uploads import router as uploads
from tdpf.faces.api.v1.use import router as use


def _version_1() -> list[URLPattern]:
    for router in (datasets, searching, dealings, use, uploads, publishing, listening, speaking, sources):
        api.add_router("", router)
    patterns, _, _ = api.urls
    return one_view_per_address(patterns)


urlpatterns = [
    path("api/v1/", (_version_1(), "ninja", api.urls_namespace)),
    path("healthz", health.healthz),
    path("readyz", health.portal_readyz),
    path("identity/o/api/token", oauth.token),
    path(".well-known/oauth-authorization-server", oauth.description),
]
