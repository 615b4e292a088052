"""Putting right one field of a dataset that another site describes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.faces.portal.words import choices

_SPLIT = re.compile(r"[、,，\s]+")
_VOCABULARIES = {"themes": "themes", "licence": "licences", "update_frequency": "frequencies", "languages": "languages"}
_LISTS = ("themes", "languages", "keywords", "area_codes")

LABELS: Mapping[str, Any] = {
    "title_ja": _("題名"),
    "title_en": _("英語の題名"),
    "description_ja": _("説明"),
    "themes": _("分野"),
    "keywords": _("キーワード"),
    "area_codes": _("地域（団体コード）"),
    "period_start": _("データの期間のはじまり"),
    "period_end": _("データの期間の終わり"),
    "update_frequency": _("更新の頻度"),
    "licence": _("ライセンス"),
    "languages": _("言語"),
    "attribution": _("出典の書き方"),
    "contact_name": _("問い合わせ先の名前"),
    "contact_email": _("問い合わせ先のメール"),
    "contact_url": _("問い合わせ先のURL"),
    "landing_url": _("紹介のページ"),
}


class CorrectionForm(forms.Form):
    """The right value of one field, and how it is known."""

    def __init__(self, *args: object, field: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self.field = field
        self.fields["value"] = _asked(field)
        self.fields["reason"] = forms.CharField(
            label=_("わけ（記録に残ります）"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_("例: 担当課に電話で確かめた。"),
        )  # fmt: skip

    def value(self) -> object:
        """Return the checked value as the room takes it: a list of codes, a day in ISO 8601, or a text."""
        value = self.cleaned_data["value"]
        if self.field in ("keywords", "area_codes"):
            return [word for word in _SPLIT.split(value) if word]
        if self.field in _LISTS:
            return list(value)
        return value.isoformat() if self.field in ("period_start", "period_end") else value


def shown_value(page: DatasetPage, field: str) -> object:
    """Return what a field holds at present, as the form shows it."""
    if field in ("title_ja", "title_en", "description_ja"):
        text = page.title if field.startswith("title") else page.description
        return text.en if field.endswith("_en") and text.en != text.ja else "" if field.endswith("_en") else text.ja
    value = getattr(page, field)
    if field in ("keywords", "area_codes"):
        return "、".join(value)
    return list(value) if field in _LISTS else value


def _asked(field: str) -> forms.Field:
    label = LABELS[field]
    if field in ("themes", "languages"):
        return forms.MultipleChoiceField(
            label=label, required=False, widget=forms.CheckboxSelectMultiple, choices=choices(_VOCABULARIES[field])  # type: ignore[arg-type]  # a known name
        )  # fmt: skip
    if field in _VOCABULARIES:
        return forms.ChoiceField(label=label, choices=choices(_VOCABULARIES[field]))  # type: ignore[arg-type]  # a known name
    if field in ("period_start", "period_end"):
        return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))
    if field == "contact_email":
        return forms.EmailField(label=label, required=False)
    if field in ("contact_url", "landing_url"):
        return forms.URLField(label=label, required=False, assume_scheme="https")
    if field == "description_ja":
        return forms.CharField(label=label, max_length=5000, widget=forms.Textarea(attrs={"rows": 6}), required=False)
    help_text = {
        "area_codes": _("6けたの全国地方公共団体コード。いくつかあるときはカンマで区切ります。例: 131016"),
        "keywords": _("読点またはカンマで区切ります。"),
    }.get(field, "")
    return forms.CharField(label=label, max_length=300, required=field == "title_ja", help_text=help_text)
