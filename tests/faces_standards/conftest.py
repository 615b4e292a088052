"""The library that the open protocols are asked about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gateway_double import Gateway, listening
from standards_scene import Scene, library

from tdpf.controlplane.access import asking
from tdpf.kit.home import home


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """A home of its own for each test; nothing listens where rows are asked."""
    settings.GATEWAY_URL = "http://127.0.0.1:9"
    settings.CACHES = {name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"} for name in settings.CACHES}
    monkeypatch.setenv("TDPF_HOME", str(tmp_path / "home"))
    home().prepare()


@pytest.fixture
def scene(db: None) -> Scene:
    """The library."""
    return library()


@pytest.fixture
def gateway(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """A gateway that answers with the toilets."""
    monkeypatch.setattr(asking, "portal_key", lambda: "tdpf_portal")
    with listening() as found:
        settings.GATEWAY_URL = found.url
        yield found
