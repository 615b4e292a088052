"""The five steps of providing data, as the pages show them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog.types import DatasetPage

Step = tuple[str, str, str]


def steps(current: int, page: DatasetPage | None = None, upload: str = "") -> list[Step]:
    """Return (label, address, state) of each step; done steps that can be reopened have an address."""
    found = reverse("provide-found", args=[upload]) if upload else ""
    describe = reverse("provide-describe", args=[upload]) if upload else ""
    if page is not None:
        describe = reverse("desk-metadata", args=[page.slug])
    terms = reverse("provide-terms", args=[page.slug]) if page else ""
    labels = [
        (_("ファイルを選ぶ"), ""), (_("読み取りを確かめる"), found), (_("説明を書く"), describe),
        (_("利用条件を決める"), terms), (_("確かめて公開する"), ""),
    ]  # fmt: skip
    return [
        (label, address, "done" if place < current else "current" if place == current else "todo")
        for place, (label, address) in enumerate(labels, start=1)
    ]
