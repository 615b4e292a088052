"""The Lua files against their vectors, run by Envoy itself: SHA-256, hashes of the grant table, months."""

from __future__ import annotations

import hashlib
import http.client
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import orjson
import pytest
from gateway_stand_ins import free_port, wait_until

from tdpf.dataplane.gateway.envoy_process import envoy_binary
from tdpf.dataplane.gateway.lua_scripts import admit_script, lua_string
from tdpf.wire import grant_layout as layout
from tdpf.wire.grant_building import create_table

_HTTP = "type.googleapis.com/envoy.extensions.filters."

ANSWERING = """
function envoy_on_request(handle)
  local what = handle:headers():get("x-what")
  local text = handle:headers():get("x-text") or ""
  local result
  if what == "sha256" then
    local words = sha256_words(text)
    local parts = {}
    for i = 0, 7 do parts[#parts + 1] = bit.tohex(words[i]) end
    result = table.concat(parts)
  elseif what == "language" then
    result = tostring(wants_english(text))
  else
    current_table()
    local first, second = text:match("^(%d+):(%d+)$")
    if what == "grant" then result = grant_hash(tonumber(first), tonumber(second)) end
    if what == "slug" then result = slug_hash(text) end
    if what == "month" then
      local month, ends = month_of(tonumber(text))
      result = month .. ":" .. ends
    end
  end
  if type(result) == "number" then result = string.format("%.0f", result) end
  handle:respond({ [":status"] = "200" }, result)
end
"""


@pytest.fixture(scope="module")
def ask() -> Iterator[http.client.HTTPConnection]:
    folder = Path(tempfile.mkdtemp(prefix="tdpf-lua-"))
    table = create_table(folder / "grants.table", keys=1, slugs=1, grants=1, generation=1, hash_seed=0xDEADBEEF)
    table.set(flags=layout.FLAG_READY)
    script = admit_script(folder / "grants.table", folder / "rates.table", folder / "list", folder / "mark")
    script = script.rsplit("function envoy_on_request", 1)[0] + ANSWERING
    port = free_port()
    lua = {
        "name": "lua",
        "typed_config": {"@type": _HTTP + "http.lua.v3.Lua", "default_source_code": {"inline_string": script}},
    }
    router = {"name": "router", "typed_config": {"@type": _HTTP + "http.router.v3.Router"}}
    manager = {
        "@type": _HTTP + "network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "x",
        "route_config": {"virtual_hosts": [{"name": "x", "domains": ["*"], "routes": []}]},
        "http_filters": [lua, router],
    }
    listener = {
        "name": "x",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }
    config = folder / "envoy.json"
    config.write_bytes(orjson.dumps({"static_resources": {"listeners": [listener]}}))
    envoy = subprocess.Popen(
        [str(envoy_binary()), "-c", str(config), "--disable-hot-restart", "--concurrency", "1", "-l", "error"]
    )

    def up() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_until(up, 15)
    yield http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    envoy.kill()
    envoy.wait()
    shutil.rmtree(folder)


def answer(ask: http.client.HTTPConnection, what: str, text: str) -> str:
    ask.request("GET", "/", headers={"x-what": what, "x-text": text})
    return ask.getresponse().read().decode()


def test_sha256_is_right_at_every_length(ask: http.client.HTTPConnection) -> None:
    for length in [*range(1, 130), 183, 184, 200, 247, 248, 311]:
        text = hashlib.sha512(str(length).encode()).hexdigest() * 3
        assert answer(ask, "sha256", text[:length]) == hashlib.sha256(text[:length].encode()).hexdigest(), length
    assert answer(ask, "sha256", "abc").startswith("ba7816bf")


@pytest.mark.parametrize(
    ("application", "dataset"), [(1, 1), (2, 8), (1001, 7), (2**40 + 1, 2**33 + 7), (2**32, 1), (4294967295, 5)]
)
def test_grant_hashes_agree(ask: http.client.HTTPConnection, application: int, dataset: int) -> None:
    expected = layout.grant_hash(0xDEADBEEF, application, dataset)
    assert answer(ask, "grant", f"{application}:{dataset}") == str(expected)


@pytest.mark.parametrize("slug", ["abc", "shelter-status", "x" * 63, "0-9"])
def test_slug_hashes_agree(ask: http.client.HTTPConnection, slug: str) -> None:
    assert answer(ask, "slug", slug) == str(layout.slug_hash(0xDEADBEEF, slug.encode()))


def test_months_agree_with_the_calendar(ask: http.client.HTTPConnection) -> None:
    day = date(2026, 1, 1)
    while day < date(2032, 4, 1):
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        number = (day - date(1970, 1, 1)).days
        expected = f"{day.year * 12 + day.month - 1}:{(following - date(1970, 1, 1)).days}"
        assert answer(ask, "month", str(number)) == expected, day
        day += timedelta(days=1 if day.day > 26 or day.day == 1 else 12)


def test_the_scripts_hold_no_placeholder_and_no_foreign_text() -> None:
    table = Path('/somewhere/日本 "quoted"\\/grants.table')
    script = admit_script(table, Path("/rates"), Path("/list"), Path("/mark"))
    assert script.isascii()
    assert lua_string(str(table)) in script
    assert lua_string('a"b\\c\nd') == '"a\\034b\\092c\\010d"'


def test_hashing_a_key_is_quick(ask: http.client.HTTPConnection) -> None:
    begun = time.perf_counter()
    for _ in range(300):
        answer(ask, "sha256", "x" * 48)
    assert time.perf_counter() - begun < 10
