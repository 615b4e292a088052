"""Forms of the first steps of providing: the file, the link, the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

TYPES = (
    ("string", _("文字")), ("code", _("コード（0で始まる番号など）")), ("integer", _("整数")), ("number", _("数")),
    ("boolean", _("はい・いいえ")), ("date", _("日付")), ("datetime", _("日時")), ("time", _("時刻")),
)  # fmt: skip
_ACCEPTED = ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.ods,.json,.geojson,.pdf"


class FileForm(forms.Form):
    """A file from the computer, or an address where it can be fetched."""

    party = forms.TypedChoiceField(label=_("だれの名前で出しますか"), coerce=int)
    file = forms.FileField(
        label=_("ファイル"), required=False, widget=forms.FileInput(attrs={"accept": _ACCEPTED}),
        help_text=_("CSV、TSV、Excel（XLSX・XLS）、ODS、JSON、PDF。Shift_JISでもUTF-8でもかまいません。"),
    )  # fmt: skip
    url = forms.URLField(
        label=_("または、ファイルのURL"), required=False, max_length=2000, assume_scheme="https",
        help_text=_("公開されているファイルなら、URLから取り込めます。"),
    )  # fmt: skip

    def __init__(
        self, *args: object, parties: Sequence[tuple[int, str]], fixed: bool = False, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        if fixed:
            del self.fields["party"]
        else:
            self.fields["party"].choices = list(parties)  # type: ignore[attr-defined]  # a choice field

    def clean(self) -> dict[str, Any]:
        """Ask for exactly one of file and address."""
        data: dict[str, Any] = super().clean() or {}
        if "file" not in self.errors and "url" not in self.errors and bool(data.get("file")) == bool(data.get("url")):
            self.add_error("file", _("ファイルかURLのどちらか1つを選んでください。"))
        return data


class LinkForm(forms.Form):
    """Data that stay where they are: only announced and linked."""

    party = forms.TypedChoiceField(label=_("だれの名前で出しますか"), coerce=int)
    url = forms.URLField(label=_("データのURL"), max_length=2000, assume_scheme="https")
    holding_reason = forms.CharField(
        label=_("預けない理由"), max_length=300, help_text=_("例: 毎分更新されるため、庁内の決まりで外に置けないため")
    )
    storage_place = forms.CharField(label=_("データを置いている場所"), max_length=200, required=False)

    def __init__(self, *args: object, parties: Sequence[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self.fields["party"].choices = list(parties)  # type: ignore[attr-defined]  # a choice field


class HoldingForm(forms.Form):
    """Why the platform keeps the bytes, and where they come from."""

    holding_reason = forms.CharField(
        label=_("この環境に預ける理由"), max_length=300, initial=_("行を選んで取り出せるAPIとして配るため"),
        help_text=_("公開ページに表示します。"),
    )  # fmt: skip
    storage_place = forms.CharField(
        label=_("この環境での保管場所"), max_length=200, initial=_("東京データプラットフォームのサーバー")
    )


class SignForm(forms.Form):
    """The signature under the warranty that was shown; only asked where the dataset is offered already."""

    text_version = forms.CharField(widget=forms.HiddenInput)
    text_sha256 = forms.CharField(widget=forms.HiddenInput)
    despite_licence = forms.BooleanField(
        label=_("ライセンスと利用条件が合っていないことを承知のうえで、このまま公開します"), required=False
    )
    sign = forms.BooleanField(label=_("上の表明保証を読み、事実と合っていることを確かめて署名します"))

    def __init__(self, *args: object, asks: bool = True, contradicts: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        if not contradicts:
            del self.fields["despite_licence"]
        if not asks:
            self.fields["sign"].required = False
            self.fields["sign"].widget = forms.HiddenInput()


class EditionForm(forms.Form):
    """What belongs to one year's file in a dataset's description, proposed anew for the file that comes; unsent fields stay as they were."""

    title_ja = forms.CharField(label=_("題名"), max_length=200, required=False)
    title_en = forms.CharField(label=_("英語の題名"), max_length=200, required=False)
    period_start = forms.DateField(
        label=_("データの期間のはじまり"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    period_end = forms.DateField(
        label=_("データの期間の終わり"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        data: dict[str, Any] = super().clean() or {}
        start, end = data.get("period_start"), data.get("period_end")
        if start and end and end < start:
            self.add_error("period_end", _("期間の終わりが、はじまりより前です。"))
        return data

    def given(self) -> dict[str, Any]:
        """Return what was sent; a title that was emptied stays as it was."""
        sent = {name: self.cleaned_data[name] for name in self.fields if name in self.data}
        return {name: value for name, value in sent.items() if value or name != "title_ja"}


def dictionary_from(posted: Mapping[str, Any], proposed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the column dictionary as edited on the page: type, unit and description of each column by its place."""
    known = {code for code, _label in TYPES}
    edited: list[dict[str, Any]] = []
    for place, entry in enumerate(proposed):
        kind = str(posted.get(f"column-{place}-type", entry.get("type", "string")))
        edited.append({
            "name": entry["name"],
            "type": kind if kind in known else entry.get("type", "string"),
            "unit": str(posted.get(f"column-{place}-unit", entry.get("unit", ""))).strip(),
            "description": str(posted.get(f"column-{place}-description", entry.get("description", ""))).strip(),
        })  # fmt: skip
    return edited
