"""The five steps of providing data, and those of preparing a file, as the pages show them."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog.types import DatasetPage

Step = tuple[str, str, str]


def steps(current: int, page: DatasetPage | None = None, upload: str = "") -> list[Step]:
    """Return (label, address, state) of each step; done steps that can be reopened have an address.

    What stays with its provider has steps of its own.
    """
    if page is not None and stays_with_provider(page):
        return connecting_steps(current, page)
    found = reverse("provide-found", args=[upload]) if upload else ""
    describe = reverse("provide-describe", args=[upload]) if upload else ""
    if page is not None:
        describe = reverse("desk-metadata", args=[page.slug])
    terms = reverse("provide-terms", args=[page.slug]) if page else ""
    labels = [
        (_("ファイルを選ぶ"), ""), (_("読み取りを確かめる"), found), (_("説明を書く"), describe),
        (_("利用条件を決める"), terms), (_("確かめて公開する"), ""),
    ]  # fmt: skip
    return _stated(labels, current)


def stays_with_provider(page: DatasetPage) -> bool:
    """Say whether a dataset is connected: it has no versions here."""
    return page.main is not None and bool(page.main.place_mark or page.main.kind in ("api", "stream"))


def connecting_steps(current: int, page: DatasetPage | None = None) -> list[Step]:
    """Return (label, address, state) of the steps of connecting what stays with its provider."""
    describe = reverse("desk-metadata", args=[page.slug]) if page else ""
    terms = reverse("provide-terms", args=[page.slug]) if page else ""
    labels = [
        (_("つなぐものを選ぶ"), reverse("provide")), (_("説明を書く"), describe), (_("つなぎ方を決める"), _connection(page)),
        (_("利用条件を決める"), terms), (_("確かめて公開する"), ""),
    ]  # fmt: skip
    return _stated(labels, current)


def _connection(page: DatasetPage | None) -> str:
    main = page.main if page else None
    if page is None or main is None:
        return ""
    view = {"api": "provide-source", "stream": "provide-stream"}.get(main.kind, "provide-table")
    return reverse(view, args=[page.slug, main.name])


def _stated(labels: Sequence[tuple[str, str]], current: int) -> list[Step]:
    return [
        (label, address, "done" if place < current else "current" if place == current else "todo")
        for place, (label, address) in enumerate(labels, start=1)
    ]


def work_steps(current: int, address: str = "", *, reached: int = 0) -> list[Step]:
    """Return (label, address, state) of the steps of preparing a file; those reached before have an address."""
    pages = ("", "prepare-found", "prepare-columns", "prepare-compare", "prepare-results")
    labels = (
        _("ファイルを選ぶ"), _("見つかったものと表の種類"), _("項目の対応"), _("見比べる"), _("できあがり"),
    )  # fmt: skip
    found = []
    for place, (label, page) in enumerate(zip(labels, pages, strict=True), start=1):
        state = "current" if place == current else "done" if place < max(current, reached + 1) else "todo"
        there = address and page and place <= reached and place != current
        found.append((label, reverse(page, args=[address]) if there else "", state))
    return found
