"""Which page of a list is asked for, whatever the address says."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from portal_cast import person

from tdpf.faces.portal.paging import offset_of


@pytest.mark.parametrize(
    ("asked", "offset"), [("", 0), ("40", 40), ("999999", 999_999), ("1000000", 0), ("-1", 0), ("x", 0), ("²", 0)]
)
def test_only_a_short_number_moves_a_list(asked: str, offset: int) -> None:
    assert offset_of(RequestFactory().get("/", {"offset": asked})) == offset
    assert offset_of(RequestFactory().get("/", {"offset": "1000000"}), digits=7) == 1_000_000


@pytest.mark.django_db
def test_an_endless_number_shows_the_audit_log_from_its_beginning() -> None:
    operator = person("op@example.jp", "運営", operator=True)
    assert operator.client.get("/operator/audit", {"offset": "9" * 5000}).status_code == 200
