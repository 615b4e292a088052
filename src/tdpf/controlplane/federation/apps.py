"""The Django app of federation."""

from django.apps import AppConfig


class FederationConfig(AppConfig):
    """Collecting from other sites."""

    name = "tdpf.controlplane.federation"
    label = "federation"
    verbose_name = "連携"
    default_auto_field = "django.db.models.BigAutoField"
