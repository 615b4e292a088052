"""The token endpoint as RFC 6749 has it."""

from __future__ import annotations

import base64

import pytest
from django.test import Client

from tdpf.controlplane.access import queries, services
from tdpf.controlplane.access.types import ApplicationFacts
from tdpf.controlplane.members.types import Standing
from tdpf.wire.messages import NodeHealth

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tdpf.faces.api.urls")]
TOKEN = "/identity/o/api/token"


def basic(client_id: str, secret: str) -> dict[str, str]:
    """Return the header of HTTP Basic."""
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


@pytest.fixture
def secret(hana: Standing, application: ApplicationFacts) -> str:
    """A live key of the application."""
    return services.issue_key(
        actor=hana, application_uid=application.uid, name="鍵", scopes=["data:read", "uploads:write"]
    ).plaintext


def test_a_token_for_a_key(client: Client, application: ApplicationFacts, secret: str) -> None:
    """By Basic or in the body; never stored."""
    for headers, body in (
        (basic(application.uid, secret), {"grant_type": "client_credentials"}),
        ({}, {"grant_type": "client_credentials", "client_id": application.uid, "client_secret": secret}),
    ):
        answer = client.post(TOKEN, body, headers=headers)
        assert answer.status_code == 200
        assert (answer["Cache-Control"], answer["Content-Type"]) == ("no-store", "application/json")
        token = answer.json()
        assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 900, "data:read uploads:write")
        assert queries.authenticate(token["access_token"]).application.uid == application.uid


def test_a_token_is_handed_out_when_the_gateways_know_it(
    client: Client, application: ApplicationFacts, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway says by its question from which stamp on it acts; one that is stopping is not waited for."""
    reported = queries.current_stamp()
    for name, state in (("gw1", "ok"), ("gw2", "stopping")):
        services.report_node(health=NodeHealth(name, "gateway", state, reported, 1, 1))  # type: ignore[arg-type]
    waited: list[tuple[int, bool]] = []
    really = queries.wait_until_applied

    def wait(stamp: int, timeout: float) -> bool:
        waited.append((stamp, really(stamp, 0)))
        services.note_applied(gateway="gw1", stamp=stamp)
        return really(stamp, timeout)

    monkeypatch.setattr(queries, "wait_until_applied", wait)
    assert (
        client.post(TOKEN, {"grant_type": "client_credentials"}, headers=basic(application.uid, secret)).status_code
        == 200
    )
    assert waited == [(queries.current_stamp(), False)]
    assert waited[0][0] > reported
    assert really(waited[0][0], 0)


def test_a_token_of_fewer_scopes(client: Client, application: ApplicationFacts, secret: str) -> None:
    """As asked; more than the key has is invalid_scope."""
    body = {"grant_type": "client_credentials", "scope": "data:read"}
    assert client.post(TOKEN, body, headers=basic(application.uid, secret)).json()["scope"] == "data:read"
    answer = client.post(TOKEN, {**body, "scope": "datasets:write"}, headers=basic(application.uid, secret))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_wrong_clients(client: Client, application: ApplicationFacts, secret: str) -> None:
    """invalid_client with 401 and a challenge, the same for every reason."""
    answers = [
        client.post(TOKEN, {"grant_type": "client_credentials"}, headers=headers)
        for headers in (basic(application.uid, "wrong"), basic("nobody", secret), basic("", ""), {})
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer["WWW-Authenticate"].startswith("Basic ")
        assert answer.content == answers[0].content


@pytest.mark.parametrize(
    ("body", "headers", "error"),
    [
        ({}, None, "invalid_request"),
        ({"grant_type": ["client_credentials", "client_credentials"]}, None, "invalid_request"),
        ({"grant_type": "password"}, None, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_secret": "x"}, None, "invalid_request"),
        ({"grant_type": "client_credentials"}, {"Authorization": "Basic ###"}, "invalid_request"),
        ({"grant_type": "client_credentials"}, {"Authorization": "Basic bm9jb2xvbg=="}, "invalid_request"),
        ({"grant_type": "client_credentials"}, {"Authorization": "Digest x"}, "invalid_request"),
    ],
)
def test_wrong_requests(
    client: Client,
    application: ApplicationFacts,
    secret: str,
    body: dict[str, str],
    headers: dict[str, str] | None,
    error: str,
) -> None:
    """400 with the code that RFC 6749 §5.2 defines."""
    answer = client.post(TOKEN, body, headers=headers or basic(application.uid, secret))
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["error_description"]
    assert answer["Cache-Control"] == "no-store"


def test_only_post(client: Client) -> None:
    """A secret has no place in an address."""
    answer = client.get(TOKEN)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert answer["Content-Type"] == "application/problem+json"


def test_the_server_describes_itself(client: Client, settings: object) -> None:
    """RFC 8414."""
    body = client.get("/.well-known/oauth-authorization-server").json()
    assert body["token_endpoint"] == body["issuer"] + TOKEN
    assert body["grant_types_supported"] == ["client_credentials"]
    assert "data:read" in body["scopes_supported"]
