"""File formats: what people call them, and their IANA media types."""

from __future__ import annotations

from dataclasses import dataclass

from tdpf.kit.text import Text


@dataclass(frozen=True, slots=True)
class Format:
    """One format; `machine_readable` and `non_proprietary` as in the five-star scheme."""

    code: str
    label: Text
    media_type: str
    machine_readable: bool
    non_proprietary: bool


def _format(code: str, name: str, media_type: str, machine: bool, free: bool) -> Format:
    return Format(code, Text(name, name), media_type, machine, free)


FORMATS: dict[str, Format] = {
    entry.code: entry
    for entry in (
        _format("CSV", "CSV", "text/csv", True, True),
        _format("TSV", "TSV", "text/tab-separated-values", True, True),
        _format("JSON", "JSON", "application/json", True, True),
        _format("NDJSON", "NDJSON", "application/x-ndjson", True, True),
        _format("GEOJSON", "GeoJSON", "application/geo+json", True, True),
        _format("PARQUET", "Parquet", "application/vnd.apache.parquet", True, True),
        _format("ARROW", "Arrow", "application/vnd.apache.arrow.stream", True, True),
        _format(
            "XLSX", "Excel (XLSX)", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", True, False
        ),
        _format("XLS", "Excel (XLS)", "application/vnd.ms-excel", True, False),
        _format("ODS", "ODS", "application/vnd.oasis.opendocument.spreadsheet", True, True),
        _format("XML", "XML", "application/xml", True, True),
        _format("RDF", "RDF", "text/turtle", True, True),
        _format("GTFS", "GTFS", "application/zip", True, True),
        _format("SHP", "Shapefile", "application/vnd.shp", True, False),
        _format("GML", "GML", "application/gml+xml", True, True),
        _format("KML", "KML", "application/vnd.google-earth.kml+xml", True, True),
        _format("API", "API", "application/json", True, True),
        _format("PDF", "PDF", "application/pdf", False, True),
        _format("HTML", "HTML", "text/html", False, True),
        _format(
            "DOCX", "Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", False, False
        ),
        _format("ZIP", "ZIP", "application/zip", False, True),
        _format("IMAGE", "画像", "image/png", False, True),
        _format("OTHER", "その他", "application/octet-stream", False, False),
    )
}

TABLE_FORMATS = ("CSV", "JSON", "PARQUET", "XLSX")
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
}


def format_of(name_or_url: str, media_type: str = "") -> str:
    """Return the format code by file suffix, else by media type, else "OTHER"."""
    path = name_or_url.split("?", 1)[0].split("#", 1)[0]
    last = path.rsplit("/", 1)[-1]
    suffix = last.rsplit(".", 1)[-1].lower() if "." in last else ""
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    wanted = media_type.split(";")[0].strip().lower()
    for entry in FORMATS.values():
        if wanted and entry.media_type == wanted and entry.code not in ("API", "GTFS"):
            return entry.code
    return "OTHER"


def file_name(distribution: str, original: str) -> str:
    """Return the name under which a held file is handed out: ASCII, with the original's suffix."""
    suffix = original.rsplit(".", 1)[-1].lower() if "." in original else ""
    return f"{distribution}.{suffix}" if suffix.isascii() and suffix.isalnum() and len(suffix) <= 10 else distribution
