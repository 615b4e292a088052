"""A provider's context broker on this machine, by the specifications: NGSIv2 and NGSI-LD queries over one set of entities."""

from __future__ import annotations

import http.server
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

TENANT, PATH, CONTEXT, TOKEN = "city", "/halls", "https://schema.example/context.jsonld", "broker token"
_TERM = re.compile(r"([A-Za-z][\w-]*)(==|>=|<=|>|<)(.+)\Z")


def halls(number: int = 40) -> list[dict[str, Any]]:
    """Made-up halls as plain values; some lack what others have, some have it in another type."""
    made = []
    for n in range(1, number + 1):
        hall: dict[str, Any] = {"id": f"urn:ngsi-ld:Hall:{n:03}", "name": f"第{n}会館", "area": "北" if n % 2 else "南",
                                "seats": n * 10, "isOpen": n % 3 == 0, "changed": f"2026-11-{n % 28 + 1:02}T09:00:00+09:00",
                                "location": {"type": "Point", "coordinates": [139 + n / 100, 35 + n / 100]},
                                "address": {"city": f"市{n % 5}"}, "secret": "hidden"}  # fmt: skip
        made.append(hall)
    made[1]["seats"] = "20"
    made[2]["seats"] = None
    del made[3]["seats"], made[3]["area"]
    made[4] |= {"area": ["北", "南"], "seats": 50.5}
    made[5] |= {
        "area": True,
        "location": {"type": "Polygon", "coordinates": [[[139, 35], [140, 35], [140, 36], [139, 35]]]},
    }
    made[6]["name"] = 'It\'s a "hall"; 1=1'
    made[7]["name"] = "123"
    return made


class ContextBroker:
    """Answers `/v2/entities` and `/ngsi-ld/v1/entities`; `asked` keeps the questions, `mode` makes it misbehave."""

    def __init__(self) -> None:
        self.halls = halls()
        self.asked: list[dict[str, str]] = []
        self.mode = ""
        broker = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                split = urlsplit(self.path)
                if broker.mode == "slow":
                    time.sleep(2)
                try:
                    status, body, more = broker.answer(split.path, dict(parse_qsl(split.query)), self.headers)
                except (KeyError, ValueError) as fault:
                    status, body, more = 400, {"error": "BadRequest", "description": repr(fault)}, {}
                data = b"[{" if broker.mode == "broken" else json.dumps(body).encode()
                self.send_response(503 if broker.mode == "down" else status)
                for name, value in {**more, "content-length": str(len(data))}.items():
                    self.send_header(name, value)
                with suppress(OSError):
                    self.end_headers()
                    self.wfile.write(data)

            def log_message(self, *_: object, **__: object) -> None:
                return

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path: str, asked: dict[str, str], headers: Any) -> tuple[int, Any, dict[str, str]]:
        self.asked.append(asked)
        if headers.get("x-auth-token") != TOKEN:
            return 401, {"error": "Unauthorized"}, {}
        is_ld = path == "/ngsi-ld/v1/entities"
        if not is_ld and path != "/v2/entities":
            return 404, {}, {}
        known = {"options", "type", "limit", "offset", "q", "id", "georel", "geometry"}
        unknown = set(asked) - known - ({"count", "coordinates", "geoproperty"} if is_ld else {"coords"})
        if unknown:
            raise ValueError(f"unknown: {unknown}")
        if is_ld and CONTEXT not in headers.get("link", ""):
            raise ValueError("no context")
        tenant = headers.get("ngsild-tenant" if is_ld else "fiware-service")
        there = tenant == TENANT and (is_ld or headers.get("fiware-servicepath") == PATH) and asked["type"] == "Hall"
        limit, offset = int(asked.get("limit", 20)), int(asked.get("offset", 0)) * (self.mode != "one page")
        if not 0 < limit <= 1000:
            raise ValueError("limit")
        found = [hall for hall in self.halls if there and self._fits(hall, asked, is_ld)]
        options = asked.get("options", "").split(",")
        shown = [_written(hall, is_ld, "keyValues" in options) for hall in found[offset : offset + limit]]
        if is_ld:
            return 200, shown, {"NGSILD-Results-Count": str(len(found))} if asked.get("count") == "true" else {}
        return 200, shown, {"Fiware-Total-Count": str(len(found))} if "count" in options else {}

    def _fits(self, hall: dict[str, Any], asked: dict[str, str], is_ld: bool) -> bool:
        if "id" in asked and hall["id"] not in asked["id"].split(","):
            return False
        quote = '"' if is_ld else "'"
        for term in re.findall(rf"(?:[^;{quote}]|{quote}[^{quote}]*{quote})+", asked.get("q", "")):
            match = _TERM.match(term)
            if match is None:
                raise ValueError(term)
            name, sign, right = match.groups()
            if not any(_holds(hall.get(name), sign, _literal(one, quote)) for one in right.split(",")):
                return False
        return "georel" not in asked or _within(hall["location"], asked, is_ld)


def _literal(text: str, quote: str) -> Any:
    if text.startswith(quote) and text.endswith(quote) and len(text) > 1:
        return text[1:-1]
    if text in ("true", "false"):
        return text == "true"
    return float(text)


def _holds(value: Any, sign: str, wanted: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    same = [one for one in values if isinstance(one, bool) == isinstance(wanted, bool) and one is not None]
    same = [one for one in same if isinstance(one, str) == isinstance(wanted, str)]
    compare = {"==": lambda a: a == wanted, ">": lambda a: a > wanted, "<": lambda a: a < wanted,
               ">=": lambda a: a >= wanted, "<=": lambda a: a <= wanted}[sign]  # fmt: skip
    return any(compare(one) for one in same)


def _within(place: dict[str, Any], asked: dict[str, str], is_ld: bool) -> bool:
    if is_ld:
        if (asked["georel"], asked["geometry"], asked["geoproperty"]) != ("within", "Polygon", "location"):
            raise ValueError("georel")
        corners = [(x, y) for x, y in json.loads(asked["coordinates"])[0]]
    else:
        if (asked["georel"], asked["geometry"]) != ("coveredBy", "polygon"):
            raise ValueError("georel")
        corners = [(float(x), float(y)) for y, x in (pair.split(",") for pair in asked["coords"].split(";"))]
    if corners[0] != corners[-1] or len(corners) != 5:
        raise ValueError("a polygon is closed")
    if place["type"] != "Point":
        return False
    x, y = place["coordinates"]
    xs, ys = [one[0] for one in corners], [one[1] for one in corners]
    return min(xs) <= x <= max(xs) and min(ys) <= y <= max(ys)


def _written(hall: dict[str, Any], is_ld: bool, simplified: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"id": hall["id"], "type": "Hall"}
    for name, value in hall.items():
        if name == "id":
            continue
        if simplified:
            made[name] = value
        elif is_ld:
            made[name] = {"type": "GeoProperty" if name == "location" else "Property", "value": value}
            made[name] |= {"observedAt": hall["changed"]} if name == "seats" else {}
        else:
            kind = "geo:json" if name == "location" else "Text"
            told = {"observedAt": {"type": "DateTime", "value": hall["changed"]}} if name == "seats" else {}
            made[name] = {"type": kind, "value": value, "metadata": told}
    return made


@pytest.fixture
def context_broker() -> Iterator[ContextBroker]:
    """A broker of the test's own."""
    made = ContextBroker()
    yield made
    made.close()
