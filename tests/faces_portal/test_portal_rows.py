"""What the table form asks of the gateway."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import translation

from tdpf.controlplane.access import asking
from tdpf.faces.portal import rows

COLUMNS = {"番号": "code", "施設名称": "string", "人口": "integer", 'x"y': "string"}


def _filter(column: str, operator: str, value: str) -> str:
    question = rows.Question(column=column, operator=operator, value=value)
    return rows.gateway_parameters(question, COLUMNS)["filter"]


def test_conditions_are_cql2_and_nothing_typed_breaks_out_of_its_quotes() -> None:
    assert _filter("施設名称", "contains", "公園") == "\"施設名称\" LIKE '%公園%'"
    assert _filter("施設名称", "eq", "O'Hara' OR '1'='1") == "\"施設名称\" = 'O''Hara'' OR ''1''=''1'"
    assert _filter("施設名称", "contains", "50%_\\") == "\"施設名称\" LIKE '%50\\%\\_\\\\%'"
    assert _filter('x"y', "eq", "a") == '"x""y" = \'a\''
    assert _filter("人口", "gte", "1000") == '"人口" >= 1000'
    assert _filter("人口", "lte", "1.5") == '"人口" <= 1.5'
    assert _filter("人口", "gte", "1000; DROP") == "\"人口\" >= '1000; DROP'"


def test_only_known_columns_and_operators_are_taken_from_the_address() -> None:
    question = rows.read_question(
        {"column": "秘密", "op": "like", "value": " a ", "sort": "-秘密", "offset": "-5"}, COLUMNS
    )
    assert question == rows.Question(value="a")
    assert rows.read_question({"sort": "-人口", "offset": "x"}, COLUMNS) == rows.Question(sort="-人口")
    assert rows.likely_column(COLUMNS) == "施設名称"


class _Gateway(BaseHTTPRequestHandler):
    answer: tuple[int, dict[str, Any]] = (200, {})
    languages: list[str] = []
    asked: list[tuple[str, dict[str, list[str]], str]] = []

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        _Gateway.asked.append((parts.path, parse_qs(parts.query), self.headers["X-API-Key"]))
        _Gateway.languages.append(self.headers["Accept-Language"])
        status, body = _Gateway.answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def gateway(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Gateway]]:
    """A listener that answers as the gateway would."""
    _Gateway.asked, _Gateway.languages = [], []
    server = HTTPServer(("127.0.0.1", 0), _Gateway)
    Thread(target=server.serve_forever, daemon=True).start()
    settings.GATEWAY_URL = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(asking, "portal_key", lambda: "tdpf_portal")
    yield _Gateway
    server.shutdown()


def test_rows_are_asked_as_the_application_portal(gateway: type[_Gateway]) -> None:
    gateway.answer = (200, {"rows": [{"番号": "001"}], "numberMatched": 71})
    answer = rows.ask("toilets", rows.Question(sort="-人口", offset=20), COLUMNS)
    assert (answer.rows, answer.total) == ([{"番号": "001"}], 71)
    path, query, key = gateway.asked[0]
    assert (path, key) == ("/data/collections/toilets/items", "tdpf_portal")
    assert query == {"f": ["json"], "limit": ["20"], "offset": ["20"], "sortby": ["-人口"]}


def test_reasons_are_asked_for_in_the_language_of_the_page(gateway: type[_Gateway]) -> None:
    for language in ("ja", "en"):
        with translation.override(language):
            rows.ask("toilets", rows.Question(), COLUMNS)
    assert gateway.languages == ["ja", "en"]


def test_a_refusal_and_silence_are_answers_too(gateway: type[_Gateway], settings: Any) -> None:
    gateway.answer = (429, {"title": "速すぎます", "type": "/problems/gateway/too-fast"})
    refused = rows.ask("toilets", rows.Question(), COLUMNS).refused
    assert refused is not None
    assert refused["title"] == "速すぎます"
    settings.GATEWAY_URL = "http://127.0.0.1:9"
    assert rows.ask("toilets", rows.Question(), COLUMNS).silent
