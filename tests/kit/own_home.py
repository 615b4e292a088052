"""An installation's home for each test; a room's conftest that imports this fixture gives one to all its tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdpf.kit.home import Home, home


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home of its own."""
    monkeypatch.setenv("TDPF_HOME", str(tmp_path / "home"))
    return home().prepare()
