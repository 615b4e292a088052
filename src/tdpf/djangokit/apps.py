"""The Django application of the outbox and the jobs."""

from django.apps import AppConfig


class DjangoKitConfig(AppConfig):
    """Tables `djangokit_*`."""

    name = "tdpf.djangokit"
    label = "djangokit"
    default_auto_field = "django.db.models.BigAutoField"
