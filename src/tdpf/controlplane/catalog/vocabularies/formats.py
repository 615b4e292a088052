"""File formats: what people call them, and their IANA media types."""

from __future__ import annotations

from dataclasses import dataclass

from tdpf.kit.text import Text

EU_FILE_TYPE_ROOT = "http://publications.europa.eu/resource/authority/file-type/"


@dataclass(frozen=True, slots=True)
class Format:
    """One format; `machine_readable` and `non_proprietary` as in the five-star scheme, `eu` its code in the EU table "file-type"."""

    code: str
    label: Text
    media_type: str
    machine_readable: bool
    non_proprietary: bool
    eu: str = ""
    stars: int = 1


_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def _format(code: str, name: str, media_type: str, machine: bool, free: bool, eu: str = "", stars: int = 0) -> Format:
    return Format(code, Text(name, name), media_type, machine, free, eu, stars or (1 + machine + (machine and free)))


FORMATS: dict[str, Format] = {
    entry.code: entry
    for entry in (
        _format("CSV", "CSV", "text/csv", True, True, "CSV"),
        _format("TSV", "TSV", "text/tab-separated-values", True, True, "TSV"),
        _format("JSON", "JSON", "application/json", True, True, "JSON"),
        _format("NDJSON", "NDJSON", "application/x-ndjson", True, True),
        _format("GEOJSON", "GeoJSON", "application/geo+json", True, True, "GEOJSON"),
        _format("PARQUET", "Parquet", "application/vnd.apache.parquet", True, True, "PARQUET"),
        _format("ARROW", "Arrow", "application/vnd.apache.arrow.stream", True, True),
        _format("XLSX", "Excel (XLSX)", _SHEET, True, False, "XLSX"),
        _format("XLS", "Excel (XLS)", "application/vnd.ms-excel", True, False, "XLS"),
        _format("ODS", "ODS", "application/vnd.oasis.opendocument.spreadsheet", True, True, "ODS"),
        _format("XML", "XML", "application/xml", True, True, "XML"),
        _format("RDF", "RDF", "text/turtle", True, True, "RDF_TURTLE", 4),
        _format("JSONLD", "JSON-LD", "application/ld+json", True, True, "JSON_LD", 4),
        _format("SPARQL", "SPARQL", "application/sparql-results+json", True, True, "SPARQLQ", 5),
        _format("GTFS", "GTFS", "application/zip", True, True, "GTFS"),
        _format("SHP", "Shapefile", "application/vnd.shp", True, False, "SHP"),
        _format("GPKG", "GeoPackage", "application/geopackage+sqlite3", True, True, "GPKG"),
        _format("GML", "GML", "application/gml+xml", True, True, "GML"),
        _format("CITYGML", "CityGML", "application/gml+xml", True, True, "GML"),
        _format("KML", "KML", "application/vnd.google-earth.kml+xml", True, True, "KML"),
        _format("KMZ", "KMZ", "application/vnd.google-earth.kmz", True, True, "KMZ"),
        _format("GPX", "GPX", "application/gpx+xml", True, True, "GPX"),
        _format("3DTILES", "3D Tiles", "application/json", True, True),
        _format("TILES", "地図タイル (MVT・XYZ)", "application/vnd.mapbox-vector-tile", True, True),
        _format("GEOTIFF", "GeoTIFF", "image/tiff", True, True, "TIFF"),
        _format("LAS", "点群 (LAS)", "application/vnd.las", True, True, "LAS"),
        _format("NETCDF", "NetCDF", "application/x-netcdf", True, True, "NETCDF"),
        _format("WMS", "WMS", "application/xml", True, True, "WMS_SRVC"),
        _format("WFS", "WFS", "application/gml+xml", True, True, "WFS_SRVC"),
        _format("WMTS", "WMTS", "application/xml", True, True, "WMTS_SRVC"),
        _format("API", "API", "application/json", True, True, "REST"),
        _format("RSS", "RSS・Atom", "application/rss+xml", True, True, "RSS"),
        _format("ICAL", "iCalendar", "text/calendar", True, True, "ICS"),
        _format("SQLITE", "SQLite", "application/vnd.sqlite3", True, True),
        _format("CAD", "CAD (DXF・DWG)", "image/vnd.dxf", True, False, "DXF"),
        _format("TXT", "テキスト", "text/plain", False, True, "TXT"),
        _format("PDF", "PDF", "application/pdf", False, True, "PDF"),
        _format("HTML", "HTML", "text/html", False, True, "HTML"),
        _format("DOCX", "Word", _WORD, False, False, "DOCX"),
        _format("PPTX", "PowerPoint", _SLIDES, False, False, "PPTX"),
        _format("ZIP", "ZIP", "application/zip", False, True, "ZIP"),
        _format("IMAGE", "画像", "image/png", False, True, "PNG"),
        _format("VIDEO", "動画", "video/mp4", False, True, "MPEG4"),
        _format("AUDIO", "音声", "audio/mpeg", False, True, "MP3"),
        _format("OTHER", "その他", "application/octet-stream", False, False),
    )
}

TABLE_FORMATS = ("CSV", "JSON", "PARQUET", "XLSX")
CONNECTED_FORMATS = ("CSV", "JSON")
LOCATED_FORMATS = ("GEOJSON",)

_BY_SUFFIX = {
    "csv": "CSV",
    "tsv": "TSV",
    "json": "JSON",
    "jsonl": "NDJSON",
    "ndjson": "NDJSON",
    "geojson": "GEOJSON",
    "parquet": "PARQUET",
    "arrow": "ARROW",
    "xlsx": "XLSX",
    "xlsm": "XLSX",
    "xls": "XLS",
    "ods": "ODS",
    "xml": "XML",
    "rdf": "RDF",
    "ttl": "RDF",
    "shp": "SHP",
    "gml": "GML",
    "kml": "KML",
    "pdf": "PDF",
    "html": "HTML",
    "htm": "HTML",
    "docx": "DOCX",
    "doc": "DOCX",
    "zip": "ZIP",
    "png": "IMAGE",
    "jpg": "IMAGE",
    "jpeg": "IMAGE",
    "gif": "IMAGE",
    "svg": "IMAGE",
    "webp": "IMAGE",
    "jsonld": "JSONLD",
    "nt": "RDF",
    "nq": "RDF",
    "n3": "RDF",
    "owl": "RDF",
    "tab": "TSV",
    "kmz": "KMZ",
    "gpx": "GPX",
    "gpkg": "GPKG",
    "sqlite": "SQLITE",
    "citygml": "CITYGML",
    "tif": "GEOTIFF",
    "tiff": "GEOTIFF",
    "las": "LAS",
    "laz": "LAS",
    "nc": "NETCDF",
    "pbf": "TILES",
    "mvt": "TILES",
    "pmtiles": "TILES",
    "mbtiles": "TILES",
    "rss": "RSS",
    "atom": "RSS",
    "ics": "ICAL",
    "dxf": "CAD",
    "dwg": "CAD",
    "txt": "TXT",
    "xlsb": "XLSX",
    "xhtml": "HTML",
    "ppt": "PPTX",
    "pptx": "PPTX",
    "7z": "ZIP",
    "gz": "ZIP",
    "tgz": "ZIP",
    "lzh": "ZIP",
    "mp4": "VIDEO",
    "mov": "VIDEO",
    "mp3": "AUDIO",
    "wav": "AUDIO",
}

_SERVICES = frozenset({"API", "GTFS", "WMS", "WFS", "WMTS", "3DTILES", "CITYGML", "OTHER"})
_BY_MEDIA_TYPE = {entry.media_type: entry.code for entry in FORMATS.values() if entry.code not in _SERVICES} | {
    "application/csv": "CSV",
    "text/comma-separated-values": "CSV",
    "text/x-csv": "CSV",
    "application/x-excel": "XLS",
    "application/excel": "XLS",
    "application/vnd.ms-excel.sheet.macroenabled.12": "XLSX",
    "text/json": "JSON",
    "text/xml": "XML",
    "application/xhtml+xml": "HTML",
    "application/rdf+xml": "RDF",
    "application/n-triples": "RDF",
    "application/jsonlines": "NDJSON",
    "application/vnd.geo+json": "GEOJSON",
    "application/x-zip-compressed": "ZIP",
    "application/x-shapefile": "SHP",
    "application/x-esri-shapefile": "SHP",
    "application/parquet": "PARQUET",
    "application/x-parquet": "PARQUET",
    "application/atom+xml": "RSS",
    "application/msword": "DOCX",
    "application/vnd.ms-powerpoint": "PPTX",
    "application/gzip": "ZIP",
    "application/x-7z-compressed": "ZIP",
    "image/jpeg": "IMAGE",
    "image/gif": "IMAGE",
    "image/svg+xml": "IMAGE",
    "application/x-protobuf": "TILES",
    "application/vnd.sparql-query": "SPARQL",
    "application/sparql-query": "SPARQL",
    "application/x-netcdf4": "NETCDF",
    "application/netcdf": "NETCDF",
    "application/dxf": "CAD",
    "application/acad": "CAD",
}


def format_of(name_or_url: str, media_type: str = "") -> str:
    """Return the format code by file suffix, else by media type, else "OTHER"."""
    path = name_or_url.split("?", 1)[0].split("#", 1)[0]
    last = path.rsplit("/", 1)[-1]
    suffix = last.rsplit(".", 1)[-1].lower() if "." in last else ""
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    return _BY_MEDIA_TYPE.get(media_type.split(";")[0].strip().lower(), "OTHER")


def by_suffix(suffix: str) -> str:
    """Return the format code of a file suffix without its dot, or ""."""
    return _BY_SUFFIX.get(suffix.lower(), "")


def by_media_type(media_type: str) -> str:
    """Return the format code of a media type without parameters, or ""."""
    return _BY_MEDIA_TYPE.get(media_type.lower(), "")


def file_name(distribution: str, original: str) -> str:
    """Return the name under which a held file is handed out: ASCII, with the original's suffix."""
    suffix = original.rsplit(".", 1)[-1].lower() if "." in original else ""
    return f"{distribution}.{suffix}" if suffix.isascii() and suffix.isalnum() and len(suffix) <= 10 else distribution


def media_type_of(code: str) -> str:
    """Return the IANA media type of a format code, "" when it has none of its own."""
    return FORMATS[code].media_type if code in FORMATS and code != "OTHER" else ""
