"""What the tests of the community do to datasets."""

from __future__ import annotations

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
