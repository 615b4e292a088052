"""Visiting other people's sites with good manners: no database, no Django."""
