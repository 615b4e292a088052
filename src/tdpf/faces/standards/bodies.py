"""Bodies of strangers are looked at only when small."""

from __future__ import annotations

from django.http import HttpRequest

MOST_BYTES = 256 * 1024


def is_too_large(request: HttpRequest) -> bool:
    """Say whether a body is larger than what is looked at."""
    announced = str(request.META.get("CONTENT_LENGTH") or 0)
    return announced.isdigit() and int(announced) > MOST_BYTES
