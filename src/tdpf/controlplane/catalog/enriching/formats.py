"""File formats from messy words ("CSV(Shift-JIS)", ".xlsx", "ESRI Shapefile"), media types, addresses of vocabularies, suffixes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from tdpf.controlplane.catalog.vocabularies.formats import FORMATS, by_media_type, by_suffix

_WORDS = tuple(
    (re.compile(pattern, re.IGNORECASE), code)
    for pattern, code in (
        (r"geo[\s_-]?json", "GEOJSON"), (r"topo[\s_-]?json", "JSON"), (r"json[\s_-]?ld", "JSONLD"),
        (r"nd[\s_-]?json|json[\s_-]?lines|jsonl", "NDJSON"), (r"city[\s_-]?gml", "CITYGML"), (r"gtfs|標準的なバス情報", "GTFS"),
        (r"3d[\s_-]?tiles|b3dm|tileset", "3DTILES"), (r"\bmvt\b|vector[\s_-]?tiles?|pmtiles|mbtiles|地図タイル|\bxyz\b|タイル", "TILES"),
        (r"shape|\bshp|シェープ|esri", "SHP"), (r"geo[\s_-]?package|gpkg", "GPKG"), (r"geo[\s_-]?tiff?|\btiff?\b|cog\b", "GEOTIFF"),
        (r"\bkmz", "KMZ"), (r"\bkml", "KML"), (r"\bgml|jpgis", "GML"), (r"\bgpx", "GPX"), (r"\bla[sz]\b|点群", "LAS"),
        (r"net[\s_-]?cdf", "NETCDF"), (r"wmts", "WMTS"), (r"\bwms|ogc:wms", "WMS"), (r"\bwfs|ogc:wfs", "WFS"), (r"sparql", "SPARQL"),
        (r"rdf|turtle|\bttl|\bn-?triples|\bn3\b|\bowl\b|linked[\s_-]?data", "RDF"), (r"parquet", "PARQUET"), (r"\barrow|feather", "ARROW"),
        (r"csv|comma[\s_-]separated|カンマ区切", "CSV"), (r"tsv|tab[\s_-]separated|タブ区切", "TSV"),
        (r"xlsx|xlsm|openxml.*sheet|excel\s*20[01]\d", "XLSX"), (r"xls|エクセル|excel|ms-excel", "XLS"),
        (r"\bods\b|opendocument.*sheet", "ODS"), (r"rss|atom", "RSS"), (r"ical|\bics\b|calendar", "ICAL"),
        (r"sqlite", "SQLITE"), (r"\bdxf|\bdwg|\bcad\b|\bsxf|\bp21\b", "CAD"), (r"\bjson", "JSON"),
        (r"html?\b|web\s?(?:ページ|サイト|page)|ホームページ|ウェブ|link|リンク|website|webpage|\burl\b", "HTML"),
        (r"arcgis|feature\s?server|map\s?server|rest\b|\bapi\b|graphql|odata|ngsi|soap|ogc", "API"), (r"\bxml|\bgpx", "XML"),
        (r"pdf", "PDF"), (r"docx?\b|word|ワード", "DOCX"), (r"pptx?\b|powerpoint|パワーポイント", "PPTX"),
        (r"mp4|mpeg|\bmov\b|\bavi\b|動画|video|youtube", "VIDEO"), (r"mp3|\bwav\b|音声|audio", "AUDIO"),
        (r"png|jpe?g|gif|svg|\bbmp|画像|image|写真", "IMAGE"), (r"te?xt\b|テキスト|plain", "TXT"),
        (r"zip|7z|\bgz|tar\b|lzh|圧縮", "ZIP"),
    )
)  # fmt: skip
_EU = {entry.eu: entry.code for entry in FORMATS.values() if entry.eu} | {
    "RDF_XML": "RDF", "RDF": "RDF", "RDF_N_TRIPLES": "RDF", "RDF_TRIG": "RDF", "N3": "RDF", "OWL": "RDF", "JPEG": "IMAGE",
    "GIF": "IMAGE", "SVG": "IMAGE", "TIFF": "GEOTIFF", "DOC": "DOCX", "PPT": "PPTX", "XHTML": "HTML", "GZIP": "ZIP", "TAR": "ZIP",
    "7Z": "ZIP", "DWG": "CAD", "ATOM": "RSS", "SPARQLQRES": "SPARQL", "TAB": "TSV", "XLSM": "XLSX", "MDB": "OTHER", "GML": "GML",
    "LAZ": "LAS", "OAPI": "API", "ESRI_SHAPE": "SHP", "WCS_SRVC": "API", "SQL": "OTHER", "TAR_GZ": "ZIP", "ESRI_FILEGDB": "OTHER",
}  # fmt: skip
_EMPTY = frozenset(
    {
        "",
        "-",
        "―",
        "なし",
        "不明",
        "unknown",
        "none",
        "null",
        "n/a",
        "その他",
        "other",
        "data",
        "データ",
        "binary",
        "file",
    }
)
_VAGUE = frozenset(
    {
        "application/octet-stream",
        "binary/octet-stream",
        "application/x-download",
        "application/force-download",
        "application/unknown",
    }
)
_INSIDE = ("ZIP", "HTML", "API", "TXT", "XML")


@dataclass(frozen=True, slots=True)
class FormatReading:
    """A format code with its media type; `is_inferred` when the address, not the source's words, told it."""

    code: str
    media_type: str
    is_inferred: bool = False
    is_understood: bool = True


@lru_cache(maxsize=5000)
def format_code(stated: str) -> str:
    """Return the format that words, a suffix, a media type or an address of a vocabulary name, or ""."""
    words = unicodedata.normalize("NFKC", stated[:300]).strip()
    if words.casefold() in _EMPTY:
        return ""
    if "publications.europa.eu" in words or "/file-type/" in words:
        return _EU.get(re.split(r"[/#]", words.rstrip("/#"))[-1].upper(), "")
    if "iana.org" in words or "/media-types/" in words:
        words = words.rstrip("/").split("media-types/", 1)[-1]
    low = words.split(";", 1)[0].strip().casefold()
    known = by_media_type(low) or by_suffix(low.lstrip(".*")) or (low.upper() if low.upper() in FORMATS else "")
    if known:
        return known
    if low in _VAGUE:
        return ""
    inner = _named(words)
    return inner[0] if inner else ""


@lru_cache(maxsize=5000)
def _named(words: str) -> tuple[str, ...]:
    """Return the formats that words name, in their order; what only wraps another (ZIP, a page) stands behind it."""
    starts: dict[int, str] = {}
    for pattern, code in _WORDS:
        match = pattern.search(words)
        if match is not None:
            starts.setdefault(match.start(), code)
    found = list(dict.fromkeys(code for _, code in sorted(starts.items())))
    if "XLS" in found and "XLSX" in found:
        found.remove("XLS")
    return tuple(sorted(found, key=lambda code: code in _INSIDE))


def read_format(stated: str, media_type: str, url: str, title: str = "", access_url: str = "") -> FormatReading:
    """Return the format of a distribution: its stated format, else its media type, else what its address or title end with."""
    media = _media(media_type)
    code = format_code(stated)
    by_media = format_code(media_type) if media_type else ""
    if code in ("", "ZIP", "XML", "JSON", "XLS") and by_media in (
        "GEOJSON",
        "RDF",
        "JSONLD",
        "GML",
        "KML",
        "XLSX",
        "SHP",
    ):
        code = by_media
    code = code or by_media
    ending = suffix_format(url)
    if code == "XLS" and ending == "XLSX":
        code = "XLSX"
    if ending and ending != code and ending in _named(unicodedata.normalize("NFKC", stated[:300])):
        code = ending
    if code == "JSON" and ending == "GEOJSON":
        code = "GEOJSON"
    if code and code != "ZIP":
        return FormatReading(code, media or FORMATS[code].media_type)
    if not code or code == "ZIP":
        guessed = ending if ending not in ("", "ZIP") or not code else ""
        guessed = guessed or (
            suffix_format(title) or _from_title(title) if code == "ZIP" or not url else suffix_format(title)
        )
        if guessed and guessed != code:
            return FormatReading(
                guessed,
                media or FORMATS["ZIP" if code == "ZIP" else guessed].media_type,
                True,
                not stated or bool(code),
            )
    if code:
        return FormatReading(code, media or FORMATS[code].media_type)
    if not url and access_url:
        return FormatReading("HTML", media or "text/html", True, not stated.strip())
    return FormatReading("OTHER", media, True, not stated.strip() or stated.strip().casefold() in _EMPTY)


@lru_cache(maxsize=5000)
def suffix_format(address: str) -> str:
    """Return the format that the last suffix of an address's path, or of a file's name in its query, stands for, or ""."""
    path, _, query = address[:2000].partition("?")
    for piece in (path.partition("#")[0], *re.split(r"[&=]", query)):
        last = unquote(piece).rsplit("/", 1)[-1]
        if "." in last:
            stem, _, suffix = last.rpartition(".")
            code = by_suffix(suffix.strip())
            if code == "ZIP" and "." in stem:
                return by_suffix(stem.rpartition(".")[2]) or code
            if code and stem:
                return code
    found = re.search(r"(?:[?&](?:service|f|format|outputformat)=)([a-z0-9.+/_-]+)", address, re.IGNORECASE)
    return format_code(found[1]) if found is not None else ""


def _from_title(title: str) -> str:
    inside = re.findall(r"[(（\[【_]([A-Za-z0-9 .-]{2,20})[)）\]】]?", title[:300])
    for words in reversed(inside):
        code = format_code(words)
        if code and code not in ("HTML", "API", "TXT"):
            return code
    return ""


def _media(stated: str) -> str:
    words = unicodedata.normalize("NFKC", stated[:300]).strip().casefold()
    if "://" in words:
        words = words.rstrip("/").split("media-types/", 1)[-1]
    words = words.split(";", 1)[0].strip()
    return words if re.fullmatch(r"[a-z0-9.+-]{1,60}/[a-z0-9.+_-]{1,80}", words) and words not in _VAGUE else ""
