"""Speed limits of a gateway: a file of buckets that the workers map and share.

A bucket is 24 bytes, little-endian: two 32-bit halves of what stands for the caller (its application, or its address: IPv4, or the
first half of IPv6), the number of its plan, an unused word, and a double, the moment (monotonic clock, seconds) until which its calls
are paid for. A call costs one over the plan's calls per second; it is admitted while no more than the burst is paid ahead (generic
cell rate algorithm, ITU-T I.371). A bucket is one of WAYS in a set chosen by hash. Those whose moment has passed are free; when all
of a set are taken, the one nearest to free is given away. Two workers that meet in a bucket at one instant may count a call too few.
"""

import os
from pathlib import Path

SETS = 8192
WAYS = 8
BYTES = SETS * WAYS * 24


def prepare_rate_buckets(path: Path) -> None:
    """Make the file of empty buckets unless it is there; a file that Envoy may have mapped is never truncated."""
    if path.exists() and path.stat().st_size == BYTES:
        return
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, BYTES)
    finally:
        os.close(descriptor)
