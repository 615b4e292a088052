"""Datasets, their distributions, publishers and themes in the shapes of CKAN 2.12's dictionaries."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Any

import orjson

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage, DistributionPage, ProviderFacts
from tdpf.faces.standards.ckan.identifiers import resource_id

Json = dict[str, Any]
_TAGS = uuid.UUID("5b6fd0a4-3c55-4a5e-9c38-6a1d0b6c1f10")
_NOT_IN_TAGS = re.compile(r"[^\w \-.]+")
_NAMES = {"GEOJSON": "GeoJSON", "PARQUET": "Parquet", "NDJSON": "NDJSON", "OTHER": "", "IMAGE": "PNG"}


def package(page: DatasetPage, base_url: str) -> Json:
    """Return a dataset as CKAN's package; every key that CKAN has is there."""
    offered = resources(page, base_url)
    tags = tags_of(page.keywords)
    provider = page.provider
    return {
        "author": page.attribution or provider.name.ja,
        "author_email": None,
        "creator_user_id": None,
        "extras": [{"key": key, "value": value} for key, value in extras(page, base_url).items() if value],
        "groups": [group(code) for code in page.themes],
        "id": page.uid,
        "isopen": page.access == "open" and page.licence != "custom",
        "license_id": page.licence,
        "license_title": page.licence_name.ja,
        "license_url": page.licence_url,
        "maintainer": page.contact_name or provider.name.ja,
        "maintainer_email": page.contact_email or None,
        "metadata_created": moment(page.created_at),
        "metadata_modified": moment(page.recorded_at or page.modified_at),
        "name": page.slug,
        "notes": page.description.ja,
        "num_resources": len(offered),
        "num_tags": len(tags),
        "organization": organization(provider),
        "owner_org": provider.uid,
        "private": False,
        "relationships_as_object": [],
        "relationships_as_subject": [],
        "resources": offered,
        "state": "active",
        "tags": tags,
        "title": page.title.ja,
        "type": "dataset",
        "url": page.landing_url or f"{base_url}/datasets/{page.slug}",
        "version": str(page.main.latest.number) if page.main and page.main.latest else "",
    }


def extras(page: DatasetPage, base_url: str) -> dict[str, str]:
    """Return what CKAN has no field for, as texts; names of CADDE 4.0's catalogue items where it has one."""
    issued = page.source_issued_at or page.published_at
    return {
        "title_en": page.title.en if page.title.en != page.title.ja else "",
        "notes_en": page.description.en if page.description.en != page.description.ja else "",
        "identifier": page.uid,
        "dataset_url": f"{base_url}/datasets/{page.slug}",
        "issued": moment(issued) if issued else "",
        "modified": moment(page.modified_at),
        "language": ",".join(page.languages),
        "publisher_name": page.provider.name.ja,
        "publisher_uri": f"{base_url}/publishers/{page.provider.slug}",
        "frequency": catalog.label_of("frequencies", page.update_frequency).ja,
        "update_frequency": page.update_frequency,
        "spatial_text": "、".join(catalog.area_label(code).ja for code in page.area_codes[:50]),
        "area_codes": ",".join(page.area_codes[:200]),
        "temporal_start": page.period_start.isoformat() if page.period_start else "",
        "temporal_end": page.period_end.isoformat() if page.period_end else "",
        "theme": "、".join(catalog.label_of("themes", code).ja for code in page.themes),
        "contact_name": page.contact_name,
        "contact_url": page.contact_url,
        "keywords": "、".join(page.keywords),
        "access": page.access,
        "fee": "有償" if page.access == "paid" else "無償",
        "haspolicy_url": f"{base_url}/datasets/{page.slug}/terms.odrl.jsonld" if page.distributions else "",
        "data_class": page.data_class,
        "caddec_dataset_id_for_detail": page.uid,
        "origin": page.origin,
        "inferred": orjson.dumps(notes).decode() if (notes := catalog.inference_notes(page)) else "",
    } | _origin(page)


def _origin(page: DatasetPage) -> dict[str, str]:
    """Where a harvested dataset comes from: the site whose words are shown, and every site that lists it."""
    if not page.places:
        return {}
    first = page.places[0]
    return {
        "harvest_source_title": first.site_name.ja,
        "harvest_source_site": first.site,
        "harvest_source_url": first.url,
        "guid": first.record_id,
        "listed_at": "\n".join(place.url or place.site for place in page.places if place.gone_at is None),
    }


def resources(page: DatasetPage, base_url: str) -> list[Json]:
    """Return the ways to get a dataset, one resource for each format, in the order of CKAN's `position`."""
    found: list[Json] = []
    for distribution in page.distributions:
        for code, url in catalog.whole_files(page, distribution, base_url):
            found.append(_resource(page, distribution, code, url, len(found)))
    return found


def _resource(page: DatasetPage, distribution: DistributionPage, code: str, url: str, position: int) -> Json:
    latest = distribution.latest
    is_table = distribution.kind == "table" and latest is not None
    is_file = distribution.kind == "file" and latest is not None
    label = format_name(code) or distribution.format
    return {
        "cache_last_updated": None,
        "cache_url": None,
        "created": moment(latest.published_at if latest else page.created_at),
        "datastore_active": is_table,
        "description": distribution.description.ja,
        "format": label,
        "hash": latest.original_sha256 if is_file and latest else "",
        "id": resource_id(distribution.uid, code if distribution.kind == "table" else ""),
        "last_modified": moment(latest.published_at if latest else distribution.source_modified_at or page.modified_at),
        "license_title": page.licence_name.ja,
        "license_url": page.licence_url,
        "metadata_modified": moment(page.recorded_at or page.modified_at),
        "mimetype": catalog.media_type_of(code) or distribution.media_type or None,
        "mimetype_inner": None,
        "name": f"{distribution.title.ja} ({label})" if is_table else distribution.title.ja,
        "package_id": page.uid,
        "position": position,
        "resource_type": "api" if code == "API" else "file",
        "size": None if is_table else latest.original_bytes if latest else distribution.size,
        "state": "active",
        "url": url,
        "url_type": None,
    }


def format_name(code: str) -> str:
    """Return what CKAN calls a format; Terria knows GeoJSON by exactly this name."""
    return _NAMES.get(code, code)


def organization(provider: ProviderFacts) -> Json:
    """Return a publisher as the organisation that stands in a package."""
    return {
        "approval_status": "approved",
        "created": None,
        "description": "",
        "id": provider.uid,
        "image_url": "",
        "is_organization": True,
        "name": provider.slug,
        "state": "active",
        "title": provider.name.ja,
        "type": "organization",
    }


def group(code: str) -> Json:
    """Return a theme as the group that stands in a package."""
    label = catalog.label_of("themes", code)
    return {
        "description": label.en,
        "display_name": label.ja,
        "id": code,
        "image_display_url": "",
        "name": code,
        "title": label.ja,
    }


def tags_of(keywords: tuple[str, ...]) -> list[Json]:
    """Return keywords as tags that another CKAN takes: 2 to 100 letters, digits, spaces, `-`, `_` and `.`.

    Other characters become a hyphen; a keyword of one character stands in the extra `keywords` only.
    """
    found: dict[str, Json] = {}
    for word in keywords:
        name = tag_name(word)
        if name:
            found[name] = {
                "display_name": name,
                "id": str(uuid.uuid5(_TAGS, name)),
                "name": name,
                "state": "active",
                "vocabulary_id": None,
            }
    return list(found.values())


def tag_name(keyword: str) -> str:
    """Return a keyword as the name of a tag, or "" when it cannot be one."""
    name = _NOT_IN_TAGS.sub("-", keyword).strip(" -")[:100].strip()
    return name if len(name) >= 2 else ""


def moment(at: datetime) -> str:
    """Return a moment as CKAN writes it: UTC, microseconds, no zone."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
