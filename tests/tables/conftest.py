"""Small tables for the tests of the table format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from toilet_table import TOILET_FIELDS, TOILET_ROWS, MakeTable

from tdpf.kit.hashing import sha256_hex
from tdpf.tables.build import build_table
from tdpf.tables.identity import table_folder
from tdpf.tables.types import Field, TableManifest


@pytest.fixture
def make_table(tmp_path: Path) -> MakeTable:
    """Build a table and return its folder and manifest; the identity comes from the content."""

    def make(
        rows: Sequence[Sequence[str | None]] = TOILET_ROWS,
        fields: Sequence[Field] = TOILET_FIELDS,
        key: Sequence[str] = (),
        label: str = "",
    ) -> tuple[Path, TableManifest]:
        identity = sha256_hex(repr((rows, [field.as_dict() for field in fields], key, label)).encode())
        manifest = build_table(rows, fields, out_root=tmp_path / "tables", identity=identity, key_columns=key)
        return table_folder(tmp_path / "tables", identity), manifest

    return make
