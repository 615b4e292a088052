"""Composition roots: the `tdpf` command, settings, urls, the supervisor and the wiring of events."""
