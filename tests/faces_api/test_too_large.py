"""A body larger than what is taken in one go is refused with a cure, not with Django's bare page."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

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
