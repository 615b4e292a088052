"""Where a list of any size lies while it is read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tdpf.kit.home import home


@contextmanager
def list_folder() -> Iterator[Path]:
    """Give a folder on the installation's own disk; what a killed process leaves there is swept with the uploads."""
    place = home().uploads
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        yield Path(folder)
