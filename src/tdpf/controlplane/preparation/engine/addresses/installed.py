"""The gazetteer of this installation: `TDPF_GAZETTEER`, else the file in `TDPF_HOME`; none on a fresh one."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from tdpf.controlplane.preparation.engine.addresses.gazetteer import GazetteerFile
from tdpf.kit.home import home


def gazetteer_path() -> Path:
    """Return where the installation's gazetteer is, or would be."""
    named = os.environ.get("TDPF_GAZETTEER")
    return Path(named) if named else home().gazetteer / "places.tdg"


def installed_gazetteer() -> GazetteerFile | None:
    """Return the installation's gazetteer, open as long as the file stays the same; None when there is none.

    Raises GazetteerDamaged and GazetteerOther.
    """
    path = gazetteer_path()
    try:
        state = path.stat()
    except OSError:
        return None
    return _opened(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=2)
def _opened(path: Path, changed: int, size: int) -> GazetteerFile:
    del changed, size
    return GazetteerFile(path)
