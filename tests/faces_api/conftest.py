"""People, programs and calls for the tests of the API."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from tdpf.controlplane.access import services as access
from tdpf.controlplane.access.types import SCOPES, ApplicationFacts
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import Standing
from tdpf.faces.api import credentials
from tdpf.kit.home import home

MakeMember = Callable[..., Standing]
Headers = dict[str, str]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Each test has its own installation, and nobody has written yet."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setenv("TDPF_HOME", str(tmp_path))
    home().prepare()
    credentials._recent.clear()


@pytest.fixture
def make_member(db: None) -> MakeMember:
    """Make a member by name, with a second factor unless told otherwise."""

    def make(name: str, *, mfa: bool = True, operator: bool = False) -> Standing:
        create = member_services.create_operator if operator else member_services.create_confirmed_member
        member = create(email=f"{name}@example.jp", password="a long pass phrase 7", display_name=name)
        if mfa:
            member_services.set_totp_secret(member_uid=member.uid)
        return members.standing_of_uid(member.uid)

    return make


@pytest.fixture
def hana(make_member: MakeMember) -> Standing:
    """A provider with a second factor."""
    return make_member("hana")


@pytest.fixture
def application(hana: Standing) -> ApplicationFacts:
    """An application of hana's."""
    return access.register_application(actor=hana, owner_party_id=hana.person_party_id, name="公開ツール")


@pytest.fixture
def bearer(hana: Standing, application: ApplicationFacts) -> Headers:
    """The header of a key of hana's that may do everything."""
    issued = access.issue_key(actor=hana, application_uid=application.uid, name="全部", scopes=SCOPES)
    return {"Authorization": f"Bearer {issued.plaintext}"}


@pytest.fixture
def strangers_bearer(make_member: MakeMember) -> Headers:
    """The header of an equally powerful key of somebody else."""
    other = make_member("stranger")
    theirs = access.register_application(actor=other, owner_party_id=other.person_party_id, name="別のツール")
    issued = access.issue_key(actor=other, application_uid=theirs.uid, name="全部", scopes=SCOPES)
    return {"Authorization": f"Bearer {issued.plaintext}"}
