"""Sites to harvest from that really listen on this machine: a plain one with any answers, and a CKAN of any size with faults.

A `Site` answers from a table of paths; an answer is bytes, a `Reply`, or a function of the request. A `FakeCkan` makes its
records on the fly, so that 100,000 of them cost no memory, and can change, delete and spoil any of them.
"""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import orjson

from tdpf.controlplane.federation.visiting.manners import Manners


@dataclass
class Reply:
    """One answer. `pieces` are sent one by one (with `pause` seconds between) in place of `body`; `claims` lies about the length."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Iterable[bytes] | None = None
    pause: float = 0.0
    claims: int | None = None


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    at: float


Answering = bytes | Reply | Callable[[Asked], "Reply | bytes"]


class Site:
    """A site on a free port of this machine; `asked` is the list of requests so far."""

    def __init__(self, answers: dict[str, Answering] | None = None) -> None:
        self.answers: dict[str, Answering] = dict(answers or {})
        self.asked: list[Asked] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = Asked(
                    self.command,
                    parts.path,
                    {name: values[-1] for name, values in parse_qs(parts.query).items()},
                    {name.lower(): value for name, value in self.headers.items()},
                    time.monotonic(),
                )
                site.asked.append(asked)
                self._send(site.answer(asked))

            def do_HEAD(self) -> None:
                self.do_GET()

            def _send(self, reply: Reply) -> None:
                length = reply.claims if reply.claims is not None else len(reply.body)
                head = [f"HTTP/1.1 {reply.status} X"]
                if reply.pieces is None and "content-length" not in {name.lower() for name in reply.headers}:
                    head.append(f"Content-Length: {length}")
                elif reply.pieces is not None:
                    head.append("Connection: close")
                head += [f"{name}: {value}" for name, value in reply.headers.items()]
                start = ("\r\n".join(head) + "\r\n\r\n").encode("latin-1")
                try:
                    if self.command == "HEAD":
                        self.wfile.write(start)
                    elif reply.pieces is None:
                        self.wfile.write(start + reply.body)
                        self.close_connection = self.close_connection or reply.claims is not None
                    else:
                        self.wfile.write(start)
                        for piece in reply.pieces:
                            self.wfile.write(piece)
                            if reply.pause:
                                time.sleep(reply.pause)
                        self.close_connection = True
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked: Asked) -> Reply:
        """Return what the table says for a path, else 404."""
        found = self.answers.get(asked.path)
        if callable(found):
            found = found(asked)
        if isinstance(found, bytes):
            found = Reply(found)
        return found or Reply(b"<html><body>Not found</body></html>", 404, {"Content-Type": "text/html"})

    def paths(self) -> list[str]:
        """Return the paths asked for, without robots.txt."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]


def as_json(value: object, status: int = 200, **headers: str) -> Reply:
    """Return a JSON answer."""
    return Reply(orjson.dumps(value), status, {"Content-Type": "application/json", **headers})


def endless(piece: bytes = b"x" * 65536, times: int = 20_000) -> Iterator[bytes]:
    """Yield more than a gigabyte."""
    for _ in range(times):
        yield piece


def bomb(megabytes: int = 300) -> bytes:
    """Return a small gzip file that becomes large."""
    packed = gzip.compress(b"\0" * 1024 * 1024 * 20, compresslevel=9)
    return packed * (megabytes // 20)


def hurried(**changes: Any) -> Manners:
    """Return manners for tests: no pause, private addresses allowed, short times."""
    plain: dict[str, Any] = {
        "allow_private": True,
        "pause": 0.0,
        "first_backoff": 0.01,
        "request_seconds": 10.0,
        "contact_url": "https://tdpf.example/about/harvester",
    }
    return Manners(**{**plain, **changes})


_THEMES = ("防災", "福祉", "観光", "教育", "交通")
_WARDS = ("千代田区", "中央区", "港区", "新宿区", "文京区", "台東区", "墨田区", "江東区", "品川区", "目黒区")


def made_up_package(number: int, modified: str, *, title: str | None = None) -> dict[str, Any]:
    """Return a package as CKAN writes it, made up from its number."""
    ward, theme = _WARDS[number % len(_WARDS)], _THEMES[number % len(_THEMES)]
    key = f"{number:08x}-0000-4000-8000-{number:012x}"
    return {
        "author": "", "author_email": "", "creator_user_id": "c0ffee00-0000-4000-8000-000000000000", "id": key,
        "isopen": True, "license_id": "cc-by", "license_title": "Creative Commons Attribution",
        "license_url": "http://www.opendefinition.org/licenses/cc-by", "maintainer": f"{ward}広報課", "maintainer_email": "",
        "metadata_created": "2021-04-01T00:00:00.000000", "metadata_modified": modified, "name": f"made-up-{number:06d}",
        "notes": f"{ward}の{theme}に関する試験用の一覧です。番号{number}。", "num_resources": 2, "num_tags": 2,
        "organization": {
            "id": f"org-{number % len(_WARDS)}", "name": f"ward{number % len(_WARDS)}", "title": ward, "type": "organization",
            "description": "", "image_url": "", "created": "2021-04-01T00:00:00.000000", "is_organization": True,
            "approval_status": "approved", "state": "active",
        },
        "owner_org": f"org-{number % len(_WARDS)}", "private": False, "state": "active",
        "title": title or f"{ward}{theme}一覧 {number}", "type": "dataset", "url": "", "version": "",
        "extras": [
            {"key": "frequency", "value": "年1回"}, {"key": "language", "value": '["ja"]'},
            {"key": "spatial_text", "value": f"東京都{ward}"},
        ],
        "groups": [{"id": f"g{number % 5}", "name": f"g{number % 5}", "title": theme, "display_name": theme}],
        "resources": [
            {
                "id": f"{key}-{form}", "package_id": key, "name": f"{theme}一覧（{form}）", "description": "", "format": form,
                "url": f"https://data.example/{number}.{form.lower()}", "size": 1000 + number, "mimetype": "text/csv",
                "created": "2021-04-01T00:00:00.000000", "last_modified": modified, "state": "active", "position": place,
                "metadata_modified": modified, "url_type": None, "hash": "", "cache_url": None, "resource_type": None,
            }
            for place, form in enumerate(("CSV", "XLSX"))
        ],
        "tags": [
            {"id": "t1", "name": ward, "display_name": ward, "state": "active", "vocabulary_id": None},
            {"id": "t2", "name": theme, "display_name": theme, "state": "active", "vocabulary_id": None},
        ],
        "relationships_as_object": [], "relationships_as_subject": [],
    }  # fmt: skip


class FakeCkan(Site):
    """A CKAN with `count` made-up packages, or with the given `packages`.

    Switches: `miscount` is added to the count; `page_limit` caps a page; `stuck` answers the first page always; `endless`
    goes on after the end; `without_search` knows lists only; `spoiled` maps a record's number to the bytes that stand in its place;
    `failing` are numbers whose page answers 500; `delay` is seconds for each answer.
    """

    def __init__(self, count: int = 0, packages: list[dict[str, Any]] | None = None) -> None:
        super().__init__()
        self.packages = packages
        self.count = len(packages) if packages is not None else count
        self.miscount = 0
        self.page_limit = 1000
        self.stuck = False
        self.endless = False
        self.without_search = False
        self.spoiled: dict[int, bytes] = {}
        self.failing: set[int] = set()
        self.deleted: set[int] = set()
        self.changed: dict[int, tuple[str, str]] = {}
        self.robots = b""
        self.delay = 0.0
        self._ready: dict[int, bytes] = {}

    def change(self, number: int, *, title: str, modified: str = "2026-10-01T00:00:00.000000") -> None:
        """Give a made-up record a new title and time."""
        self.changed[number] = (title, modified)
        self._ready.pop(number, None)

    def delete(self, *numbers: int) -> None:
        """Let records vanish from the search and the list."""
        self.deleted |= set(numbers)

    def answer(self, asked: Asked) -> Reply:
        """Answer as CKAN does."""
        if self.delay:
            time.sleep(self.delay)
        if asked.path in self.answers:
            return super().answer(asked)
        if asked.path == "/robots.txt":
            return Reply(self.robots, 200 if self.robots else 404, {"Content-Type": "text/plain"})
        action = asked.path.rsplit("/", 1)[-1] if asked.path.startswith("/api/3/action/") else ""
        if action == "package_search" and not self.without_search:
            return self._search(asked)
        if action == "package_list":
            return as_json({"help": "x", "success": True, "result": [self._name(number) for number in self._numbers()]})
        if action == "package_show":
            return self._show(asked.query.get("id", ""))
        if action == "status_show":
            return as_json(
                {"help": "x", "success": True, "result": {"site_title": "Made up", "ckan_version": "2.10.4"}}
            )
        if action:
            return as_json(f"Bad request: Action name not known: {action}", 400)
        return super().answer(asked)

    def _numbers(self, since: str = "") -> Iterable[int]:
        if since:
            return [number for number in self._numbers() if self._modified(number) >= since]
        if not self.deleted:
            return range(self.count)
        return [number for number in range(self.count) if number not in self.deleted]

    def _modified(self, number: int) -> str:
        if self.packages is not None:
            return str(self.packages[number].get("metadata_modified", ""))
        return self.changed.get(number, ("", "2025-01-01T00:00:00.000000"))[1]

    def _organization(self, number: int) -> str:
        if self.packages is not None:
            return str(self.packages[number]["organization"]["name"])
        return f"ward{number % len(_WARDS)}"

    def _name(self, number: int) -> str:
        if self.packages is not None:
            return str(self.packages[number]["name"])
        return f"made-up-{number:06d}"

    def _record(self, number: int) -> bytes:
        if number in self.spoiled:
            return self.spoiled[number]
        if self.packages is not None:
            return orjson.dumps(self.packages[number])
        ready = self._ready.get(number)
        if ready is None:
            title, modified = self.changed.get(number, (None, "2025-01-01T00:00:00.000000"))
            ready = orjson.dumps(made_up_package(number, modified, title=title))
            if len(self._ready) < 2000:
                self._ready[number] = ready
        return ready

    def _search(self, asked: Asked) -> Reply:
        start, rows = int(asked.query.get("start", 0)), min(int(asked.query.get("rows", 10)), self.page_limit)
        since = ""
        if "metadata_modified:[" in asked.query.get("fq", ""):
            since = asked.query["fq"].split("metadata_modified:[", 1)[1].split(" ", 1)[0].rstrip("Z")
        numbers = self._numbers(since)
        if 'organization:"' in asked.query.get("fq", ""):
            wanted = asked.query["fq"].split('organization:"', 1)[1].split('"', 1)[0]
            numbers = [number for number in numbers if self._organization(number) == wanted]
        count = len(numbers)  # type: ignore[arg-type]
        chosen = list(numbers[0 if self.stuck else start :][:rows])  # type: ignore[index]
        if self.endless and rows:
            chosen = list(range(start, start + rows))
        if self.failing & set(chosen):
            return Reply(b"Internal Server Error", 500, {"Content-Type": "text/html"})
        body = b",".join(self._record(number) for number in chosen)
        head = b'{"help":"x","success":true,"result":{"count":%d,"sort":"id asc","facets":{},"results":[' % (
            max(0, count + self.miscount)
        )
        return Reply(head + body + b"]}}", 200, {"Content-Type": "application/json;charset=utf-8"})

    def _show(self, key: str) -> Reply:
        for number in self._numbers():
            if self._name(number) == key:
                return Reply(
                    b'{"help":"x","success":true,"result":' + self._record(number) + b"}",
                    200,
                    {"Content-Type": "application/json"},
                )
        return as_json({"help": "x", "success": False, "error": {"__type": "Not Found Error"}}, 404)


def deep_json(depth: int = 100_000) -> bytes:
    """Return JSON that is nested too deeply to be meant well."""
    return b'{"a":' * depth + b"1" + b"}" * depth


def with_lone_surrogate(package: dict[str, Any]) -> bytes:
    """Return a package whose title holds half of a character, as some servers write it."""
    return json.dumps({**package, "title": "半分\ud83d" + str(package["title"])}).encode()
