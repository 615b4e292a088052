"""Says whether a table's folder is what was written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson

from tdpf.kit.hashing import sha256_file
from tdpf.tables.errors import TableMissing
from tdpf.tables.types import TableManifest, manifest_from_dict

_NOT_A_MANIFEST = (OSError, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class Fault:
    """One file that is not what was written."""

    file: str
    what: str


def read_manifest(folder: Path) -> TableManifest:
    """Return the folder's manifest; raises TableMissing when there is none that can be read."""
    try:
        return manifest_from_dict(orjson.loads((folder / "table.json").read_bytes()))
    except _NOT_A_MANIFEST as fault:
        raise TableMissing(identity=folder.name) from fault


def read_manifest_or_none(folder: Path) -> TableManifest | None:
    """Return the folder's manifest if it can be read and its files have their sizes, else None."""
    try:
        manifest = read_manifest(folder)
    except TableMissing:
        return None
    return None if _size_faults(folder, manifest) else manifest


def verify_table(folder: Path) -> list[Fault]:
    """Read every file and compare it with the manifest: sizes, then SHA-256; an empty list means sound."""
    try:
        manifest = read_manifest(folder)
    except TableMissing:
        return [Fault("table.json", "missing or unreadable")]
    faults = _size_faults(folder, manifest)
    wrong = {fault.file for fault in faults}
    if manifest.identity != folder.name:
        faults.append(Fault("table.json", "identity is not the folder's name"))
    for facts in manifest.files.values():
        if facts.path not in wrong and sha256_file(folder / facts.path) != facts.sha256:
            faults.append(Fault(facts.path, "checksum differs"))
    return faults


def verify_file(folder: Path, manifest: TableManifest, kind: str) -> bool:
    """Whether one file (`rows`, `parquet`, `csv`) has the size and SHA-256 of the manifest."""
    facts = manifest.files[kind]
    path = folder / facts.path
    try:
        return path.stat().st_size == facts.bytes and sha256_file(path) == facts.sha256
    except OSError:
        return False


def _size_faults(folder: Path, manifest: TableManifest) -> list[Fault]:
    faults = []
    for facts in manifest.files.values():
        path = folder / facts.path
        if not path.is_file():
            faults.append(Fault(facts.path, "missing"))
        elif path.stat().st_size != facts.bytes:
            faults.append(Fault(facts.path, f"{path.stat().st_size} bytes instead of {facts.bytes}"))
    return faults
