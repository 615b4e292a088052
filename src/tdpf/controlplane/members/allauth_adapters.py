"""How allauth's accounts become members: sign-up through the services, letters in the member's language, sealed secrets."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any

from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, override

from tdpf.controlplane.members import services
from tdpf.controlplane.members.models import Member
from tdpf.controlplane.members.queries import live_suspensions
from tdpf.kit.clock import now


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Accounts of TDPF: a new account is a member with a party of their own."""

    def save_user(self, request: HttpRequest, user: Member, form: Any, commit: bool = True) -> Member:
        """Keep a new member from the sign-up form; allauth adds the unconfirmed address afterwards."""
        del request, commit
        data = form.cleaned_data
        user.email = data["email"]
        if password := data.get("password1"):
            user.set_password(password)
        else:
            user.set_unusable_password()
        return services.register_member(
            member=user, display_name=data.get("display_name", ""), language=get_language() or "ja"
        )

    def respond_user_inactive(self, request: HttpRequest, user: Member) -> HttpResponse:
        """Tell whoever gave the right password why they are not let in, until when, and whom to ask."""
        held = live_suspensions(now()).filter(party_id=user.party_id, stops_sign_in=True).order_by("id").last()
        return render(request, "account/account_inactive.html", {"suspension": held}, status=403)

    def is_reauthentication_required(self, *, app: str = "") -> bool:
        """Ask for the password again before an account is changed, unless the member signed in just now."""
        if not super().is_reauthentication_required(app=app):
            return False
        records = get_authentication_records(self.request, self.request.user)
        return not any(time.time() - record["at"] < account_settings.REAUTHENTICATION_TIMEOUT for record in records)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a letter in the language the member chose, or that of the page for strangers."""
        member = context.get("user")
        language = member.language if isinstance(member, Member) else _language_of(email)
        with override(language or get_language() or "ja"):
            super().send_mail(template_prefix, email, context)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Second factors of TDPF: secrets are kept sealed, passkeys belong to the public host name."""

    def encrypt(self, text: str) -> str:
        """Seal an authenticator secret with a key derived from the installation's secret."""
        return _sealer().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed authenticator secret; keys in SECRET_KEY_FALLBACKS still open it."""
        return _sealer().decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name the relying party of passkeys (WebAuthn §5.4.2): the host without its port."""
        return {"id": allauth_context.request.get_host().partition(":")[0], "name": "TDPF"}


def _language_of(email: str) -> str:
    address = EmailAddress.objects.filter(email=email.lower()).select_related("user").first()
    return address.user.language if address is not None else ""


def _sealer() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived_key(secret)) for secret in secrets])


def _derived_key(secret: str | bytes) -> bytes:
    plain = secret if isinstance(secret, bytes) else secret.encode()
    return base64.urlsafe_b64encode(hashlib.sha256(b"tdpf authenticator secrets\0" + plain).digest())
