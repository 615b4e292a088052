"""What the index knows of a dataset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import orjson


@dataclass(frozen=True, kw_only=True)
class IndexDocument:
    """One dataset as it goes into the index; `area_codes` are as stated, ancestors are added by the index."""

    uid: str
    slug: str
    title_ja: str
    title_en: str = ""
    description_ja: str = ""
    description_en: str = ""
    keywords: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    provider: str = ""
    provider_name_ja: str = ""
    provider_name_en: str = ""
    themes: tuple[str, ...] = ()
    theme_names: tuple[str, ...] = ()
    area_codes: tuple[str, ...] = ()
    area_names: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    access: str = "open"
    licence: str = ""
    update_frequency: str = "UNKNOWN"
    located: bool = False
    modified_at: datetime


def packed(document: IndexDocument) -> bytes:
    """Return what a result needs to be shown without asking the database."""
    return orjson.dumps(
        {
            "uid": document.uid,
            "slug": document.slug,
            "title": [document.title_ja, document.title_en],
            "description": [document.description_ja[:2000], document.description_en[:2000]],
            "provider": [document.provider, document.provider_name_ja, document.provider_name_en],
            "columns": document.columns[:200],
            "keywords": document.keywords,
            "themes": document.themes,
            "areas": document.area_codes,
            "formats": document.formats,
            "access": document.access,
            "licence": document.licence,
            "frequency": document.update_frequency,
            "located": document.located,
            "modified": document.modified_at.isoformat(),
        }
    )
