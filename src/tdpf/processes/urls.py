"""Every public address of the control plane."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

urlpatterns = [
    path("", include("tdpf.faces.api.urls")),
    path("", include("tdpf.faces.standards.urls")),
    path("", include("tdpf.faces.portal.machine_urls")),
    *i18n_patterns(
        path("", include("tdpf.faces.portal.urls")),
        path("accounts/", include("allauth.urls")),
        prefix_default_language=False,
    ),
]

handler400 = "tdpf.djangokit.problems.refused_before_any_view"
