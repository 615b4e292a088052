"""Writes of access, by subject."""
