"""What goes to a caller in fewer bytes: which answers, in which codings, and on which routes. Pure.

The filters stand in the chain switched off; a route that leads to what may be compressed switches them on.
"""

from typing import Any

_COMPRESSOR = "type.googleapis.com/envoy.extensions.filters.http.compressor.v3."
_LIBRARY = "type.googleapis.com/envoy.extensions.compression."
_LEAST_BYTES = 1_024
"""A smaller answer is one packet with or without."""
_TEXTS = (
    "application/geo+json",
    "application/javascript",
    "application/json",
    "application/ld+json",
    "application/problem+json",
    "application/rdf+xml",
    "application/schema+json",
    "application/vnd.oai.openapi+json",
    "application/x-ndjson",
    "application/xml",
    "image/svg+xml",
    "text/css",
    "text/csv",
    "text/html",
    "text/javascript",
    "text/plain",
    "text/turtle",
    "text/xml",
)
"""Not among them: what is compressed in itself, and the events of streams, which would wait for a full block."""
# Of those that a caller takes equally gladly the one in front is the quickest; else the first that the caller names.
_IN_FRONT = "zstd"
_CODINGS: dict[str, dict[str, Any]] = {
    "gzip": {
        "@type": _LIBRARY + "gzip.compressor.v3.Gzip",
        "compression_level": "COMPRESSION_LEVEL_4",
        "memory_level": 8,
        "window_bits": 15,
    },
    "br": {"@type": _LIBRARY + "brotli.compressor.v3.Brotli", "quality": 4},
    "zstd": {"@type": _LIBRARY + "zstd.compressor.v3.Zstd", "compression_level": 3},
}

ASKED: dict[str, Any] = {"name": "accept-encoding", "present_match": True}
"""Who says nothing of codings goes by a route on which nothing looks for them."""
NOBODY_IN_PARTICULAR: dict[str, Any] = {
    "name": "cookie",
    "string_match": {"safe_regex": {"regex": "(csrftoken=[^;]*)?"}},
    "treat_missing_header_as_empty": True,
}
"""Pages for a member hold what only the member may know beside words that a stranger's link can bring: their length would tell of it.
The token against forged forms is masked anew in each page."""
COMPRESSED: dict[str, Any] = {
    coding: {"@type": _COMPRESSOR + "CompressorPerRoute", "overrides": {"response_direction_config": {}}}
    for coding in _CODINGS
}
"""What a route says beside its other filters to have its answers compressed."""


def compressing_filters() -> list[dict[str, Any]]:
    """Return one filter for each coding; they stand first, so that they see an answer as it is sent."""
    return [_filter(coding, library) for coding, library in _CODINGS.items()]


def _filter(coding: str, library: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": coding,
        "disabled": True,
        "typed_config": {
            "@type": _COMPRESSOR + "Compressor",
            "response_direction_config": {
                "common_config": {"min_content_length": _LEAST_BYTES, "content_type": list(_TEXTS)},
                # The same bytes no more, but the same answer.
                "weaken_etag_on_compress": True,
                # Parts are counted in the bytes of the whole.
                "uncompressible_response_codes": [206],
            },
            "compressor_library": {"name": coding, "typed_config": library},
            "choose_first": coding == _IN_FRONT,
        },
    }
