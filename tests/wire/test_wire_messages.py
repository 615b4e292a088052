"""Messages: JSON in and out, faults that name the member, schemas, shards, signatures."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from golden_files import check_golden
from hypothesis import given
from hypothesis import strategies as st

from tdpf.wire.codec import MalformedMessage, from_json, json_schema, list_from_json, to_json, to_plain
from tdpf.wire.messages import (
    ENTRY_CLASSES,
    Collection,
    CounterReading,
    GrantEntry,
    KeyEntry,
    NodeHealth,
    PassThrough,
    PinnedVersion,
    PublishedFile,
    PublishedTable,
    ShardReference,
    SnapshotManifest,
    SnapshotSettings,
    UsageLine,
    decode_shard,
    encode_shards,
)
from tdpf.wire.schemas import message_schemas
from tdpf.wire.sealing import Unsealable, new_sealing_key, seal, unseal
from tdpf.wire.signing import UntrustedSnapshot, new_signing_key, sign_manifest, verify_manifest
from tdpf.wire.sources import ApiOperation, ApiSource, HeaderLine, StreamColumn, StreamSource, StreamView

GOLDEN = Path(__file__).parent / "golden"

SAMPLES: list[Any] = [
    KeyEntry("ab" * 32, 1001, 1800000000),
    GrantEntry(1001, 7, 55, 3, 1, 2, 100, 2000, "r50"),
    Collection(7, "shelter-status", ("shelters",), "conditional", date(2027, 3, 31), 1767225600),
    PublishedTable(
        7,
        "shelter-status",
        "main",
        "cd" * 32,
        4,
        "避難所の開設状況",
        "Shelter status",
        pinned=(PinnedVersion(2, "ef" * 32),),
        views={3: ("名称", "住所")},
        open_columns=("名称",),
    ),
    PublishedFile(7, "shelter-status", "避難所.csv", "tables/cd/data.csv", "text/csv", 12, "01" * 32),
    PassThrough(8, "hospital-beds", "beds.csv", "https://data.example/beds.csv"),
    SnapshotManifest(
        9,
        1700000000,
        1700086400,
        (ShardReference("keys", "ab", "00" * 32, 10),),
        SnapshotSettings(True, "https://tdpf.example"),
        "ff",
    ),
    CounterReading("gateway-1", 55, 1001, 7, 20778, 12),
    UsageLine(1700000000123, "id", 1001, 55, 7, "key", "GET", "items", 200, "", 10, 0, 3, "/data", True),
    NodeHealth("gateway-1", "gateway", "ok", 9, 1700000000, 1690000000, notes=("x",), figures={"spool_bytes": 3}),
    StreamSource(
        9,
        "shelter-status",
        "live",
        "01k",
        (StreamColumn("名称", "string", True), StreamColumn("人数", "integer")),
        ("名称",),
        "地区",
        ("ab" * 32,),
        {3: StreamView(("名称",), ("袖ケ江",))},
        "conditional",
    ),
    ApiSource(
        9,
        "weather",
        "main",
        "01k",
        "https://api.example/base",
        (ApiOperation("GET", "/v1/stations/{id}"),),
        "v1.sealed",
        set_request_headers=(HeaderLine("accept", "application/json"),),
        remove_response_headers=("x-powered-by",),
        per_second=5,
    ),
]


@pytest.mark.parametrize("message", SAMPLES, ids=lambda message: type(message).__name__)
def test_json_and_back(message: Any) -> None:
    data = to_json(message)
    assert from_json(type(message), data) == message
    jsonschema.validate(orjson.loads(data), json_schema(type(message)))
    jsonschema.Draft202012Validator.check_schema(json_schema(type(message)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(message, dataclasses.fields(message)[0].name, 2)


@pytest.mark.parametrize("message", SAMPLES, ids=lambda message: type(message).__name__)
def test_messages_keep_their_published_form(message: Any) -> None:
    golden = GOLDEN / f"{type(message).__name__}.json"
    plain = orjson.dumps(to_plain(message), option=orjson.OPT_INDENT_2) + b"\n"
    check_golden(golden, plain)


@pytest.mark.parametrize(
    ("message", "change", "path"),
    [
        (KeyEntry, {"sha256": "AB" * 32}, "sha256"),
        (KeyEntry, {"application": 5}, "application"),
        (KeyEntry, {"application": "1001"}, "application"),
        (KeyEntry, {"application": True}, "application"),
        (KeyEntry, {"sha256": None}, "sha256"),
        (GrantEntry, {"application": 3}, "application"),
        (GrantEntry, {"dataset": 0}, "dataset"),
        (GrantEntry, {"agreement": 10**14}, "agreement"),
        (GrantEntry, {"view": -1}, "view"),
        (GrantEntry, {"day_limit": 2**31}, "day_limit"),
        (Collection, {"slug": "A"}, "slug"),
        (Collection, {"aliases": ["x/y"]}, "slug"),
        (Collection, {"access": "free"}, "access"),
        (Collection, {"sunset": "tomorrow"}, "sunset"),
        (PublishedTable, {"views": {"x": []}}, "views.x"),
        (PublishedTable, {"pinned": [{"version": 1}]}, "pinned[0].identity"),
        (PublishedFile, {"path": "../etc/passwd"}, "path"),
        (PublishedFile, {"path": "/etc/passwd"}, "path"),
        (PassThrough, {"url": "file:///etc/passwd"}, "url"),
        (ApiSource, {"operations": [{"method": "TRACE", "path": "/"}]}, "operations[0].method"),
        (ApiSource, {"operations": [{"method": "GET", "path": "v1"}]}, "operations[0].path"),
        (ApiSource, {"operations": [{"method": "GET", "path": "/a b"}]}, "operations[0].path"),
        (ApiSource, {"set_request_headers": [{"name": "x-a", "value": "b\r\nx: y"}]}, "set_request_headers[0].value"),
        (ApiSource, {"url": "ftp://x"}, "url"),
        (SnapshotManifest, {"format": 2}, "format"),
        (SnapshotManifest, {"shards": [{"kind": "x", "name": "", "sha256": "0" * 64, "bytes": 1}]}, "shards[0].kind"),
        (NodeHealth, {"state": "fine"}, "state"),
    ],
)
def test_faults_name_the_member(message: type[Any], change: dict[str, Any], path: str) -> None:
    sample = next(sample for sample in SAMPLES if type(sample) is message)
    with pytest.raises(MalformedMessage) as fault:
        from_json(message, orjson.dumps({**to_plain(sample), **change}))
    assert fault.value.path == path


@pytest.mark.parametrize("data", [b"", b"[", b"[]", b"null", b"{}", b"\xff"])
def test_other_things_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        from_json(KeyEntry, data)
    if data != b"[]":
        with pytest.raises(MalformedMessage):
            list_from_json(KeyEntry, data)


def test_schemas_keep_their_published_form() -> None:
    check_golden(GOLDEN / "schemas.json", orjson.dumps(message_schemas(), option=orjson.OPT_INDENT_2) + b"\n")


def test_members_of_a_newer_sender_are_ignored() -> None:
    plain = {**to_plain(SAMPLES[0]), "added_later": 1}
    assert from_json(KeyEntry, orjson.dumps(plain)) == SAMPLES[0]


grants = st.builds(
    GrantEntry,
    application=st.one_of(st.just(1), st.just(2), st.integers(1000, 2**40)),
    dataset=st.integers(1, 2**40),
    agreement=st.integers(0, 2**46),
)


@given(st.lists(grants, max_size=50))
def test_shards_hold_everything_in_one_form(entries: list[GrantEntry]) -> None:
    shards = encode_shards("grants", entries)
    assert shards == encode_shards("grants", reversed(entries))
    assert len(shards) <= 256
    back = [entry for data in shards.values() for entry in decode_shard("grants", data)]
    assert sorted(map(repr, back)) == sorted(map(repr, entries))


def test_a_shard_of_another_kind_or_format_is_refused() -> None:
    data = encode_shards("keys", [SAMPLES[0]])["ab"]
    assert decode_shard("keys", data) == [SAMPLES[0]]
    for kind, bad in (
        ("grants", data),
        ("keys", data.replace(b'"format":1', b'"format":2')),
        ("keys", data[:-1]),
        ("keys", b"[]"),
    ):
        with pytest.raises(MalformedMessage):
            decode_shard(kind, bad)  # type: ignore[arg-type]
    assert set(ENTRY_CLASSES) == {
        "keys",
        "grants",
        "collections",
        "tables",
        "files",
        "passthroughs",
        "apis",
        "streams",
        "connected",
    }


def test_signatures() -> None:
    private, public = new_signing_key()
    manifest = dataclasses.replace(SAMPLES[6], signature="")
    signed = sign_manifest(manifest, private)
    assert verify_manifest(to_json(signed), public) == signed
    _, other = new_signing_key()
    for data, key in (
        (to_json(signed), other),
        (to_json(manifest), public),
        (to_json(dataclasses.replace(signed, not_after=signed.not_after + 1)), public),
        (to_json(dataclasses.replace(signed, signature="zz")), public),
    ):
        with pytest.raises(UntrustedSnapshot):
            verify_manifest(data, key)


def test_a_sealed_secret_opens_only_where_it_belongs() -> None:
    key = new_sealing_key()
    sealed = seal(key, "秘密".encode(), bound_to="source-1")
    assert unseal(key, sealed, bound_to="source-1").decode() == "秘密"
    assert sealed != seal(key, "秘密".encode(), bound_to="source-1")
    other = sealed[:-4] + ("AAAA" if sealed[-4:] != "AAAA" else "BBBB")
    for wrong_key, text, name in (
        (new_sealing_key(), sealed, "source-1"),
        (key, sealed, "source-2"),
        (key, other, "source-1"),
        (key, "", "source-1"),
        (key, "v1.", "source-1"),
        (key, "v1.え", "source-1"),
    ):
        with pytest.raises(Unsealable):
            unseal(wrong_key, text, bound_to=name)
