"""One CKAN package → what it states: CKAN's own fields, ckanext-dcat, ckanext-scheming and fluent, CADDE 4.0 extras, DKAN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from tdpf.controlplane.catalog.types import StatedDataset, StatedDistribution
from tdpf.controlplane.federation.reading.boxes import box_of
from tdpf.controlplane.federation.reading.taking import (
    LINE,
    MALFORMED,
    NO_ADDRESS,
    NO_KEY,
    NO_TITLE,
    NOT_PUBLIC,
    TITLE,
    TOO_MANY,
    Taking,
    clean,
    first,
    in_language,
    mapping,
    several,
)
from tdpf.controlplane.federation.types import LeftOut, ReadRecord

_RESOURCES = 2000
_EXTRAS = 80
_EXTRA_CHARS = 4000
_ADDRESSES = ("download_url", "url", "access_url", "explain_url")
# What is read into a field of its own, or says nothing about the data.
# fmt: off
_READ = frozenset(
    {
        "id", "name", "title", "title_translated", "title_en", "title_ja", "notes", "notes_translated",
        "notes_en", "description_en", "groups", "theme", "themes", "tags", "tags_translated", "keywords",
        "organization", "owner_org", "publisher_name", "publisher_uri", "publisher_url", "publisher",
        "creator_name", "author", "license_id", "license_title", "license_url", "rights", "access_rights",
        "attribution_text", "attribution", "language", "frequency", "accrual_periodicity", "update_frequency",
        "spatial", "spatial_text", "spatial_name", "spatial_uri", "spatial_url", "temporal_start",
        "temporal_end", "temporal", "temporal_coverage_from", "temporal_coverage_to", "issued", "modified",
        "metadata_created", "metadata_modified", "contact_name", "contact_email", "contact_uri",
        "contact_url", "maintainer", "maintainer_email", "author_email", "url", "dataset_url", "landing_page",
        "identifier", "guid", "uri", "doi", "provenance", "conforms_to", "resources", "extras", "private",
        "state", "type", "isopen", "num_resources", "num_tags", "relationships_as_object",
        "relationships_as_subject", "creator_user_id", "revision_id", "revision_timestamp", "license",
        "tracking_summary", "bbox-east-long", "bbox-west-long", "bbox-north-lat", "bbox-south-lat"
    }
)
# fmt: on


def read_package(package: object, *, root: str, where: str) -> tuple[ReadRecord | None, list[LeftOut]]:
    """Return the record of a package and what was left out of it; None when the whole record had to be.

    `root` is the address of the site without a slash at its end, for pages and relative addresses.
    """
    if isinstance(package, list) and len(package) == 1:
        package = package[0]
    taking = Taking(where)
    if not isinstance(package, dict):
        return None, [taking.refusal("malformed", MALFORMED)]
    name = taking.key(package.get("name"), "name")
    taking.record_id = taking.key(package.get("id"), "id") or name
    if not taking.record_id:
        return None, [taking.refusal("no-key", NO_KEY)]
    hidden = _hidden(package)
    if hidden:
        return None, [taking.refusal("not-public", NOT_PUBLIC.filled({"state": hidden}))]
    try:
        return _record(package, taking, name, root, where)
    except (TypeError, ValueError, AttributeError, KeyError, RecursionError):
        return None, [*taking.left_out, taking.refusal("malformed", MALFORMED)]


def is_deleted(package: object) -> str:
    """Return the key of a package that the source lists as deleted, "" for any other."""
    if isinstance(package, dict) and str(package.get("state", "")).lower() == "deleted":
        return Taking("").key(first((package.get("id"), package.get("name"))), "id")
    return ""


def _hidden(package: Mapping[str, Any]) -> str:
    state = str(package.get("state") or "active").lower()
    if package.get("private") in (True, "true", "True", 1):
        return "private"
    if state not in ("active", "1", "published"):
        return state[:40]
    kind = str(package.get("type") or "").lower()
    return kind if kind in ("harvest", "showcase") else ""


class _Said:
    """What a package says by any of several names: its extras first, then its own members; nothing said is None."""

    def __init__(self, package: Mapping[str, Any]) -> None:
        self.package = package
        self.extras = _extras(package.get("extras"))

    def __call__(self, *keys: str) -> Any:
        for key in keys:
            value = self.extras.get(key)
            if value is None or value == "" or value == []:
                value = self.package.get(key)
            if value is not None and value != "" and value != [] and value != {}:
                return value
        return None


def _record(
    package: dict[str, Any], taking: Taking, name: str, root: str, where: str
) -> tuple[ReadRecord | None, list[LeftOut]]:
    said = _Said(package)
    title = taking.text(
        first(
            (
                in_language(said("title_translated"), "ja"),
                said("xckan_title", "title", "title_ja"),
                said("title_translated"),
            )
        ),
        "title",
        limit=TITLE,
    )
    if not title:
        if not name:
            return None, [*taking.left_out, taking.refusal("no-title", NO_TITLE)]
        taking.leave("title", "no-title", NO_TITLE)
        title = name
    page = taking.address(said("xckan_site_url"), "url") or f"{root}/dataset/{quote(name or taking.record_id, safe='')}"
    stated = StatedDataset(
        record_id=taking.record_id,
        title=title,
        **_in_words(taking, said),
        **_from_whom(taking, said),
        **_under_what(taking, said, root),
        **_of_what(taking, said),
        landing_url=taking.address(said("dataset_url", "landing_page", "url"), "landing_url", at=root + "/") or page,
        distributions=_distributions(taking, package.get("resources"), root, taking.record_id),
        extras=_rest(taking, package, said.extras),
    )
    original = taking.original(package)
    return ReadRecord(stated=stated, url=page, original=original, where=where, alias=name), taking.left_out


def _in_words(taking: Taking, said: _Said) -> dict[str, Any]:
    """Return what tells a person what the data are, beside the title."""
    notes = said("notes_translated")
    return {
        "title_en": taking.text(
            first((in_language(said("title_translated"), "en"), said("title_en"))), "title_en", limit=TITLE
        ),
        "description": taking.prose(
            first((in_language(notes, "ja"), said("notes", "description"), notes)), "description"
        ),
        "description_en": taking.prose(
            first((in_language(notes, "en"), said("notes_en", "description_en"))), "description_en"
        ),
        "themes": _themes(taking, said.package, said("theme", "themes", "category")),
        "keywords": _keywords(taking, said("tags_translated"), said.package.get("tags"), said("keywords")),
        "languages": taking.texts(said("language"), "languages", many=50),
        "identifier": taking.text(said("identifier", "doi", "uri", "guid"), "identifier"),
        "provenance": taking.prose(said("provenance"), "provenance"),
        "conforms_to": taking.texts(said("conforms_to"), "conforms_to", many=50),
    }


def _from_whom(taking: Taking, said: _Said) -> dict[str, Any]:
    """Return who publishes, who made the data, and whom to ask. A publisher named apart is not the site's organisation."""
    organisation = mapping(said.package.get("organization"))
    named = taking.text(first((said("publisher_name"), _name_of(said("publisher")))), "publisher")
    publisher = named or taking.text(first((organisation.get("title"), organisation.get("name"))), "publisher")
    own = not named or named == organisation.get("title")
    return {
        "publisher_name": publisher,
        "publisher_name_en": taking.text(in_language(organisation.get("title_translated"), "en"), "publisher"),
        "publisher_id": taking.text(first((organisation.get("id"), said.package.get("owner_org"))), "publisher_id")
        if own
        else "",
        "publisher_url": taking.address(said("publisher_url", "publisher_uri"), "publisher_url"),
        "creator_name": taking.text(said("creator_name", "author"), "creator"),
        "contact_name": taking.text(said("contact_name", "maintainer"), "contact"),
        "contact_email": taking.text(said("contact_email", "maintainer_email", "author_email"), "contact").removeprefix(
            "mailto:"
        ),
        "contact_url": _contact(taking, said("contact_url", "contact_uri")),
    }


def _under_what(taking: Taking, said: _Said, root: str) -> dict[str, Any]:
    """Return the licence, the rights, and how the source is to be named."""
    return {
        "licence": taking.text(said("license_id", "license"), "licence"),
        "licence_name": taking.text(said("license_title"), "licence"),
        "licence_url": taking.address(said("license_url"), "licence_url", at=root + "/"),
        "rights": taking.prose(said("rights"), "rights"),
        "access_rights": taking.text(said("access_rights"), "access_rights"),
        "attribution": taking.prose(said("attribution_text", "attribution"), "attribution"),
    }


def _of_what(taking: Taking, said: _Said) -> dict[str, Any]:
    """Return the place and the time that the data are about, and when and how often they come."""
    periods = _period(said("temporal"))
    sides = [said(f"bbox-{side}") for side in ("west-long", "south-lat", "east-long", "north-lat")]
    return {
        "frequency": taking.text(said("frequency", "accrual_periodicity", "update_frequency", "更新頻度"), "frequency"),
        "spatial": taking.texts(
            [*several(said("spatial_text", "spatial_name", "対象地域")), *several(said("spatial_uri", "spatial_url"))],
            "spatial",
        ),
        "bbox": box_of(said("spatial")) or box_of(sides),
        "period_start": taking.day(first((said("temporal_start", "temporal_coverage_from"), periods[0])), "period"),
        "period_end": taking.day(first((said("temporal_end", "temporal_coverage_to"), periods[1])), "period"),
        "period_text": taking.text(first((periods[2], said("対象期間"))), "period"),
        "issued": taking.moment(said("issued", "release_date", "metadata_created"), "issued"),
        "modified": taking.moment(said("modified", "metadata_modified"), "modified"),
    }


def _extras(value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        return {str(key): text for key, text in value.items()}
    found: dict[str, Any] = {}
    for entry in several(value):
        if isinstance(entry, dict) and isinstance(entry.get("key"), str) and entry.get("state") != "deleted":
            found.setdefault(entry["key"], entry.get("value"))
    return found


def _name_of(value: object) -> object:
    """Return the name of an agent that is written as text, a mapping, or a list of mappings."""
    for entry in several(value):
        found = mapping(entry)
        if found:
            return first((found.get("name"), found.get("title")))
        if isinstance(entry, str):
            return entry
    return None


def _themes(taking: Taking, package: Mapping[str, Any], stated: object) -> tuple[str, ...]:
    groups = [
        first((group.get("title"), group.get("display_name"), group.get("name"))) if isinstance(group, dict) else group
        for group in several(package.get("groups"))
    ]
    return taking.texts([*groups, *several(stated)], "themes", many=50)


def _keywords(taking: Taking, translated: object, tags: object, more: object) -> tuple[str, ...]:
    found: list[object] = []
    for source in (in_language(translated, "ja"), tags, more):
        for entry in several(source):
            if isinstance(entry, dict):
                found.append(first((entry.get("display_name"), entry.get("name"), entry.get("ja"))))
            elif isinstance(entry, str):
                found.extend(part for piece in entry.split(",") for part in piece.split("、"))
    return taking.texts(found, "keywords", limit=200)


def _period(value: object) -> tuple[object, object, object]:
    for entry in several(value):
        found = mapping(entry)
        if found:
            return (
                first((found.get("start"), found.get("start_date"))),
                first((found.get("end"), found.get("end_date"))),
                None,
            )
        if isinstance(entry, str) and "/" in entry and len(entry) < 80:
            start, _, end = entry.partition("/")
            return start, end, None
        if isinstance(entry, str):
            return None, None, entry
    return None, None, None


def _contact(taking: Taking, value: object) -> str:
    plain = value if isinstance(value, str) else ""
    return "" if plain.startswith("mailto:") else taking.address(value, "contact")


def _distributions(taking: Taking, value: object, root: str, package_id: str) -> tuple[StatedDistribution, ...]:
    found: list[StatedDistribution] = []
    entries = several(value)
    for place, entry in enumerate(entries[:_RESOURCES]):
        part = f"resources[{place}]"
        if not isinstance(entry, dict):
            taking.leave(part, "malformed", MALFORMED)
        elif str(entry.get("state") or "active").lower() != "deleted":
            found.append(_distribution(taking, entry, part, root, package_id))
    if len(entries) > _RESOURCES:
        taking.leave("resources", "too-long", TOO_MANY.filled({"count": len(entries), "limit": _RESOURCES}))
    return tuple(found)


def _distribution(taking: Taking, entry: dict[str, Any], part: str, root: str, package_id: str) -> StatedDistribution:
    get = entry.get
    own = taking.text(get("id"), part, limit=300)
    at = root + "/"
    if not any(get(name) for name in _ADDRESSES):
        taking.leave(f"{part}.url", "no-address", NO_ADDRESS)
    if get("url_type") == "upload" and isinstance(get("url"), str) and "/" not in get("url", "") and own:
        at = f"{root}/dataset/{package_id}/resource/{own}/download/"
    return StatedDistribution(
        record_id=own,
        title=taking.text(
            first((in_language(get("name_translated"), "ja"), get("name"), get("title"))), part, limit=TITLE
        ),
        description=taking.prose(first((in_language(get("description_translated"), "ja"), get("description"))), part),
        url=taking.address(first((get("download_url"), get("url"))), f"{part}.url", at=at),
        access_url=taking.address(first((get("access_url"), get("explain_url"))), f"{part}.access_url", at=at),
        format=taking.text(get("format"), part, limit=200),
        media_type=taking.text(first((get("mimetype"), get("mime_type"))), part, limit=200),
        size=taking.size(first((get("size"), get("file_size"))), f"{part}.size"),
        licence=taking.text(first((get("license_url"), get("license_id"), get("license_title"), get("license"))), part),
        issued=taking.moment(first((get("issued"), get("created"))), f"{part}.issued"),
        modified=taking.moment(
            first((get("last_modified"), get("modified"), get("metadata_modified"))), f"{part}.modified"
        ),
        language=taking.text(get("language"), part, limit=100),
        conforms_to=taking.texts(first((get("conforms_to"), get("schema"))), part, many=20),
    )


def _rest(taking: Taking, package: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, str]:
    rest: dict[str, str] = {}
    for source in (more, package):
        for key, value in source.items():
            if key in _READ or key in rest or value in (None, "", [], {}) or isinstance(value, bool):
                continue
            if len(rest) >= _EXTRAS:
                return rest
            if isinstance(value, dict | list):
                text = taking.original(value)[:_EXTRA_CHARS] if key.startswith(("caddec", "trading", "data_")) else ""
            else:
                text = taking.prose(value, f"extras.{key}"[:LINE], limit=_EXTRA_CHARS)
            if text:
                rest[clean(str(key))[:200]] = text
    return rest
