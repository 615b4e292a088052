"""Pages that explain: errors and their cures, first call, help, policies, accessibility."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog import queries as catalog
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal import snippets
from tdpf.faces.portal.context import page_language
from tdpf.kit.errors import problem_classes
from tdpf.kit.text import Text

_POLICIES = ("terms", "privacy", "data", "security")
_GAP = re.compile(r"\{(\w+)[^}]*\}")


def problems(request: HttpRequest) -> HttpResponse:
    """List every problem by the part that raises it."""
    groups: dict[str, list[dict[str, object]]] = {}
    for code, kind in problem_classes().items():
        groups.setdefault(code.partition("/")[0], []).append({"code": code, "title": kind.title, "status": kind.status})
    trail = [(_("エラーの意味"), "")]
    return render(request, "portal/problems.html", {"groups": sorted(groups.items()), "trail": trail})


def problem(request: HttpRequest, code: str) -> HttpResponse:
    """Explain one problem: what happened, what to do, how a program sees it."""
    kind = problem_classes().get(code)
    if kind is None:
        raise PageNotFound(path=request.path)
    context = {
        "code": code,
        "status": kind.status,
        "title": kind.title,
        "detail": _without_gaps(kind.detail),
        "cure": _without_gaps(kind.cure),
        "trail": [(_("エラーの意味"), reverse("problems")), (kind.title.in_(page_language()), "")],
    }
    return render(request, "portal/problem_explained.html", context)


def _without_gaps(text: Text) -> Text:
    return Text(ja=_GAP.sub("…", text.ja), en=_GAP.sub("…", text.en))


def developers(request: HttpRequest) -> HttpResponse:
    """Show the first call, on a dataset that is really there."""
    example = catalog.standing_example()
    slug = example.slug if example else "example"
    context = {
        "example": example,
        "snippets": snippets.first_call(settings.PUBLIC_URL, slug),
        "public_url": settings.PUBLIC_URL,
        "trail": [(_("つかう"), "")],
    }
    return render(request, "portal/developers.html", context)


def help_page(request: HttpRequest) -> HttpResponse:
    """Answer the common questions."""
    return render(request, "portal/help.html", {"trail": [(_("ヘルプ"), "")]})


def policies(request: HttpRequest) -> HttpResponse:
    """List the policies."""
    return render(request, "portal/policies/index.html", {"trail": [(_("規約・方針"), "")]})


def policy(request: HttpRequest, name: str) -> HttpResponse:
    """Show one policy."""
    if name not in _POLICIES:
        raise PageNotFound(path=request.path)
    trail = [(_("規約・方針"), reverse("policies")), (_(_POLICY_TITLES[name]), "")]
    return render(request, f"portal/policies/{name}.html", {"trail": trail})


_POLICY_TITLES = {
    "terms": "会員規約",
    "privacy": "個人情報の取扱い",
    "data": "データの取扱い",
    "security": "セキュリティ",
}


def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the accessibility policy and how it is tested."""
    return render(request, "portal/accessibility.html", {"trail": [(_("アクセシビリティ"), "")]})
