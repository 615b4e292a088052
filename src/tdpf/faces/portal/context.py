"""What every page knows: its language, where the same page stands in the other one, which door it belongs to."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

_ENGLISH = "/en"
_DOORS = (
    ("/search", "search"),
    ("/datasets/", "search"),
    ("/publishers/", "search"),
    ("/data-requests", "search"),
    ("/developers", "developers"),
    ("/provide", "provide"),
    ("/tools/", "prepare"),
    ("/help", "help"),
    ("/operator", "operator"),
)


def portal(request: HttpRequest) -> dict[str, object]:
    """Return the context of the page frame."""
    path = plain_path(request)
    query = request.META.get("QUERY_STRING", "") if request.method == "GET" else ""
    ending = f"?{query}" if query else ""
    return {
        "language": page_language(),
        "address_ja": f"{path}{ending}",
        "address_en": f"{_ENGLISH}{path}{ending}",
        "door": next((door for start, door in _DOORS if path.startswith(start)), ""),
        "demo_mode": bool(settings.DEMO),
        "public_url": settings.PUBLIC_URL,
        "operator_contact": settings.OPERATOR_CONTACT,
    }


def page_language() -> str:
    """Return "en" while answering an address under `/en/`, else "ja"."""
    return "en" if (get_language() or "ja").startswith("en") else "ja"


def plain_path(request: HttpRequest) -> str:
    """Return the path of the page without its language prefix."""
    path = request.path_info
    if path == _ENGLISH or path.startswith(f"{_ENGLISH}/"):
        return path[len(_ENGLISH) :] or "/"
    return path
