"""Files and buckets of others as tables, through the real delivery: an HTTP server with validators, and a real S3 server."""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from delivery_stand_ins import Delivery

from tdpf.dataplane.delivery.connectors.budget import Budget
from tdpf.dataplane.delivery.connectors.kept import Kept, KeptTable
from tdpf.dataplane.delivery.connectors.origins import FileOrigin
from tdpf.dataplane.delivery.connectors.quotas import Disk
from tdpf.kit.buckets import BucketAccess, signed_headers
from tdpf.tables.identity import table_folder
from tdpf.wire.connected import BucketPlace, ConnectedColumn, ConnectedLimits, ConnectedTable, FilePlace
from tdpf.wire.connected_problems import KeptTooLarge, NoRoom, SourceBusy, SourceSlow
from tdpf.wire.sources import ApiCredential

COLUMNS = (
    ConnectedColumn("番号", "integer", origin="id"), ConnectedColumn("名称", origin="name"), ConnectedColumn("緯度", "number", origin="lat"),
    ConnectedColumn("経度", "number", origin="lon"), ConnectedColumn("開設日", "date", origin="opened"),
)  # fmt: skip
CSV = "id,name,lat,lon,opened,secret\r\n" + "".join(
    f"{n},第{n}避難所,{35 + n / 100:.2f},{139 + n / 100:.2f},2024-01-{n:02},hidden\r\n" for n in range(1, 11)
)


class Site:
    """A provider's web server: one body for each path, with an entity tag; `mode` makes it misbehave."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.seen: list[tuple[str, int, str]] = []
        self.mode = ""

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(inner) -> None:  # noqa: N805
                path = inner.path.partition("?")[0]
                body = self.bodies.get(path, b"")
                tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
                status = 200 if path in self.bodies else 404
                if self.mode == "broken":
                    status, body = 503, b""
                elif self.mode == "unchanged":
                    status, body = 304, b""
                elif self.mode == "redirect":
                    status, body = 302, b""
                elif inner.headers.get("if-none-match") == tag:
                    status, body = 304, b""
                if self.mode == "slow":
                    time.sleep(3)
                self.seen.append((inner.path, status, inner.headers.get("authorization") or ""))
                inner.send_response(status)
                if status == 302:
                    inner.send_header("location", f"http://localhost:{self.port}{path}")
                    self.mode = ""
                inner.send_header("etag", tag)
                inner.send_header("content-length", str(len(body)))
                inner.end_headers()
                inner.wfile.write(body)

            def log_message(self, *_: object, **__: object) -> None:
                return

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    made.bodies["/halls.csv"] = CSV.encode()
    yield made
    made.close()


Made = Callable[..., Delivery]


def started(make_delivery: Made, site: Site, *, fresh: int = 300, workers: int = 1, **facts: Any) -> Delivery:
    delivery = make_delivery(allow_private=True, workers=workers)
    place = facts.pop("file", FilePlace(f"{site.url}/halls.csv", "csv"))
    limits = ConnectedLimits(
        fresh_seconds=fresh, timeout_seconds=facts.pop("timeout", 10), most_bytes=facts.pop("most", 1 << 20)
    )
    delivery.connect("halls", facts.pop("credential", None), **{"columns": COLUMNS, "key_columns": ("番号",), "file": place, "limits": limits, **facts})  # fmt: skip
    delivery.start()
    return delivery


ITEMS = "/data/collections/halls/items"


def test_a_file_is_a_table_like_any_other(make_delivery: Made, site: Site) -> None:
    delivery = started(make_delivery, site, access="conditional", open_columns=(), views={7: ("番号", "名称")},
                       credential=ApiCredential("basic", "me", "top secret"))  # fmt: skip
    with delivery.client as web:
        assert web.get(ITEMS).status_code == 403
        web.headers["x-tdpf-view"] = "7"
        body = web.get(ITEMS, params={"f": "json", "limit": 2}).json()
        assert body["rows"] == [{"番号": 1, "名称": "第1避難所"}, {"番号": 2, "名称": "第2避難所"}]
        assert (body["numberMatched"], len(site.seen)) == (10, 1)
        assert site.seen[0][2] == "Basic bWU6dG9wIHNlY3JldA=="
        assert web.get(f"{ITEMS}/3", params={"f": "json"}).json() == {"番号": 3, "名称": "第3避難所"}
        assert web.get(ITEMS, params={"f": "csv"}).text.count("\r\n") == 11
        assert web.get(ITEMS, params={"f": "parquet"}).content[:4] == b"PAR1"
        assert web.get(ITEMS, params={"filter": "緯度 > 1"}).status_code == 400
        found = web.get("/data/collections/halls/aggregate", params={"measures": "count,max:番号"})
        assert found.json()["rows"] == [{"count": 10, "max:番号": 10}], found.text
        tag = web.get(ITEMS).headers["etag"]
        assert web.get(ITEMS, headers={"if-none-match": tag}).status_code == 304
        assert len(site.seen) == 1
        assert "hidden" not in web.get(ITEMS).text
        # The credential is in no file of delivery's.
    kept = [path for path in delivery.home.delivery.rglob("*") if path.is_file()]
    assert all(b"top secret" not in path.read_bytes() for path in kept)


def test_what_changed_is_fetched_and_nothing_is_older_than_stated(make_delivery: Made, site: Site) -> None:
    delivery = started(make_delivery, site, fresh=2)
    with delivery.client as web:
        first = web.get(ITEMS, params={"f": "json", "limit": 5})
        assert first.status_code == 200, first.text
        following = next(link["href"] for link in first.json()["links"] if link["rel"] == "next")
        time.sleep(2.1)
        assert web.get(ITEMS, params={"f": "json"}).json()["numberMatched"] == 10
        assert [status for _, status, _ in site.seen] == [200, 304]
        site.bodies["/halls.csv"] = (CSV + "11,新しい,35.5,139.5,2024-02-01,x\r\n").encode()
        time.sleep(2.1)
        assert web.get(ITEMS, params={"f": "json"}).json()["numberMatched"] == 11
        # Who was in the middle of reading goes on with the same version.
        assert web.get(following.removeprefix("http://data.example")).json()["numberMatched"] == 10
        site.mode = "broken"
        assert web.get(ITEMS).status_code == 200
        time.sleep(2.1)
        answer = web.get(ITEMS, headers={"accept-language": "en"})
        assert (answer.status_code, answer.json()["type"]) == (502, "/problems/connected/source-stale")
        site.mode = ""
        assert web.get(ITEMS).status_code == 200
        # What was replaced is given no longer than the freshness that was promised.
        assert web.get(following.removeprefix("http://data.example")).status_code in (404, 410)
        assert web.get("/data/collections/halls/queryables", params={"version": "1"}).status_code == 400


def test_an_old_version_is_removed_when_its_time_is_over(tmp_path: Path) -> None:
    limits = ConnectedLimits(fresh_seconds=7200)
    source = ConnectedTable(
        dataset=1, slug="halls", table="main", source="source-1", mark="a", title_ja="表", provider_ja="市",
        columns=COLUMNS, file=FilePlace("https://city.example/halls.csv", "csv"), limits=limits,
    )  # fmt: skip
    disk = Disk(tmp_path, tmp_path, 1 << 30, 1 << 30)
    table = KeptTable(source, None, tmp_path / "kept", disk, Budget(tmp_path / "budget", "halls", limits))  # type: ignore[arg-type]
    identities = "a" * 64, "b" * 64
    for identity in identities:
        table_folder(tmp_path, identity).mkdir(parents=True)
        (table_folder(tmp_path, identity) / "table.json").write_text("{}")

    def changed(ago: float) -> Kept:
        versions = ((1, identities[0]), (2, identities[1]))
        table._write(Kept(table._definition, time.time(), {}, versions, time.time() - ago))
        table.let_go()
        kept = table.at_hand()
        assert kept is not None
        return kept

    assert len(changed(3500).versions) == 2
    assert changed(3700).versions == ((2, identities[1]),)
    assert [table_folder(tmp_path, identity).exists() for identity in identities] == [False, True]


def test_bad_files_are_told_and_bounded(make_delivery: Made, site: Site) -> None:
    site.bodies |= {"/big.csv": CSV.encode() * 100, "/other.csv": b"a,b\r\n1,2\r\n", "/not.csv": b"\xff\xfe\x00\x01" * 50,
                    "/keys.csv": b"id,name,lat,lon,opened\n1,a,,,\n1,b,,,\n"}  # fmt: skip
    delivery = make_delivery(allow_private=True)
    for slug in ("big", "other", "not", "keys", "gone"):
        place = FilePlace(f"{site.url}/{slug}.csv", "csv")
        delivery.connect(f"t-{slug}", columns=COLUMNS, key_columns=("番号",), file=place, limits=ConnectedLimits(most_bytes=5000))  # fmt: skip
    inward = FilePlace("http://169.254.169.254/latest/meta-data", "csv")
    delivery.connect("t-inward", columns=COLUMNS, file=inward, limits=ConnectedLimits(timeout_seconds=2))
    delivery.start()
    seen = {}
    with delivery.client as web:
        for slug in ("big", "other", "not", "keys", "gone", "inward"):
            answer = web.get(f"/data/collections/t-{slug}/items", headers={"accept-language": "en"})
            seen[slug] = (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1], answer.json()["detail"])
            assert str(site.port) not in answer.text
    assert [seen[slug][:2] for slug in ("big", "gone")] == [(502, "source-silent")] * 2
    assert [seen[slug][:2] for slug in ("other", "not", "keys")] == [(502, "source-unreadable")] * 3
    assert "no column “id”" in seen["other"][2]


def test_a_slow_origin_is_waited_for_by_the_next(make_delivery: Made, site: Site) -> None:
    site.mode = "slow"
    delivery = started(make_delivery, site, timeout=1)
    with delivery.client as web:
        begun = time.monotonic()
        assert web.get(ITEMS).json()["type"] == "/problems/connected/source-slow"
        assert time.monotonic() - begun < 2.5
        until = time.monotonic() + 20
        while web.get(ITEMS).status_code != 200 and time.monotonic() < until:
            time.sleep(0.2)
        assert web.get(ITEMS).status_code == 200
        assert len(site.seen) == 1


def test_who_says_at_first_that_nothing_changed_has_given_nothing(make_delivery: Made, site: Site) -> None:
    site.mode = "unchanged"
    delivery = started(make_delivery, site)
    with delivery.client as web:
        for _ in range(2):
            assert web.get(ITEMS).json()["type"] == "/problems/connected/source-silent"
        site.mode = ""
        assert web.get(ITEMS).status_code == 200


def test_a_bucket_is_fetched_at_its_pace(tmp_path: Path) -> None:
    budget = Budget(tmp_path / "budget", "halls", ConnectedLimits(per_second=10))
    begun = time.monotonic()
    for _ in range(15):
        budget.turn(begun + 5)
    assert time.monotonic() - begun > 0.35
    with pytest.raises(SourceBusy):
        for _ in range(15):
            budget.turn(time.monotonic())


def test_a_pace_that_is_kept_rests_no_provider(tmp_path: Path) -> None:
    limits = ConnectedLimits(errors_to_rest=1)
    source = ConnectedTable(
        1, "halls", "main", "s1", "a1", COLUMNS, "会館", file=FilePlace("https://a.example/a.csv", "csv"), limits=limits
    )

    class Paced:
        def fetch_if_changed(self, folder: Path, validators: dict[str, str]) -> None:
            raise SourceBusy(collection="halls")

    budget = Budget(tmp_path / "budget", "halls", limits)
    table = KeptTable(source, Paced(), tmp_path / "kept", Disk(tmp_path, tmp_path, 1, 1), budget)
    for _ in range(2):
        with pytest.raises(SourceBusy):
            table.look()


def test_disk_is_given_up_by_who_was_asked_longest_ago(tmp_path: Path) -> None:
    folder, tables = tmp_path / "connected", tmp_path / "tables"
    place = FilePlace("https://city.example/halls.csv", "csv")

    def build(identity: str, size: int) -> str:
        table_folder(tables, identity).mkdir(parents=True)
        (table_folder(tables, identity) / "table.json").write_bytes(b"x" * size)
        return identity

    def keeps(name: str, asked: float, *identities: str) -> ConnectedTable:
        (folder / name).mkdir(parents=True, exist_ok=True)
        versions = tuple(enumerate(identities, start=1))
        (folder / name / "state.json").write_text(json.dumps({"checked_at": asked, "versions": versions}))
        return ConnectedTable(1, "halls", "main", name, "a1", COLUMNS, "会館", file=place)

    def there(*identities: str) -> list[bool]:
        return [table_folder(tables, one).exists() for one in identities]

    a, b, c, d, e, f = (letter * 64 for letter in "abcdef")
    disk = Disk(folder, tables, 100, 50)
    keeps("old", 1.0, build(a, 40))
    keeps("new", 2.0, build(b, 40))
    mine = keeps("mine", 3.0)
    assert disk.make_room(mine, build(c, 30), [])
    assert there(a, b, c) == [False, True, True]
    # Two versions of 30 are more than one table may have: the older one goes.
    keeps("mine", 3.0, c)
    assert not disk.make_room(mine, build(d, 30), [c])
    with pytest.raises(KeptTooLarge):
        disk.make_room(mine, build(e, 51), [])
    assert there(b, d, e) == [True, True, False]
    # Who is being asked right now gives up nothing.
    with (folder / "new" / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(NoRoom):
            Disk(folder, tables, 60, 50).make_room(mine, build(f, 50), [])
    assert there(b, f) == [True, False]
    # What is just being built counts before its own state names it.
    keeps("mine", 3.0)
    with (folder / "mine" / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(NoRoom):
            Disk(folder, tables, 60, 50).make_room(keeps("new", 2.0), build(f, 40), [])
    assert Disk(folder, tables, 60, 50).make_room(keeps("new", 2.0), build(f, 40), [])
    assert there(d, f) == [False, True]


def test_a_credential_does_not_follow_a_redirect_elsewhere(make_delivery: Made, site: Site) -> None:
    site.mode = "redirect"
    delivery = started(make_delivery, site, credential=ApiCredential("header", "authorization", "Bearer s3cret"))
    with delivery.client as web:
        assert web.get(ITEMS).status_code == 200
    # From 127.0.0.1 to localhost: another name is another server.
    assert [given for _, _, given in site.seen] == ["Bearer s3cret", ""]


def test_json_and_lines_of_json(make_delivery: Made, site: Site) -> None:
    rows = [{"id": n, "name": f"a{n}", "lat": 35.5, "lon": 139.5, "opened": None, "more": {"x": 1}} for n in range(3)]
    site.bodies["/a.json"] = json.dumps({"result": {"items": rows}}).encode()
    site.bodies["/a.ndjson"] = "\n".join(json.dumps(row) for row in rows).encode()
    delivery = make_delivery(allow_private=True)
    delivery.connect("a-json", columns=COLUMNS, file=FilePlace(f"{site.url}/a.json", "json", rows_at="result.items"))
    delivery.connect("a-lines", columns=COLUMNS, file=FilePlace(f"{site.url}/a.ndjson", "ndjson"))
    delivery.start()
    with delivery.client as web:
        for slug in ("a-json", "a-lines"):
            found = web.get(f"/data/collections/{slug}/items").json()
            assert [one["properties"]["番号"] for one in found["features"]] == [0, 1, 2], found
            assert found["features"][0]["geometry"]["coordinates"] == [139.5, 35.5]


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """A real S3 server that checks signatures."""
    from moto import server

    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.mark.parametrize("path", ["/b/a%20b/%E5%8C%BA.csv", "/b?list-type=2&max-keys=10&prefix=a%2Fb%20c"])
def test_signatures_are_those_of_the_vendor(path: str) -> None:
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    access = BucketAccess("http://s3.example:9000", "b", "ap-northeast-1", "AKIA", "se/cret+")
    ours = signed_headers(access, access.endpoint + path, dt.datetime.now(dt.UTC))
    theirs = AWSRequest("GET", access.endpoint + path, headers={"x-amz-content-sha256": ours["x-amz-content-sha256"]})
    theirs.context["timestamp"] = ours["x-amz-date"]
    signer = S3SigV4Auth(Credentials("AKIA", "se/cret+"), "s3", "ap-northeast-1")
    with pytest.MonkeyPatch.context() as patched:
        instant = dt.datetime.strptime(ours["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        patched.setattr("botocore.auth.get_current_datetime", lambda *_, **__: instant.replace(tzinfo=None))
        signer.add_auth(theirs)
    assert theirs.headers["Authorization"] == ours["authorization"]


def test_a_bucket_is_one_table_of_its_files(make_delivery: Made, s3: str) -> None:
    import boto3

    storage = boto3.client("s3", endpoint_url=s3, region_name="us-east-1", aws_access_key_id="AKIAEXAMPLE",
                           aws_secret_access_key="a/secret+key")  # fmt: skip
    storage.create_bucket(Bucket="city-data")

    def put(key: str, ids: range) -> None:
        frame = pl.DataFrame(
            {"id": list(ids), "name": [f"施設{n}" for n in ids], "lat": [35.5] * len(ids), "lon": [139.5] * len(ids)}
        )
        frame = frame.with_columns(opened=pl.date(2024, 1, 5))
        storage.put_object(Bucket="city-data", Key=key, Body=_parquet(frame))

    put("halls/2024/第1区.parquet", range(1, 4))
    put("halls/2024/part 2.parquet", range(4, 6))
    storage.put_object(Bucket="city-data", Key="halls/readme.txt", Body=b"not a table")
    storage.put_object(Bucket="city-data", Key="other/x.parquet", Body=b"not to be read")
    delivery = make_delivery(allow_private=True)
    place = BucketPlace(s3, "city-data", "us-east-1", "halls/", "parquet", ".parquet")
    delivery.connect("halls", ApiCredential("basic", "AKIAEXAMPLE", "a/secret+key"), columns=COLUMNS, key_columns=("番号",),
                     bucket=place, limits=ConnectedLimits(fresh_seconds=1))  # fmt: skip
    none = BucketPlace(s3, "no-such-bucket", "us-east-1", "", "parquet")
    delivery.connect("none", columns=COLUMNS, bucket=none)
    delivery.start()
    with delivery.client as web:
        answer = web.get(ITEMS, params={"f": "json", "sortby": "番号"})
        assert answer.status_code == 200, answer.text
        assert [row["番号"] for row in answer.json()["rows"]] == [1, 2, 3, 4, 5]
        assert answer.json()["rows"][0]["開設日"] == "2024-01-05"
        put("halls/2025.parquet", range(6, 8))
        time.sleep(1.1)
        assert web.get(ITEMS, params={"f": "json"}).json()["numberMatched"] == 7
        assert web.get("/data/collections/none/items").json()["type"] == "/problems/connected/source-silent"


def _parquet(frame: pl.DataFrame) -> bytes:
    import io

    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def test_a_turn_that_never_comes_is_not_waited_for(tmp_path: Path) -> None:
    place = FilePlace("https://files.example/halls.csv", "csv")
    limits = ConnectedLimits(timeout_seconds=1)
    source = ConnectedTable(1, "halls", "main", "s1", "a1", COLUMNS, "会館", file=place, limits=limits)
    disk = Disk(tmp_path, tmp_path, 1 << 30, 1 << 30)
    table = KeptTable(
        source, FileOrigin(place, None, 1, 1, False), tmp_path, disk, Budget(tmp_path / "b", "halls", limits)
    )
    with (tmp_path / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert table.look(only_if_free=True) is None
        with pytest.raises(SourceSlow):
            table.look()
