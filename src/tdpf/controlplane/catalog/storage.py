"""Where held data lie, and how they are erased."""

from __future__ import annotations

import shutil
from pathlib import Path

from tdpf.kit.home import home
from tdpf.tables.identity import table_folder as folder_below


def table_folder(identity: str) -> Path:
    """Return the folder in which a built table of that identity lies."""
    return folder_below(home().tables, identity)


def original_path(sha256: str) -> Path:
    """Return where an original with that hash lies: `originals/<first two>/<hash>`."""
    return home().originals / sha256[:2] / sha256


def index_folder() -> Path:
    """Return the folder of the search index."""
    return home().index / "catalog"


def erase_table(identity: str) -> int:
    """Remove a built table; return the bytes that were freed, 0 when there was none."""
    folder = table_folder(identity)
    if not folder.is_dir():
        return 0
    freed = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    # Renamed first: whoever looks for the table finds it whole or not at all.
    doomed = folder.with_name(f".erased-{folder.name}")
    shutil.rmtree(doomed, ignore_errors=True)
    folder.rename(doomed)
    shutil.rmtree(doomed)
    return freed


def erase_original(sha256: str) -> int:
    """Remove an original; return the bytes that were freed, 0 when there was none."""
    file = original_path(sha256)
    try:
        freed = file.stat().st_size
        file.unlink()
    except FileNotFoundError:
        return 0
    return freed
