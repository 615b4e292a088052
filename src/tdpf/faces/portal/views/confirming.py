"""The page behind the link that confirms a mail address."""

from typing import Any

from allauth.account.views import ConfirmEmailView


class ConfirmAddress(ConfirmEmailView):  # type: ignore[misc]  # allauth ships no types
    """Opening the link changes nothing: somebody else who is signed in stays so until the button is pressed."""

    def logout_other_user(self, confirmation: Any) -> None:
        """End another member's session, when the address is really confirmed."""
        if self.request.method == "POST":
            super().logout_other_user(confirmation)


confirm_address = ConfirmAddress.as_view()
