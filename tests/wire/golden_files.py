"""Golden files where the planes meet. ``TDPF_WRITE_GOLDEN=1`` writes them again: look at the difference before committing."""

from __future__ import annotations

import os
from pathlib import Path


def check_golden(path: Path, data: bytes) -> None:
    """Compare bytes with a golden file."""
    if os.environ.get("TDPF_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    assert data == path.read_bytes(), f"{path.name} changed; if that is meant, write it again with TDPF_WRITE_GOLDEN=1"
