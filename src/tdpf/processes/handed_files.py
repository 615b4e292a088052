"""Files as a terminal hands them in: by name, on standard input, through a pipe; and how much looking at them may cost."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from tdpf.controlplane.preparation.engine.types import Limits

# What a verdict costs is the processor; the clock only ends what stands still, however busy the machine is.
_LIMITS = Limits(cpu_seconds=90, wall_seconds=900)
_HANDED = re.compile(r"/dev/stdin|/(?:dev|proc/self)/fd/\d+")


def file_of(named: str, folder: Path) -> Path:
    """Return the file of a name; what waits on standard input (`-`) or a handed pipe (`<(…)`) is put into the folder."""
    path = Path(named)
    if named != "-" and not (_HANDED.fullmatch(named) and path.is_fifo()):
        return path
    kept = folder / f"{len(list(folder.iterdir()))}"
    with nullcontext(sys.stdin.buffer) if named == "-" else path.open("rb") as given, kept.open("wb") as out:
        left = Limits().max_bytes + 1
        while left > 0 and (block := given.read(min(left, 1 << 20))):
            out.write(block)
            left -= len(block)
    return kept


def limits_for(paths: Sequence[Path]) -> Limits:
    """Return the limits with more time for large files: a second of the processor and four by the clock for each megabyte."""
    largest = max((path.stat().st_size for path in paths if path.is_file()), default=0) // 1_000_000
    return replace(_LIMITS, cpu_seconds=_LIMITS.cpu_seconds + largest, wall_seconds=_LIMITS.wall_seconds + 4 * largest)
