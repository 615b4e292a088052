"""The operator's table of administrative words: what searches take for the same, tried before it is kept."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services
from tdpf.controlplane.catalog.types import SynonymEntry
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.forms.words import SynonymsForm
from tdpf.faces.portal.standing import operator_page, see_other, standing_of

_LONGEST = 200


@operator_page
def listed(request: HttpRequest) -> HttpResponse:
    """List the operators' groups; `?q=` says which words searches take along with one, and which groups hold it."""
    word = request.GET.get("q", "").strip()[:_LONGEST]
    entries = catalog.synonym_groups()
    context = {
        "word": word,
        "also": catalog.words_searched_with(word) if word else (),
        "entries": [entry for entry in entries if word in "\n".join((entry.wide, *entry.words))],
        "total": len(entries),
        "trail": _trail(),
    }
    return render(request, "portal/operator/synonyms.html", context)


@operator_page
def edit(request: HttpRequest, uid: str = "") -> HttpResponse:
    """Add a group or change one; it is tried on a query first when asked."""
    entry = catalog.get_synonyms(uid) if uid else None
    form = SynonymsForm(request.POST or None, initial=_initial(request, entry))
    preview = None
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            if request.POST.get("step") == "save":
                note = form.cleaned_data["note"]
                services.put_synonyms(actor=standing_of(request), **form.group(), note=note, uid=uid)
                messages.success(request, _("保存しました。数秒でさがし方に効きます。"))
                return see_other(reverse("operator-synonyms"))
            preview = catalog.preview_synonyms(form.trial(), **form.group(), uid=uid)
    context = {
        "entry": entry,
        "form": form,
        "preview": preview,
        "gained": [word for word in preview.words_after if word not in preview.words_before] if preview else [],
        "trail": _trail((_("直す") if entry else _("加える"), "")),
    }
    return render(request, "portal/operator/synonyms_edit.html", context, status=422 if form.errors else 200)


@operator_page
def remove(request: HttpRequest, uid: str) -> HttpResponse:
    """Ask once, then take a group out of the table."""
    entry = catalog.get_synonyms(uid)
    if request.method == "POST":
        services.remove_synonyms(actor=standing_of(request), uid=uid)
        messages.success(request, _("取り除きました。数秒でさがし方に効きます。"))
        return see_other(reverse("operator-synonyms"))
    return render(request, "portal/operator/synonyms_remove.html", {"entry": entry, "trail": _trail((_("除く"), ""))})


def _initial(request: HttpRequest, entry: SynonymEntry | None) -> dict[str, str]:
    if entry is not None:
        return SynonymsForm.initial_of(entry)
    return {"words": request.GET.get("words", "")[:_LONGEST]}


def _trail(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        (_("運営"), reverse("operator-desk")),
        (_("同義語"), reverse("operator-synonyms") if more else ""),
        *more,
    ]
