"""Writing a file whole or not at all, and never over the file it is made from."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
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
