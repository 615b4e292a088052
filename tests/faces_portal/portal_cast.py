"""People and data for the tests of the pages, made by the rooms' own verbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from portal_reading import ReadPage, page_of

from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services
from tdpf.controlplane.members.types import OrganizationFacts, OrganizationKind, Standing
from tdpf.djangokit import jobs

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SHELTERS = "番号,名称,緯度,経度,収容人数\n001,北小学校,35.70,139.75,120\n002,南公園,35.69,139.76,300\n003,=HYPERLINK,35.68,139.77,\n"


@dataclass(frozen=True)
class Person:
    """A member with a browser of their own."""

    client: Client
    member: Any

    @property
    def standing(self) -> Standing:
        """What is true about the member now."""
        return members.standing_of(self.member)

    def see(self, path: str) -> ReadPage:
        """Open a page that must be there."""
        response = self.client.get(path)
        assert response.status_code == 200, (path, response.status_code)
        return page_of(response)

    def send(self, path: str, **fields: Any) -> str:
        """Send a form that must be taken, and return where it leads."""
        response = self.client.post(path, fields)
        assert response.status_code == 303, (path, response.status_code, page_of(response).alerts)
        return str(response.headers["Location"])

    def refused(self, path: str, **fields: Any) -> ReadPage:
        """Send a form that must come back with what was wrong."""
        response = self.client.post(path, fields)
        assert response.status_code == 422, (path, response.status_code)
        return page_of(response)


def person(email: str, name: str, *, operator: bool = False, mfa: bool = True) -> Person:
    """Make a confirmed member and sign them in."""
    make = services.create_operator if operator else services.create_confirmed_member
    member = make(email=email, password="a long enough password 7", display_name=name)
    if mfa:
        services.set_totp_secret(member_uid=member.uid)
    client = Client()
    client.force_login(member, backend=BACKEND)
    return Person(client, member)


def approved_organization(of: Person, operator: Person, name: str = "見本区", code: str = "131016") -> Any:
    """Make an organisation of a person and have it approved."""
    facts = OrganizationFacts(
        kind=OrganizationKind.MUNICIPALITY, name_ja=name, slug="sample-city", municipality_code=code,
        contact_email="data@city.example.jp",
    )  # fmt: skip
    made = services.apply_organization(actor=of.standing, facts=facts)
    return services.review_organization(actor=operator.standing, organization_uid=made.uid, decision="approve")


def hand_in(by: Person, text: str, *, party: int | None = None, name: str = "shelters.csv", query: str = "") -> str:
    """Send a file by the form and let the worker read it; return the page of what was found."""
    fields: dict[str, Any] = {"file": SimpleUploadedFile(name, text.encode())}
    if not query:
        fields["party"] = party or by.standing.person_party_id
    path = by.send(f"/provide{query}", **fields)
    jobs.run_pending()
    return path


def publish(
    by: Person, slug: str, *, preset: str = "open", party: int | None = None, text: str = SHELTERS, **terms: Any
) -> None:
    """Go through all five steps with a small table; `terms` over those of the preset."""
    found = hand_in(by, text, party=party)
    described = by.see(f"{found}/describe")
    by.send(f"{found}/describe", **metadata(described, slug))
    fields = next(entry.fields for entry in exchange.terms_presets() if entry.code == preset)
    by.send(f"/provide/{slug}/terms", **{**fields, **terms})
    warranty = exchange.warranty_in_force()
    signed = {"text_version": warranty.version, "text_sha256": warranty.sha256, "sign": "on"}
    by.send(f"/provide/{slug}/publish", **signed, **({} if preset == "open" else {"despite_licence": "on"}))
    jobs.run_pending()


def metadata(page: ReadPage, slug: str, title: str = "避難所の一覧") -> dict[str, Any]:
    """Return the description form as proposed, completed as a person would."""
    kept = {name: attrs.get("value", "") for name, attrs in page.fields.items()
            if attrs.get("type") not in ("checkbox", "radio") and name not in ("q", "csrfmiddlewaretoken")}  # fmt: skip
    return {
        **kept, "title_ja": title, "description_ja": "区内の避難所の場所と収容人数です。", "slug": slug, "licence": "CC-BY-4.0",
        "update_frequency": "UNKNOWN", "contact_email": "data@example.jp", "data_class": "non_personal", "key": ["番号"],
    }  # fmt: skip
