"""Every public address of the control plane."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from importlib.util import find_spec  # BUILD-TIME: removed at integration


def _there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


urlpatterns = [
    *[
        path("", include(name))
        for name in ("tdpf.faces.api.urls", "tdpf.faces.standards.urls", "tdpf.faces.portal.machine_urls")
        if _there(name)
    ],
    *i18n_patterns(
        path("accounts/", include("allauth.urls")),
        *[path("", include(name)) for name in ("tdpf.faces.portal.urls",) if _there(name)],
        prefix_default_language=False,
    ),
]
