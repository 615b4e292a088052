"""People and programs for the tests of access."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from tdpf.controlplane.access import services
from tdpf.controlplane.access.types import ApplicationFacts, IssuedKey
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import Standing
from tdpf.kit.home import home

MakeMember = Callable[..., Standing]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Each test has its own secrets and snapshots."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setenv("TDPF_HOME", str(tmp_path))
    home().prepare()


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
    """A member with a second factor."""
    return make_member("hana")


@pytest.fixture
def application(hana: Standing) -> ApplicationFacts:
    """An application of hana's."""
    return services.register_application(actor=hana, owner_party_id=hana.person_party_id, name="地図アプリ")


@pytest.fixture
def key(hana: Standing, application: ApplicationFacts) -> IssuedKey:
    """A key of that application."""
    return services.issue_key(actor=hana, application_uid=application.uid, name="本番")
