"""Joins the rooms once Django has loaded them all."""

from django.apps import AppConfig


class ProcessesConfig(AppConfig):
    """Connects announced events to those who act on them."""

    name = "tdpf.processes"
    label = "processes"

    def ready(self) -> None:
        """Wire the events; every control-plane process does it at start."""
        from tdpf.processes.wiring import wire_events

        wire_events()
