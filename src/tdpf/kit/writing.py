"""Writing a file whole or not at all, for those of this machine alone, once only, and never over the file it is made from."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Give a stream whose bytes become the file when the block ends well; else what stood there stays. Raises OSError.

    A symbolic link stays one: the file it points to is replaced. What is no regular file (a pipe, a terminal, a device) is
    written to as it is and never replaced.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            yield stream
        return
    target = Path(os.path.realpath(path))
    unfinished = target.with_name(f".tdpf-{secrets.token_hex(6)}.part")
    try:
        with unfinished.open("xb") as stream:
            yield stream
        if target.exists():
            unfinished.chmod(target.stat().st_mode & 0o777)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes, *, mode: int = 0o644, durable: bool = True) -> None:
    """Write a file so that a reader, or a killed process, finds either the old bytes or the new ones. Raises OSError.

    ``durable`` holds that against power loss too, at the price of waiting for the disk; ``mode`` holds from the first byte on.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(6)}.new")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
            stream.write(data)
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{12}\.new|\.tdpf-[0-9a-f]{12}\.part")
_MAY_BE_WRITTEN_NOW = 60.0


def forget_unfinished(folder: Path) -> int:
    """Remove, in a folder and those below it, what killed processes left of files they were writing; return how many there were.

    What was touched within a minute may still be somebody's work and stays.
    """
    gone = 0
    for path in folder.rglob(".*") if folder.is_dir() else ():
        with contextlib.suppress(OSError):
            if _UNFINISHED.fullmatch(path.name) and path.stat().st_mtime < time.time() - _MAY_BE_WRITTEN_NOW:
                path.unlink()
                gone += 1
    return gone


def made_once(path: Path, make: Callable[[], str]) -> str:
    """Return the line a file of this account alone holds; it is made when it is missing, once even when two processes start at once."""
    if not path.exists():
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}.new")
        try:
            write_whole(fresh, make().encode(), mode=0o600)
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink(missing_ok=True)
    return path.read_text().strip()


def settle(folder: Path) -> None:
    """Have the names in a folder on the disk before anything is confirmed."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def same_as(path: Path, others: Iterable[Path]) -> Path | None:
    """Return the first of the others that is the same file, by another path, a symbolic or a hard link too."""
    return next((other for other in others if _same(path, other)), None)


def _same(one: Path, other: Path) -> bool:
    try:
        if one.samefile(other):
            return True
    except OSError:
        pass
    return os.path.realpath(one) == os.path.realpath(other)
