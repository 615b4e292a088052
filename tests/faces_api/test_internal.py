"""What the data plane asks, over HTTP as it asks it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import orjson
import pytest
from django.db import connections, transaction
from django.test import Client, override_settings

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access import services
from tdpf.controlplane.metering import queries as metering
from tdpf.controlplane.metering import services as metering_services
from tdpf.kit.home import Home, home
from tdpf.wire.codec import to_json
from tdpf.wire.messages import CounterReading, NodeHealth

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.urls("tdpf.faces.api.internal.urls")]
BEARER = {"Authorization": "Bearer node-secret"}
LINE = b"2026-11-21T03:00:00.000Z\tid\t1001,7,3,key,items\t1\tGET\t200\t-\t100\t0\t3\t/data/collections/x/items\n"


@pytest.fixture(autouse=True)
def node_secret(own_home: Home) -> Iterator[None]:
    """An installation with a node secret, behind the internal process's own settings."""
    (own_home.secrets / "node.secret").write_text("node-secret\n")
    with override_settings(
        MIDDLEWARE=["tdpf.djangokit.problems.ProblemMiddleware"], ROOT_URLCONF="tdpf.faces.api.internal.urls"
    ):
        yield


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "node-secret"},
                                     {"Authorization": "Bearer "}, {"Authorization": "Bearer nodé"}])  # fmt: skip
@pytest.mark.parametrize("address", ["stamp", "snapshot", "shards/" + "0" * 64])
def test_without_the_node_secret_nothing_is_said(client: Client, address: str, headers: dict[str, str]) -> None:
    """401, as a problem document."""
    answer = client.get(f"/internal/v1/{address}", headers=headers)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/internal/node-not-trusted"


def test_an_empty_or_missing_secret_trusts_nobody(client: Client) -> None:
    """Rather no data plane than an open one."""
    (home().secrets / "node.secret").write_text("\n")
    assert client.get("/internal/v1/stamp", headers={"Authorization": "Bearer "}).status_code == 401
    (home().secrets / "node.secret").unlink()
    assert client.get("/internal/v1/stamp", headers=BEARER).status_code == 503


def test_the_public_addresses_have_no_internal_ones(client: Client) -> None:
    """They are another tree."""
    with override_settings(ROOT_URLCONF="tdpf.faces.api.urls"):
        assert client.get("/internal/v1/stamp", headers=BEARER).status_code == 404


def test_usage_is_taken_in_once(client: Client) -> None:
    """The answer says where to go on, also after a replay and before a gap."""
    address = "/internal/v1/usage/gw1/2026-11-21-01"

    def send(offset: int, data: bytes) -> dict[str, int]:
        answer = client.post(f"{address}?offset={offset}", data, content_type="text/plain", headers=BEARER)
        assert answer.status_code == 200
        body: dict[str, int] = answer.json()
        return body

    assert send(0, LINE + LINE[:10]) == {"offset": len(LINE)}
    assert send(0, LINE) == {"offset": len(LINE)}
    assert send(5 * len(LINE), LINE) == {"offset": len(LINE)}
    assert send(len(LINE), LINE) == {"offset": 2 * len(LINE)}
    assert metering.segments()[0].lines == 2


@pytest.mark.parametrize("query", ["?offset=-1", "?offset=x", "?offset=１", "?offset=99999999999999999999"])
def test_a_wrong_offset_is_a_problem(client: Client, query: str) -> None:
    """422, nothing taken."""
    answer = client.post(f"/internal/v1/usage/gw1/s{query}", LINE, content_type="text/plain", headers=BEARER)
    assert answer.status_code == 422
    assert metering.segments() == []


def test_names_that_lead_elsewhere_are_refused(client: Client) -> None:
    """A gateway's name is a folder."""
    answer = client.post("/internal/v1/usage/../s?offset=0", LINE, content_type="text/plain", headers=BEARER)
    assert answer.status_code in (404, 422)
    answer = client.post("/internal/v1/usage/.gw/s?offset=0", LINE, content_type="text/plain", headers=BEARER)
    assert answer.status_code == 422


def test_counters_and_health_are_taken_in(client: Client) -> None:
    """As wire messages; anything else is refused with the reason."""
    readings = [CounterReading("gw1", 7, 1001, 3, 20778, 5)]
    answer = client.post("/internal/v1/counters", to_json(readings), content_type="application/json", headers=BEARER)
    assert answer.json() == {"taken": 1}
    health = NodeHealth("gw1", "gateway", "ok", access.current_stamp(), 1, 1)
    answer = client.post("/internal/v1/health", to_json(health), content_type="application/json", headers=BEARER)
    assert answer.json() == {"stamp": access.current_stamp()}
    assert [(node.name, node.is_current) for node in access.gate_nodes()] == [("gw1", True)]
    for address in ("counters", "health"):
        for body in (b"", b"{}", b'[{"gateway": 1}]', b"\xff"):
            answer = client.post(f"/internal/v1/{address}", body, content_type="application/json", headers=BEARER)
            assert answer.status_code == 422
    assert client.get("/internal/v1/counters", headers=BEARER).status_code == 405


@pytest.mark.parametrize("shown", ["node=gw", "node=", "node=-", "gw1", "node=gw1,gw2"])
def test_a_node_from_elsewhere_speaks_for_itself_alone(client: Client, shown: str) -> None:
    """Whoever came in by the door is known by its certificate; its workers are its own."""
    health = NodeHealth("gw1", "gateway", "ok", 0, 1, 1)
    told = {
        "usage/gw1/s": LINE, "counters": to_json([CounterReading("gw1", 7, 1001, 3, 20778, 5)]),
        "leases?gateway=gw1": b"[]", "health": to_json(health), "leases": b"[]",
    }  # fmt: skip
    for address, body in told.items():
        headers = {**BEARER, "x-tdpf-node": shown}
        answer = client.post(f"/internal/v1/{address}", body, content_type="application/json", headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/internal/anothers-name"), address
    asked = client.get("/internal/v1/stamp?after=7&wait=0&gateway=gw1", headers={**BEARER, "x-tdpf-node": shown})
    assert asked.status_code == 403
    assert (metering.segments(), access.gate_nodes()) == ([], [])
    own = {**BEARER, "x-tdpf-node": "node=gw1"}
    for name in ("gw1", "gw1.0"):
        body = to_json(replace(health, name=name))
        assert client.post("/internal/v1/health", body, content_type="application/json", headers=own).status_code == 200


@pytest.mark.django_db(databases=["default", "ledger"], transaction=True)
def test_a_waiting_gateway_hears_of_a_decision_at_once(client: Client) -> None:
    """The long poll answers within a tenth of a second after the commit, and by itself when nothing happens."""
    before = access.current_stamp()
    heard: list[tuple[int, float]] = []

    def wait() -> None:
        try:
            answer = Client().get(f"/internal/v1/stamp?after={before}&wait=10", headers=BEARER)
            heard.append((orjson.loads(answer.content)["stamp"], time.monotonic()))
        finally:
            connections.close_all()

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.3)
    assert not heard
    with transaction.atomic():
        services.bump_stamp("keys:00")
    decided = time.monotonic()
    thread.join(5)
    assert [stamp for stamp, _ in heard] == [before + 1]
    assert heard[0][1] - decided < 0.5
    began = time.monotonic()
    assert client.get(f"/internal/v1/stamp?after={before + 1}&wait=1", headers=BEARER).json() == {"stamp": before + 1}
    assert 0.9 < time.monotonic() - began < 3
    assert client.get("/internal/v1/stamp", headers=BEARER).json() == {"stamp": before + 1}


def test_the_process_tells_how_it_is(client: Client) -> None:
    """Alive, ready, and its figures; the public process tells no figures."""
    services.report_node(health=NodeHealth("gw1", "gateway", "ok", access.current_stamp(), 1, 1))
    metering_services.ingest_segment(gateway="gw1", segment="s", offset=0, data=LINE + b"junk\n")
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"ready": True, "database": True, "ledger": True}
    figures = dict(line.rsplit(" ", 1) for line in client.get("/metrics").content.decode().splitlines())
    assert (figures["tdpf_nodes_current"], figures["tdpf_ledger_lines_total"]) == ("1", "2")
    assert figures["tdpf_ledger_malformed_lines_total"] == "1"
    assert 'tdpf_waiting{queue="jobs"}' in figures
    with override_settings(ROOT_URLCONF="tdpf.faces.api.urls"):
        assert client.get("/metrics", headers={"Accept": "application/json"}).status_code == 404
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["search"]) == (503, False)
