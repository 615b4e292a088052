"""What people call the catalog's codes, and the choices that forms offer."""

from __future__ import annotations

from typing import Literal

from tdpf.controlplane.catalog import queries as catalog
from tdpf.faces.portal.context import page_language

Vocabulary = Literal["themes", "licences", "frequencies", "areas", "formats", "languages", "data_classes"]


def choices(name: Vocabulary) -> list[tuple[str, str]]:
    """Return the codes of one vocabulary with their labels in the language of the page."""
    return [(code, label.in_(page_language())) for code, label in catalog.choices(name)]
