"""The terms of an offer as a form; what is valid is decided by exchange alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange.types import Terms
from tdpf.faces.portal.context import page_language

_RADIOS = ("access", "approval", "redistribution", "secondary_use", "attribution")
_SELECTS = ("disclosure", "rate_plan", "information_management")
_CHECKS = ("audience", "purposes", "regions")
LABELS = {
    "access": _("使い方"),
    "approval": _("申込みへの答え方"),
    "redistribution": _("そのまま他の人に渡すこと"),
    "secondary_use": _("加工して公開すること（二次利用）"),
    "attribution": _("出典の表示"),
    "disclosure": _("見せてよい範囲"),
    "rate_plan": _("1秒あたりの速さ"),
    "information_management": _("情報管理のきびしさ"),
    "audience": _("だれが使えるか"),
    "purposes": _("何のために使えるか"),
    "regions": _("どこで使えるか"),
}


class TermsForm(forms.Form):
    """Every field of the typed vocabulary; the open preset needs only a few of them."""

    access = forms.ChoiceField(label=LABELS["access"], widget=forms.RadioSelect)
    attribution = forms.ChoiceField(label=LABELS["attribution"], widget=forms.RadioSelect, required=False)
    attribution_text = forms.CharField(
        label=_("出典に書くことば"), required=False, help_text=_("例: 「○○区提供」。空にすると提供者の名前になります。")
    )
    notice_days = forms.IntegerField(
        label=_("止めるときの予告の日数"), required=False, min_value=0,
        help_text=_("この日数より前に止めることはできません。使う人が準備する時間です。"),
    )  # fmt: skip
    rate_plan = forms.ChoiceField(label=LABELS["rate_plan"], required=False)
    audience = forms.MultipleChoiceField(label=LABELS["audience"], required=False, widget=forms.CheckboxSelectMultiple)
    approval = forms.ChoiceField(label=LABELS["approval"], widget=forms.RadioSelect, required=False)
    purposes = forms.MultipleChoiceField(label=LABELS["purposes"], required=False, widget=forms.CheckboxSelectMultiple)
    purposes_note = forms.CharField(label=_("目的についての補足"), required=False)
    regions = forms.MultipleChoiceField(label=LABELS["regions"], required=False, widget=forms.CheckboxSelectMultiple)
    regions_note = forms.CharField(label=_("地域についての補足"), required=False)
    period_start = forms.DateField(
        label=_("使える期間のはじまり"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    period_end = forms.DateField(
        label=_("使える期間の終わり"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    period_months = forms.IntegerField(
        label=_("約定から何か月使えるか"), required=False, min_value=0, help_text=_("0は期限なし")
    )
    redistribution = forms.ChoiceField(label=LABELS["redistribution"], widget=forms.RadioSelect, required=False)
    secondary_use = forms.ChoiceField(label=LABELS["secondary_use"], widget=forms.RadioSelect, required=False)
    disclosure = forms.ChoiceField(label=LABELS["disclosure"], required=False)
    quota_day = forms.IntegerField(label=_("1日の回数の上限"), required=False, min_value=0, help_text=_("0は上限なし"))
    quota_month = forms.IntegerField(
        label=_("1か月の回数の上限"), required=False, min_value=0, help_text=_("0は上限なし")
    )
    information_management = forms.ChoiceField(label=LABELS["information_management"], required=False)
    information_management_note = forms.CharField(label=_("情報管理についての補足"), required=False)
    confidentiality = forms.BooleanField(label=_("秘密として扱うことを求める"), required=False)
    columns = forms.MultipleChoiceField(
        label=_("渡す列"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("1つも選ばなければ、すべての列を渡します。"),
    )
    areas = forms.CharField(
        label=_("渡す地域"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("1行に1つ。空なら、すべての地域のデータを渡します。"),
    )  # fmt: skip
    notices_ja = forms.CharField(label=_("使う人への注意"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    notices_en = forms.CharField(
        label=_("使う人への注意（英語）"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    OPEN_FIELDS = ("access", "attribution", "attribution_text", "notice_days", "rate_plan", "notices_ja", "notices_en")

    def __init__(self, *args: object, columns: Sequence[str], by_area: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        choices = exchange.terms_choices(page_language())
        for name in (*_RADIOS, *_SELECTS, *_CHECKS):
            shown = [(code, label) for code, label, _sentence in choices[name]]
            self.fields[name].choices = shown  # type: ignore[attr-defined]  # a choice field
        if columns:
            self.fields["columns"].choices = [(name, name) for name in columns]  # type: ignore[attr-defined]  # as above
        else:
            del self.fields["columns"]
        if not by_area:
            del self.fields["areas"]

    def clean_areas(self) -> list[str]:
        """Return the areas, one of each line."""
        return [line.strip() for line in self.cleaned_data["areas"].splitlines() if line.strip()]

    def given(self) -> dict[str, object]:
        """Return what was typed as exchange takes it; what is empty, or only for conditional offers, is left out."""
        names = self.OPEN_FIELDS if self.cleaned_data.get("access") == "open" else tuple(self.cleaned_data)
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name) not in (None, "", [])}

    def main_fields(self) -> list[forms.BoundField]:
        """Return the fields that every offer needs."""
        return [self[name] for name in self.OPEN_FIELDS]

    def other_fields(self) -> list[forms.BoundField]:
        """Return the fields of conditional offers."""
        return [field for field in self.visible_fields() if field.name not in self.OPEN_FIELDS]


def initial_of(terms: Terms) -> Mapping[str, Any]:
    """Return terms as a form shows them."""
    plain = asdict(terms) | {"areas": "\n".join(terms.areas)}
    return {name: [str(item) for item in value] if isinstance(value, tuple) else value for name, value in plain.items()}
