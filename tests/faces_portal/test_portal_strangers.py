"""What strangers must not get from the pages: rows the operator closed, a page of an unapproved body, a way off the site."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from portal_cast import Person, approved_organization, publish
from portal_reading import page_of

from tdpf.controlplane.access.types import RowsAnswer
from tdpf.controlplane.members import services as members
from tdpf.controlplane.members.types import OrganizationFacts, OrganizationKind
from tdpf.faces.portal import rows

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def test_rows_of_open_data_need_an_account_where_the_operator_says_so(
    client: Client, someone: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    provider, operator = someone("p@example.jp", "提供"), someone("o@example.jp", "運営", operator=True)
    publish(provider, "shelters")
    asked: list[str] = []

    def ask(slug: str, *_: object, **__: object) -> RowsAnswer:
        asked.append(slug)
        return RowsAnswer(silent=True)

    monkeypatch.setattr(rows, "ask", ask)
    client.get("/datasets/shelters")
    operator.send("/operator/settings", open_data_needs_account="on")
    assert "APIキーが必要です" in page_of(client.get("/datasets/shelters")).text
    assert asked == ["shelters"]
    provider.see("/datasets/shelters")
    assert asked == ["shelters", "shelters"]


def test_a_body_that_only_applied_has_no_page(client: Client, someone: Callable[..., Person]) -> None:
    applicant, operator = someone("a@example.jp", "申請"), someone("o@example.jp", "運営", operator=True)
    facts = OrganizationFacts(
        kind=OrganizationKind.MUNICIPALITY, name_ja="千代田区", slug="not-yet-a-city", municipality_code="131016"
    )
    members.apply_organization(actor=applicant.standing, facts=facts)
    missing = client.get("/publishers/not-yet-a-city")
    assert missing.status_code == 404
    policy = {words.strip() for words in missing.headers["Content-Security-Policy"].split(";")}
    assert policy >= {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"}
    approved_organization(someone("b@example.jp", "職員"), operator)
    assert client.get("/publishers/sample-city").status_code == 200
    assert client.get("/publishers/sample-city?offset=" + "9" * 5000).status_code == 200


@pytest.mark.parametrize("address", ["//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example"])
def test_nothing_leads_away_after_a_form(someone: Callable[..., Person], address: str) -> None:
    member = someone("c@example.jp", "利用")
    response = member.client.post(
        "/applications", {"owner": member.standing.person_party_id, "name": "地図"}, query_params={"next": address}
    )
    assert response.status_code == 303
    assert response.headers["Location"].startswith("/applications/")


@pytest.mark.parametrize(
    ("method", "host", "code", "status"),
    [("TRACE", "localhost", "method-unknown", 405), ("GET", "elsewhere.example", "host-unknown", 400), ("GET", "a b", "host-unknown", 400)],
)  # fmt: skip
def test_a_call_that_no_view_is_to_see(
    client: Client, method: str, host: str, code: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    for path, accept in (("/", "text/html"), ("/en/search", "text/html"), ("/api/v1/datasets", "*/*")):
        answer = client.generic(method, path, headers={"Host": host, "Accept": accept})
        assert (answer.status_code, answer["X-Problem"]) == (status, f"platform/{code}"), path
        if path.startswith("/api/"):
            assert answer.json()["type"] == f"/problems/platform/{code}"
        else:
            assert f'lang="{"en" if path.startswith("/en") else "ja"}"' in answer.content.decode()
    assert not [one for one in caplog.records if one.levelname == "ERROR"], "whoever calls so is no fault of ours"
