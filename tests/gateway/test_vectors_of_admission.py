"""The compiled module against its vectors, called directly: SHA-256, hashes of the grant table, months, addresses, patterns."""

from __future__ import annotations

import ctypes
import hashlib
import shutil
import subprocess
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from tdpf.dataplane.browsers import CONTENT_SECURITY_POLICY
from tdpf.dataplane.gateway.admission_module import (
    admission_settings,
    module_path,
    place_of_route,
    sources,
)
from tdpf.dataplane.gateway.apis import path_pattern
from tdpf.dataplane.gateway.table_keeper import periods_at
from tdpf.wire import grant_layout as layout
from tdpf.wire.grant_building import create_table
from tdpf.wire.messages import ANONYMOUS, Collection, GrantEntry, KeyEntry

SEED = 0xDEADBEEF


class Text(ctypes.Structure):
    _fields_ = [("at", ctypes.c_char_p), ("length", ctypes.c_size_t)]


class Digest(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_uint8 * 32)]


class Month(ctypes.Structure):
    _fields_ = [("number", ctypes.c_int64), ("ends", ctypes.c_int64)]


class Address(ctypes.Structure):
    _fields_ = [("slug", Text), ("kind", ctypes.c_int)]


class Page(ctypes.Structure):
    _fields_ = [("at", ctypes.c_void_p), ("used", ctypes.c_size_t), ("room", ctypes.c_size_t), ("full", ctypes.c_bool)]


class Caller(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint32), ("high", ctypes.c_uint32)]


def text(said: str | bytes) -> Text:
    data = said.encode() if isinstance(said, str) else said
    return Text(data, len(data))


@pytest.fixture(scope="module")
def module() -> ctypes.CDLL:
    library = ctypes.CDLL(str(module_path()))
    for name, result in {
        "sha256": Digest, "sha256_by": Digest, "has_sha256_instructions": ctypes.c_bool, "grant_hash": ctypes.c_uint32, "slug_hash": ctypes.c_uint32, "month_of": Month, "put_date": Text,
        "address_of": Address, "fits": ctypes.c_bool, "wants_english": ctypes.c_bool, "caller_at": Caller,
    }.items():  # fmt: skip
        getattr(library, name).restype = result
    return library


def test_sha256_is_right_at_every_length_and_by_each_way(module: ctypes.CDLL) -> None:
    ways = [module.take_block, *([module.take_block_by_instructions] if module.has_sha256_instructions() else [])]
    for length in [*range(130), 183, 184, 200, 247, 248, 311]:
        said = (hashlib.sha512(str(length).encode()).hexdigest() * 3)[:length].encode()
        found = [module.sha256(text(said)), *(module.sha256_by(way, text(said)) for way in ways)]
        assert {bytes(one.bytes) for one in found} == {hashlib.sha256(said).digest()}, length


@pytest.mark.parametrize(
    ("application", "dataset"), [(1, 1), (2, 8), (1001, 7), (2**40 + 1, 2**33 + 7), (2**32, 1), (4294967295, 5)]
)
def test_grant_hashes_agree(module: ctypes.CDLL, application: int, dataset: int) -> None:
    found = module.grant_hash(SEED, ctypes.c_uint64(application), ctypes.c_uint64(dataset))
    assert found == layout.grant_hash(SEED, application, dataset)


@pytest.mark.parametrize("slug", ["abc", "shelter-status", "x" * 63, "0-9"])
def test_slug_hashes_agree(module: ctypes.CDLL, slug: str) -> None:
    assert module.slug_hash(SEED, text(slug)) == layout.slug_hash(SEED, slug.encode())


def test_months_and_dates_agree_with_the_calendar(module: ctypes.CDLL) -> None:
    room = ctypes.create_string_buffer(64)
    day = date(2026, 1, 1)
    while day < date(2032, 4, 1):
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        number = (day - date(1970, 1, 1)).days
        found = module.month_of(ctypes.c_int64(number))
        assert (found.number, found.ends) == (day.year * 12 + day.month - 1, (following - date(1970, 1, 1)).days), day
        moment = number * 86400 + number * 7919 % 86400
        page = Page(ctypes.addressof(room), 0, len(room), False)
        said = module.put_date(ctypes.byref(page), ctypes.c_int64(moment))
        written = datetime.fromtimestamp(moment, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        assert ctypes.string_at(room, said.length).decode() == written
        day += timedelta(days=1 if day.day > 26 or day.day == 1 else 12)


OTHER, ITEMS, ITEM, AGGREGATE, META, STREAM, API, FILE = range(8)


@pytest.mark.parametrize(
    ("path", "slug", "kind"),
    [
        ("/data/collections/a-1/items", "a-1", ITEMS),
        ("/data/collections/a.main/items", "a", ITEMS),
        ("/data/collections/a.日本/items/x.y", "a", ITEM),
        ("/data/collections/a/items/", "a", META),
        ("/data/collections/a/items/1/2", "a", META),
        ("/data/collections/a/aggregate", "a", AGGREGATE),
        ("/data/collections/a", "a", META),
        ("/data/collections/a./items", None, OTHER),
        ("/data/collections/aB/items", None, OTHER),
        ("/data/collections/", None, META),
        ("/data/streams/a", "a", STREAM),
        ("/data/streams/a.b_c/socket", "a", STREAM),
        ("/data/streams/a/", None, OTHER),
        ("/data/streams/a/x1", None, OTHER),
        ("/data/apis/a/", "a", API),
        ("/data/apis/a.b_c/v1/x", "a", API),
        ("/data/apis/a", None, OTHER),
        ("/data/files/a/b.csv", "a", FILE),
        ("/data/files/a/", "a", META),
        ("/data/files/a/b/c", None, OTHER),
        ("/data/files", None, OTHER),
        ("/data", None, META),
        ("/data/api.json", None, META),
        ("/data/apix", None, OTHER),
        ("/dat", None, OTHER),
        ("", None, OTHER),
    ],
)
def test_an_address_says_what_is_asked_for(module: ctypes.CDLL, path: str, slug: str | None, kind: int) -> None:
    kept = path.encode()
    found = module.address_of(Text(kept, len(kept)))
    assert found.kind == kind
    got = ctypes.cast(ctypes.pointer(found.slug), ctypes.POINTER(ctypes.c_void_p))[0]
    assert (ctypes.string_at(got, found.slug.length).decode() if got else None) == slug


@pytest.mark.parametrize(
    ("template", "path", "right"),
    [
        ("/v1/a.b-c/{id}/x", "/v1/a.b-c/7/x", True),
        ("/v1/a.b-c/{id}/x", "/v1/aXb-c/7/x", False),
        ("/v1/{id}", "/v1/", False),
        ("/v1/{id}", "/v1/a/b", False),
        ("/v1/{a}-{b}.json", "/v1/x-y-z.json", True),
        ("/v1/{a}-{b}.json", "/v1/x-.json", False),
        ("/v1/{a}.json", "/v1/a.json.json", True),
        ("/", "/", True),
        ("/", "", False),
        ("/{x!}", "/{x!}", True),
    ],
)
def test_a_pattern_takes_one_part_for_each_parameter(
    module: ctypes.CDLL, template: str, path: str, right: bool
) -> None:
    assert module.fits(text(path), text(path_pattern(template))) is right


def test_callers_without_a_key_are_told_apart_by_address(module: ctypes.CDLL) -> None:
    def caller(said: str) -> tuple[int, int]:
        found = module.caller_at(text(said))
        return found.low, found.high

    assert caller("203.0.113.9:4711") == caller("203.0.113.9") == caller("[::ffff:203.0.113.9]:1")
    assert caller("203.0.113.9:1") != caller("203.0.113.8:1")
    assert caller("[2001:db8:1:2::1]:9") == caller("[2001:db8:1:2:ffff::2]:8") != caller("[2001:db8:1:3::1]:9")
    assert caller("") == caller("x" * 90) == (0, 0x80000000)


def test_an_envoy_without_what_is_needed_does_not_take_it_up(module: ctypes.CDLL) -> None:
    module.envoy_dynamic_module_on_program_init.restype = ctypes.c_char_p
    assert module.envoy_dynamic_module_on_program_init() is None


def test_what_is_told_cannot_be_misread() -> None:
    paths = [Path('/somewhere/日本 "quoted"\\/table'), Path("/rates"), Path("/list"), Path("/mark")]
    assert admission_settings(*paths).startswith(
        f"table\t{paths[0]}\nrates\t/rates\t8192\t8\nconnected\t/list\t/mark\npolicy\t{CONTENT_SECURITY_POLICY}\n"
    )
    with pytest.raises(ValueError):
        admission_settings(Path("/a\tb"), *paths[1:])
    with pytest.raises(ValueError):
        place_of_route(operations=[("/a\nconnected", "GET", False)])


def test_nothing_a_caller_sends_leads_out_of_bounds(tmp_path: Path) -> None:
    """Odd calls by the hundred thousand, decided under the compiler's watch for bounds and undefined behaviour."""
    compiler = shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no compiler with sanitizers here")
    folder = tmp_path / "admission"
    folder.mkdir()
    for name, code in sources():
        (folder / name).write_bytes(code)
    shutil.copy(Path(__file__).with_name("odd_calls.c"), folder)
    (folder / "filter.c").unlink()
    program = tmp_path / "odd_calls"
    watched = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    built = subprocess.run(
        [compiler, "-std=c11", "-D_GNU_SOURCE", "-O1", "-g", *watched, "-o", program, *sorted(folder.glob("*.c")), "-lpthread"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "cannot find" in built.stderr:
        pytest.skip("this compiler has no sanitizers")
    assert built.returncode == 0, built.stderr
    random = Random(20261127)
    table = create_table(tmp_path / "table", keys=9, slugs=9, grants=9, generation=1, hash_seed=SEED)
    today = periods_at(time.time())
    table.put_key(KeyEntry(hashlib.sha256(b"tdpf_good").hexdigest(), 1001))
    table.put_collection(Collection(1, "abc", ("older",), sunset=date(2030, 1, 2), deprecated_at=1688169599))
    table.put_grant(GrantEntry(1001, 1, 71, rate_plan="r100", day_limit=5000), today)
    table.put_grant(GrantEntry(ANONYMOUS, 1, rate_plan="r100"), today)
    table.set(flags=layout.FLAG_READY, not_after=2**40)
    (tmp_path / "rates").write_bytes(bytes(8192 * 8 * 24))
    (tmp_path / "list").write_bytes(b"abc/b.csv\tc\td\te\n\tx\n\n" + random.randbytes(500))
    (tmp_path / "mark").write_bytes(b"\1\0\0\0")
    told = admission_settings(*(tmp_path / name for name in ("table", "rates", "list", "mark")))
    place = place_of_route(operations=[(path_pattern("/v1/{a}-{b}"), "GET, OPTIONS", False)], streams="3,a")
    done = subprocess.run(
        [program, told, place["filter_metadata"]["admit"]["place"], "20261127", "20000"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "admitted 0 " not in done.stdout, done.stdout
