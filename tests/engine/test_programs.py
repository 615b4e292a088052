"""What is a program, and what only bears a name or a beginning like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.programs import is_program


@pytest.mark.parametrize(
    ("name", "content", "is_one"),
    [
        ("list-of-www.example.com", b"name,place\n", False),
        ("edit.com", b"MZ\x90\x00" + bytes(100), True),
        ("tool.exe", b"name,place\n", True),
        ("marks.csv", b"MZ,place\n", False),
        ("run", b"\x7fELF\x02", True),
    ],
)
def test_a_program_is_known_by_its_name_or_its_bytes(tmp_path: Path, name: str, content: bytes, is_one: bool) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert is_program(path, name) is is_one
