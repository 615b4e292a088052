"""What is told to a provider's system, as fields of a form; secrets are typed, kept sealed and never shown again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from tdpf.faces.portal.forms.lines import pem_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def secret_field(label: _StrPromise) -> forms.CharField:
    """Return a field for a secret, which stays as it was when it is left empty."""
    return forms.CharField(
        label=label, required=False, max_length=8000, strip=False,
        help_text=_("暗号化して保存し、二度と表示しません。変えないときは空のままにします。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class ShownCertificate(forms.Form):
    """The certificate that the other side wants to see (mutual TLS); its key is the form's secret."""

    client_certificate = forms.CharField(
        label=_("クライアント証明書（PEM、相互TLSのとき）"), required=False, max_length=32_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("証明書の連鎖。その秘密鍵（PEM）は、パスワードや認証の値の代わりに入れます。"),
    )  # fmt: skip

    def said(self, kind: str, name: str) -> dict[str, str]:
        """Return what the document says of the credential: the certificate where there is one, else `kind`."""
        shown = pem_of(self.cleaned_data["client_certificate"])
        return {"kind": "certificate", "name": name, "certificate": shown} if shown else {"kind": kind, "name": name}


class WebCredential(ShownCertificate):
    """How whoever fetches from an address of the web says who it is."""

    credential_kind = forms.ChoiceField(
        label=_("認証"), required=False,
        choices=[("", _("いらない")), ("header", _("ヘッダーで送るキー")), ("query", _("URLの ? のあとで送るキー")),
                 ("basic", _("IDとパスワード（Basic）")), ("certificate", _("クライアント証明書（相互TLS）"))],
    )  # fmt: skip
    account = forms.CharField(label=_("ヘッダー・パラメータの名前、またはID"), required=False, max_length=200)
    secret = secret_field(_("認証の値（秘密）"))

    def credential(self) -> dict[str, str] | None:
        """Return what the document says of the credential; None when none is needed."""
        kind, name = self.cleaned_data["credential_kind"], self.cleaned_data["account"].strip()
        if kind == "certificate":
            return {"kind": kind, "name": name, "certificate": pem_of(self.cleaned_data["client_certificate"])}
        return {"kind": kind, "name": name} if kind else None
