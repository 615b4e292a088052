"""Strangers' databases: a real PostgreSQL and a real MariaDB, asked read-only and within their time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from provider_databases import PASSWORD, Door

from tdpf.kit.database_sessions import open_session
from tdpf.kit.databases import (
    MARK,
    DatabaseAddress,
    DatabaseFault,
    DatabaseRefused,
    DatabaseSilent,
    DatabaseSlow,
    is_one_question,
)

Place = Callable[[], DatabaseAddress]


@pytest.fixture(params=["postgresql", "mysql"])
def place(request: pytest.FixtureRequest) -> DatabaseAddress:
    """Each of the two, as its reader reaches it."""
    if request.param == "postgresql":
        door: Door = request.getfixturevalue("provider_postgres")
        return DatabaseAddress("postgresql", "localhost", door.port, "city", "reader", PASSWORD, tls="off")
    port, pem = request.getfixturevalue("provider_mariadb")
    return DatabaseAddress("mysql", "localhost", port, "city", "reader", PASSWORD, certificate=pem)


def ask(place: DatabaseAddress, sql: str, *values: object, seconds: float = 5, batch: int = 1000) -> list[object]:
    session = open_session(place, seconds=seconds, allow_private=True, resolver=lambda *_: ["127.0.0.1"])
    try:
        return [row for rows in session.rows(sql, values, batch=batch) for row in rows]
    finally:
        session.close()


def test_values_go_apart_from_the_text(place: DatabaseAddress) -> None:
    found = ask(place, f"SELECT id, name FROM shelters WHERE name = {MARK}", 'It\'s a "hall"')
    assert found == [(4, 'It\'s a "hall"')]
    assert ask(place, f"SELECT id FROM shelters WHERE name = {MARK} OR id = {MARK}", "x' OR '1'='1", 3) == [(3,)]
    assert ask(place, "SELECT id FROM shelters WHERE name LIKE '100%' ORDER BY id") == [(3,)]
    assert ask(place, f"SELECT id FROM shelters WHERE opened >= {MARK} ORDER BY id", date(2024, 2, 1)) == [(2,), (4,)]
    assert len(ask(place, "SELECT a.id FROM shelters a, shelters b, shelters c", batch=7)) == 64


def test_columns_and_their_types_are_told(place: DatabaseAddress) -> None:
    session = open_session(place, seconds=5, allow_private=True, resolver=lambda *_: ["127.0.0.1"])
    seen = {column.name: column.type for column in session.columns("SELECT * FROM shelters")}
    session.close()
    expected = {"id": "integer", "name": "string", "lat": "number", "opened": "date", "changed": "datetime"}
    assert {name: seen[name] for name in expected} == expected


def test_nothing_is_written_and_time_is_bounded(place: DatabaseAddress) -> None:
    for statement in ("DELETE FROM shelters", "CREATE TABLE mine (id integer)", "SELECT * FROM closed"):
        with pytest.raises(DatabaseFault):
            ask(place, statement)
    wait = "SELECT pg_sleep(20)" if place.engine == "postgresql" else "SELECT SLEEP(20) FROM shelters"
    begun = time.monotonic()
    with pytest.raises(DatabaseSlow):
        ask(place, wait, seconds=1)
    assert time.monotonic() - begun < 6
    with pytest.raises(DatabaseFault):
        ask(replace(place, password="wrong"), "SELECT 1")


def test_a_question_does_not_lengthen_the_next_ones_time(place: DatabaseAddress) -> None:
    if place.engine != "postgresql":
        pytest.skip("a question of MySQL sets nothing")
    session = open_session(place, seconds=1, allow_private=True, resolver=lambda *_: ["127.0.0.1"])
    list(session.rows("SELECT set_config('statement_timeout', '0', false)", ()))
    assert list(session.rows("SELECT current_setting('statement_timeout')", ())) == [[("1s",)]]
    session.close()


def test_only_public_addresses_and_the_right_certificate(place: DatabaseAddress) -> None:
    for inward in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"):
        with pytest.raises(DatabaseRefused):
            open_session(place, seconds=1, resolver=lambda *_, found=inward: ["93.184.216.34", found])  # type: ignore[misc]
    with pytest.raises(DatabaseSilent):
        open_session(replace(place, port=1), seconds=1, allow_private=True, resolver=lambda *_: ["127.0.0.1"])
    # PostgreSQL here has no certificate at all, MariaDB one that the system's authorities do not know.
    with pytest.raises(DatabaseRefused):
        ask(replace(place, tls="verify", certificate=""), "SELECT 1")
    if place.engine == "mysql":
        with pytest.raises(DatabaseRefused):
            ask(replace(place, host="other.example"), "SELECT 1")
        assert ask(replace(place, tls="encrypt", certificate=""), "SELECT 1") == [(1,)]


def test_a_moment_is_a_moment(place: DatabaseAddress) -> None:
    instant = datetime(2024, 1, 5, 0, 0, tzinfo=UTC)
    given = instant if place.engine == "postgresql" else datetime(2024, 1, 5, 9, 0)
    assert ask(place, f"SELECT id FROM shelters WHERE changed = {MARK}", given) == [(1,)]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("SELECT * FROM a", True), ("with x as (select 1) select * from x", True), ("SELECT ';' AS a", True),
        ("SELECT 1; DROP TABLE a", False), ("DELETE FROM a", False), ("SELECT 1) t; --", False), ("SELECT 'a", False),
        ("SELECT 1 -- x", False), ("SELECT /* x */ 1", False), ("SELECT 1) UNION (SELECT 2", False), ("SELECT $$a$$", False), ("SELECT $x$'$x$, pg_sleep(1)", False),
        (r"SELECT 'a\' , b'", False), ("SELECT (1", False), ("", False),
    ],
)  # fmt: skip
def test_one_question_is_one_question(text: str, good: bool) -> None:
    assert is_one_question(text) is good
