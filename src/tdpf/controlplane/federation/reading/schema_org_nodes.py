"""schema.org nodes in JSON-LD → what a page states about its datasets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tdpf.controlplane.catalog.types import StatedDataset, StatedDistribution
from tdpf.controlplane.federation.reading.boxes import Box, box_of
from tdpf.controlplane.federation.reading.taking import (
    MALFORMED,
    NO_KEY,
    NO_TITLE,
    TITLE,
    Taking,
    first,
    mapping,
    several,
    short_key,
)
from tdpf.controlplane.federation.types import LeftOut, ReadRecord

_DEPTH = 30
_MOST = 5000
_PREFIX = re.compile(r"^(?:https?://(?:www\.)?schema\.org/|schema:)")


def dataset_nodes(value: object) -> list[dict[str, Any]]:
    """Return the Dataset nodes of a JSON-LD value, those inside graphs and catalogues too, each with its references resolved once."""
    nodes = list(_nodes(value, 0))[:_MOST]
    by_id: dict[str, dict[str, Any]] = {}
    for node in nodes:
        own = node.get("@id")
        if isinstance(own, str) and len(node) > len(mapping(by_id.get(own))):
            by_id[own] = node
    found: dict[int, dict[str, Any]] = {}
    for node in nodes:
        if "Dataset" in _types(node) and (node.get("name") or node.get("description") or node.get("distribution")):
            kept = by_id.get(str(node.get("@id")), node)
            found.setdefault(id(kept), {key: _resolved(entry, by_id) for key, entry in kept.items()})
    return list(found.values())


def read_node(node: Mapping[str, Any], *, page: str) -> tuple[ReadRecord | None, list[LeftOut]]:
    """Return the record of a Dataset node found on a page and what was left out of it."""
    taking = Taking(page)
    identifier = taking.text(_identifier(node.get("identifier")), "identifier")
    own = taking.text(first((node.get("@id"), node.get("url"))), "url", limit=100_000)
    taking.record_id = own if own.startswith("http") else identifier or own or page
    if taking.record_id.startswith("#"):
        taking.record_id = page + taking.record_id
    taking.record_id = short_key(taking.record_id)
    title = taking.text(_said(first((node.get("name"), node.get("headline")))), "title", limit=TITLE)
    if not taking.record_id:
        return None, [taking.refusal("no-key", NO_KEY)]
    if not title:
        return None, [*taking.left_out, taking.refusal("no-title", NO_TITLE)]
    try:
        stated = _stated(node, taking, title, identifier, page)
    except (TypeError, ValueError, AttributeError, RecursionError):
        return None, [*taking.left_out, taking.refusal("malformed", MALFORMED)]
    return ReadRecord(
        stated=stated, url=page, original=taking.original(dict(node)), where=page, alias=short_key(page)
    ), taking.left_out


def _stated(node: Mapping[str, Any], taking: Taking, title: str, identifier: str, page: str) -> StatedDataset:
    publisher = mapping(
        next(iter(several(first((node.get("publisher"), node.get("sourceOrganization"), node.get("creator"))))), None)
    )
    contact = mapping(next(iter(several(publisher.get("contactPoint"))), None))
    licence = taking.text(_address(node.get("license")), "licence")
    start, end, words = _period(node.get("temporalCoverage"))
    places = several(node.get("spatialCoverage"))
    return StatedDataset(
        record_id=taking.record_id,
        title=title,
        title_en=taking.text(_said(node.get("alternateName")), "title_en", limit=TITLE),
        description=taking.prose(_said(node.get("description")), "description"),
        themes=taking.texts([_name(entry) for entry in several(node.get("about"))], "themes", many=50),
        keywords=taking.texts(_keywords(node.get("keywords")), "keywords", limit=200),
        publisher_name=taking.text(
            _name(first((node.get("publisher"), node.get("sourceOrganization"), node.get("creator")))), "publisher"
        ),
        publisher_id=taking.text(first((publisher.get("@id"), publisher.get("sameAs"))), "publisher_id"),
        publisher_url=taking.address(_address(publisher.get("url")), "publisher_url", at=page),
        creator_name=taking.text(_name(node.get("creator")), "creator"),
        licence=licence,
        licence_name=taking.text(mapping(node.get("license")).get("name"), "licence"),
        licence_url=licence if licence.startswith(("http://", "https://")) else "",
        rights=taking.prose(_name(first((node.get("usageInfo"), node.get("conditionsOfAccess")))), "rights"),
        attribution=taking.prose(
            first((node.get("creditText"), node.get("citation") if isinstance(node.get("citation"), str) else None)),
            "attribution",
        ),
        languages=taking.texts([_name(entry) for entry in several(node.get("inLanguage"))], "languages", many=50),
        spatial=taking.texts([_name(place) for place in places], "spatial", many=100),
        bbox=next((box for place in places if (box := _box(place))), None),
        period_start=taking.day(start, "period"),
        period_end=taking.day(end, "period"),
        period_text=taking.text(words, "period"),
        issued=taking.moment(first((node.get("datePublished"), node.get("dateCreated"))), "issued"),
        modified=taking.moment(node.get("dateModified"), "modified"),
        contact_name=taking.text(first((contact.get("name"), contact.get("contactType"))), "contact"),
        contact_email=taking.text(first((contact.get("email"), publisher.get("email"))), "contact").removeprefix(
            "mailto:"
        ),
        contact_url=taking.address(contact.get("url"), "contact", at=page),
        landing_url=taking.address(_address(node.get("url")), "landing_url", at=page) or page,
        identifier=identifier,
        conforms_to=taking.texts([_address(entry) for entry in several(node.get("conformsTo"))], "conforms_to"),
        distributions=tuple(
            entry
            for place, one in enumerate(several(node.get("distribution"))[:2000])
            if (entry := _distribution(one, taking, f"distribution[{place}]", page)) is not None
        ),
        extras={
            key: text
            for key in ("version", "measurementTechnique", "isAccessibleForFree")
            if (text := taking.text(node.get(key), key))
        },
    )


def _distribution(one: object, taking: Taking, part: str, page: str) -> StatedDistribution | None:
    said = mapping(one)
    if not said:
        url = taking.address(one, part, at=page)
        return StatedDistribution(url=url) if url else None
    form = taking.text(first((said.get("encodingFormat"), said.get("fileFormat"))), part, limit=200)
    return StatedDistribution(
        record_id=taking.text(said.get("@id"), part),
        title=taking.text(_said(said.get("name")), part, limit=TITLE),
        description=taking.prose(_said(said.get("description")), part),
        url=taking.address(_address(said.get("contentUrl")), f"{part}.contentUrl", at=page),
        access_url=taking.address(_address(said.get("url")), f"{part}.url", at=page),
        format="" if "/" in form else form,
        media_type=form if "/" in form else "",
        size=taking.size(_bytes(said.get("contentSize")), f"{part}.contentSize"),
        licence=taking.text(_address(said.get("license")), part),
        issued=taking.moment(first((said.get("uploadDate"), said.get("datePublished"))), f"{part}.issued"),
        modified=taking.moment(said.get("dateModified"), f"{part}.modified"),
        language=taking.text(_name(said.get("inLanguage")), part, limit=100),
    )


def _nodes(value: object, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for entry in value:
            yield from _nodes(entry, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value or "@id" in value:
            yield value
        for key, entry in value.items():
            if key != "@context" and isinstance(entry, dict | list):
                yield from _nodes(entry, depth + 1)


def _types(node: Mapping[str, Any]) -> set[str]:
    return {_PREFIX.sub("", str(kind)) for kind in several(node.get("@type"))}


def _resolved(value: object, by_id: Mapping[str, dict[str, Any]], depth: int = 0) -> object:
    """Put the node in place of a bare reference to it, one step deep."""
    if isinstance(value, list) and depth <= _DEPTH:
        return [_resolved(entry, by_id, depth + 1) for entry in value]
    if isinstance(value, dict) and set(value) <= {"@id", "@type"} and isinstance(value.get("@id"), str):
        return by_id.get(value["@id"], value)
    return value


def _said(value: object) -> object:
    """Return the text of a value that may come in several languages; Japanese first."""
    entries = several(value)
    for wanted in ("ja", ""):
        for entry in entries:
            found = mapping(entry)
            language = str(found.get("@language", "")).lower().split("-")[0]
            if found and "@value" in found and (language == wanted or not wanted):
                return found["@value"]
    return entries[0] if entries else None


def _name(value: object) -> object:
    for entry in several(value):
        found = mapping(entry)
        if found:
            return _said(
                first(
                    (
                        found.get("name"),
                        found.get("legalName"),
                        found.get("alternateName"),
                        found.get("@value"),
                        found.get("address") if isinstance(found.get("address"), str) else None,
                    )
                )
            )
        return entry
    return None


def _address(value: object) -> object:
    for entry in several(value):
        found = mapping(entry)
        return first((found.get("@id"), found.get("url"), found.get("@value"), found.get("name"))) if found else entry
    return None


def _identifier(value: object) -> object:
    for entry in several(value):
        found = mapping(entry)
        return first((found.get("value"), found.get("@value"), found.get("@id"), found.get("url"))) if found else entry
    return None


def _keywords(value: object) -> list[object]:
    found: list[object] = []
    for entry in several(value):
        named = mapping(entry)
        if named:
            found.append(_said(first((named.get("name"), named.get("@value")))))
        elif isinstance(entry, str):
            found.extend(re.split(r"[,、;]", entry))
    return found


def _period(value: object) -> tuple[object, object, object]:
    for entry in several(value):
        if isinstance(entry, str) and entry.count("/") == 1 and len(entry) < 80:
            start, _, end = entry.partition("/")
            return start, "" if end == ".." else end, None
        found = mapping(entry)
        if found:
            return found.get("startDate"), found.get("endDate"), None
        return None, None, entry
    return None, None, None


def _box(place: object) -> Box | None:
    geo = mapping(mapping(place).get("geo"))
    if isinstance(geo.get("box"), str):
        numbers = re.split(r"[\s,]+", geo["box"].strip())
        if len(numbers) == 4:
            # schema.org writes latitude first.
            return box_of([numbers[1], numbers[0], numbers[3], numbers[2]])
    if geo.get("latitude") is not None and geo.get("longitude") is not None:
        return box_of([geo["longitude"], geo["latitude"], geo["longitude"], geo["latitude"]])
    return None


def _bytes(value: object) -> object:
    """Return a stated size as bytes where its unit is clear; other texts say nothing."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"\s*([\d.,]+)\s*([kKmMgG]i?)?[bB]?(?:ytes)?\s*", value)
    if not found:
        return None
    try:
        number = float(found[1].replace(",", ""))
    except ValueError:
        return None
    return number * {"": 1, "k": 1000, "m": 10**6, "g": 10**9}[(found[2] or "")[:1].lower()]
