"""A listener in the gateway's place: keeps what it was asked and answers rows of the three toilets as the gateway would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cql2 import parse_text
from standards_scene import FIELDS, ROWS

TOILETS = [
    {
        "ID": row[0],
        "名称": row[1],
        "緯度": float(row[2]),
        "経度": float(row[3]),
        "便器数": int(row[4]) if row[4] else None,
    }
    for row in ROWS
]


class Gateway:
    """What was asked, and what is answered instead of rows."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], str]] = []
        self.refusal: tuple[int, dict[str, Any]] | None = None
        self.url = ""
        self.version = 4

    @property
    def question(self) -> dict[str, str]:
        """The parameters of the latest call."""
        return self.asked[-1][1]

    def condition(self) -> Any:
        """The latest call's filter as a parser that is not ours reads it."""
        return parse_text(self.question["filter"]).to_json()


@contextmanager
def listening() -> Iterator[Gateway]:
    """Listen for as long as the block lasts."""
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            question = dict(parse_qsl(parts.query, keep_blank_values=True))
            gateway.asked.append((parts.path, question, self.headers["X-API-Key"] or ""))
            if parts.path.startswith("/data/files/"):
                status, body = 200, {"file": parts.path}
            elif gateway.refusal is not None:
                status, body = gateway.refusal
            else:
                if "filter" in question:
                    parse_text(question["filter"])
                offset, limit = int(question.get("offset", 0)), int(question["limit"])
                names = question["properties"].split(",") if "properties" in question else [f.name for f in FIELDS]
                rows = [{name: row[name] for name in names} for row in TOILETS[offset : offset + limit]]
                if question["f"] == "geojson":
                    features = [
                        {
                            "type": "Feature",
                            "id": row["ID"],
                            "geometry": {"type": "Point", "coordinates": [row["経度"], row["緯度"]]},
                            "properties": row,
                        }
                        for row in TOILETS[offset : offset + limit]
                    ]
                    rows = features
                following = f"{gateway.url}{parts.path}?limit={limit}&offset={offset + limit}&version={gateway.version}"
                links = [{"rel": "next", "href": following}] if offset + limit < len(TOILETS) else []
                status, body = (
                    200,
                    {"features": rows, "rows": rows, "numberMatched": 3, "numberReturned": len(rows), "links": links},
                )
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    yield gateway
    server.shutdown()
