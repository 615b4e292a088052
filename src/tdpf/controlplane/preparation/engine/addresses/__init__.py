"""Addresses: parsing as people write them, the gazetteer of places, and coordinates with their level and precision."""
