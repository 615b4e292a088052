"""Offers and their terms, warranties, requests, agreements and withdrawal notices."""
