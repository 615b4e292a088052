"""Files of forms are bounded while they arrive, before any view is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from pytest_django import Settings

from tdpf.djangokit import uploads


@pytest.mark.parametrize("path", ["/accounts/login/", "/provide", "/identity/o/api/token"])
@pytest.mark.django_db
def test_a_stranger_cannot_fill_the_disk_with_a_form(path: str, tmp_path: Path, settings: Settings) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    large = SimpleUploadedFile("x.csv", b"x" * (uploads.FROM_STRANGERS + 1))
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32
    answer = client.post(path, {"file": large})
    assert answer.status_code in (400, 403, 413)
    assert list(tmp_path.iterdir()) == []


def test_what_says_too_little_is_ended_when_it_brings_more() -> None:
    handler = uploads.BoundedUploads(RequestFactory().post("/provide"))
    handler.handle_raw_input(None, {}, 0, b"", None)
    piece = b"x" * 65536
    for start in range(0, uploads.FROM_STRANGERS, len(piece)):
        assert handler.receive_data_chunk(piece, start) is piece
    with pytest.raises(RequestDataTooBig):
        handler.receive_data_chunk(b"x", uploads.FROM_STRANGERS)


def test_an_upload_by_key_may_be_large() -> None:
    """Its key was found good before the form is read."""
    request = RequestFactory().post("/api/v1/uploads")
    assert uploads.largest_form(request) == uploads.FROM_MEMBERS
    assert uploads.largest_form(RequestFactory().post("/identity/o/api/token")) == uploads.FROM_STRANGERS
