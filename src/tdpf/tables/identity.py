"""The identity of a table version: what makes two versions the same thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tdpf.kit.hashing import canonical_json, sha256_hex


def table_identity(original_sha256: str, recipe: Mapping[str, Any], dictionary: Sequence[Mapping[str, Any]]) -> str:
    """Return hash(bytes, recipe, dictionary) as 64 hexadecimal digits; the order of members does not matter."""
    parts = {"original": original_sha256, "recipe": dict(recipe), "dictionary": [dict(entry) for entry in dictionary]}
    return sha256_hex(canonical_json(parts))


def table_folder(root: Path, identity: str) -> Path:
    """Return the folder of a version below the tables folder: `<identity[:2]>/<identity>`."""
    return root / identity[:2] / identity
