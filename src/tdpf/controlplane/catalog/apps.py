"""The Django app of the catalog."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Datasets, distributions, versions, search."""

    name = "tdpf.controlplane.catalog"
    label = "catalog"
    verbose_name = "データライブラリ"
    default_auto_field = "django.db.models.BigAutoField"
