"""Reads about looks at links."""

from __future__ import annotations

from tdpf.controlplane.federation.models import LinkLook


def link_history(dataset_uid: str, *, limit: int = 100) -> list[LinkLook]:
    """Return what was seen at the links of a dataset, newest first."""
    return list(LinkLook.objects.filter(dataset_uid=dataset_uid).order_by("-last_at", "-pk")[:limit])
