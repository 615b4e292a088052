"""Where the bytes and the readings of uploads lie."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from tdpf.kit.home import home
from tdpf.kit.ids import is_uid
from tdpf.kit.writing import settle

FILE = "file"


def upload_folder(uid: str) -> Path:
    """Return the folder of an upload: `uploads/<uid>`."""
    if not is_uid(uid):
        raise ValueError(uid)
    return home().uploads / uid


def upload_file(uid: str) -> Path:
    """Return where an upload's bytes lie."""
    return upload_folder(uid) / FILE


def make_folder(uid: str) -> Path:
    """Make an upload's folder, closed to others, with an empty file in it."""
    folder = upload_folder(uid)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    upload_file(uid).touch(mode=0o600)
    settle(folder)
    settle(folder.parent)
    return folder


def erase_folder(uid: str) -> None:
    """Remove an upload's bytes and readings; it is no fault when they are gone already."""
    folder = upload_folder(uid)
    if not folder.exists():
        return
    doomed = folder.with_name(f".erased-{uid}")
    shutil.rmtree(doomed, ignore_errors=True)
    try:
        folder.rename(doomed)
    except FileNotFoundError:
        return
    shutil.rmtree(doomed, ignore_errors=True)


def stray_folders(known: set[str], older_than: float) -> Iterator[str]:
    """Yield the uids of folders that no upload owns and that were last changed before `older_than` (Unix seconds)."""
    if not home().uploads.is_dir():
        return
    for entry in home().uploads.iterdir():
        if entry.is_dir() and is_uid(entry.name) and entry.name not in known and entry.stat().st_mtime < older_than:
            yield entry.name


def erase_leftovers(older_than: float) -> None:
    """Remove what a killed process left behind before `older_than` (Unix seconds): half-sent forms, half-erased folders."""
    if not home().uploads.is_dir():
        return
    for entry in list(home().uploads.iterdir()):
        # Django writes the file of a form to tmp*.upload* until the whole form is there.
        if not entry.name.startswith(("tmp", ".erased-")) or entry.lstat().st_mtime >= older_than:
            continue
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
