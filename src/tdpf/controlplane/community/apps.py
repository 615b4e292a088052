"""The Django app of the community."""

from django.apps import AppConfig


class CommunityConfig(AppConfig):
    """Following."""

    name = "tdpf.controlplane.community"
    label = "community"
    verbose_name = "コミュニティ"
    default_auto_field = "django.db.models.BigAutoField"
