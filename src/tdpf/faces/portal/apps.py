"""The Django application of the pages: templates, static files and the English catalogue."""

from django.apps import AppConfig

from tdpf.faces.portal.catalogue import compile_catalogues


class PortalConfig(AppConfig):
    """Pages only; no tables."""

    name = "tdpf.faces.portal"
    label = "portal"

    def ready(self) -> None:
        """Compile the English catalogue when its text is newer than the compiled one."""
        compile_catalogues()
