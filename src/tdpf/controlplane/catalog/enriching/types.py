"""What enriching hands back: the effective description, and what of it was worked out, and what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tdpf.controlplane.catalog.stated import Inferred
from tdpf.kit.text import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """A stated value that could not be understood: kept word for word, with the reason."""

    field: str
    stated: str
    reason: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrichedDistribution:
    """One way to the data after tidying; `format` is a code of the vocabulary, `stated_format` the source's words.

    `licence` is a licence code, "" where the distribution states none of its own; `size` is in bytes. `media_type` is
    the effective one, `stated_media_type` the source's words.
    """

    record_id: str
    title: str
    description: str
    url: str
    access_url: str
    format: str
    stated_format: str
    media_type: str
    size: int | None
    columns: tuple[str, ...]
    licence: str
    languages: tuple[str, ...]
    issued_at: datetime | None
    modified_at: datetime | None
    is_format_inferred: bool = False
    stated_media_type: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Enriched:
    """The effective description of a dataset: corrected, else stated, else inferred; codes of the catalog's vocabularies.

    `area_codes` are six-digit local government codes, `languages` ISO 639-1 codes, times are aware. `inferred` names
    every field whose value was worked out rather than stated, `corrected` those that somebody put right. `notes` are
    the stated values that could not be understood. `access_rights` is "PUBLIC", "RESTRICTED", "NON_PUBLIC" or "" as
    stated; `access` is what it means here.
    """

    title_ja: str
    title_en: str
    description_ja: str
    description_en: str
    themes: tuple[str, ...]
    keywords: tuple[str, ...]
    licence: str
    licence_name: str
    licence_url: str
    rights: str
    access: str
    access_rights: str
    attribution: str
    area_codes: tuple[str, ...]
    period_start: date | None
    period_end: date | None
    update_frequency: str
    languages: tuple[str, ...]
    contact_name: str
    contact_email: str
    contact_url: str
    landing_url: str
    publisher_name: str
    issued_at: datetime | None
    modified_at: datetime | None
    distributions: tuple[EnrichedDistribution, ...]
    inferred: Mapping[str, Inferred]
    corrected: frozenset[str]
    notes: tuple[Note, ...]
