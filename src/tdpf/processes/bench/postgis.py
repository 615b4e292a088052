"""Other servers of OGC API Features, pygeoapi and tipg, over PostGIS: Debian's PostgreSQL with its extension, when it is there."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from tdpf.processes.bench.processes import Server, free_port
from tdpf.processes.bench.servers import Asked, program_in
from tdpf.processes.bench.tables import MadeTable

TIPG, PYGEOAPI = "tipg, PostGIS", "pygeoapi, PostGIS"
_DEBIAN = Path("/usr/lib/postgresql")
_NOBODY = "postgres"
_COLUMNS = {"ID": "id", "緯度": "lat", "経度": "lon"}


class PostGIS:
    """A database with the facilities as points; raises RuntimeError with what is missing."""

    def __init__(self, folder: Path, table: MadeTable) -> None:
        programs = _programs()
        self.port = free_port()
        self._data = Path(tempfile.mkdtemp(prefix="tdpf-bench-gis-"))
        as_nobody = ["runuser", "-u", _NOBODY, "--"] if os.geteuid() == 0 else []
        if as_nobody:
            shutil.chown(self._data, _NOBODY, _NOBODY)
        made = [*as_nobody, str(programs / "initdb"), "-D", str(self._data), "-A", "trust", "-U", "bench", "--no-sync"]
        done = subprocess.run(made, capture_output=True, text=True, check=False, cwd="/")
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr.strip()[-200:]}")
        settings = {
            "port": self.port,
            "unix_socket_directories": self._data,
            "listen_addresses": "127.0.0.1",
            "fsync": "off",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.server = Server(
            [*as_nobody, str(programs / "postgres"), "-D", str(self._data), *options], folder / "postgis.log"
        )
        try:
            self.server.wait_for(self._answers)
            self._load(table)
        except BaseException:
            self.close()
            raise

    @property
    def address(self) -> str:
        """Its address."""
        return f"postgresql://bench@127.0.0.1:{self.port}/postgres"

    def _answers(self) -> bool:
        """Return whether it takes questions: it listens before it does."""
        try:
            import psycopg
        except ImportError:
            raise RuntimeError("psycopg is not installed") from None
        try:
            psycopg.connect(self.address, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _load(self, table: MadeTable) -> None:
        import psycopg

        columns = ", ".join(f'"{_COLUMNS.get(field.name, field.name)}" text' for field in table.fields)
        with psycopg.connect(self.address, autocommit=True) as base:
            base.execute("CREATE EXTENSION postgis")
            base.execute(f"CREATE TABLE loaded ({columns})")  # made tables only
            with base.cursor().copy("COPY loaded FROM STDIN (FORMAT csv, HEADER)") as copy, table.csv.open("rb") as csv:
                while piece := csv.read(1 << 20):
                    copy.write(piece)
            base.execute(
                "CREATE TABLE facilities AS SELECT *, ST_SetSRID(ST_MakePoint(lon::float8, lat::float8), 4326)"
                "::geometry(Point, 4326) AS geom FROM loaded"
            )
            base.execute("ALTER TABLE facilities ADD PRIMARY KEY (id)")
            base.execute("CREATE INDEX ON facilities USING gist (geom)")
            base.execute("DROP TABLE loaded")
            base.execute("VACUUM ANALYZE facilities")

    def close(self) -> None:
        """End it and forget its files."""
        self.server.close()
        shutil.rmtree(self._data, ignore_errors=True)


def _programs() -> Path:
    for version in sorted(_DEBIAN.glob("*"), reverse=True):
        if Path(f"/usr/share/postgresql/{version.name}/extension/postgis.control").exists():
            return version / "bin"
    raise RuntimeError("PostgreSQL with PostGIS is not installed (Debian: postgresql-15-postgis-3)")


def start_tipg(folder: Path, environment: Path, database: PostGIS) -> Asked:
    """Start tipg; raises RuntimeError when it is not there or does not start."""
    program = _needed(environment, "uvicorn")
    port = free_port()
    command = [program, "tipg.main:app", "--port", str(port), "--workers", "2", "--log-level", "warning"]
    server = Server(command, folder / "tipg.log", {"DATABASE_URL": database.address, "PYTHONPATH": ""})
    return _ready(server, database, port, "/collections/public.facilities")


def start_pygeoapi(folder: Path, environment: Path, database: PostGIS) -> Asked:
    """Start pygeoapi; raises RuntimeError when it is not there or does not start."""
    port, config, described = free_port(), folder / "pygeoapi.json", folder / "pygeoapi-openapi.yml"
    config.write_bytes(orjson.dumps(_config(database, port)))  # JSON is YAML
    given = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(described), "PYTHONPATH": ""}
    made = [_needed(environment, "pygeoapi"), "openapi", "generate", str(config), "--output-file", str(described)]
    done = subprocess.run(made, env={**os.environ, **given}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"pygeoapi did not describe itself: {(done.stderr or done.stdout).strip()[-200:]}")
    command = [_needed(environment, "gunicorn"), "pygeoapi.flask_app:APP", "-w", "2", "-b", f"127.0.0.1:{port}"]
    return _ready(Server(command, folder / "pygeoapi.log", given), database, port, "/collections/facilities?f=json")


def _needed(environment: Path, name: str) -> str:
    program = program_in(environment, name)
    if program is None:
        raise RuntimeError(f"{name} is neither on the PATH nor in the peers' environment")
    return program


def _ready(server: Server, database: PostGIS, port: int, path: str) -> Asked:
    try:
        server.wait_for(lambda: _answers(port, path), 120)
    except RuntimeError:
        server.close()
        raise
    return Asked(port, lambda: [*server.pids(), *database.server.pids()], server.close)


def _answers(port: int, path: str) -> bool:
    import httpx

    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=10, trust_env=False).status_code == 200
    return False


def _config(database: PostGIS, port: int) -> dict[str, Any]:
    address = f"http://127.0.0.1:{port}"
    names = {"en": "facilities"}
    provider = {
        "type": "feature",
        "name": "PostgreSQL",
        "data": {
            "host": "127.0.0.1", "port": database.port, "dbname": "postgres", "user": "bench", "password": "none",
            "search_path": ["public"],
        },
        "id_field": "id", "table": "facilities", "geom_field": "geom",
    }  # fmt: skip
    party = {"name": "bench", "url": address}
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port}, "url": address, "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8", "languages": ["en-US"], "limits": {"default_items": 10, "max_items": 1000},
            "map": {"url": address, "attribution": "none"}, "admin": False,
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {"title": names, "description": names, "keywords": {"en": ["bench"]}, "url": address,
                               "keywords_type": "theme", "terms_of_service": address},
            "license": party, "provider": party, "contact": {**party, "email": "bench@example.jp"},
        },
        "resources": {
            "facilities": {
                "type": "collection", "title": names, "description": names, "keywords": {"en": ["bench"]}, "links": [],
                "extents": {"spatial": {"bbox": [139, 35, 141, 37], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
                "providers": [provider],
            }
        },
    }  # fmt: skip


STARTS: tuple[tuple[str, Callable[[Path, Path, PostGIS], Asked]], ...] = (
    (TIPG, start_tipg),
    (PYGEOAPI, start_pygeoapi),
)
