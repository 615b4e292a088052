"""A body larger than what is taken in one go is refused with a cure, not with Django's bare page."""

from __future__ import annotations

import logging

import pytest
from django.conf import settings
from django.test import Client, override_settings

pytestmark = pytest.mark.django_db


def test_a_document_that_is_too_large_names_the_cure(client: Client, bearer: dict[str, str]) -> None:
    """In the caller's language."""
    body = b'{"name":"' + b"a" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) + b'","size":1}'
    answer = client.post(
        "/api/v1/uploads", body, content_type="application/json", headers={**bearer, "Accept-Language": "en"}
    )
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")
    assert answer.json()["type"] == "/problems/platform/body-too-large"
    assert "/api/v1/uploads" in answer.json()["cure"]


def test_a_form_that_is_too_large_gets_a_page_with_the_cure() -> None:
    """Also where the protection against forgery reads it before any view."""
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/login/")
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100):
        answer = client.post(
            "/data-requests/new", "wish=" + "a" * 200, content_type="application/x-www-form-urlencoded"
        )
    assert (answer.status_code, "送られた内容が大きすぎます" in answer.content.decode()) == (413, True)
    with override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=2):
        assert client.post("/data-requests/new", dict.fromkeys("abcd", "x")).status_code == 413


def test_such_a_form_is_logged_as_what_it_is(caplog: pytest.LogCaptureFixture) -> None:
    """A line, no error and no traceback: nothing here is broken."""
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/login/")
    with override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=2), caplog.at_level(logging.INFO):
        assert client.post("/data-requests/new", dict.fromkeys("abcd", "x")).status_code == 413
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    told = [record for record in caplog.records if record.name == "tdpf.faults"]
    assert [(record.levelname, record.exc_info) for record in told] == [("INFO", None)]
    assert "POST /data-requests/new" in told[0].getMessage()
