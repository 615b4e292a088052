"""Which page of a list is asked for."""

from __future__ import annotations

from django.http import HttpRequest


def offset_of(request: HttpRequest, *, digits: int = 6) -> int:
    """Return where the asked page of a list begins; 0 for what is not a number of at most `digits` digits."""
    asked = request.GET.get("offset", "")
    return int(asked) if asked.isdecimal() and len(asked) <= digits else 0
