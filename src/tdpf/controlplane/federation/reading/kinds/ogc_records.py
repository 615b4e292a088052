"""OGC API – Records: collections of records as GeoJSON, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from tdpf.controlplane.catalog.types import StatedDataset, StatedDistribution
from tdpf.controlplane.federation.errors import AnswerNotUnderstood
from tdpf.controlplane.federation.reading.boxes import box_of
from tdpf.controlplane.federation.reading.guarding import UNREAD, guarded, unread
from tdpf.controlplane.federation.reading.json_text import read_json
from tdpf.controlplane.federation.reading.ogc_pages import ACCEPT, LIMIT, Around, page_of
from tdpf.controlplane.federation.reading.paging import PageWatch
from tdpf.controlplane.federation.reading.reader import broken_off, is_short, miscounted, seen_by
from tdpf.controlplane.federation.reading.taking import (
    BAD_ADDRESS,
    MALFORMED,
    NO_KEY,
    NO_TITLE,
    TITLE,
    Taking,
    first,
    in_language,
    joined,
    mapping,
    several,
)
from tdpf.controlplane.federation.types import KindGuess, LeftOut, ReadingOrder, ReadPage, ReadRecord, SourceKind
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.errors import Problem
from tdpf.kit.text import Text

_COLLECTIONS = 200
_FILES = frozenset({"enclosure", "item", "data", "download", "service", "service-desc", "preview", "items"})
_NOT_DATA = frozenset(
    {
        "self",
        "alternate",
        "canonical",
        "collection",
        "parent",
        "root",
        "license",
        "about",
        "describedby",
        "next",
        "prev",
        "first",
        "last",
    }
)
_WITHIN = re.compile(r"/collections(?:/([^/?]+))?(?:/items.*)?/?$")


class OgcRecordsReader:
    """Walks the record collections of an API and the pages of each."""

    kind = SourceKind(
        kind="ogc_records",
        title=Text("OGC API – Records", "OGC API – Records"),
        address_hint=Text(
            "APIの入口、または /collections/{名前} のアドレス", "the API's landing page, or a /collections/{name}"
        ),
    )

    def read(self, visitor: Visitor, order: ReadingOrder) -> Iterator[ReadPage]:
        """Yield pages of records. The whole is read every time: the standard has no way to ask for changes only."""
        watch = PageWatch(max_records=order.max_records, taken=int(order.cursor.get("taken", 0)))
        expected = int(order.cursor.get("expected", 0))
        whole = bool(order.cursor.get("whole", True))
        pages = 1 + bool(order.cursor)
        # Addresses still to be read, the next one first, each with whether it begins a collection.
        waiting = [(str(url), bool(begins)) for url, begins in order.cursor.get("waiting", [])]
        waiting = waiting or [(_items(collection), True) for collection in _collections(visitor, order.url)]
        around = Around(visitor)

        def cursor() -> dict[str, Any]:
            listed = [list(entry) for entry in waiting]
            return {"waiting": listed, "taken": watch.taken, "expected": expected, "whole": whole}

        while waiting:
            url, begins = waiting.pop(0)
            try:
                value, features = page_of(visitor, url)
            except UNREAD as fault:
                smaller, behind = around.ways(url, fault, begins=begins, alone=not waiting and not watch.taken)
                if smaller:
                    waiting.insert(0, (smaller, begins))
                    continue
                whole = False
                if behind:
                    waiting.insert(0, (behind, begins))
                yield ReadPage(left_out=(unread(fault, where=url),), announced=expected or None, cursor=cursor())
                continue
            matched = value.get("numberMatched")
            pages += bool(features) and not begins
            if begins and isinstance(matched, int) and matched > 0:
                expected += matched
            keys = "\n".join(str(entry.get("id")) if isinstance(entry, dict) else "-" for entry in features)
            broken = watch.fault_of(step=url, content=keys, records=len(features), announced=expected or None)
            if broken is not None:
                yield broken_off(url, broken, since=order.since, announced=expected or None)
                return
            records: list[ReadRecord] = []
            left_out: list[LeftOut] = []
            for place, entry in enumerate(features):
                where = f"{url}#/features/{place}"
                key = entry.get("id") if isinstance(entry, dict) else ""
                read = partial(read_feature, entry, where=where, base=url)
                record, left = guarded(read, None, where=where, key=key)
                left_out += left
                records += [record] if record else []
            kept, same = watch.once(records)
            following = None if watch.is_over(len(features)) or (begins and not features) else _next(value, url)
            if following == "":
                whole = False
                left_out.append(LeftOut(record_id="", where=url, code="bad-value", why=BAD_ADDRESS, part="next"))
            elif following is not None:
                waiting.insert(0, (around.usual(following), False))
            yield ReadPage(
                records=tuple(kept),
                left_out=(*left_out, *same),
                announced=expected or None,
                cursor=cursor(),
            )
        remarks = (miscounted(expected, watch.taken),) if expected and expected != watch.taken else ()
        whole = whole and not is_short(expected, watch.taken)
        yield ReadPage(
            remarks=remarks,
            announced=expected or None,
            is_last=True,
            coverage=seen_by(pages=pages) if whole else "part",
        )

    def guess(self, visitor: Visitor, url: str) -> KindGuess | None:
        """Return a guess when a collection of records answers, or the landing page conforms to Records."""
        try:
            collections = _collections(visitor, url)
            answer = visitor.peek(_items(collections[0]), accept=ACCEPT, bytes_wanted=visitor.manners.max_bytes)
            value = mapping(read_json(answer)) if answer is not None and answer.status == 200 else {}
        except Problem:
            return None
        features = value.get("features")
        if not isinstance(features, list) or not any(_is_record(entry) for entry in features[:20]):
            return None
        count = value.get("numberMatched")
        return KindGuess(
            kind="ogc_records",
            url=collections[0] if len(collections) == 1 else url,
            certainty=90,
            evidence=Text(f"{collections[0]} がレコードを返します", f"{collections[0]} gives records"),
            count=count if isinstance(count, int) else None,
        )


READER = OgcRecordsReader()


def read_feature(feature: object, *, where: str, base: str) -> tuple[ReadRecord | None, list[LeftOut]]:
    """Return the record of one feature (OGC 20-004 §7) and what was left out of it."""
    taking = Taking(where)
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        return None, [taking.refusal("malformed", MALFORMED)]
    said = feature["properties"]
    taking.record_id = taking.key(first((feature.get("id"), said.get("identifier"), said.get("externalIds"))), "id")
    if not taking.record_id:
        return None, [taking.refusal("no-key", NO_KEY)]
    title = taking.text(said.get("title"), "title", limit=TITLE)
    if not title:
        return None, [*taking.left_out, taking.refusal("no-title", NO_TITLE)]
    try:
        stated, page = _stated(feature, said, taking, title, base)
    except (TypeError, ValueError, AttributeError, RecursionError):
        return None, [*taking.left_out, taking.refusal("malformed", MALFORMED)]
    return ReadRecord(stated=stated, url=page, original=taking.original(feature), where=where), taking.left_out


def _stated(
    feature: dict[str, Any], said: Mapping[str, Any], taking: Taking, title: str, base: str
) -> tuple[StatedDataset, str]:
    links = [
        mapping(entry) for entry in [*several(feature.get("links")), *several(said.get("links")), *_assets(feature)]
    ]
    contacts = [mapping(entry) for entry in several(said.get("contacts"))]
    publisher = _contact(contacts, "publisher", "owner", "custodian")
    contact = _contact(contacts, "pointOfContact", "contact")
    page = taking.address(_href(links, "canonical", "about", "alternate"), "landing_url", at=base)
    own = (
        page
        or taking.address(_href(links, "self"), "url", at=base)
        or f"{base.split('?')[0]}/{quote(taking.record_id, safe='')}"
    )
    interval = [*several(mapping(first((feature.get("time"), said.get("time")))).get("interval")), None, None]
    licence = said.get("license") or _href(links, "license")
    email = next(iter(several(contact.get("emails"))), None)
    stated = StatedDataset(
        record_id=taking.record_id,
        title=title,
        title_en=taking.text(in_language(said.get("title"), "en"), "title_en", limit=TITLE),
        description=taking.prose(said.get("description"), "description"),
        themes=taking.texts(_concepts(said.get("themes")), "themes", many=100),
        keywords=taking.texts(said.get("keywords"), "keywords", limit=200),
        publisher_name=taking.text(first((publisher.get("organization"), publisher.get("name"))), "publisher"),
        publisher_id=taking.text(publisher.get("identifier"), "publisher_id"),
        publisher_url=taking.address(
            _href([mapping(entry) for entry in several(publisher.get("links"))], ""), "publisher_url", at=base
        ),
        licence=taking.text(licence, "licence"),
        rights=taking.prose(said.get("rights"), "rights"),
        access_rights=taking.text(said.get("accessRights"), "access_rights"),
        languages=taking.texts(
            [
                mapping(word).get("code") or word
                for word in several(first((said.get("resourceLanguages"), said.get("language"))))
            ],
            "languages",
            many=50,
        ),
        bbox=box_of(feature.get("geometry")) or box_of(feature.get("bbox")),
        period_start=taking.day("" if interval[0] == ".." else interval[0], "period"),
        period_end=taking.day("" if interval[1] == ".." else interval[1], "period"),
        issued=taking.moment(first((said.get("created"), said.get("issued"))), "issued"),
        modified=taking.moment(first((said.get("updated"), said.get("modified"))), "modified"),
        contact_name=taking.text(first((contact.get("name"), contact.get("organization"))), "contact"),
        contact_email=taking.text(mapping(email).get("value") or email, "contact"),
        landing_url=page,
        identifier=taking.text(first((_external(said.get("externalIds")), said.get("identifier"))), "identifier"),
        conforms_to=taking.texts(feature.get("conformsTo"), "conforms_to", many=50),
        distributions=tuple(
            entry
            for place, link in enumerate(links[:2000])
            if (entry := _distribution(link, taking, f"links[{place}]", base, said)) is not None
        ),
        extras={"type": text} if (text := taking.text(said.get("type"), "extras.type")) else {},
    )
    return stated, own


def _distribution(
    link: Mapping[str, Any], taking: Taking, part: str, base: str, said: Mapping[str, Any]
) -> StatedDistribution | None:
    rel = str(link.get("rel", "")).rsplit("/", 1)[-1].lower()
    if not link.get("href") or (rel not in _FILES and (rel in _NOT_DATA or not rel)):
        return None
    address = taking.address(link.get("href"), f"{part}.href", at=base)
    served = "service" in rel or rel == "items"
    formats = [mapping(entry).get("name") or entry for entry in several(said.get("formats"))]
    return StatedDistribution(
        record_id=taking.text(link.get("id"), part),
        title=taking.text(first((link.get("title"), link.get("name"))), part, limit=TITLE),
        url="" if served else address,
        access_url=address if served else "",
        format=taking.text(
            formats[0] if len(formats) == 1 and not link.get("type") else link.get("format"), part, limit=200
        ),
        media_type=taking.text(link.get("type"), part, limit=200),
        size=taking.size(link.get("length"), f"{part}.length"),
        language=taking.text(link.get("hreflang"), part, limit=100),
        modified=taking.moment(link.get("updated"), f"{part}.modified"),
    )


def _collections(visitor: Visitor, url: str) -> list[str]:
    """Return the addresses of the record collections at an address: the one it names, or all the API lists."""
    parts = urlsplit(url.strip())
    found = _WITHIN.search(parts.path)
    root = f"{parts.scheme}://{parts.netloc}{parts.path[: found.start()] if found else parts.path.rstrip('/')}"
    if found and found[1]:
        return [f"{root}/collections/{found[1]}"]
    at = f"{root}/collections?f=json"
    listed = mapping(read_json(visitor.get(at, accept="application/json"))).get("collections")
    names = []
    for entry in several(listed)[:_COLLECTIONS]:
        collection = mapping(entry)
        name = collection.get("id") or collection.get("name")
        kind = str(collection.get("itemType", "")).lower()
        name = str(name) if isinstance(name, int) and not isinstance(name, bool) else name
        if isinstance(name, str) and name and kind in ("record", "catalog", "", "unknown"):
            names.append((kind != "record", name))
    if any(not other for other, _ in names):
        names = [entry for entry in names if not entry[0]]
    if not names:
        raise AnswerNotUnderstood(
            url=at, why_ja="レコードの集まりがありません", why_en="there is no collection of records"
        )
    return [f"{root}/collections/{quote(name, safe=':', errors='replace')}" for _, name in names]


def _items(collection: str) -> str:
    return collection if "/items" in collection else f"{collection}/items?{urlencode({'f': 'json', 'limit': LIMIT})}"


def _next(value: Mapping[str, Any], url: str) -> str | None:
    """Return the address of the next page, None when there is none, "" when what is said is no address."""
    found = _href([mapping(entry) for entry in several(value.get("links"))], "next")
    return joined(url, str(found)) if found else None


def _href(links: list[Mapping[str, Any]], *rels: str) -> object:
    for rel in rels:
        for link in links:
            if (not rel or str(link.get("rel", "")).lower() == rel) and link.get("href"):
                return link["href"]
    return None


def _assets(feature: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a record's assets (STAC's way to name files) as links."""
    return [
        {"rel": "enclosure", **asset, "id": name}
        for name, asset in mapping(feature.get("assets")).items()
        if isinstance(asset, dict)
    ]


def _contact(contacts: list[Mapping[str, Any]], *roles: str) -> Mapping[str, Any]:
    for role in roles:
        for contact in contacts:
            if any(
                role.lower() in str(entry).lower() for entry in several(contact.get("roles") or contact.get("role"))
            ):
                return contact
    return contacts[0] if contacts else {}


def _concepts(themes: object) -> list[object]:
    found: list[object] = []
    for theme in several(themes):
        for concept in several(mapping(theme).get("concepts")) or [theme]:
            named = mapping(concept)
            found.append(first((named.get("title"), named.get("id"))) if named else concept)
    return found


def _external(value: object) -> object:
    for entry in several(value):
        return mapping(entry).get("value") or entry
    return None


def _is_record(entry: object) -> bool:
    said = mapping(entry).get("properties")
    return (
        isinstance(said, dict)
        and bool(said.get("title"))
        and any(key in said for key in ("type", "description", "created", "updated", "contacts", "keywords", "license"))
    )
