"""Demo mode only: the made-up city's open data site that the sample data were collected from."""

from __future__ import annotations

import mimetypes
from importlib.resources import files

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tdpf.djangokit.problems import PageNotFound


def sample_file(request: HttpRequest, name: str) -> HttpResponse:
    """Answer a file of the sample site; nothing stands here outside demo mode, nor for files that its links promise falsely."""
    content = sample_bytes(name, f"{settings.PUBLIC_URL}/demo/site")
    if not settings.DEMO or content is None:
        raise PageNotFound(path=request.path)
    kind = mimetypes.guess_type(name)[0] or "text/csv"
    response = HttpResponse(content, content_type=kind)
    if kind != "text/html":
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def sample_bytes(name: str, base: str) -> bytes | None:
    """Return a file of the sample site that stands at `base`, None when there is none of that name."""
    found = {entry.name: entry for entry in files("tdpf.faces.portal").joinpath("sample_site").iterdir()}
    if name not in found:
        return None
    content = found[name].read_bytes()
    return content.replace(b"{base}", base.encode()) if name.endswith(".json") else content
