"""Bringing both databases to the tables this version expects."""

from __future__ import annotations

import hashlib
import os
from importlib.metadata import version
from pathlib import Path

from tdpf.kit.home import Home
from tdpf.processes.databases import LEDGER


def is_up_to_date(home: Home) -> bool:
    """Say whether this very version already brought these databases up to date; needs no Django, so a start is quick."""
    mark = _mark(home)
    return mark.exists() and mark.read_text() == _wanted()


def migrate_databases(home: Home) -> None:
    """Migrate the main database and the ledger; on PostgreSQL the ledger's schema is made first."""
    from django.core.management import call_command
    from django.db import connections

    from tdpf.controlplane.access.services import ensure_portal_application
    from tdpf.controlplane.access.snapshot import signing_key
    from tdpf.controlplane.catalog.services import ensure_index

    ledger = connections[LEDGER]
    if ledger.vendor == "postgresql":
        options = str(ledger.settings_dict.get("OPTIONS", {}).get("options", ""))
        if f"search_path={LEDGER}" in options:
            with ledger.cursor() as cursor:
                cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {LEDGER}")
    # Accounts first: their many small steps are quick while few tables refer to members. The ledger holds one room only.
    for alias, *room in (("default", "account"), ("default",), (LEDGER, "metering")):
        call_command("migrate", *room, database=alias, interactive=False, verbosity=0)
    # The data plane waits for the public half of this key before it asks for a snapshot.
    signing_key()
    ensure_portal_application()
    ensure_index()
    _mark(home).write_text(_wanted())


def _mark(home: Home) -> Path:
    return home.root / "migrated"


def _wanted() -> str:
    source = Path(__file__).resolve().parents[1]
    migrations = sorted(str(path.relative_to(source)) for path in source.glob("**/migrations/*.py"))
    databases = [os.environ.get(name, "") for name in ("TDPF_DATABASE_URL", "TDPF_LEDGER_URL")]
    parts = [*migrations, *databases, version("django"), version("django-allauth")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
