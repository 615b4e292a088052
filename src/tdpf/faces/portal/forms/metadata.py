"""What a provider says about a dataset, and about its columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tdpf.controlplane.catalog.types import DatasetMetadata, DatasetPage
from tdpf.faces.portal.words import choices

_SPLIT = re.compile(r"[、,，\s]+")


class MetadataForm(forms.Form):
    """A dataset's description in DCAT terms; most of it is proposed from the file."""

    title_ja = forms.CharField(label=_("題名"), max_length=200)
    title_en = forms.CharField(label=_("英語の題名"), max_length=200, required=False)
    description_ja = forms.CharField(
        label=_("説明"), max_length=5000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("何のデータか、いつ・どう集めたか、使うときの注意を書いてください。"),
    )  # fmt: skip
    description_en = forms.CharField(
        label=_("英語の説明"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    slug = forms.SlugField(
        label=_("URLに使う名前"), max_length=63, min_length=3, required=False,
        help_text=_("英小文字、数字、ハイフン。空にすると自動で決まります。例: chiyoda-toilets"),
        error_messages={"invalid": _("英小文字、数字、ハイフンだけで、3文字以上63文字以下にしてください。例: chiyoda-toilets")},
    )  # fmt: skip
    themes = forms.MultipleChoiceField(label=_("分野"), required=False, widget=forms.CheckboxSelectMultiple)
    keywords = forms.CharField(label=_("キーワード"), required=False, help_text=_("読点またはカンマで区切ります。"))
    area_codes = forms.CharField(
        label=_("地域（団体コード）"),
        required=False,
        help_text=_("6けたの全国地方公共団体コード。いくつかあるときはカンマで区切ります。例: 131016"),
    )
    licence = forms.ChoiceField(label=_("ライセンス"), initial="CC-BY-4.0")
    despite_licence = forms.BooleanField(
        label=_("ライセンスと利用条件が合っていないことを承知のうえで、このまま保存します"), required=False
    )
    licence_name = forms.CharField(label=_("個別のライセンスの名前"), required=False, max_length=200)
    licence_url = forms.URLField(label=_("個別のライセンスのURL"), required=False, assume_scheme="https")
    update_frequency = forms.ChoiceField(label=_("更新の頻度"), initial="UNKNOWN")
    period_start = forms.DateField(
        label=_("データの期間のはじまり"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    period_end = forms.DateField(
        label=_("データの期間の終わり"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    contact_name = forms.CharField(label=_("問い合わせ先の名前"), max_length=200, required=False)
    contact_email = forms.EmailField(
        label=_("問い合わせ先のメール"), required=False, help_text=_("メールかURLのどちらかは必ず書いてください。")
    )
    contact_url = forms.URLField(label=_("問い合わせ先のURL"), required=False, assume_scheme="https")
    landing_url = forms.URLField(label=_("紹介のページ"), required=False, assume_scheme="https")
    data_class = forms.ChoiceField(label=_("個人に関する情報"), widget=forms.RadioSelect, initial="non_personal")
    retention_days = forms.IntegerField(
        label=_("古い版を残す日数"),
        required=False,
        min_value=0,
        help_text=_("空にすると、提供している間ずっと残します。"),
    )

    FIRST = ("title_ja", "description_ja", "themes", "area_codes", "licence", "despite_licence", "update_frequency",
             "contact_name", "contact_email", "data_class")  # fmt: skip

    def __init__(self, *args: object, contradicts: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        if not contradicts:
            del self.fields["despite_licence"]
        for name, vocabulary in (("themes", "themes"), ("licence", "licences"), ("update_frequency", "frequencies"),
                                 ("data_class", "data_classes")):  # fmt: skip
            self.fields[name].choices = choices(vocabulary)  # type: ignore[attr-defined,arg-type]  # a choice field, a known name

    def metadata(self, before: DatasetMetadata | None = None) -> DatasetMetadata:
        """Return the checked input as the room takes it; what the form does not ask stays as it was."""
        data = dict(self.cleaned_data)
        for name in ("slug", "despite_licence"):
            data.pop(name, None)
        data["keywords"] = _words(data["keywords"])
        data["area_codes"] = _words(data["area_codes"])
        data["themes"] = tuple(data["themes"])
        kept = (
            {name: getattr(before, name) for name in ("languages", "licence_text", "attribution", "originals_days")}
            if before
            else {}
        )
        return DatasetMetadata(**kept, **data)

    def first_fields(self) -> list[forms.BoundField]:
        """Return the fields that matter most."""
        return [self[name] for name in self.FIRST if name in self.fields]

    def other_fields(self) -> list[forms.BoundField]:
        """Return the rest."""
        return [field for field in self.visible_fields() if field.name not in self.FIRST]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in _SPLIT.split(text) if word)


def initial_from(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return proposals or stored metadata as the form shows them."""
    shown = dict(facts)
    for name in ("keywords", "area_codes"):
        if not isinstance(shown.get(name), str):
            shown[name] = "、".join(shown.get(name) or ())
    shown["themes"] = list(shown.get("themes") or ())
    return {name: value for name, value in shown.items() if value is not None}


def metadata_of(page: DatasetPage) -> DatasetMetadata:
    """Return a dataset's present metadata."""
    names = set(DatasetMetadata.__dataclass_fields__) - {
        "title_ja", "title_en", "description_ja", "description_en", "licence_name",
    }  # fmt: skip
    return DatasetMetadata(
        title_ja=page.title.ja,
        title_en="" if page.title.en == page.title.ja else page.title.en,
        description_ja=page.description.ja,
        description_en="" if page.description.en == page.description.ja else page.description.en,
        licence_name=page.licence_name.ja if page.licence == "custom" else "",
        **{name: getattr(page, name) for name in names},
    )


def initial_of(page: DatasetPage) -> dict[str, Any]:
    """Return a dataset's present metadata as the form shows them."""
    return {**initial_from(asdict(metadata_of(page))), "slug": page.slug}
