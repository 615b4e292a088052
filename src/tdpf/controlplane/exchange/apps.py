"""The Django application `exchange`."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Offers, terms, warranties, requests, agreements and withdrawal notices."""

    name = "tdpf.controlplane.exchange"
    label = "exchange"
    verbose_name = "提供と約定"
    default_auto_field = "django.db.models.BigAutoField"
