"""What the platform worked out about a dataset (推定) or somebody put right, beside what its source states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tdpf.controlplane.catalog.types import DatasetPage, StatedDataset
from tdpf.kit.text import Text


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark at one field: why it was inferred (None when it was corrected), and the source's own words, "" if none."""

    reason: Text | None
    stated: str


def marks_of(page: DatasetPage) -> Mapping[str, Mark]:
    """Return the marks by field; a field that shows just what was stated has none."""
    found = {name: Mark(item.reason, stated_words(page.stated, name)) for name, item in page.inferred.items()}
    for name in page.corrected:
        field = "period" if name in ("period_start", "period_end") else name
        found[field] = Mark(None, stated_words(page.stated, name))
    return found


def stated_words(stated: StatedDataset | None, field: str) -> str:
    """Return what the source says about a field, in its own words; "" when it says nothing."""
    if stated is None:
        return ""
    said = {
        "title_ja": (stated.title,),
        "description_ja": (stated.description,),
        "themes": stated.themes,
        "keywords": stated.keywords,
        "area_codes": stated.spatial,
        "period": (stated.period_start, stated.period_end, stated.period_text),
        "period_start": (stated.period_start, stated.period_text),
        "period_end": (stated.period_end, stated.period_text),
        "licence": (stated.licence_name or stated.licence, stated.licence_url),
        "licence_name": (stated.licence_name,),
        "licence_url": (stated.licence_url,),
        "update_frequency": (stated.frequency,),
        "languages": stated.languages,
        "access": (stated.access_rights,),
    }.get(field, (getattr(stated, field, ""),))
    return "、".join(word for word in said if isinstance(word, str) and word.strip())
