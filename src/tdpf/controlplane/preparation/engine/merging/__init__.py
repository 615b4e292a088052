"""Finds rows of several towns' tables that speak of the same thing, and where they contradict each other."""
