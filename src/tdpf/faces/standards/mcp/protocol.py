"""JSON-RPC 2.0 as MCP uses it: versions, envelopes, errors with their HTTP status; no transport, no tools.

Sources: modelcontextprotocol.io/specification, revisions 2025-03-26 to 2025-11-25 (handshake by `initialize`) and
2026-07-28 (every request carries its envelope; `server/discover`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

HANDSHAKE_VERSIONS = ("2025-03-26", "2025-06-18", "2025-11-25")
STATELESS_VERSIONS = ("2026-07-28",)
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
HEADER_MISMATCH, UNSUPPORTED_VERSION, RESOURCE_NOT_FOUND = -32020, -32022, -32002
_STATUS = {
    PARSE_ERROR: 400, INVALID_REQUEST: 400, INVALID_PARAMS: 400, HEADER_MISMATCH: 400, UNSUPPORTED_VERSION: 400,
    METHOD_NOT_FOUND: 404,
}  # fmt: skip
_VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
_CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities"
_NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_MOST_ID = 200


class Fault(Exception):
    """A request that is answered by a JSON-RPC error."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        self.code, self.message, self.data = code, message, data
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Call:
    """One request or notification; `identifier` is None for a notification."""

    method: str
    parameters: Mapping[str, Any]
    identifier: str | int | None
    stateless: bool


def read_call(body: bytes, headers: Mapping[str, str]) -> Call:
    """Return what is asked; raises Fault. `headers` as Django gives them: names in any case."""
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Fault(PARSE_ERROR, "Parse error: the body is not JSON") from None
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0" or not isinstance(message.get("method"), str):
        raise Fault(INVALID_REQUEST, "Invalid request: one JSON-RPC 2.0 request or notification is expected")
    identifier = message.get("id")
    if identifier is not None and (isinstance(identifier, bool) or not isinstance(identifier, str | int)):
        raise Fault(INVALID_REQUEST, "Invalid request: id is a string or an integer")
    if isinstance(identifier, str) and len(identifier) > _MOST_ID:
        raise Fault(INVALID_REQUEST, "Invalid request: id is too long")
    parameters = message.get("params", {})
    if not isinstance(parameters, dict):
        raise Fault(INVALID_PARAMS, "params is an object")
    call = Call(message["method"], parameters, identifier, _is_stateless(parameters, headers))
    if call.stateless:
        _check_envelope(call, headers)
    elif call.method != "initialize":
        version = headers.get("MCP-Protocol-Version") or HANDSHAKE_VERSIONS[0]
        if version not in HANDSHAKE_VERSIONS:
            raise _unsupported(version)
    return call


def negotiated(parameters: Mapping[str, Any]) -> str:
    """Return the version that `initialize` agrees on: the client's if it is served, else the newest with a handshake."""
    wished = parameters.get("protocolVersion")
    return wished if isinstance(wished, str) and wished in HANDSHAKE_VERSIONS else HANDSHAKE_VERSIONS[-1]


def result(call: Call, value: Mapping[str, Any], *, cached_seconds: int | None = None) -> dict[str, Any]:
    """Return the answer; where every request stands for itself, a result says that it is complete and how long it holds."""
    found = dict(value)
    if call.stateless:
        found["resultType"] = "complete"
        if cached_seconds is not None:
            found |= {"ttlMs": cached_seconds * 1000, "cacheScope": "public" if cached_seconds else "private"}
    return {"jsonrpc": "2.0", "id": call.identifier, "result": found}


def refusal(fault: Fault, identifier: str | int | None, *, stateless: bool) -> tuple[int, dict[str, Any]]:
    """Return the HTTP status and the answer; with a handshake an error of a method travels with 200."""
    error: dict[str, Any] = {"code": fault.code, "message": fault.message}
    if fault.data is not None:
        error["data"] = fault.data
    shallow = identifier is not None and not stateless and fault.code in (METHOD_NOT_FOUND, INVALID_PARAMS)
    return 200 if shallow else _STATUS.get(fault.code, 200), {"jsonrpc": "2.0", "id": identifier, "error": error}


def identifier_in(body: bytes) -> str | int | None:
    """Return the id of a message that was refused, as far as there is one."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    identifier = found.get("id") if isinstance(found, dict) else None
    if isinstance(identifier, bool) or not isinstance(identifier, str | int) or len(str(identifier)) > _MOST_ID:
        return None
    return identifier


def _is_stateless(parameters: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
    meta = parameters.get("_meta")
    return (isinstance(meta, dict) and _VERSION_KEY in meta) or headers.get(
        "MCP-Protocol-Version"
    ) in STATELESS_VERSIONS


def _check_envelope(call: Call, headers: Mapping[str, str]) -> None:
    meta = call.parameters.get("_meta")
    missing = [key for key in (_VERSION_KEY, _CAPABILITIES_KEY) if not isinstance(meta, dict) or key not in meta]
    if missing or not isinstance(meta, dict):
        raise Fault(INVALID_PARAMS, f"params._meta is missing the required envelope key(s): {', '.join(missing)}")
    version = meta[_VERSION_KEY]
    if headers.get("MCP-Protocol-Version") != version:
        raise Fault(HEADER_MISMATCH, "MCP-Protocol-Version does not match the request's envelope")
    if headers.get("Mcp-Method") != call.method:
        raise Fault(HEADER_MISMATCH, "Mcp-Method does not match the request's method")
    named = call.parameters.get(_NAMED.get(call.method, ""))
    if named is not None and _decoded(headers.get("Mcp-Name", "")) != named:
        raise Fault(HEADER_MISMATCH, "Mcp-Name does not match the request's name or uri")
    if version not in STATELESS_VERSIONS:
        raise _unsupported(version)


def _unsupported(version: object) -> Fault:
    supported = [*HANDSHAKE_VERSIONS, *STATELESS_VERSIONS]
    return Fault(
        UNSUPPORTED_VERSION, "Unsupported protocol version", {"supported": supported, "requested": str(version)[:80]}
    )


def _decoded(value: str) -> str | None:
    """Return a header's value, which may be written as `=?base64?…?=`."""
    if not (value.startswith("=?base64?") and value.endswith("?=")):
        return value
    try:
        return base64.b64decode(value[9:-2], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
