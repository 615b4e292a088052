"""A program's call gets from the shorter chain what it got from the whole one: status, headers, body."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import request_started
from django.db import close_old_connections

from tdpf.processes.handling import ForPeople, ForPrograms, handling

pytestmark = pytest.mark.django_db
CALLS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("GET", "/api/v1/openapi.json", {}),
    ("HEAD", "/api/v1/datasets", {}),
    ("GET", "/api/v1/datasets?limit=nonsense", {"HTTP_ACCEPT_LANGUAGE": "en"}),
    ("GET", "/api/v1/datasets/nothing-of-that-name", {}),
    (
        "GET",
        "/api/v1/search?bogus=1",
        {
            "HTTP_COOKIE": "sessionid=0123456789abcdefghijklmnopqrstuv; django_language=en; csrftoken=0123456789abcdefghijklmnopqrstuv"
        },
    ),
    ("GET", "/api/v1/nowhere", {"HTTP_ACCEPT": "text/html"}),
    ("GET", "/api/v1/datasets/", {}),
    ("POST", "/api/v1/datasets", {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "2"}),
    ("DELETE", "/api/v1/search", {}),
    ("TRACE", "/api/v1/search", {}),
    ("GET", "/api/v1/search?q=x", {"HTTP_HOST": "elsewhere.example"}),
    ("GET", "/api/v1/datasets", {"HTTP_AUTHORIZATION": "Bearer tdpf_nobodys"}),
)


@pytest.fixture(autouse=True)
def kept_connection() -> Iterator[None]:
    """A call closes connections that are old, and the one in which the test runs with them."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


def asked(handler: Any, method: str, address: str, more: dict[str, str]) -> tuple[str, list[tuple[str, str]], bytes]:
    """Ask a handler and return all of what it says."""
    path, _, query = address.partition("?")
    told: list[Any] = []
    environment = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "HTTP_HOST": "localhost", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.input": BytesIO(b"{}"), **more,
    }  # fmt: skip
    answer = handler(environment, lambda status, headers, *_: told.extend((status, headers)))
    return told[0], told[1], b"".join(answer)


@pytest.mark.parametrize(("method", "address", "more"), CALLS)
def test_the_shorter_chain_says_the_same(method: str, address: str, more: dict[str, str]) -> None:
    short, whole = asked(ForPrograms(), method, address, more), asked(ForPeople(), method, address, more)
    assert short == whole, set(short[1]) ^ set(whole[1])


def test_pages_keep_the_whole_chain() -> None:
    status, headers, _ = asked(handling(), "GET", "/accounts/login/", {})
    assert status.startswith("200")
    assert any(name == "Set-Cookie" and "csrftoken" in value for name, value in headers)
    assert any(name == "Cache-Control" and "no-store" in value for name, value in headers)


def test_what_is_only_for_people_is_there_and_the_settings_stay() -> None:
    before = list(settings.MIDDLEWARE)
    ForPrograms()
    assert before == settings.MIDDLEWARE
    assert set(before) >= settings.ONLY_FOR_PEOPLE
