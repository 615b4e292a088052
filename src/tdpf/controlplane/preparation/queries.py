"""The reads of preparation."""

from __future__ import annotations


def screening_outcome_for(original_sha256: str, identity: str) -> str:
    """Return how the screen for personal data judged a version: clear, doubtful, confirmed, accepted, refused or missing."""
    raise NotImplementedError
