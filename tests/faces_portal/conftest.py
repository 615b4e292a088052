"""Scenes for the tests of the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from portal_cast import Person, person

from tdpf.controlplane.catalog import services as catalog


@pytest.fixture
def someone(db: None) -> Callable[..., Person]:
    """Make members; the search index is empty but there."""
    catalog.reindex()
    return person


@pytest.fixture(autouse=True)
def quick_and_alone(settings: Any) -> None:
    """Nothing listens where the pages ask for rows, unless a test says so."""
    settings.GATEWAY_URL = "http://127.0.0.1:9"
