"""Several things typed into one field."""

from __future__ import annotations


def lines_of(text: str) -> list[str]:
    """Return the lines that say something, without the space around them."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def listed(text: str) -> list[str]:
    """Return names parted by commas, Japanese or not."""
    return [name.strip() for name in text.replace("、", ",").split(",") if name.strip()]


def pem_of(text: str) -> str:
    """Return certificates as they were typed or pasted, with one line end behind the last line."""
    return "\n".join((*lines_of(text), "")) if text.strip() else ""
