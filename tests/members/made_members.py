"""Members for the tests of every room."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tdpf.controlplane.members.types import Standing

MakeMember = Callable[..., Standing]


@pytest.fixture
def make_member(db: None) -> MakeMember:
    """Make a member by name, with a second factor unless told otherwise, and return what is true about them."""
    # Imported late: every test run loads this module before Django has started.
    from tdpf.controlplane.members import queries, services
    from tdpf.controlplane.members.models import Member

    def make(name: str, *, mfa: bool = True, operator: bool = False, language: str = "ja") -> Standing:
        create = services.create_operator if operator else services.create_confirmed_member
        member = create(email=f"{name}@example.jp", password="a long pass phrase 7", display_name=name)
        Member.objects.filter(pk=member.pk).update(language=language)
        if mfa:
            services.set_totp_secret(member_uid=member.uid)
        return queries.standing_of_uid(member.uid)

    return make
