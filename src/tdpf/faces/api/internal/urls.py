"""Addresses of the internal API; the public addresses never include these."""

from django.urls import path

from tdpf.faces.api import health
from tdpf.faces.api.internal import views

urlpatterns = [
    path("internal/v1/stamp", views.stamp),
    path("internal/v1/snapshot", views.snapshot),
    path("internal/v1/shards/<str:sha256>", views.shard),
    path("internal/v1/usage/<str:gateway>/<str:segment>", views.usage),
    path("internal/v1/counters", views.counters),
    path("internal/v1/leases", views.leases),
    path("internal/v1/health", views.health),
    path("healthz", health.healthz),
    path("readyz", health.internal_readyz),
    path("metrics", health.metrics),
]
