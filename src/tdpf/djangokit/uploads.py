"""A bound on the files of a form, kept while they arrive: Django itself writes files of any size to the disk before a view is asked."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

FROM_STRANGERS = 1024 * 1024
FROM_STRANGERS_FOR_TOOLS = 12 * 1024 * 1024
FROM_MEMBERS = 1024 * 1024 * 1024
# There a view reads its form only after the caller's key was found good.
_KEY_COMES_FIRST = "/api/"
# Tools that work without an account.
_TOOLS = ("/tools/", "/en/tools/")


def largest_form(request: HttpRequest) -> int:
    """Return how many bytes of files a form may bring: much from members and holders of keys, little from others,
    something more for the tools that work without an account."""
    member: Any = getattr(request, "user", None)
    known = (member is not None and member.is_authenticated) or request.path.startswith(_KEY_COMES_FIRST)
    if known:
        return FROM_MEMBERS
    return FROM_STRANGERS_FOR_TOOLS if request.path.startswith(_TOOLS) else FROM_STRANGERS


class BoundedUploads(FileUploadHandler):
    """Stands before the handlers that keep files and ends a form that brings too much (400)."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._left = FROM_STRANGERS

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 - Django's name
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        """Refuse at once what says that it is too large."""
        del input_data, META, boundary, encoding
        if self.request is not None:
            self._left = largest_form(self.request)
        if content_length > self._left:
            raise RequestDataTooBig(f"a form of {content_length} bytes")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Count what arrives, whatever was said before, and hand it on."""
        del start
        self._left -= len(raw_data)
        if self._left < 0:
            raise RequestDataTooBig("a form brought more than it said")
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Keep nothing: the handlers behind do."""
