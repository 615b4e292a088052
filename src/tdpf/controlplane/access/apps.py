"""The Django application `access`."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Applications, keys and the gate snapshot."""

    name = "tdpf.controlplane.access"
    label = "access"
    verbose_name = "アクセス"
    default_auto_field = "django.db.models.BigAutoField"
