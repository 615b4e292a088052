"""Metadata records in XML → what they state: Dublin Core as in CSW, and ISO 19139 (19115, JMP 2.0)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from tdpf.controlplane.catalog.types import StatedDataset, StatedDistribution
from tdpf.controlplane.federation.reading.boxes import Box, box_of
from tdpf.controlplane.federation.reading.taking import NO_KEY, NO_TITLE, TITLE, Taking
from tdpf.controlplane.federation.types import LeftOut, ReadRecord

_XLINK = "{http://www.w3.org/1999/xlink}href"
_MOST = 2000
_SERVICES = ("wms", "wfs", "wmts", "wcs", "csw", "ogc api", "arcgis", "rest")


def local(element: ET.Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def read_element(element: ET.Element, *, where: str) -> tuple[ReadRecord | None, list[LeftOut]]:
    """Return the record of an element (csw:Record or gmd:MD_Metadata) and what was left out of it."""
    taking = Taking(where)
    iso = local(element) in ("MD_Metadata", "MI_Metadata")
    key = _deep(element, "fileIdentifier") or _deep(_at(element, "metadataIdentifier"), "code")
    key = key if iso else _child(element, "identifier")
    taking.record_id = taking.key(key, "identifier")
    if not taking.record_id:
        return None, [taking.refusal("no-key", NO_KEY)]
    citation = _at(element, "identificationInfo", "citation") if iso else element
    title = taking.text(_deep(citation, "title") if iso else _child(element, "title"), "title", limit=TITLE)
    if not title:
        return None, [*taking.left_out, taking.refusal("no-title", NO_TITLE)]
    stated = _from_iso(element, taking, title) if iso else _from_dublin_core(element, taking, title)
    original = taking.original({"xml": ET.tostring(element, encoding="unicode")})
    return ReadRecord(stated=stated, url=stated.landing_url or where, original=original, where=where), taking.left_out


def _from_dublin_core(element: ET.Element, taking: Taking, title: str) -> StatedDataset:
    links = [
        (link, child.get("scheme") or child.get("protocol") or "")
        for child in element
        if local(child) in ("references", "source", "relation", "URI")
        and (link := (child.text or "").strip()).lower().startswith("http")
    ][:_MOST]
    box = next((child for child in element.iter() if local(child) in ("BoundingBox", "WGS84BoundingBox")), None)
    return StatedDataset(
        record_id=taking.record_id,
        title=title,
        description=taking.prose(_child(element, "abstract", "description"), "description"),
        keywords=taking.texts(_children(element, "subject"), "keywords", limit=200),
        publisher_name=taking.text(_child(element, "publisher"), "publisher"),
        creator_name=taking.text(_child(element, "creator"), "creator"),
        licence=taking.text(_child(element, "license"), "licence"),
        rights=taking.prose("\n".join(_children(element, "rights", "accessRights")), "rights"),
        languages=taking.texts(_children(element, "language"), "languages", many=50),
        spatial=taking.texts(_children(element, "spatial", "coverage"), "spatial", many=50),
        bbox=_corners(box) if box is not None else None,
        period_text=taking.text(_child(element, "temporal"), "period"),
        issued=taking.moment(_child(element, "issued", "created"), "issued"),
        modified=taking.moment(_child(element, "modified", "date"), "modified"),
        identifier=taking.record_id,
        distributions=tuple(
            StatedDistribution(
                url="" if _is_service(scheme) else taking.address(link, f"references[{place}]"),
                access_url=taking.address(link, f"references[{place}]") if _is_service(scheme) else "",
                format=taking.text(scheme if _is_service(scheme) else _child(element, "format"), "format", limit=200),
            )
            for place, (link, scheme) in enumerate(links)
        ),
        extras={"type": text} if (text := taking.text(_child(element, "type"), "type")) else {},
    )


def _from_iso(element: ET.Element, taking: Taking, title: str) -> StatedDataset:
    info = _at(element, "identificationInfo")
    citation = _at(info, "citation")
    dates = {kind: date for kind, date in _dates(citation) if date}
    owner = _party(info, element, "owner", "publisher", "custodian", "originator")
    contact = _party(info, element, "pointOfContact")
    keywords = [word for part in _all(info, "descriptiveKeywords") for word in _words(part, "keyword")]
    places = [word for part in _all(info, "geographicIdentifier") for word in _words(part, "code")]
    constraints = [
        word
        for part in _all(info, "resourceConstraints")
        for name in ("useLimitation", "otherConstraints")
        for word in _words(part, name)
    ]
    licence = next(
        (
            word
            for word in constraints
            if "creativecommons" in word.lower() or "cc by" in word.lower() or "ライセンス" in word
        ),
        "",
    )
    online = list(_all(element, "CI_OnlineResource"))[:_MOST]
    form = next(iter(_words(_at(element, "distributionFormat"), "name")), "")
    extent = _at(info, "temporalElement")
    return StatedDataset(
        record_id=taking.record_id,
        title=title,
        title_en=taking.text(_other_language(_at(citation, "title")), "title_en", limit=TITLE),
        description=taking.prose(_deep(info, "abstract"), "description"),
        themes=taking.texts(_words(info, "topicCategory"), "themes", many=50),
        keywords=taking.texts(keywords, "keywords", limit=200),
        publisher_name=taking.text(_deep(owner, "organisationName") or _deep(owner, "individualName"), "publisher"),
        licence=taking.text(licence, "licence"),
        rights=taking.prose("\n".join(dict.fromkeys(constraints)), "rights"),
        access_rights=taking.text(_deep(info, "accessConstraints"), "access_rights"),
        languages=taking.texts([_deep(info, "language") or _deep(element, "language")], "languages"),
        frequency=taking.text(_deep(info, "maintenanceAndUpdateFrequency"), "frequency"),
        spatial=taking.texts(places, "spatial", many=50),
        bbox=_bounds(_at(info, "EX_GeographicBoundingBox")),
        period_start=taking.day(_deep(extent, "beginPosition") or _deep(extent, "begin"), "period"),
        period_end=taking.day(_deep(extent, "endPosition") or _deep(extent, "end"), "period"),
        issued=taking.moment(dates.get("publication") or dates.get("creation", ""), "issued"),
        modified=taking.moment(dates.get("revision") or _deep(_at(element, "dateStamp"), "dateStamp"), "modified"),
        contact_name=taking.text(_deep(contact, "organisationName") or _deep(contact, "individualName"), "contact"),
        contact_email=taking.text(_deep(contact, "electronicMailAddress"), "contact"),
        identifier=taking.text(_deep(_at(citation, "identifier"), "code") or taking.record_id, "identifier"),
        provenance=taking.prose(_deep(_at(element, "lineage"), "statement"), "provenance"),
        conforms_to=taking.texts([_deep(_at(element, "DQ_ConformanceResult"), "title")], "conforms_to"),
        distributions=tuple(
            entry
            for place, part in enumerate(online)
            if (entry := _online(part, taking, f"onLine[{place}]", form)) is not None
        ),
        extras={"type": text} if (text := taking.text(_deep(element, "hierarchyLevel"), "type")) else {},
    )


def _online(part: ET.Element, taking: Taking, where: str, form: str) -> StatedDistribution | None:
    address = taking.address(_deep(part, "linkage"), where)
    if not address:
        return None
    protocol = _deep(part, "protocol")
    served = _is_service(protocol)
    download = "download" in (protocol + _deep(part, "function")).lower() or not served
    return StatedDistribution(
        title=taking.text(_deep(part, "name") or _deep(part, "description"), where, limit=TITLE),
        description=taking.prose(_deep(part, "description"), where),
        url=address if download else "",
        access_url="" if download else address,
        format=taking.text(protocol if served else form, where, limit=200),
    )


def _at(element: ET.Element | None, *names: str) -> ET.Element | None:
    """Return the first element reached by going down to each name in turn."""
    for name in names:
        element = (
            next((child for child in element.iter() if local(child) == name), None) if element is not None else None
        )
    return element


def _all(element: ET.Element | None, name: str) -> Iterator[ET.Element]:
    return (child for child in element.iter() if local(child) == name) if element is not None else iter(())


def _words(element: ET.Element | None, name: str) -> list[str]:
    """Return the words of every element of that name: its text, its code, or what it links to."""
    return [word for child in _all(element, name) if (word := _word(child))]


def _word(element: ET.Element) -> str:
    for part in element.iter():
        if local(part) in ("PT_FreeText", "LocalisedCharacterString"):
            continue
        if part.text and part.text.strip():
            return part.text.strip()
        if part.get("codeListValue"):
            return str(part.get("codeListValue"))
    return element.get(_XLINK, "") or next((part.get(_XLINK, "") for part in element.iter() if part.get(_XLINK)), "")


def _deep(element: ET.Element | None, name: str) -> str:
    found = _at(element, name)
    return _word(found) if found is not None else ""


def _child(element: ET.Element, *names: str) -> str:
    return next(iter(_children(element, *names)), "")


def _children(element: ET.Element, *names: str) -> list[str]:
    return [
        text for name in names for child in element if local(child) == name and (text := (child.text or "").strip())
    ]


def _party(info: ET.Element | None, element: ET.Element, *roles: str) -> ET.Element | None:
    parties = [*_all(info, "CI_ResponsibleParty"), *_all(element, "CI_ResponsibleParty")]
    for role in roles:
        for party in parties:
            if _deep(party, "role") == role:
                return party
    return parties[0] if parties else None


def _dates(citation: ET.Element | None) -> Iterator[tuple[str, str]]:
    for date in _all(citation, "CI_Date"):
        yield _deep(date, "dateType"), _deep(date, "date")


def _other_language(title: ET.Element | None) -> str:
    for part in _all(title, "LocalisedCharacterString"):
        if part.text and "en" in part.get("locale", "").lower():
            return part.text.strip()
    return ""


def _bounds(element: ET.Element | None) -> Box | None:
    sides = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")
    return box_of([_deep(element, side) for side in sides]) if element is not None else None


def _corners(box: ET.Element) -> Box | None:
    """Return the box of ows:BoundingBox; an EPSG urn gives latitude first, CRS84 and plain ones longitude first."""
    lower, upper = _deep(box, "LowerCorner").split(), _deep(box, "UpperCorner").split()
    if len(lower) != 2 or len(upper) != 2:
        return None
    straight, swapped = box_of([*lower, *upper]), box_of([lower[1], lower[0], upper[1], upper[0]])
    crs = box.get("crs", "").upper()
    return (swapped or straight) if "EPSG" in crs and "4326" in crs else (straight or swapped)


def _is_service(protocol: str) -> bool:
    lowered = protocol.lower()
    return any(word in lowered for word in _SERVICES) and "download" not in lowered
