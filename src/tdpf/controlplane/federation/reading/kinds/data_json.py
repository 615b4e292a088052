"""DCAT-US: one `data.json` with every dataset (1.1 and 3.0)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from tdpf.controlplane.catalog.types import StatedDataset, StatedDistribution
from tdpf.controlplane.federation.errors import AnswerNotUnderstood
from tdpf.controlplane.federation.reading.boxes import box_of
from tdpf.controlplane.federation.reading.guarding import guarded, seen_by_list
from tdpf.controlplane.federation.reading.json_entries import Bytes, Entries, bytes_in, entries_of
from tdpf.controlplane.federation.reading.json_text import decoded, parse_json, read_json
from tdpf.controlplane.federation.reading.list_folder import list_folder
from tdpf.controlplane.federation.reading.paging import PageWatch
from tdpf.controlplane.federation.reading.reader import broken_off, goes_on_at, unchanged
from tdpf.controlplane.federation.reading.taking import (
    MALFORMED,
    NO_KEY,
    NO_TITLE,
    NOT_PUBLIC,
    TITLE,
    Taking,
    first,
    in_language,
    mapping,
    several,
    short_key,
)
from tdpf.controlplane.federation.types import KindGuess, LeftOut, ReadingOrder, ReadPage, ReadRecord, SourceKind
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.sites import Answer
from tdpf.kit.text import Text

_ACCEPT = "application/json, application/ld+json;q=0.9, */*;q=0.1"
_RECORDS_A_PAGE = 500
_LOOKED_THROUGH = 1024 * 1024
_LOOKED_AT, _MOST_SEEN = 20, 100_000
_KEYS = ("dataset", "dcat:dataset", "datasets")
_CUT_SHORT = Text("JSONが途中で終わっています", "the JSON ends in the middle")


class DataJsonReader:
    """Fetches the file as a whole, reads it entry by entry and yields it in pieces; an unchanged file is not read again."""

    kind = SourceKind(
        kind="data_json",
        title=Text("DCAT-US（data.json）", "DCAT-US (data.json)"),
        address_hint=Text("data.json のアドレス、またはサイトのアドレス", "the address of data.json, or of the site"),
    )

    def read(self, visitor: Visitor, order: ReadingOrder) -> Iterator[ReadPage]:
        """Yield pages of datasets; `mark` holds the file's validators."""
        url = address_of(order.url)
        with list_folder() as folder:
            file = folder / "data.json"
            answer = visitor.get(
                url,
                accept=_ACCEPT,
                etag="" if order.cursor else str(order.since.get("etag", "")),
                last_modified="" if order.cursor else str(order.since.get("last_modified", "")),
                into=file,
            )
            if answer.status == 304:
                yield unchanged(order.since)
                return
            with bytes_in(file) as body:
                yield from _pages(answer, body, url, order)

    def guess(self, visitor: Visitor, url: str) -> KindGuess | None:
        """Return a guess when the address or `/data.json` holds a list of datasets with titles."""
        for at in dict.fromkeys((url, address_of(url))):
            answer = visitor.peek(at, accept=_ACCEPT, bytes_wanted=visitor.manners.max_bytes)
            if answer is None or answer.status != 200:
                continue
            try:
                frame, datasets, count = _seen(answer)
            except AnswerNotUnderstood:
                continue
            if any(isinstance(entry, dict) and entry.get("title") for entry in datasets[:_LOOKED_AT]):
                stated = str(frame.get("conformsTo", ""))
                sure = "project-open-data" in stated or "dcat-us" in stated
                told = f"{len(datasets)}" if count is not None else f"{len(datasets)}+"
                return KindGuess(
                    kind="data_json",
                    url=at,
                    certainty=95 if sure else 80,
                    evidence=Text(
                        f"{at} にデータセット {told} 件の一覧があります",
                        f"{at} lists {told} datasets",
                    ),
                    count=count,
                    title=" ".join(str(frame.get("title") or "").split())[:200],
                )
        return None


READER = DataJsonReader()


def _pages(answer: Answer, body: Bytes, url: str, order: ReadingOrder) -> Iterator[ReadPage]:
    datasets = entries_of(body, _KEYS, most=order.max_records, charset=answer.charset, url=url)
    if datasets is None or not _are_datasets(datasets):
        raise _refusal(url, answer, body)
    digest = hashlib.sha256(body).hexdigest()
    watch = PageWatch(max_records=order.max_records)
    if len(datasets) > order.max_records:
        yield broken_off(url, watch.too_many(), since=order.since)
        return
    begun, doubt = goes_on_at(order.cursor, digest=digest), bool(order.cursor.get("doubt"))
    while begun < len(datasets):
        end = min(begun + _RECORDS_A_PAGE, len(datasets))
        pairs = [_one(datasets, place, url, answer.url) for place in range(begun, end)]
        faults = [fault for _, left_out in pairs for fault in left_out]
        kept, same = watch.once(record for record, _ in pairs if record is not None)
        begun, doubt = end, doubt or seen_by_list(faults) != "all"
        yield ReadPage(
            records=tuple(kept),
            left_out=(*faults, *same),
            announced=len(datasets),
            cursor={"at": begun, "digest": digest, "doubt": doubt},
        )
    if not datasets.is_whole:
        yield broken_off(url, _CUT_SHORT, since=order.since)
        return
    # What may be missing is looked for once more, whether the file says that it changed or not.
    mark = {} if doubt else {"etag": answer.etag, "last_modified": answer.last_modified}
    yield ReadPage(announced=len(datasets), is_last=True, coverage="pages" if doubt else "all", mark=mark)


def address_of(url: str) -> str:
    """Return the address of the file: the one given if it names a JSON file, else the site's `/data.json`."""
    parts = urlsplit(url.strip())
    if parts.path.lower().endswith((".json", ".jsonld")) or parts.query:
        return url.strip()
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/data.json"


def _one(datasets: Entries, place: int, url: str, base: str) -> tuple[ReadRecord | None, list[LeftOut]]:
    where, entry = f"{url}#/dataset/{place}", datasets.value(place)
    key = _id(entry.get("identifier")) if isinstance(entry, dict) else ""
    return guarded(lambda: read_entry(entry, where=where, base=base), None, where=where, key=key)


def read_entry(entry: object, *, where: str, base: str) -> tuple[ReadRecord | None, list[LeftOut]]:
    """Return the record of one entry of `dataset` and what was left out of it."""
    taking = Taking(where)
    if not isinstance(entry, dict):
        return None, [taking.refusal("malformed", MALFORMED)]
    taking.record_id = taking.key(first((_id(entry.get("identifier")), entry.get("@id"))), "identifier")
    title = taking.text(entry.get("title"), "title", limit=TITLE)
    landing = taking.address(_id(entry.get("landingPage")), "landing_url", at=base)
    taking.record_id = taking.record_id or short_key(landing)
    if not taking.record_id:
        return None, [*taking.left_out, taking.refusal("no-key", NO_KEY)]
    if not title:
        return None, [*taking.left_out, taking.refusal("no-title", NO_TITLE)]
    level = str(entry.get("accessLevel") or "public").lower()
    if level == "non-public":
        return None, [taking.refusal("not-public", NOT_PUBLIC.filled({"state": level}))]
    try:
        stated = _stated(entry, taking, title, landing, base)
    except (TypeError, ValueError, AttributeError, RecursionError):
        return None, [*taking.left_out, taking.refusal("malformed", MALFORMED)]
    original = taking.original(entry)
    return ReadRecord(stated=stated, url=landing or base, original=original, where=where), taking.left_out


def _stated(entry: dict[str, Any], taking: Taking, title: str, landing: str, base: str) -> StatedDataset:
    publisher = mapping(next(iter(several(entry.get("publisher"))), None))
    contact = mapping(next(iter(several(entry.get("contactPoint"))), None))
    licence = taking.text(_id(entry.get("license")), "licence")
    start, end, words = _period(entry.get("temporal"))
    places = [_called(place) for place in several(entry.get("spatial"))]
    return StatedDataset(
        record_id=taking.record_id,
        title=title,
        title_en=taking.text(in_language(entry.get("title"), "en"), "title_en", limit=TITLE),
        description=taking.prose(entry.get("description"), "description"),
        themes=taking.texts([_called(theme) for theme in several(entry.get("theme"))], "themes", many=50),
        keywords=taking.texts(entry.get("keyword"), "keywords", limit=200),
        publisher_name=taking.text(publisher.get("name") or _called(entry.get("publisher")), "publisher"),
        publisher_id=taking.text(first((publisher.get("@id"), publisher.get("identifier"))), "publisher_id"),
        publisher_url=taking.address(
            _id(first((publisher.get("homepage"), publisher.get("url")))), "publisher_url", at=base
        ),
        creator_name=taking.text(_called(entry.get("creator")), "creator"),
        licence=licence,
        licence_url=licence if licence.startswith(("http://", "https://")) else "",
        rights=taking.prose(_called(entry.get("rights")), "rights"),
        access_rights=taking.text(
            first((_called(entry.get("accessRights")), entry.get("accessLevel"))), "access_rights"
        ),
        languages=taking.texts([_called(word) for word in several(entry.get("language"))], "languages", many=50),
        frequency=taking.text(_called(entry.get("accrualPeriodicity")), "frequency"),
        spatial=taking.texts([place for place in places if not box_of(place)], "spatial", many=200),
        bbox=next((box for place in several(entry.get("spatial")) if (box := _box(place))), None),
        period_start=taking.day(start, "period"),
        period_end=taking.day(end, "period"),
        period_text=taking.text(words, "period"),
        issued=taking.moment(entry.get("issued"), "issued"),
        modified=taking.moment(entry.get("modified"), "modified"),
        contact_name=taking.text(first((contact.get("fn"), contact.get("name"))), "contact"),
        contact_email=taking.text(_id(contact.get("hasEmail")), "contact").removeprefix("mailto:"),
        contact_url=taking.address(_id(contact.get("hasURL")), "contact", at=base),
        landing_url=landing,
        identifier=taking.text(_id(entry.get("identifier")), "identifier"),
        provenance=taking.prose(_called(entry.get("provenance")), "provenance"),
        conforms_to=taking.texts([_id(one) for one in several(entry.get("conformsTo"))], "conforms_to", many=50),
        distributions=tuple(
            _distribution(mapping(one), taking, f"distribution[{place}]", base)
            for place, one in enumerate(several(entry.get("distribution"))[:2000])
            if isinstance(one, dict)
        ),
        extras={
            key: text
            for key in (
                "bureauCode",
                "programCode",
                "dataQuality",
                "isPartOf",
                "describedBy",
                "version",
                "systemOfRecords",
            )
            if (text := taking.text(entry.get(key), f"extras.{key}"))
        },
    )


def _distribution(one: Mapping[str, Any], taking: Taking, part: str, base: str) -> StatedDistribution:
    return StatedDistribution(
        record_id=taking.key(first((one.get("@id"), one.get("identifier"))), part),
        title=taking.text(one.get("title"), part, limit=TITLE),
        description=taking.prose(one.get("description"), part),
        url=taking.address(_id(one.get("downloadURL")), f"{part}.url", at=base),
        access_url=taking.address(
            first((_id(one.get("accessURL")), _id(mapping(one.get("accessService")).get("endpointURL")))),
            f"{part}.access_url",
            at=base,
        ),
        format=taking.text(_called(one.get("format")), part, limit=200),
        media_type=taking.text(_called(one.get("mediaType")), part, limit=200).split("/media-types/", 1)[-1],
        size=taking.size(first((one.get("byteSize"), one.get("size"))), f"{part}.size"),
        licence=taking.text(_id(one.get("license")), part),
        issued=taking.moment(one.get("issued"), f"{part}.issued"),
        modified=taking.moment(one.get("modified"), f"{part}.modified"),
        language=taking.text(_called(one.get("language")), part, limit=100),
        conforms_to=taking.texts([_id(entry) for entry in several(one.get("conformsTo"))], part, many=20),
    )


def _are_datasets(found: Entries) -> bool:
    """Say whether a list is one of datasets: what stands under their name is, a bare list (1.0) if it holds objects.

    Of a text that ends before its first entry does nothing can be said.
    """
    if not found.is_whole and not len(found):
        return False
    is_bare = found.body[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    return not is_bare or any(found.text(place)[:1] == b"{" for place in range(min(_LOOKED_AT, len(found))))


def _refusal(url: str, answer: Answer, body: Bytes) -> AnswerNotUnderstood:
    """Return what is wrong with an answer without a list: it is none of JSON, or another JSON."""
    if len(body) <= _LOOKED_THROUGH or body[:100].lstrip()[:1] not in (b"{", b"["):
        try:
            parse_json(body[:_LOOKED_THROUGH], url=answer.url, charset=answer.charset)
        except AnswerNotUnderstood as fault:
            return fault
    return AnswerNotUnderstood(
        url=url, why_ja="dataset の一覧がありません", why_en="there is no list of datasets in it"
    )


def _seen(answer: Answer) -> tuple[Mapping[str, Any], Sequence[object], int | None]:
    """Return the catalogue's own words, entries of its list, and how many there are; None of a text that was cut.

    The entries are those of a catalogue's `dataset`, or of a bare list (1.0) that holds objects.
    """
    if answer.cut:
        listed = entries_of(answer.body, _KEYS, most=_MOST_SEEN, charset=answer.charset, url=answer.url)
        if listed is None:
            return {}, (), None
        frame = mapping(decoded(listed.body[: listed.begin]) + "[]}")
        return frame, [listed.value(place) for place in range(min(_LOOKED_AT, len(listed)))], None
    value = read_json(answer)
    if isinstance(value, list):
        return {}, value, len(value)
    frame = mapping(value)
    found: list[object] = next((frame[key] for key in _KEYS if isinstance(frame.get(key), list)), [])
    return frame, found, len(found)


def _id(value: object) -> object:
    """Return the address or text of a value that may be written as a node."""
    for entry in several(value):
        found = mapping(entry)
        if found:
            return first((found.get("@id"), found.get("@value"), found.get("url"), found.get("schemaAgency")))
        return entry
    return None


def _called(value: object) -> object:
    """Return what a value is called: its label when it is written as a node, else itself."""
    for entry in several(value):
        found = mapping(entry)
        if found:
            names = ("prefLabel", "name", "label", "title", "fn", "@value", "@id")
            return first(in_language(found.get(key), "ja") or found.get(key) for key in names)
        return entry
    return None


def _box(place: object) -> tuple[float, float, float, float] | None:
    found = mapping(place)
    return box_of(first((found.get("bbox"), found.get("geometry")))) or box_of(found) if found else box_of(place)


def _period(value: object) -> tuple[object, object, object]:
    for entry in several(value):
        found = mapping(entry)
        if found:
            return found.get("startDate"), found.get("endDate"), None
        if isinstance(entry, str) and entry.count("/") == 1 and len(entry) < 80:
            start, _, end = entry.partition("/")
            return start, end, None
        return None, None, entry
    return None, None, None
