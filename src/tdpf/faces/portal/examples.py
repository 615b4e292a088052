"""Words to begin a search with: only such as find something here and now."""

from __future__ import annotations

from django.core.cache import caches
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog import queries as catalog
from tdpf.faces.portal.context import page_language

_SHOWN = 3
_REMEMBERED_SECONDS = 60


def example_words() -> tuple[str, ...]:
    """Return a few words that people search for and that find datasets, in the language of the page."""
    return caches["frame"].get_or_set(f"portal:examples:{page_language()}", _that_find, _REMEMBERED_SECONDS) or ()


def _that_find() -> tuple[str, ...]:
    candidates = (
        _("避難所"), _("トイレ"), _("人口"), _("保育所"), _("公園"), _("病院"), _("図書館"), _("ごみ"), _("バス"), _("統計"),
    )  # fmt: skip
    found: list[str] = []
    for word in candidates:
        if len(found) < _SHOWN and catalog.finds(word):
            found.append(word)
    return tuple(found)
