"""Pages of lists: `limit`, `offset`, and links to the pages before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest, QueryDict
from ninja import Query

from tdpf.faces.api.credentials import KEY_PARAMETER
from tdpf.kit.pages import Page

Limit = Annotated[int, Query(ge=1, le=100, description="How many items a page has at most.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="How many items come before the page.")]


def listing(request: HttpRequest, page: Page[Any], **more: object) -> dict[str, object]:
    """Return a page as the frame of every list."""
    return framed(page, request.path, request.GET, **more)


def framed(page: Page[Any], path: str, asked: QueryDict, **more: object) -> dict[str, object]:
    """Return a page in the frame of every list; its neighbours are at the same path with the same parameters."""
    return {
        "items": list(page.items),
        "total": page.total,
        "limit": page.limit,
        "offset": page.offset,
        "next": _address(path, asked, page.next_offset, page.limit),
        "previous": _address(path, asked, page.previous_offset, page.limit),
        **more,
    }


def page_of(items: Sequence[Any], *, offset: int, limit: int) -> Page[Any]:
    """Return one page of a list that is at hand as a whole."""
    return Page(items=items[offset : offset + limit], total=len(items), offset=offset, limit=limit)


def _address(path: str, asked: QueryDict, offset: int | None, limit: int) -> str | None:
    if offset is None:
        return None
    query = asked.copy()
    # An address that is handed out carries no key.
    query.pop(KEY_PARAMETER, None)
    query["offset"], query["limit"] = str(offset), str(limit)
    return f"{settings.PUBLIC_URL}{path}?{query.urlencode()}"
