"""Standings and announced events for the tests of operations."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from own_home import own_home as own_home

from tdpf.controlplane.members import events, queries, services
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce

Announce = Callable[..., None]


@pytest.fixture
def tell(db: None) -> Announce:
    """Announce profile changes by made-up actors: cheap events with a subject and a reason."""

    def announced(*actors: str, reason: str = "", subject: str = "member:x") -> None:
        with transaction.atomic():
            for number, actor in enumerate(actors):
                announce(events.ProfileEdited(actor=actor, subject=subject, reason=reason, party_id=number))

    return announced


def standing(name: str, *, operator: bool = False, mfa: bool = True) -> Standing:
    """Make a member and return the standing."""
    create = services.create_operator if operator else services.create_confirmed_member
    member = create(email=f"{name}@example.jp", password="a long pass phrase 7", display_name=name)
    if mfa:
        services.set_totp_secret(member_uid=member.uid)
    return queries.standing_of_uid(member.uid)


@pytest.fixture
def operator(db: None) -> Standing:
    """An operator with a second factor."""
    return standing("operator", operator=True)


@pytest.fixture
def hana(db: None) -> Standing:
    """A member with a second factor."""
    return standing("hana")


@pytest.fixture
def bare_operator(db: None) -> Standing:
    """An operator without a second factor."""
    return standing("bare", operator=True, mfa=False)
