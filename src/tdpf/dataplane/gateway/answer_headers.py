"""What is added to answers of providers: what a browser may do with them. To all others the module does, and tells everybody what is left of a budget."""

from collections.abc import Iterable
from typing import Any

from tdpf.dataplane.browsers import CONTENT_SECURITY_POLICY
from tdpf.wire.usage_log import CALL_METADATA

_HTTP = "type.googleapis.com/envoy.extensions.filters.http."
_OVERWRITE = "OVERWRITE_IF_EXISTS_OR_ADD"
TOLD_BESIDE_PROVIDERS = "told_beside_providers"


def set_header(name: str, value: str) -> dict[str, Any]:
    """Return Envoy's option that sets a header, whatever stood there."""
    return {"header": {"key": name, "value": value}, "append_action": _OVERWRITE}


PROVIDED_RESPONSE_HEADERS: tuple[dict[str, Any], ...] = (
    set_header("x-content-type-options", "nosniff"),
    set_header("content-security-policy", CONTENT_SECURITY_POLICY),
    set_header("cross-origin-resource-policy", "cross-origin"),
    set_header("x-request-id", "%STREAM_ID%"),
    # Whom a browser lets read it is told to who asks; delivery says so itself.
    {"header": {"key": "vary", "value": "origin"}, "append_action": "APPEND_IF_EXISTS_OR_ADD"},
    # Providers are not told the request's own header, from which Envoy takes the stream id.
    {**set_header("x-request-id", f"%DYNAMIC_METADATA({CALL_METADATA}:request)%"), "keep_empty_value": False},
)


def told_beside_providers_filter(
    kept_back: Iterable[str], taken_out: Iterable[str], added: Iterable[dict[str, Any]]
) -> dict[str, Any]:
    """Return the filter that keeps headers of requests back, takes headers out of providers' answers, and adds what is told to them.

    Written in each of their routes, it would be parsed and kept as often as there are APIs. It stands last before the router;
    routes that lead to our own parts switch it off.
    """
    mutations = {
        "request_mutations": [{"remove": name} for name in kept_back],
        "response_mutations": [
            *({"remove": name} for name in taken_out),
            *({"append": option} for option in (*PROVIDED_RESPONSE_HEADERS, *added)),
        ],
    }
    typed = {"@type": _HTTP + "header_mutation.v3.HeaderMutation", "mutations": mutations}
    return {"name": TOLD_BESIDE_PROVIDERS, "typed_config": typed}
