"""Bodies of strangers: looked at only when small, and read to their end all the same."""

from __future__ import annotations

from django.http import HttpRequest

MOST_BYTES = 256 * 1024
_MOST_DRAINED = 12 * 1024 * 1024
_PART = 64 * 1024


def is_too_large(request: HttpRequest) -> bool:
    """Say whether a body is larger than what is looked at; then it is read and forgotten.

    An answer to a body that is still on its way may be lost: the connection is closed under it.
    """
    announced = str(request.META.get("CONTENT_LENGTH") or 0)
    if not announced.isdigit() or int(announced) <= MOST_BYTES:
        return False
    left = _MOST_DRAINED
    while left > 0 and (part := request.read(_PART)):
        left -= len(part)
    return True
