"""People, programs and calls for the tests of the API."""

from __future__ import annotations

import pytest
from made_members import MakeMember
from own_home import own_home as own_home

from tdpf.controlplane.access import services as access
from tdpf.controlplane.access.types import SCOPES, ApplicationFacts
from tdpf.controlplane.members.types import Standing
from tdpf.faces.api import credentials

Headers = dict[str, str]


@pytest.fixture(autouse=True)
def nobody_wrote_yet() -> None:
    """Who writes too often is told so, and no test has written yet."""
    credentials._recent.clear()


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
