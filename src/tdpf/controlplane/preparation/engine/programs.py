"""Whether a file is a program: something that acts when it is opened, and holds no data."""

from __future__ import annotations

from pathlib import Path, PurePath

_SUFFIXES = frozenset(
    (".exe", ".dll", ".scr", ".msi", ".bat", ".cmd", ".ps1", ".vbs", ".wsf", ".hta", ".lnk", ".jar", ".apk",
     ".dmg", ".pkg", ".deb", ".rpm", ".sh", ".so", ".class")
)  # fmt: skip
_STARTS = (
    b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
)  # fmt: skip


def is_program(path: Path, name: str) -> bool:
    """Say so by the file's name or its first bytes; two letters alone are no proof, a table may begin with `MZ`.

    `.com` says nothing: names of sites end so, too.
    """
    if PurePath(name).suffix.lower() in _SUFFIXES:
        return True
    with path.open("rb") as file:
        start = file.read(512)
    return start.startswith(_STARTS) or (start.startswith(b"MZ") and b"\x00" in start)
