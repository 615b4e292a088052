"""Forms about applications, keys and requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from tdpf.controlplane.access.types import ApplicationFacts
from tdpf.faces.portal.context import page_language
from tdpf.kit import clock

SCOPE_LABELS = {
    "data:read": _("データを読む"),
    "datasets:write": _("データセットを書く（APIで提供する）"),
    "uploads:write": _("ファイルを送る（APIで提供する）"),
    "requests:write": _("ほしいデータを求める"),
    "feedback:write": _("データへの声を送る、届いた声に答える"),
}
_LARGEST_EVIDENCE = 20_000_000
_LIVES = (("30", _("30日")), ("90", _("90日")), ("365", _("1年")), ("", _("期限なし")))
_OVERLAPS = (("0", _("すぐに")), ("1", _("1日後")), ("7", _("7日後")), ("30", _("30日後")))


class ApplicationForm(forms.Form):
    """What an application is called and whose it is."""

    owner = forms.TypedChoiceField(label=_("だれの名前で使いますか"), coerce=int)
    name = forms.CharField(label=_("利用アプリの名前"), max_length=100, help_text=_("例: 防災マップ、庁内分析"))
    description = forms.CharField(
        label=_("何をするアプリですか"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("申込みのとき提供者に見えます。"),
    )  # fmt: skip

    def __init__(self, *args: object, parties: Sequence[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self.fields["owner"].choices = list(parties)  # type: ignore[attr-defined]  # a choice field


class EditApplicationForm(forms.Form):
    """What may be changed of an application."""

    name = forms.CharField(label=_("利用アプリの名前"), max_length=100)
    description = forms.CharField(
        label=_("何をするアプリですか"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class KeyForm(forms.Form):
    """What a new key is called, what it may do and how long it lives."""

    name = forms.CharField(
        label=_("キーの名前"), max_length=60, help_text=_("どこで使うかが分かる名前。例: 本番サーバー")
    )
    life = forms.ChoiceField(label=_("有効期間"), choices=_LIVES, required=False, initial="365")
    scopes = forms.MultipleChoiceField(
        label=_("できること"),
        choices=list(SCOPE_LABELS.items()),
        widget=forms.CheckboxSelectMultiple,
        initial=["data:read"],
    )

    def expires_at(self) -> datetime | None:
        """Return when the key ends, or None."""
        days = self.cleaned_data["life"]
        return clock.now() + timedelta(days=int(days)) if days else None


class RotateForm(forms.Form):
    """When the old key ends after a new one was made."""

    overlap = forms.ChoiceField(label=_("古いキーを止める時"), choices=_OVERLAPS, initial="7")

    def time(self) -> timedelta:
        """Return how long both keys work."""
        return timedelta(days=int(self.cleaned_data["overlap"]))


class ApplyForm(forms.Form):
    """A request for an offer: which application, what for, how the data are kept."""

    application = forms.ChoiceField(label=_("どの利用アプリで使いますか"), widget=forms.RadioSelect)
    purpose = forms.ChoiceField(label=_("利用目的の種類"))
    purpose_statement = forms.CharField(
        label=_("利用目的"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("だれのために、何を作り、どう使うかを書いてください。例: 区内の避難所の混み具合を地図に出し、住民が空いている避難所を選べるようにする。"),
    )  # fmt: skip
    information_management = forms.CharField(
        label=_("情報管理体制"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("だれがデータを扱い、どこに置き、どう守るか。例: 情報システム課の3名だけが、庁内のサーバーで扱う。"),
    )  # fmt: skip
    terms_sha256 = forms.CharField(widget=forms.HiddenInput)
    agree = forms.BooleanField(label=_("利用条件を読み、これに従って使います"))

    def __init__(
        self,
        *args: object,
        applications: Sequence[ApplicationFacts],
        purposes: Sequence[tuple[str, str]],
        needs_management: bool,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        english = page_language() == "en"
        shown = [
            (entry.uid, f"{entry.name} — {(english and entry.owner_name_en) or entry.owner_name_ja}")
            for entry in applications
        ]
        self.fields["application"].choices = shown  # type: ignore[attr-defined]  # a choice field
        self.fields["purpose"].choices = list(purposes)  # type: ignore[attr-defined]  # a choice field
        self.fields["information_management"].required = needs_management

    def read_anew(self, terms_sha256: str) -> None:
        """Let what is sent again be said of these terms, which are to be agreed to once more."""
        self.data = {**self.data.dict(), "terms_sha256": terms_sha256}  # type: ignore[attr-defined]  # of a form that was sent
        self.data.pop("agree", None)


class AnswerForm(forms.Form):
    """A provider's answer to a request."""

    text = forms.CharField(
        label=_("相手へのことば"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("質問する・お断りするときは必ず書いてください。相手にそのまま届きます。"),
    )  # fmt: skip


class ReasonForm(forms.Form):
    """Why something is ended, stopped or taken back."""

    reason = forms.CharField(label=_("理由"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class EvidenceForm(forms.Form):
    """A file of evidence that somebody kept."""

    file = forms.FileField(
        label=_("手もとの証跡のファイル（JSON Lines）"), max_length=200, widget=forms.FileInput(attrs={"accept": ".jsonl"}),
        help_text=_("以前に受け取ったもの、または相手から受け取ったもの。20MBまで。"),
    )  # fmt: skip

    def clean_file(self) -> UploadedFile[bytes]:
        """Refuse what no evidence is as large as."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > _LARGEST_EVIDENCE:
            raise forms.ValidationError(_("20MBより大きいファイルは読みません。証跡のファイルを選んでください。"))
        return file


class ReplyForm(forms.Form):
    """A consumer's reply to a question."""

    text = forms.CharField(label=_("返事"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class WithdrawForm(forms.Form):
    """When an offer ends, and why."""

    effective_on = forms.DateField(label=_("提供を終える日"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label=_("理由"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
