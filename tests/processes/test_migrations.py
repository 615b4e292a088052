"""The migrations are few, short, and let older installations go on."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db.migrations.loader import MigrationLoader

import tdpf

SOURCE = Path(tdpf.__file__).parent


def test_no_migration_is_too_long_to_read() -> None:
    long = {path.name: size for path in SOURCE.glob("**/migrations/*.py") if (size := _lines(path)) > 400}
    assert not long


@pytest.mark.django_db
def test_installations_before_the_folding_have_nothing_to_do() -> None:
    """What was folded into one migration counts as applied where all of its parts were."""
    from django.db import connection

    loader = MigrationLoader(connection)
    for key, folded in loader.replacements.items():
        assert set(folded.replaces) <= set(loader.applied_migrations), key
        assert key in loader.applied_migrations


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
