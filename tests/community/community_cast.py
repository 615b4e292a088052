"""What the tests of the community do to datasets."""

from __future__ import annotations

import re

from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.types import OriginalFile
from tdpf.controlplane.members.types import Standing
from tdpf.kit.hashing import sha256_hex


def publish_version(actor: Standing, distribution_uid: str, content: bytes, **diff: object) -> str:
    """Publish bytes as a version and return its uid."""
    original = OriginalFile(sha256=sha256_hex(content), name="parks.csv", size=len(content), media_type="text/csv")
    added = catalog.add_version(
        actor=actor, distribution_uid=distribution_uid, original=original, published=None, diff=diff
    )
    return added.version_uid


def link_in(body: str, path: str) -> str:
    """Return the token of the first link to a page under `path` in a mail."""
    found = re.search(rf"{re.escape(path)}/([0-9a-z]{{26}}\.[0-9a-f]{{64}})", body)
    assert found is not None, body
    return found.group(1)
