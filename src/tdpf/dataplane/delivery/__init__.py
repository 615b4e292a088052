"""Delivery carries the bytes: rows, files and aggregates of the offered tables, from where they lie, under the caller's view."""
