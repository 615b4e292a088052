"""From a provider's OpenAPI document (3.x, or Swagger 2.0) to the document of a source connection: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import urljoin

import orjson
import yaml

from tdpf.controlplane.access.documents import MOST_OPERATIONS, error
from tdpf.controlplane.access.errors import SourceInvalid
from tdpf.controlplane.access.source_types import DocumentCredential, DocumentOperation, ImportedApi
from tdpf.wire.sources import TEMPLATE, Method

MOST_BYTES = 4 << 20
_METHODS = {method.lower(): method for method in get_args(Method)}


class _PlainLoader(yaml.SafeLoader):
    """YAML without aliases: a few lines with them unfold to gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        return super().compose_node(parent, index)


def read_openapi(data: bytes, *, found_at: str = "") -> ImportedApi:
    """Return what may be called by an OpenAPI document in JSON or YAML; raises SourceInvalid.

    `found_at` is its own address: a server named without a host lies beside it.
    """
    document = _parsed(data)
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise _not_read(
            "OpenAPIの文書ではないようです（paths がありません）。", "It is not an OpenAPI document (no paths)."
        )
    operations: list[DocumentOperation] = []
    left_out = 0
    for path, item in document["paths"].items():
        for name, operation in item.items() if isinstance(item, dict) else ():
            method = _METHODS.get(str(name).lower())
            if method is None:
                continue
            template = _template(str(path))
            if TEMPLATE.match(template) is None or len(operations) >= MOST_OPERATIONS:
                left_out += 1
                continue
            summary = operation.get("summary") or operation.get("operationId") if isinstance(operation, dict) else ""
            operations.append(DocumentOperation(method, template, str(summary or "")[:200]))
    info = document.get("info")
    return ImportedApi(
        title=str(info.get("title") or "")[:200] if isinstance(info, dict) else "",
        base_url=_server(document, found_at),
        operations=tuple(operations),
        credential=_credential(document),
        left_out=left_out,
    )


def _not_read(ja: str, en: str) -> SourceInvalid:
    return SourceInvalid(errors=[error("openapi", ja, en)])


def _parsed(data: bytes) -> Any:
    if len(data) > MOST_BYTES:
        raise _not_read("OpenAPIの文書が大きすぎます（4MBまで）。", "The OpenAPI document is larger than 4 MB.")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    try:
        return yaml.load(data.decode("utf-8-sig"), _PlainLoader)  # noqa: S506 - a safe loader with fewer powers
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError):
        raise _not_read("JSONでもYAMLでもないため読めません。", "It is neither JSON nor YAML.") from None


def _template(path: str) -> str:
    """Return the path with parameter names as a template has them."""
    return re.sub(r"\{([^{}/]{1,80})\}", lambda found: "{" + re.sub(r"[^A-Za-z0-9_]", "_", found[1])[:40] + "}", path)


def _server(document: Mapping[str, Any], found_at: str) -> str:
    servers = document.get("servers")
    if isinstance(servers, list) and servers and isinstance(servers[0], dict):
        url, variables = str(servers[0].get("url", "")), servers[0].get("variables")
        for name, variable in variables.items() if isinstance(variables, dict) else ():
            if isinstance(variable, dict):
                url = url.replace("{" + str(name) + "}", str(variable.get("default", "")))
    elif document.get("host"):
        schemes = document.get("schemes")
        scheme = "http" if isinstance(schemes, list) and "https" not in schemes and schemes else "https"
        url = f"{scheme}://{document['host']}{document.get('basePath') or ''}"
    else:
        url = "/"
    return urljoin(found_at, url) if found_at else url if url.startswith(("http://", "https://")) else ""


def _credential(document: Mapping[str, Any]) -> DocumentCredential | None:
    components = document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else document.get("securityDefinitions")
    for scheme in schemes.values() if isinstance(schemes, dict) else ():
        found = _of_scheme(scheme) if isinstance(scheme, dict) else None
        if found is not None:
            return found
    return None


def _of_scheme(scheme: Mapping[str, Any]) -> DocumentCredential | None:
    kind, name = scheme.get("type"), str(scheme.get("name", ""))
    if kind == "apiKey" and scheme.get("in") == "query":
        return DocumentCredential("query", name)
    if kind == "apiKey" and scheme.get("in") == "header":
        return DocumentCredential("header", name.lower())
    if kind == "basic" or (kind == "http" and str(scheme.get("scheme", "")).lower() == "basic"):
        return DocumentCredential("basic", "")
    if kind == "http" and str(scheme.get("scheme", "")).lower() == "bearer":
        return DocumentCredential("header", "authorization")
    flows = scheme.get("flows")
    flow = flows.get("clientCredentials") if isinstance(flows, dict) else None
    if kind == "oauth2" and isinstance(flow, dict):
        scopes = flow.get("scopes")
        return DocumentCredential(
            "oauth2", "", str(flow.get("tokenUrl", "")), tuple(map(str, scopes)) if isinstance(scopes, dict) else ()
        )
    return None
