"""What the log keeps of a fault."""

from __future__ import annotations

import logging

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from tdpf.djangokit.problems import ProblemMiddleware


@pytest.mark.parametrize("page", ["/answers/", "/en/answers/", "/confirm/", "/en/confirm/"])
def test_a_fault_is_logged_without_the_secret_of_a_mailed_link(page: str, caplog: pytest.LogCaptureFixture) -> None:
    request = RequestFactory().get(f"{page}0a1b.ff", headers={"Accept": "application/json"})
    with caplog.at_level(logging.ERROR, logger="tdpf.faults"):
        answer = ProblemMiddleware(lambda _: HttpResponse()).process_exception(request, RuntimeError("broken"))
    assert answer is not None
    assert answer.status_code == 500
    assert page in caplog.text
    assert "0a1b" not in caplog.text


def test_other_paths_are_logged_whole(caplog: pytest.LogCaptureFixture) -> None:
    request = RequestFactory().get("/datasets/confirm/x", headers={"Accept": "application/json"})
    ProblemMiddleware(lambda _: HttpResponse()).process_exception(request, RuntimeError("broken"))
    assert "/datasets/confirm/x" in caplog.text
