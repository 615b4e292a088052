"""Whom providers' servers are vouched for by, as Envoy reads it."""

import re
from pathlib import Path

from tdpf.kit.hashing import sha256_hex
from tdpf.kit.writing import write_whole

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\r?\n.*?-----END \1-----", re.DOTALL)


def put_bare(folder: Path, authorities: Path) -> Path:
    """Write the blocks of a PEM file without the words between them into the folder and return that file.

    Envoy keeps the whole text for every cluster, and a quarter of it are remarks. The name tells the content: what changed is read
    anew. Where there is no block to be had, the given file is returned.
    """
    try:
        blocks = [found.group(0) for found in _BLOCK.finditer(authorities.read_bytes())]
    except OSError:
        return authorities
    if not blocks:
        return authorities
    data = b"\n".join(blocks) + b"\n"
    bare = folder / f"authorities-{sha256_hex(data)[:16]}.pem"
    if not bare.exists():
        write_whole(bare, data, durable=False)
    for other in folder.glob("authorities-*.pem"):
        if other != bare:
            other.unlink(missing_ok=True)
    return bare
