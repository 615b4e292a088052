"""What the sign-up form asks beside address and password."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tdpf.controlplane.members.models import Member


class SignUpForm(forms.Form):
    """The name by which a member is shown to others."""

    display_name = forms.CharField(
        label=_("表示名"),
        max_length=100,
        help_text=_("データを出すときや申し込むときに、ほかの会員に示されます。"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["email", "display_name", "password1", "password2"]

    def signup(self, request: HttpRequest, user: Member) -> None:
        """Do nothing more: the account adapter has kept everything already (allauth calls this hook)."""
