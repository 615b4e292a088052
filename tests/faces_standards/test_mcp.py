"""The MCP server: the official client in both of its ways of speaking, every tool, and every way to ask wrongly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import httpx2
import jsonschema
import pytest
from django.test import Client
from gateway_double import Gateway
from mcp.client.client import Client as McpClient
from mcp.client.streamable_http import streamable_http_client
from standards_scene import Scene, library

from tdpf.controlplane.access import services as access
from tdpf.controlplane.community import queries as community
from tdpf.faces.standards.bodies import MOST_BYTES
from tdpf.faces.standards.mcp.tools import TOOLS

MODERN = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
TOOL_NAMES = {
    "search_datasets",
    "get_dataset",
    "describe_columns",
    "query_rows",
    "find_nearby",
    "get_quality",
    "get_terms",
    "cite",
}


def key_with(actor: Any, *scopes: str) -> str:
    """Return a fresh key of an application of a member's."""
    application = access.register_application(actor=actor, owner_party_id=actor.person_party_id, name="試験")
    return access.issue_key(actor=actor, application_uid=application.uid, name="k", scopes=scopes).plaintext


def talk(url: str, talking: Callable[[McpClient], Coroutine[Any, Any, Any]], *, mode: str, key: str = "") -> Any:
    """Let the official client connect over HTTP and talk."""

    async def whole() -> Any:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
            transport = streamable_http_client(f"{url}/mcp", http_client=http)
            async with McpClient(transport, mode=mode) as client:
                return await talking(client)

    return asyncio.run(whole())


@pytest.fixture
def served(transactional_db: None, live_server: Any, settings: Any, gateway: Gateway) -> tuple[str, Scene, Gateway]:
    settings.ALLOWED_HOSTS = ["*"]
    return live_server.url, library(), gateway


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
def test_the_official_client_lists_and_calls_everything(served: tuple[str, Scene, Gateway], mode: str) -> None:
    url, _, gateway = served

    async def talking(client: McpClient) -> None:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == TOOL_NAMES
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
        by_name = {tool.name: tool for tool in tools}

        async def ask(name: str, **given: Any) -> Any:
            result = await client.call_tool(name, given)
            assert not result.is_error, result.content
            jsonschema.validate(result.structured_content, by_name[name].output_schema or {})
            assert json.loads(result.content[0].text) == result.structured_content  # type: ignore[union-attr]
            return result.structured_content

        found = await ask("search_datasets", query="トイレ", limit=5)
        assert [one["dataset"] for one in found["datasets"]] == ["public-toilets"]
        assert (await ask("get_dataset", dataset="public-toilets"))["tables"][0]["rows"] == 3
        columns = await ask("describe_columns", dataset="public-toilets")
        assert [column["name"] for column in columns["columns"]] == ["ID", "名称", "緯度", "経度", "便器数"]
        rows = await ask(
            "query_rows", dataset="public-toilets", where={"ID": "1"}, filter='"便器数" >= 2', limit=2, sort=["-便器数"]
        )
        assert rows["rows"][0]["名称"] == "中央公園トイレ"
        assert gateway.question["sortby"] == "-便器数"
        near = await ask("find_nearby", latitude=35.70, longitude=139.70, radius_m=2000, dataset="public-toilets")
        assert near["places"][0]["distance_m"] == 0
        assert near["places"][0]["row"]["名称"] == "駅前広場トイレ"
        assert [place["distance_m"] for place in near["places"]] == sorted(
            place["distance_m"] for place in near["places"]
        )
        assert (await ask("find_nearby", latitude=35.70, longitude=139.70, query="トイレ"))["looked_in"]
        assert (await ask("get_quality", dataset="public-toilets"))["of"] == 405
        assert (await ask("get_terms", dataset="public-toilets"))["licence"] == "CC-BY-4.0"
        assert "公衆トイレ一覧" in (await ask("cite", dataset="public-toilets"))["citation"]
        refused = await client.call_tool("get_dataset", {"dataset": "nothing-here"})
        assert refused.is_error
        assert "/problems/catalog/dataset-unknown" in refused.content[0].text  # type: ignore[union-attr]
        resources = (await client.list_resources()).resources
        assert len(resources) == 3
        uri = next(str(one.uri) for one in resources if one.name == "public-toilets")
        page = (await client.read_resource(uri)).contents[0]
        assert "# 公衆トイレ一覧" in page.text  # type: ignore[union-attr]
        assert (await client.list_resource_templates()).resource_templates
        prompts = (await client.list_prompts()).prompts
        assert {prompt.name for prompt in prompts} == {"find_data", "answer_from_data"}
        prompt = await client.get_prompt("find_data", {"purpose": "子育ての地図"})
        assert "子育ての地図" in prompt.messages[0].content.text  # type: ignore[union-attr]

    talk(url, talking, mode=mode)
    assert {key for _, _, key in gateway.asked} == {"tdpf_portal"}


@pytest.mark.django_db(transaction=True)
def test_a_key_reads_with_its_own_agreements_and_writes_with_its_scope(served: tuple[str, Scene, Gateway]) -> None:
    url, scene, gateway = served
    key = key_with(scene.provider, "data:read", "requests:write")

    async def talking(client: McpClient) -> str:
        assert {tool.name for tool in (await client.list_tools()).tools} == {*TOOL_NAMES, "request_data"}
        assert not (await client.call_tool("query_rows", {"dataset": "people-flow"})).is_error
        made = await client.call_tool(
            "request_data",
            {
                "title": "公園の遊具の一覧がほしい",
                "text": "区立公園ごとの遊具の種類と設置年を、表の形で公開してほしいです。",
            },
        )
        assert not made.is_error, made.content
        return str(made.structured_content["request"])

    uid = talk(url, talking, mode="auto", key=key)
    assert gateway.asked[-1][2] == key
    assert community.get_data_request(uid, scene.provider).title == "公園の遊具の一覧がほしい"


def test_a_key_in_the_address_is_the_callers(client: Client, scene: Scene, gateway: Gateway) -> None:
    key = key_with(scene.provider, "data:read")
    message = json.dumps(call("query_rows", dataset="public-toilets", limit=2))
    address = f"/mcp?apikey={key}"
    answer = client.post(address, message, content_type="application/json").json()
    assert gateway.asked[-1][2] == key
    given = answer["result"]["structuredContent"]
    assert (given["next_offset"], given["version"]) == (2, 4)
    following = {"dataset": "public-toilets", "limit": 2, "offset": 2, "version": given["version"]}
    rest = client.post(address, json.dumps(call("query_rows", **following)), content_type="application/json").json()
    assert gateway.question["version"] == "4"
    assert rest["result"]["structuredContent"]["version"] is None
    for wrong, headers in (("tdpf_wrong", {}), (key, {"X-API-Key": key}), (f"{key}&apikey={key}", {})):
        refused = client.post(f"/mcp?apikey={wrong}", message, content_type="application/json", headers=headers)
        assert refused.status_code in (400, 401), "no key, or two"


def post(client: Client, message: Any, *, headers: dict[str, str] | None = None, status: int = 200) -> Any:
    """Send one message and return the answer."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    answer = client.post("/mcp", body, content_type="application/json", headers=headers or {})
    assert answer.status_code == status, (answer.status_code, answer.content[:300])
    return json.loads(answer.content) if answer.content else None


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}


def test_a_handshake_agrees_on_a_version(client: Client, db: None) -> None:
    for wished, agreed in (("2025-06-18", "2025-06-18"), ("2025-11-25", "2025-11-25"), ("1999-01-01", "2025-11-25")):
        message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": wished}}
        answer = post(client, message)
        assert answer["result"]["protocolVersion"] == agreed
        assert answer["result"]["serverInfo"]["name"] == "tdpf"
    post(client, {"jsonrpc": "2.0", "method": "notifications/initialized"}, status=202)
    assert post(client, {"jsonrpc": "2.0", "id": 2, "method": "ping"})["result"] == {}
    wrong = {"MCP-Protocol-Version": "1999-01-01"}
    assert (
        post(client, {"jsonrpc": "2.0", "id": 3, "method": "ping"}, headers=wrong, status=400)["error"]["code"]
        == -32022
    )


def test_a_stateless_request_carries_its_envelope(client: Client, db: None) -> None:
    headers = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "server/discover"}
    message = {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": MODERN}}
    found = post(client, message, headers=headers)["result"]
    assert "2026-07-28" in found["supportedVersions"]
    assert found["resultType"] == "complete"
    assert post(client, message, headers={**headers, "Mcp-Method": "ping"}, status=400)["error"]["code"] == -32020
    assert post(client, message, headers={"Mcp-Method": "server/discover"}, status=400)["error"]["code"] == -32020
    bare = {**message, "params": {}}
    assert post(client, bare, headers=headers, status=400)["error"]["code"] == -32602
    unknown = {"jsonrpc": "2.0", "id": 1, "method": "x/y", "params": {"_meta": MODERN}}
    assert post(client, unknown, headers={**headers, "Mcp-Method": "x/y"}, status=404)["error"]["code"] == -32601
    named = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "cite", "arguments": {}, "_meta": MODERN},
    }
    other = {**headers, "Mcp-Method": "tools/call", "Mcp-Name": "get_terms"}
    assert post(client, named, headers=other, status=400)["error"]["code"] == -32020


@pytest.mark.parametrize(
    ("message", "status", "code"),
    [
        (b"", 400, -32700), (b"{", 400, -32700), (b"\xff", 400, -32700), (b"[" * 5000, 400, -32700),
        ([], 400, -32600), ([{"jsonrpc": "2.0", "id": 1, "method": "ping"}], 400, -32600), (b"null", 400, -32600),
        ({"id": 1, "method": "ping"}, 400, -32600), ({"jsonrpc": "2.0", "id": 1}, 400, -32600),
        ({"jsonrpc": "2.0", "id": {}, "method": "ping"}, 400, -32600), ({"jsonrpc": "2.0", "id": True, "method": "ping"}, 400, -32600),
        ({"jsonrpc": "2.0", "id": "x" * 999, "method": "ping"}, 400, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []}, 400, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "nope"}, 200, -32601), (call("nope"), 200, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "cite", "arguments": []}}, 200, None),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "cite", "arguments": [1]}}, 200, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"uri": "file:///etc/passwd"}}, 200, -32002),
        ({"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {}}, 200, -32002),
        ({"jsonrpc": "2.0", "id": 1, "method": "resources/list", "params": {"cursor": "../x"}}, 200, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "prompts/get", "params": {"name": "x"}}, 200, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "prompts/get", "params": {"name": "find_data"}}, 200, -32602),
    ],
)  # fmt: skip
def test_a_message_that_is_wrong_is_told_so(
    client: Client, db: None, message: Any, status: int, code: int | None
) -> None:
    answer = post(client, message, status=status)
    assert answer["jsonrpc"] == "2.0"
    if code is None:
        assert answer["result"]["isError"]
    else:
        assert answer["error"]["code"] == code


def test_arguments_are_checked_before_anything_is_done(client: Client, scene: Scene, gateway: Gateway) -> None:
    wrong: tuple[Any, ...] = (
        None,
        "",
        0,
        -1,
        10**30,
        1.5,
        True,
        [],
        {},
        [[]],
        "x" * 5000,
        "\0",
        "' OR 1=1 --",
        ["x"] * 99,
    )
    for tool in TOOLS:
        for name in (*tool.takes["properties"], "unknown"):
            for value in wrong:
                given = {"dataset": "public-toilets", "latitude": 35.7, "longitude": 139.7, name: value}
                known = {key: one for key, one in given.items() if key in tool.takes["properties"] or key == name}
                answer = client.post("/mcp", json.dumps(call(tool.name, **known)), content_type="application/json")
                assert answer.status_code in (200, 401), (tool.name, name, value)
                if answer.status_code == 200:
                    assert "result" in json.loads(answer.content), (tool.name, name, value, answer.content)
    for bad in (
        {"limit": 201},
        {"limit": 0},
        {"limit": "5"},
        {"offset": -1},
        {"columns": "ID"},
        {"sort": [1]},
        {"x": 1},
    ):
        result = post(client, call("query_rows", dataset="public-toilets", **bad))["result"]
        assert result["isError"]
        assert next(iter(bad)) in result["content"][0]["text"]


def test_what_the_gateway_refuses_is_told_in_its_words(
    client: Client, scene: Scene, gateway: Gateway, settings: Any
) -> None:
    gateway.refusal = (400, {"title": "Bad filter", "detail": "No column 秘密.", "cure": "See queryables."})
    result = post(client, call("query_rows", dataset="public-toilets", filter="秘密 = 1"))["result"]
    assert result["isError"]
    assert "No column 秘密." in result["content"][0]["text"]
    settings.GATEWAY_URL = "http://127.0.0.1:9"
    assert post(client, call("query_rows", dataset="public-toilets"))["result"]["isError"]


def test_data_with_terms_and_tables_that_are_not_there(client: Client, scene: Scene, gateway: Gateway) -> None:
    for name, given in (
        ("query_rows", {"dataset": "people-flow"}), ("query_rows", {"dataset": "shelters"}),
        ("find_nearby", {"dataset": "people-flow", "latitude": 35, "longitude": 139}), ("describe_columns", {"dataset": "shelters"}),
        ("get_dataset", {"dataset": "not-yet"}), ("cite", {"dataset": "a/../b"}),
    ):  # fmt: skip
        assert post(client, call(name, **given))["result"]["isError"]
    assert gateway.asked == []


def test_only_our_own_and_local_pages_may_call(client: Client, db: None) -> None:
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    for origin in ("https://evil.example", "null", "http://localhost.evil.example", "http://[", "file://"):
        assert post(client, ping, headers={"Origin": origin}, status=403)["error"]["message"] == "Origin not allowed"
    for origin in ("http://localhost:8080", "http://localhost:6274", "http://127.0.0.1:1"):
        answer = client.post("/mcp", json.dumps(ping), content_type="application/json", headers={"Origin": origin})
        assert answer["Access-Control-Allow-Origin"] == origin
    assert client.options("/mcp", headers={"Origin": "http://localhost:6274"}).status_code == 204
    for method in ("GET", "DELETE", "PUT"):
        answer = client.generic(method, "/mcp")
        assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")


def test_a_key_that_does_not_work_is_told_where_to_get_one(client: Client, scene: Scene) -> None:
    ping = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"})
    answer = client.post("/mcp", ping, content_type="application/json", headers={"Authorization": "Bearer tdpf_wrong"})
    assert answer.status_code == 401
    assert (
        'resource_metadata="http://localhost:8080/.well-known/oauth-protected-resource/mcp"'
        in answer["WWW-Authenticate"]
    )
    assert (
        client.post(
            "/mcp", json.dumps(call("request_data", title="x", text="y")), content_type="application/json"
        ).status_code
        == 401
    )
    two = {"Authorization": "Bearer a", "X-API-Key": "b"}
    assert client.post("/mcp", ping, content_type="application/json", headers=two).status_code == 400
    guard = json.loads(client.get("/.well-known/oauth-protected-resource/mcp").content)
    assert guard["resource"] == "http://localhost:8080/mcp"
    assert guard["authorization_servers"] == ["http://localhost:8080"]
    reader = key_with(scene.provider, "data:read")
    result = post(client, call("request_data", title="x", text="y"), headers={"X-API-Key": reader})["result"]
    assert result["isError"]


def test_a_body_that_is_too_large_is_not_read(client: Client, db: None) -> None:
    answer = client.post("/mcp", b'{"x":"' + b"a" * MOST_BYTES + b'"}', content_type="application/json")
    assert answer.status_code == 413
