"""What pages of other origins may do with what the gateway serves, as Envoy's cross-origin rules."""

from typing import Any

_EXPOSED = (
    "content-disposition, content-range, deprecation, etag, link, location, ratelimit, ratelimit-policy, retry-after, "
    "sunset, tdpf-partial, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, x-request-id"
)


CORS: dict[str, Any] = {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy",
    # To Envoy "*" is every origin; an expression would be compiled and kept for every route.
    "allow_origin_string_match": [{"exact": "*"}],
    "allow_methods": "GET, HEAD, OPTIONS",
    "allow_headers": "accept, accept-language, authorization, if-modified-since, if-none-match, range, x-api-key",
    "expose_headers": _EXPOSED,
    "max_age": "86400",
}
CORS_OF_APIS = {**CORS, "allow_headers": f"{CORS['allow_headers']}, content-type"}
