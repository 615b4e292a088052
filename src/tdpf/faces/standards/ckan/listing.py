"""Actions about organisations, groups (themes), tags, licences and the site itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import PublisherCard
from tdpf.faces.standards.ckan import packages
from tdpf.faces.standards.ckan import parameters as reading
from tdpf.faces.standards.ckan.parameters import Parameters
from tdpf.faces.standards.ckan.refusals import Invalid, NotFound
from tdpf.faces.standards.ckan.searching import MOST_ROWS, counted, package_search

Json = dict[str, Any]
CKAN_VERSION = "2.12.0"
MOST_NAMES, MOST_WITH_FIELDS = 1_000, 25
_SORTS = {"name": "name", "title": "title", "package_count": "package_count", "packages": "package_count"}


def site_read(given: Parameters) -> bool:
    """Return true: the site may be read."""
    del given
    return True


def status_show(given: Parameters) -> Json:
    """Return what this site is."""
    del given
    return {
        "ckan_version": CKAN_VERSION,
        "error_emails_to": None,
        "extensions": ["datastore"],
        "locale_default": "ja",
        "site_description": "東京のデータを、ひとつの窓口から。",
        "site_title": "東京データプラットフォーム",
        "site_url": settings.PUBLIC_URL,
    }


def nothing(given: Parameters) -> list[Json]:
    """Return an empty list: there is nothing of this kind, or members are not listed in public."""
    del given
    return []


def license_list(given: Parameters) -> list[Json]:
    """Return the licences that datasets may carry."""
    del given
    return [
        {
            "domain_content": True,
            "domain_data": True,
            "domain_software": False,
            "family": "",
            "id": licence.code,
            "is_okd_compliant": licence.is_open,
            "is_osi_compliant": False,
            "is_generic": licence.code == "custom",
            "maintainer": "",
            "od_conformance": "approved" if licence.code.startswith("CC") else "not reviewed",
            "osd_conformance": "not reviewed",
            "status": "active",
            "title": licence.label.ja,
            "url": licence.url,
        }
        for licence in catalog.list_licences()
    ]


def organization_list(given: Parameters) -> list[Any]:
    """Return the publishers' names; `all_fields` (then at most 25), `sort`, `limit`, `offset`, `organizations`."""
    return _listed(given, "organizations", [_organization(card) for card in catalog.all_publishers()])


def organization_show(given: Parameters) -> Json:
    """Return one publisher by `id`; `include_datasets` adds its datasets, at most 1000."""
    name = reading.needed(given, "id")
    card = next(iter(catalog.all_publishers((name,))), None)
    if card is None:
        raise NotFound
    return _shown(given, _organization(card), f'organization:"{card.provider.slug}"')


def group_list(given: Parameters) -> list[Any]:
    """Return the themes; `all_fields` (then at most 25), `sort`, `limit`, `offset`, `groups`."""
    return _listed(given, "groups", _groups())


def group_show(given: Parameters) -> Json:
    """Return one theme by `id`; `include_datasets` adds its datasets, at most 1000."""
    name = reading.needed(given, "id")
    group = next((group for group in _groups() if name == group["name"]), None)
    if group is None:
        raise NotFound
    return _shown(given, group, f'groups:"{name}"')


def group_package_show(given: Parameters) -> list[Json]:
    """Return the datasets of a theme by `id`; `limit`."""
    name = reading.needed(given, "id")
    if name not in {group["name"] for group in _groups()}:
        raise NotFound
    found: list[Json] = package_search({"fq": f'groups:"{name}"', "rows": given.get("limit") or MOST_ROWS})["results"]
    return found


def tag_list(given: Parameters) -> list[Any]:
    """Return the tags that datasets carry; `query` (a part of the name), `all_fields`."""
    if reading.text(given, "vocabulary_id"):
        raise NotFound("could not find vocabulary")
    part = reading.text(given, "query").lower()
    names = sorted({name for word in counted(("keyword",))["keyword"] if (name := packages.tag_name(word))})
    chosen = [name for name in names if part in name.lower()]
    if reading.truth(given, "all_fields"):
        return packages.tags_of(tuple(chosen[:MOST_NAMES]))
    return chosen


def tag_show(given: Parameters) -> Json:
    """Return one tag by `id` (its name); `include_datasets` adds its datasets, at most 1000."""
    name = reading.needed(given, "id")
    tags = {tag["name"]: tag for tag in packages.tags_of(tuple(counted(("keyword",))["keyword"]))}
    tag = tags.get(name) or next((tag for tag in tags.values() if tag["id"] == name), None)
    if tag is None:
        raise NotFound
    if reading.truth(given, "include_datasets"):
        quoted = tag["name"].replace('"', "")
        tag["packages"] = package_search({"fq": f'tags:"{quoted}"', "rows": MOST_ROWS})["results"]
    return tag


def tag_search(given: Parameters) -> Json:
    """Return tags whose name holds `query` (or `q`); `limit`, `offset`."""
    found = packages.tags_of(tuple(tag_list({"query": reading.text(given, "query") or reading.text(given, "q")})))
    offset, limit = reading.whole(given, "offset", 0), reading.whole(given, "limit", MOST_NAMES, most=MOST_NAMES)
    return {"count": len(found), "results": found[offset : offset + limit]}


def _organization(card: PublisherCard) -> Json:
    shape = packages.organization(card.provider)
    return {**shape, "display_name": shape["title"], "image_display_url": "", "num_followers": 0,
            "package_count": card.datasets}  # fmt: skip


def _groups() -> list[Json]:
    counts = counted(("theme",))["theme"]
    return [
        {
            **packages.group(code),
            "approval_status": "approved",
            "created": None,
            "image_url": "",
            "is_organization": False,
            "num_followers": 0,
            "package_count": counts.get(code, 0),
            "state": "active",
            "type": "group",
        }
        for code, _label in catalog.choices("themes")
    ]


def _listed(given: Parameters, names: str, entries: list[Json]) -> list[Any]:
    wished = set(reading.several(given, names))
    if wished:
        entries = [entry for entry in entries if entry["name"] in wished or entry["id"] in wished]
    field, _, direction = (reading.text(given, "sort") or reading.text(given, "order_by") or "title").partition(" ")
    if field not in _SORTS:
        raise Invalid("sort", f"Cannot sort by field `{field[:40]}`")
    descends = direction.strip().lower() == "desc" or (not direction and _SORTS[field] == "package_count")
    entries.sort(key=lambda entry: (entry[_SORTS[field]], entry["name"]), reverse=descends)
    with_fields = reading.truth(given, "all_fields")
    most = MOST_WITH_FIELDS if with_fields else MOST_NAMES
    offset, limit = reading.whole(given, "offset", 0), reading.whole(given, "limit", most, most=most)
    chosen = entries[offset : offset + limit]
    return chosen if with_fields else [entry["name"] for entry in chosen]


def _shown(given: Parameters, entry: Json, query: str) -> Json:
    found = {**entry, "extras": [], "tags": [], "groups": [], "users": []}
    if reading.truth(given, "include_datasets"):
        found["packages"] = package_search({"fq": query, "rows": MOST_ROWS})["results"]
    return found
