"""The description of a stream as AsyncAPI 3.0, as the caller may see it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from tdpf.wire.sources import StreamSource, StreamView

_TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": ["string", "null"]},
    "integer": {"type": ["integer", "null"]},
    "number": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "datetime": {"type": ["string", "null"], "format": "date-time"},
}

_AFTER = {
    "type": "object",
    "properties": {"after": {"type": "integer", "description": "Begin after the event of this number."}},
}


def asyncapi(stream: StreamSource, view: StreamView, public_url: str) -> dict[str, Any]:
    """Return the document: one channel followed by server-sent events, one by WebSocket, one message with the visible columns."""
    parts = urlsplit(public_url)
    known = {column.name: column for column in stream.columns}
    columns = {
        name: {**_TYPES[known[name].type], "title": known[name].title or name} for name in view.columns if name in known
    }
    payload: dict[str, Any] = {
        "type": "object",
        "properties": {
            "number": {"type": "integer", "description": "Grows with every event; send it as Last-Event-ID to go on."},
            "at": {"type": "string", "format": "date-time"},
            "row": {"type": "object", "properties": columns},
        },
        "required": ["number", "at", "row"],
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": stream.title_en or stream.title_ja or stream.address,
            "version": "1",
            "description": f"{stream.title_ja} / events: row, gap (what was missed is not kept any more), beat, end.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "gateway": {
                "host": parts.netloc,
                "protocol": parts.scheme,
                "security": [{"$ref": "#/components/securitySchemes/key"}],
            },
            "sockets": {
                "host": parts.netloc,
                "protocol": "wss" if parts.scheme == "https" else "ws",
                "security": [
                    {"$ref": "#/components/securitySchemes/key"},
                    {"$ref": "#/components/securitySchemes/query"},
                ],
            },
        },
        "channels": {
            "events": {
                "address": f"/data/streams/{stream.address}/events",
                "servers": [{"$ref": "#/servers/gateway"}],
                "messages": {"row": {"$ref": "#/components/messages/row"}},
            },
            "socket": {
                "address": f"/data/streams/{stream.address}/socket",
                "servers": [{"$ref": "#/servers/sockets"}],
                "bindings": {"ws": {"method": "GET", "query": _AFTER, "bindingVersion": "0.1.0"}},
                "messages": {
                    "row": {"$ref": "#/components/messages/told"},
                    "other": {"$ref": "#/components/messages/other"},
                },
            },
        },
        "operations": {
            "follow": {
                "action": "receive",
                "channel": {"$ref": "#/channels/events"},
                "summary": "Follow by server-sent events (text/event-stream)",
                "bindings": {"http": {"method": "GET", "bindingVersion": "0.3.0"}},
                "messages": [{"$ref": "#/channels/events/messages/row"}],
            },
            "followBySocket": {
                "action": "receive",
                "channel": {"$ref": "#/channels/socket"},
                "summary": "Follow by WebSocket: one text message for each event",
                "messages": [{"$ref": f"#/channels/socket/messages/{name}"} for name in ("row", "other")],
            },
        },
        "components": {
            "messages": {
                "row": {"name": "row", "contentType": "application/json", "payload": payload},
                "told": {
                    "name": "row",
                    "contentType": "application/json",
                    "payload": {
                        **payload,
                        "properties": {"event": {"const": "row"}, **payload["properties"]},
                        "required": ["event", *payload["required"]],
                    },
                },
                "other": {
                    "name": "other",
                    "contentType": "application/json",
                    "payload": {
                        "type": "object",
                        "properties": {
                            "event": {"enum": ["gap", "beat", "end"]},
                            "from": {"type": "integer"},
                            "to": {"type": "integer"},
                            "reason": {"type": "string"},
                        },
                        "required": ["event"],
                    },
                },
            },
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "query": {"type": "httpApiKey", "name": "apikey", "in": "query"},
            },
        },
    }
