"""From one URL to Django's database settings; the ledger of use is a database of its own."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tdpf.kit.home import Home

LEDGER = "ledger"


def databases(home: Home, url: str | None, ledger_url: str | None) -> dict[str, dict[str, Any]]:
    """Return Django's DATABASES.

    Without a URL both databases are SQLite files of the installation. With `postgresql://…` the ledger lives in the
    schema `ledger` of the same server, unless it has a URL of its own.
    """
    if not url:
        return {"default": _sqlite(home, "db.sqlite3"), LEDGER: _sqlite(home, "ledger.sqlite3")}
    ledger = _postgresql(ledger_url) if ledger_url else _postgresql(url, schema=LEDGER)
    return {"default": _postgresql(url), LEDGER: ledger}


def _sqlite(home: Home, name: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(home.root / name),
        # Opening it, telling it its pragmas and closing it took as long as a search.
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
        "TEST": {"NAME": str(home.root / f"test-{name}")},
    }


def _postgresql(url: str, schema: str | None = None) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError(f"TDPF_DATABASE_URL must begin with postgresql://, not {parts.scheme}://")
    options: dict[str, Any] = {}
    if schema:
        options["options"] = f"-c search_path={schema}"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # A host that is a folder (`?host=/run/postgresql`) holds the server's Unix socket.
        "HOST": parse_qs(parts.query).get("host", [parts.hostname or ""])[0],
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        "TEST": {"NAME": f"test_{parts.path.lstrip('/')}_{schema or 'main'}"},
    }


class LedgerRouter:
    """Sends the room `metering` to the ledger and everything else to the main database."""

    def db_for_read(self, model: type, **_hints: object) -> str:
        """Name the database a model is read from."""
        return LEDGER if model._meta.app_label == "metering" else "default"  # type: ignore[attr-defined]  # every model has _meta

    def db_for_write(self, model: type, **_hints: object) -> str:
        """Name the database a model is written to."""
        return self.db_for_read(model)

    def allow_migrate(self, db: str, app_label: str, **_hints: object) -> bool:
        """Say whether an application's tables belong in a database."""
        return (db == LEDGER) == (app_label == "metering")
