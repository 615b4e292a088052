"""The Django application `operations`."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Audit log, suspension orders, health and checks."""

    name = "tdpf.controlplane.operations"
    label = "operations"
    verbose_name = "運営"
    default_auto_field = "django.db.models.BigAutoField"
