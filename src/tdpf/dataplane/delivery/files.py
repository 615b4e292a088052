"""`/data/files/{slug}/{name}`: whole files, those handed in and those made of the offered tables."""

from __future__ import annotations

import re
from urllib.parse import quote

import orjson

from tdpf.dataplane.delivery.answers import COMMON, Answer, AnyAnswer, attachment, etag_of, matches
from tdpf.dataplane.delivery.directory import Directory, Offered
from tdpf.dataplane.delivery.exports import Exports, suffix_of
from tdpf.dataplane.delivery.files_sent import send_file
from tdpf.dataplane.delivery.formats import MEDIA_TYPES
from tdpf.dataplane.delivery.requests import NOT_PART_OF_THE_QUESTION, Request
from tdpf.dataplane.delivery.service import Service
from tdpf.dataplane.delivery.sights import view_columns
from tdpf.tables.errors import TableMissing
from tdpf.tables.identity import table_folder
from tdpf.tables.verify import read_manifest
from tdpf.wire.delivery_problems import NoCollection, NoFile, NoView, OutsideAgreement, UnknownParameter
from tdpf.wire.messages import PublishedFile

MADE = ("csv", "excel-csv", "xlsx", "json", "ndjson", "geojson", "parquet", "arrow")
_NEVER_RUN = frozenset(
    {"application/json", "application/geo+json", "text/csv", "text/plain", "image/png", "image/jpeg", "image/webp"}
)
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(; ?[\w-]+=[\w.-]+)?\Z", re.ASCII)


def media_type_of(kind: str) -> str:
    """Return the media type of a made file."""
    return MEDIA_TYPES["csv" if kind == "excel-csv" else kind]


async def file(service: Service, exports: Exports, request: Request, slug: str, name: str) -> AnyAnswer:
    """Answer one file; raises NoFile with the names there are."""
    directory = service.directory()
    parameters = request.parameters()
    for parameter in parameters:
        if parameter not in NOT_PART_OF_THE_QUESTION and parameter != "version":
            raise UnknownParameter(parameter=parameter[:80], near="version")
    published = directory.files.get((slug, name))
    if published is not None:
        return _published(service, request, directory, published)
    tables = directory.tables_of(slug)
    for offered in tables:
        for kind in MADE:
            if name == f"{offered.id}{suffix_of(kind)}":
                return await _made(service, exports, request, offered, kind, parameters.get("version"))
    known = _names(service, slug)
    if not known:
        raise NoCollection(collection=slug[:80], near="—")
    raise NoFile(slug=slug, name=name[:80], known=", ".join(known))


async def _made(
    service: Service, exports: Exports, request: Request, offered: Offered, kind: str, version: str | None
) -> AnyAnswer:
    found = service.find(request, offered, version)
    name = f"{offered.id}{suffix_of(kind)}"
    if kind == "geojson" and not found.sight.with_place:
        raise NoFile(slug=offered.table.slug, name=name, known=", ".join(_names(service, offered.table.slug)))
    etag = etag_of(found.identity, found.sight.mark, "file", kind)
    path = await exports.whole(found, found.sight.names, kind)
    headers = [*service.headers(offered), attachment(name)]
    smaller = exports.smaller(request, found, path)
    return send_file(request, path, etag, media_type_of(kind), headers, smaller=smaller)


def _published(service: Service, request: Request, directory: Directory, published: PublishedFile) -> AnyAnswer:
    tables = directory.tables_of(published.slug)
    if request.dataset is not None and request.dataset != str(published.dataset):
        raise NoView(collection=published.slug)
    dataset = directory.datasets.get(published.slug)
    if request.view is None and (dataset is None or dataset.access != "open"):
        raise NoView(collection=published.slug)
    for offered in tables:
        if not _sees_all(service, request, offered):
            known = ", ".join(f"{offered.id}{suffix_of(kind)}" for kind in MADE if kind != "geojson")
            raise OutsideAgreement(name=published.name, known=known)
    path = (service.home.root / published.path).resolve()
    closed = (service.home.secrets.resolve(), service.home.run.resolve())
    if not path.is_relative_to(service.home.root.resolve()) or any(path.is_relative_to(folder) for folder in closed):
        raise NoFile(slug=published.slug, name=published.name, known="—")
    media = published.media_type if _MEDIA_TYPE.match(published.media_type) else "application/octet-stream"
    headers = [*(service.headers(tables[0]) if tables else (*COMMON, _caching(directory, published.slug)))]
    if media.split(";")[0].strip().lower() not in _NEVER_RUN:
        headers.append(attachment(published.name))
    return send_file(request, path, f'"{published.sha256[:32]}"', media, headers)


def _caching(directory: Directory, slug: str) -> tuple[str, str]:
    """Return what keeps answers that depend on a key out of caches that many share."""
    dataset = directory.datasets.get(slug)
    is_open = dataset is not None and dataset.access == "open"
    return "cache-control", "no-cache" if is_open else "private, no-cache"


def _sees_all(service: Service, request: Request, offered: Offered) -> bool:
    """Whether the caller's view holds every column of the table, so that the original shows nothing more."""
    columns = view_columns(offered, request)
    if columns is None:
        return True
    try:
        manifest = read_manifest(table_folder(service.home.tables, offered.table.identity))
    except TableMissing:
        return False
    return set(manifest.column_names) <= set(columns)


def _names(service: Service, slug: str) -> list[str]:
    directory = service.directory()
    handed_in = [entry.name for entry in directory.files_of(slug)]
    made = [
        f"{offered.id}{suffix_of(kind)}"
        for offered in directory.tables_of(slug)
        for kind in MADE
        if kind != "geojson" or _is_located(service, offered)
    ]
    return handed_in + made


def _is_located(service: Service, offered: Offered) -> bool:
    try:
        return read_manifest(table_folder(service.home.tables, offered.table.identity)).located is not None
    except TableMissing:
        return False


def file_list(service: Service, request: Request, slug: str) -> Answer:
    """Answer `/data/files/{slug}`: the names there are; raises NoCollection."""
    directory = service.directory()
    names = _names(service, slug)
    if not names:
        raise NoCollection(collection=slug[:80], near="—")
    base = f"{directory.public_url}/data/files/{slug}/"
    body = {"files": [{"name": name, "href": base + quote(name, safe="")} for name in names]}
    etag = etag_of("files", *names, base)
    headers = [*COMMON, ("etag", etag), _caching(directory, slug)]
    if matches(request.if_none_match, etag):
        return Answer(304, headers)
    return Answer(200, [*headers, ("content-type", MEDIA_TYPES["json"])], orjson.dumps(body))
