"""What another site states about a dataset, in one neutral shape whatever protocol it came by: raw words, nothing guessed.

`federation` reads sources into this shape; `catalog` normalises it, stores what it infers beside what was stated, and
never overwrites the stated words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from tdpf.kit.text import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedDistribution:
    """One file, page or service that a source names for a dataset.

    `url` is where the bytes are (dcat:downloadURL, CKAN resource url), `access_url` a page or service that leads to them.
    `size` is in bytes. `columns` are column names where the source itself lists them.
    """

    record_id: str = ""
    title: str = ""
    description: str = ""
    url: str = ""
    access_url: str = ""
    format: str = ""
    media_type: str = ""
    size: int | None = None
    licence: str = ""
    issued: str = ""
    modified: str = ""
    language: str = ""
    conforms_to: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedDataset:
    """One dataset as a source states it; dates, codes and licences are the source's own words.

    `record_id` is the source's key for the record, unique within the source and stable between runs; `identifier` a
    global one (URI, DOI) if stated. `spatial` holds names, codes or addresses of places, `bbox` west, south, east, north
    in degrees. `publisher_id` is the source's key of the publisher. What has no field here goes to `extras` as text.
    """

    record_id: str
    title: str
    title_en: str = ""
    description: str = ""
    description_en: str = ""
    themes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    publisher_name: str = ""
    publisher_name_en: str = ""
    publisher_id: str = ""
    publisher_url: str = ""
    creator_name: str = ""
    licence: str = ""
    licence_name: str = ""
    licence_url: str = ""
    rights: str = ""
    access_rights: str = ""
    attribution: str = ""
    languages: tuple[str, ...] = ()
    frequency: str = ""
    spatial: tuple[str, ...] = ()
    bbox: tuple[float, float, float, float] | None = None
    period_start: str = ""
    period_end: str = ""
    period_text: str = ""
    issued: str = ""
    modified: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_url: str = ""
    landing_url: str = ""
    identifier: str = ""
    provenance: str = ""
    conforms_to: tuple[str, ...] = ()
    distributions: tuple[StatedDistribution, ...] = ()
    extras: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One site at which a dataset is listed: where, under which key, since when it was seen there.

    `site` is the source's slug (facet `site`), `url` the record's page there. `gone_at` is set when it is not listed there
    any more. The place whose words are shown has `is_primary`.
    """

    site: str
    site_name: Text
    url: str
    record_id: str
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None = None
    is_primary: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Inferred:
    """A value that the platform worked out by itself (推定): shown beside what was stated, with its reason."""

    value: object
    reason: Text
    method: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Corrected:
    """A value that the owner or the operator put right; it wins over what was stated or inferred."""

    value: object
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HarvestedDataset:
    """What `put_harvested` stores: the stated words, where they were seen, and whose they are.

    `dataset_uid` names the entry to replace, "" begins a new one. `publisher_party_id` is a party of kind `publisher`
    (`members.services.ensure_publishers`). `slug_hint` is any text; the slug is made from it and stays for ever.
    `publisher_area` is the municipality code of the publisher or site, where known: a hint for the area of the data.
    """

    dataset_uid: str = ""
    publisher_party_id: int
    slug_hint: str
    stated: StatedDataset
    places: tuple[Place, ...]
    publisher_area: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkFact:
    """What looking at a distribution's address showed; `state` is "ok", "moved", "suspect" (content is not what was
    declared, or a page that says "not found" with status 200), "broken", or "unknown" (it was tried at `checked_at`, but
    nothing could be seen: what was known before stays)."""

    distribution_uid: str
    state: str
    checked_at: datetime
    status: int | None
    note: Text
    media_type: str = ""
    size: int | None = None
