"""Fetching for strangers: what is public arrives, what is private is refused, whatever it is disguised as."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tdpf.kit import fetching
from tdpf.kit.errors import Problem

PUBLIC = "93.184.216.34"


class Site(BaseHTTPRequestHandler):
    """A small site with good and bad manners."""

    def do_GET(self) -> None:
        self.path, _, query = self.path.partition("?")
        if self.path == "/data.csv":
            self._answer(200, b"a,b\n1,2\n", {"Content-Type": "text/csv", "ETag": '"x"'})
        elif self.path == "/moved":
            self._answer(302, b"", {"Location": "/data.csv"})
        elif self.path == "/inward":
            self._answer(302, b"", {"Location": f"http://inside.example/secret?{query}"})
        elif self.path == "/circle":
            self._answer(302, b"", {"Location": "/circle"})
        elif self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            for _ in range(10_000):
                try:
                    self.wfile.write(b"x" * 65536)
                except OSError:
                    return
        elif self.path == "/dripping":
            self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 100)
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                try:
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.1)
                except OSError:
                    return
        else:
            self._answer(404, b"no", {})

    def _drip(self, head: bytes) -> None:
        for place in range(len(head)):
            try:
                self.wfile.write(head[place : place + 1])
                self.wfile.flush()
                time.sleep(0.1)
            except OSError:
                return

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of the running site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_file_arrives_through_a_redirect(site: str, tmp_path: Path) -> None:
    """The chain of addresses is kept."""
    got = fetching.fetch(f"{site}/moved", into=tmp_path / "f", max_bytes=100, allow_private=True)
    assert got.path.read_bytes() == b"a,b\n1,2\n"
    assert (got.media_type, got.etag, got.file_name, got.size) == ("text/csv", '"x"', "data.csv", 8)
    assert got.chain == (f"{site}/moved", f"{site}/data.csv")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[fd00::1]/",
        "http://100.64.0.1/",
        "ftp://example.com/x",
        "file:///etc/passwd",
        "http://someone:secret@example.com/",
        "http:///nohost",
        "gopher://x/",
    ],
)
def test_private_addresses_and_other_schemes_are_refused(url: str, tmp_path: Path) -> None:
    """Not one byte is sent there."""
    with pytest.raises(fetching.AddressRefused):
        fetching.fetch(url, into=tmp_path / "f", max_bytes=100)
    assert not (tmp_path / "f").exists()


def test_what_a_machine_answers_about_itself_is_refused_even_where_private_addresses_are_allowed() -> None:
    for address in ("169.254.169.254", "::ffff:169.254.169.254", "fe80::1%eth0", "fd00:ec2::254", "100.100.100.200"):
        assert not fetching.may_be_reached(address, allow_private=True)
    for address in ("127.0.0.1", "10.0.0.1", "fd00::1", "::1"):
        assert fetching.may_be_reached(address, allow_private=True)
        assert not fetching.may_be_reached(address, allow_private=False)
    with pytest.raises(fetching.AddressRefused):
        fetching.vetted_address("http://169.254.169.254/latest/meta-data", allow_private=True)


def test_a_name_that_resolves_inward_is_refused(tmp_path: Path) -> None:
    """One private address among public ones is enough."""
    with pytest.raises(fetching.AddressRefused):
        fetching.fetch(
            "http://innocent.example/", into=tmp_path / "f", max_bytes=9, resolver=lambda *_: [PUBLIC, "127.0.0.1"]
        )


def test_a_redirect_inward_is_refused(site: str, tmp_path: Path) -> None:
    """Every hop is vetted like the first."""
    port = int(site.rsplit(":", 1)[1])
    seen: list[str] = []

    def resolver(host: str, wanted: int) -> list[str]:
        seen.append(host)
        return ["127.0.0.1"] if wanted == port else ["10.0.0.7"]

    original = fetching.is_public
    fetching.is_public = lambda address: address == "127.0.0.1" or original(address)
    try:
        with pytest.raises(fetching.AddressRefused):
            fetching.fetch(f"http://outside.example:{port}/inward", into=tmp_path / "f", max_bytes=9, resolver=resolver)
    finally:
        fetching.is_public = original
    assert seen == ["outside.example", "inside.example"]


def test_a_private_server_that_is_our_own_leads_nowhere_else(site: str, tmp_path: Path) -> None:
    """Its own addresses arrive; where it redirects to is vetted like a stranger's."""
    other = site.replace("127.0.0.1", "localhost")
    got = fetching.fetch(f"{site}/moved", into=tmp_path / "f", max_bytes=100, private_origin=f"{site}/data")
    assert got.size == 8
    for url, own in ((f"{site}/inward", site), (f"{site}/data.csv", other), (f"{site}/data.csv", "")):
        with pytest.raises(fetching.AddressRefused):
            fetching.fetch(
                url, into=tmp_path / "g", max_bytes=100, private_origin=own, resolver=lambda *_: ["127.0.0.1"]
            )
    assert not (tmp_path / "g").exists()


@pytest.mark.parametrize("path", ["/none", "/circle", "/endless", "/inward", "/slow"])
def test_a_credential_in_an_address_is_not_shown(site: str, tmp_path: Path, path: str) -> None:
    """Neither of the address nor of where it leads."""
    with pytest.raises(Problem) as refused:
        fetching.fetch(
            f"{site}{path}?key=topsecret", into=tmp_path / "f", max_bytes=99_999, timeout=0.5, shown_url=site + path,
            private_origin=site, resolver=lambda *_: ["127.0.0.1"],
        )  # fmt: skip
    assert refused.value.data["url"] == site + path
    assert "topsecret" not in f"{refused.value} {refused.value.data} {refused.value.detail_in('en')}"


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/endless", fetching.TooLarge),
        ("/slow", fetching.TooSlow),
        ("/dripping", fetching.TooSlow),
        ("/circle", fetching.FetchFailed),
        ("/none", fetching.FetchFailed),
    ],
)
def test_bad_manners_end_in_a_clear_problem(site: str, tmp_path: Path, path: str, problem: type[Exception]) -> None:
    """Nothing is left behind, and the time allowed is for everything, headers included."""
    begun = time.monotonic()
    allowed = 1.0 if problem is fetching.TooSlow else 20.0
    with pytest.raises(problem):
        fetching.fetch(site + path, into=tmp_path / "f", max_bytes=1_000_000, timeout=allowed, allow_private=True)
    assert time.monotonic() - begun < 30
    assert not (tmp_path / "f").exists()


def test_a_dead_host_is_said_to_be_dead(tmp_path: Path) -> None:
    """A refused connection is no traceback."""
    with pytest.raises(fetching.FetchFailed):
        fetching.fetch("http://127.0.0.1:9/", into=tmp_path / "f", max_bytes=9, timeout=2, allow_private=True)


@pytest.mark.parametrize(
    "address",
    ["::127.0.0.1", "::8.8.8.8", "::1", "::", "64:ff9b:1::7f00:1", "64:ff9b:1:ffff::808:808", "64:ff9b::7f00:1"],
)
def test_addresses_of_version_4_in_disguise_are_refused(address: str) -> None:
    assert not fetching.is_public(address)
    assert fetching.is_public("64:ff9b::808:808")
    assert fetching.is_public("2606:4700::1111")
