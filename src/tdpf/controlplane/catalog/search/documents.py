"""What the index knows of a dataset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import orjson


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexDocument:
    """One dataset as it goes into the index; `area_codes` are as stated, ancestors are added by the index.

    `sites` are slugs of the sites it is listed at, `mqa_points` 0 to 405, `stars` 0 to 5, `rate_band` the band of its
    files' readability ("" unknown), `link_state` the worst state of its links; without `dated`, `modified_at` is when it
    was collected and tells nothing of its age. `inferred_fields` name what no source stated.
    """

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
    purposes: tuple[str, ...] = ()
    licence: str = ""
    update_frequency: str = "UNKNOWN"
    located: bool = False
    modified_at: datetime
    dated: bool = True
    period_start: date | None = None
    period_end: date | None = None
    origin: str = "registered"
    sites: tuple[str, ...] = ()
    stars: int | None = None
    mqa_points: int | None = None
    rate_band: str = ""
    link_state: str = ""
    inferred_fields: tuple[str, ...] = ()


_CARD = (
    "uid", "slug", "title", "description", "provider", "columns", "keywords", "themes", "areas", "formats", "access",
    "purposes", "licence", "frequency", "located", "modified", "dated", "period", "origin", "sites", "stars", "mqa_points",
    "rate_band", "link_state", "inferred_fields",
)  # fmt: skip


def packed(document: IndexDocument) -> bytes:
    """Return what a result needs to be shown without asking the database."""
    return orjson.dumps(
        (
            document.uid,
            document.slug,
            (document.title_ja, document.title_en),
            (document.description_ja[:2000], document.description_en[:2000]),
            (document.provider, document.provider_name_ja, document.provider_name_en),
            document.columns[:200],
            document.keywords,
            document.themes,
            document.area_codes,
            document.formats,
            document.access,
            document.purposes,
            document.licence,
            document.update_frequency,
            document.located,
            document.modified_at,
            document.dated,
            (document.period_start, document.period_end),
            document.origin,
            document.sites,
            document.stars,
            document.mqa_points,
            document.rate_band,
            document.link_state,
            document.inferred_fields,
        )
    )


def unpacked(card: bytes) -> dict[str, object]:
    """Return what `packed` kept, by name."""
    return dict(zip(_CARD, orjson.loads(card), strict=True))
