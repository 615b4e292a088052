"""The owner or the operator puts right what another site states, or what was worked out, about a dataset."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.forms.correcting import LABELS, CorrectionForm, shown_value
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.guesses import marks_of, stated_words
from tdpf.faces.portal.standing import member_page, see_other, standing_of

_CODED = {"themes": "themes", "languages": "languages", "licence": "licences", "update_frequency": "frequencies",
          "area_codes": "areas"}  # fmt: skip


@member_page
def correct(request: HttpRequest, slug: str) -> HttpResponse:
    """List the fields with what the source states and what is shown; `?field=` asks for the right value of one."""
    standing = standing_of(request)
    page = catalog.dataset_page(slug, standing)
    if page.origin != "harvested" or not (standing.is_operator or page.provider.party_id in standing.roles):
        raise PageNotFound(path=request.path)
    field = request.GET.get("field", "")
    trail = [(page.title.in_(page_language()), reverse("dataset", args=[page.slug]))]
    if field not in LABELS:
        context = {"page": page, "lines": _lines(page), "trail": [*trail, (_("この説明を直す"), "")]}
        return render(request, "portal/dataset_correct.html", context)
    form = CorrectionForm(request.POST or None, field=field, initial={"value": shown_value(page, field)})
    undone = request.POST.get("undo") == "1"
    if request.method == "POST" and (undone or form.is_valid()):
        with refusals_on(form, {field: "value"}):
            services.correct_dataset(
                actor=standing,
                dataset_uid=page.uid,
                field=field,
                value=None if undone else form.value(),
                reason=request.POST.get("reason", "")[:500],
            )
            messages.success(
                request,
                _("訂正を取り消しました。") if undone else _("訂正しました。提供元の記載もそのまま残しています。"),
            )
            return see_other(reverse("dataset-correct", args=[page.slug]))
    context = {
        "page": page,
        "form": form,
        "label": LABELS[field],
        "mark": marks_of(page).get("period" if field.startswith("period_") else field),
        "stated": stated_words(page.stated, field),
        "is_corrected": field in page.corrected,
        "trail": [
            *trail,
            (_("この説明を直す"), reverse("dataset-correct", args=[page.slug])),
            (str(LABELS[field]), ""),
        ],
    }
    return render(request, "portal/dataset_correct.html", context, status=422 if form.errors else 200)


def _lines(page: DatasetPage) -> list[dict[str, object]]:
    marks = marks_of(page)
    return [
        {
            "field": field,
            "label": label,
            "value": _words(page, field),
            "mark": marks.get("period" if field.startswith("period_") else field),
            "stated": stated_words(page.stated, field),
            "is_corrected": field in page.corrected,
        }
        for field, label in LABELS.items()
    ]


def _words(page: DatasetPage, field: str) -> str:
    value = getattr(page, field) if field in _CODED else shown_value(page, field)
    if field in _CODED:
        codes = value if isinstance(value, tuple) else (value,)
        return "、".join(catalog.label_of(_CODED[field], str(code)).in_(page_language()) for code in codes if code)
    return "" if value is None else str(value)
