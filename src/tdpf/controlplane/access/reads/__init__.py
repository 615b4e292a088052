"""Reads of access, by subject."""
