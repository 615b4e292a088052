"""The Django application `members`."""

from importlib import import_module

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """People, organisations, review and suspension."""

    name = "tdpf.controlplane.members"
    label = "members"
    verbose_name = "会員"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what allauth writes by itself; nothing else uses signals."""
        import_module("tdpf.controlplane.members.receivers")
