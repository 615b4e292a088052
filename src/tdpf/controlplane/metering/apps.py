"""The Django application `metering`."""

from django.apps import AppConfig


class MeteringConfig(AppConfig):
    """The ledger of use, in the database `ledger`."""

    name = "tdpf.controlplane.metering"
    label = "metering"
    verbose_name = "利用実績"
    default_auto_field = "django.db.models.BigAutoField"
