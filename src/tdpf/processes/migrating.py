"""Bringing both databases to the tables this version expects."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connections

from tdpf.controlplane.access.snapshot import signing_key
from tdpf.processes.databases import LEDGER


def migrate_databases() -> None:
    """Migrate the main database and the ledger; on PostgreSQL the ledger's schema is made first."""
    ledger = connections[LEDGER]
    if ledger.vendor == "postgresql":
        options = str(ledger.settings_dict.get("OPTIONS", {}).get("options", ""))
        if f"search_path={LEDGER}" in options:
            with ledger.cursor() as cursor:
                cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {LEDGER}")
    for alias in ("default", LEDGER):
        call_command("migrate", database=alias, interactive=False, verbosity=0)
    # The data plane waits for the public half of this key before it asks for a snapshot.
    signing_key()
