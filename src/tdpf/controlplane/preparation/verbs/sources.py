"""Fetches what a table is made of: datasets of this platform and addresses; nobody gets more than they may have anyway."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.conf import settings

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.errors import DistributionUnknown
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, merge_rules, rules, workpiece_rules
from tdpf.kit.fetching import fetch
from tdpf.kit.hashing import sha256_file

_SECONDS = 40.0


def named_sources(actor: Standing, texts: Sequence[str]) -> list[dict[str, str]]:
    """Return {kind, at} of what a person wrote, `at` an address or a distribution's uid.

    Raises SourceNotUnderstood, SourceNotOpen, TooManySources, DatasetUnknown.
    """
    merge_rules.must_be_few(len(texts))
    found = []
    for text in texts:
        kind, at = merge_rules.source_of(text, settings.PUBLIC_URL)
        if kind == "dataset":
            main = catalog.dataset_page(at, actor).main
            if main is None:
                raise errors.SourceNotOpen(dataset=at)
            at = main.uid
        found.append({"kind": kind, "at": at})
    return found


def fetch_sources(
    sources: Sequence[Mapping[str, str]], folder: Path, *, actor: Standing, first: int = 0
) -> list[dict[str, Any]]:
    """Fetch sources into `folder` as its files from number `first` on; return {name, size, sha256, source} of each.

    Raises SourceNotOpen, the catalogue's DistributionUnknown and the problems of `kit.fetching`.
    """
    found: list[dict[str, Any]] = []
    for place, source in enumerate(sources, start=first):
        own = folder / f"f{place}"
        own.mkdir(mode=0o700)
        part = own / ".part"
        name = workpiece_rules.distinct_names([rules.tidy_file_name(_take(source, part, actor))])[0]
        path = own / name
        part.rename(path)
        entry = {"name": name, "size": path.stat().st_size, "sha256": sha256_file(path)}
        found.append({**entry, "source": {"kind": source["kind"], "at": source["at"]}})
    return found


def _take(source: Mapping[str, str], into: Path, actor: Standing) -> str:
    """Put a source's bytes into a file and return its name."""
    if source["kind"] == "address":
        return _fetch(source["at"], into)
    row = catalog.get_distribution(source["at"])
    page = catalog.dataset_page(row.dataset.slug, actor)
    latest = catalog.latest_version(row.uid)
    if page.provider.party_id in actor.roles and latest is not None:
        original = catalog.original_path(latest.original_sha256)
        if original.is_file():
            shutil.copyfile(original, into)
            return str(latest.original_name)
    distribution = next((entry for entry in page.distributions if entry.uid == row.uid), None)
    if page.state != "published" or page.access != "open" or distribution is None:
        raise errors.SourceNotOpen(dataset=page.slug)
    # Others' data come the way everybody gets them, so that no column comes along that the offer leaves out.
    ways = catalog.whole_files(page, distribution, settings.PUBLIC_URL)
    if not ways:
        raise errors.SourceNotOpen(dataset=page.slug)
    return _fetch(dict(ways).get("CSV", ways[0][1]), into)


def _fetch(url: str, into: Path) -> str:
    own = url.startswith(f"{settings.PUBLIC_URL}/data/")
    fetched = fetch(
        url,
        into=into,
        max_bytes=workpiece_rules.MEMBERS_BYTES,
        timeout=_SECONDS,
        allow_private=bool(getattr(settings, "ALLOW_PRIVATE_FETCH", False)),
        private_origin=settings.PUBLIC_URL if own else "",
    )
    return unquote(fetched.file_name)


def source_names(files: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return how readers know the files of a table: a dataset by its title and provider, any other file by its name."""
    found = {}
    for entry in files:
        source = entry.get("source") or {}
        if source.get("kind") == "dataset":
            try:
                dataset = catalog.get_distribution(source["at"]).dataset
            except DistributionUnknown:
                continue
            found[str(entry["name"])] = f"{dataset.title_ja}（{dataset.provider.name_ja}）"
    return found
