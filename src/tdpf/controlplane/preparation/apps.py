"""The Django application `preparation`."""

from django.apps import AppConfig


class PreparationConfig(AppConfig):
    """Uploads, readings and the first screen for personal data."""

    name = "tdpf.controlplane.preparation"
    label = "preparation"
    verbose_name = "データ整備"
    default_auto_field = "django.db.models.BigAutoField"
