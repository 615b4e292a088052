"""People and a home for the tests of federation."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import Standing
from tdpf.kit.home import Home, home


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Home:
    """A home of its own for each test."""
    settings.ALLOW_PRIVATE_FETCH = True
    monkeypatch.setenv("TDPF_HOME", str(tmp_path / "home"))
    return home().prepare()


@pytest.fixture
def operator(db: None) -> Standing:
    """Who runs the platform."""
    member = member_services.create_operator(email="operator@example.jp", password="a long pass phrase 7")
    member_services.set_totp_secret(member_uid=member.uid)
    return members.standing_of_uid(member.uid)


@pytest.fixture
def stranger(db: None) -> Standing:
    """A member who is no operator."""
    member = member_services.create_confirmed_member(
        email="member@example.jp", password="a long pass phrase 7", display_name="member", language="ja"
    )
    member_services.set_totp_secret(member_uid=member.uid)
    return members.standing_of_uid(member.uid)
