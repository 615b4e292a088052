"""Forms of the operator's pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tdpf.controlplane.exchange.types import OfferView


class ReviewForm(forms.Form):
    """A decision about an organisation."""

    reason = forms.CharField(
        label=_("団体へのことば"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("確認のお願い・却下のときは必ず書いてください。相手にそのまま届きます。"),
    )  # fmt: skip


class SuspendForm(forms.Form):
    """What a suspension stops, why, until when."""

    keys = forms.BooleanField(label=_("この相手のキーをすべて止める"), required=False)
    sign_in = forms.BooleanField(label=_("ログインを止める"), required=False)
    offers = forms.MultipleChoiceField(label=_("止める提供"), required=False, widget=forms.CheckboxSelectMultiple)
    continues = forms.CharField(
        label=_("続くもの"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("例: 公開済みのオープンなデータは、これまでどおり使えます。"),
    )  # fmt: skip
    until = forms.DateTimeField(
        label=_("いつまで"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=_("空にすると、解除するまで続きます。"),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("理由（相手に届き、記録に残ります）"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: object, standing_offers: list[OfferView], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        shown = [(offer.uid, f"{offer.dataset.title_ja}（{offer.dataset.slug}）") for offer in standing_offers]
        self.fields["offers"].choices = shown  # type: ignore[attr-defined]  # a choice field
        if not shown:
            del self.fields["offers"]


class PublisherContactForm(forms.Form):
    """Where a body without an account is written to."""

    contact_email = forms.EmailField(
        label=_("連絡先メール"), required=False, max_length=254,
        help_text=_("本人（団体の窓口）の宛先だと確かめたものだけを書いてください。空にすると、お知らせは届きません。"),
    )  # fmt: skip
    website = forms.URLField(label=_("ウェブサイト"), required=False, max_length=500, assume_scheme="https")


class AuditForm(forms.Form):
    """What to look for in the audit log."""

    who = forms.CharField(label=_("だれが"), required=False, max_length=200)
    what = forms.ChoiceField(label=_("何を"), required=False)
    subject = forms.CharField(label=_("何に対して"), required=False, max_length=200)
    text = forms.CharField(label=_("理由のことば"), required=False, max_length=200)
    from_at = forms.DateField(label=_("この日から"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until_at = forms.DateField(label=_("この日まで"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: object, names: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self.fields["what"].choices = [("", _("すべて")), *names]  # type: ignore[attr-defined]  # a choice field
