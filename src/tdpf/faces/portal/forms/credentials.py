"""What is told to a provider's system, as fields of a form; secrets are typed, kept sealed and never shown again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def secret_field(label: _StrPromise) -> forms.CharField:
    """Return a field for a secret, which stays as it was when it is left empty."""
    return forms.CharField(
        label=label, required=False, max_length=4000, strip=False,
        help_text=_("暗号化して保存し、二度と表示しません。変えないときは空のままにします。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class WebCredential(forms.Form):
    """How whoever fetches from an address of the web says who it is."""

    credential_kind = forms.ChoiceField(
        label=_("認証"), required=False,
        choices=[("", _("いらない")), ("header", _("ヘッダーで送るキー")), ("query", _("URLの ? のあとで送るキー")),
                 ("basic", _("IDとパスワード（Basic）"))],
    )  # fmt: skip
    account = forms.CharField(label=_("ヘッダー・パラメータの名前、またはID"), required=False, max_length=200)
    secret = secret_field(_("認証の値（秘密）"))

    def credential(self) -> dict[str, str] | None:
        """Return what the document says of the credential; None when none is needed."""
        kind = self.cleaned_data["credential_kind"]
        return {"kind": kind, "name": self.cleaned_data["account"].strip()} if kind else None
