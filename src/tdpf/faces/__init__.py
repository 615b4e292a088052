"""Faces: how people and programs meet the platform; each knows only the doors of the rooms."""
