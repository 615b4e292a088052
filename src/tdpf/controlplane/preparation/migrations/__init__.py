"""Migrations of preparation."""
