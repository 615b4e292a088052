"""People and programs for the tests of access."""

from __future__ import annotations

import pytest
from made_members import MakeMember
from own_home import own_home as own_home

from tdpf.controlplane.access import services
from tdpf.controlplane.access.types import ApplicationFacts, IssuedKey
from tdpf.controlplane.members.types import Standing


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
