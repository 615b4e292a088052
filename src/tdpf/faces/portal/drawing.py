"""Drawing a page whose parts are large."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.context import make_context
from django.template.loader import get_template


def drawn(request: HttpRequest, template: str, values: Mapping[str, Any]) -> HttpResponse:
    """Return a page as Django's `render` does, without keeping its parts.

    A context of Django and what stands in it know each other, so that they would stay until rings are looked for: a
    hundred kilobytes for each page of results.
    """
    context = make_context(dict(values), request)
    try:
        return HttpResponse(get_template(template).template.render(context))  # type: ignore[attr-defined]  # as of Django's own engine
    finally:
        context.dicts.clear()
