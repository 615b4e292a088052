"""People and organisations for the tests of members."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.utils.translation import override
from made_members import MakeMember
from pytest_django import Settings

from tdpf.controlplane.members import queries, services
from tdpf.controlplane.members.models import Organization
from tdpf.controlplane.members.types import OrganizationFacts, OrganizationKind, Standing
from tdpf.djangokit.models import OutboxEvent
from tdpf.kit.codes import corporate_number_check_digit

Announced = Callable[..., list[OutboxEvent]]


@pytest.fixture(autouse=True)
def quick_and_alone(settings: Settings) -> Iterator[None]:
    """Rate limits and the language of pages begin anew with each test."""
    settings.CACHES = {name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"} for name in settings.CACHES}
    cache.clear()
    with override("ja"):
        yield


@pytest.fixture
def operator(make_member: MakeMember) -> Standing:
    """An operator with a second factor."""
    return make_member("operator", operator=True)


@pytest.fixture
def hana(make_member: MakeMember) -> Standing:
    """A member with a second factor."""
    return make_member("hana")


@pytest.fixture
def taro(make_member: MakeMember) -> Standing:
    """Another member with a second factor."""
    return make_member("taro")


def company(twelve: str = "000012050002", **changes: object) -> OrganizationFacts:
    """Return what a company says of itself, with a right check digit."""
    facts: dict[str, object] = {
        "kind": OrganizationKind.COMPANY,
        "name_ja": "株式会社こよみ",
        "name_en": "Koyomi Inc.",
        "corporate_number": corporate_number_check_digit(twelve) + twelve,
        **changes,
    }
    return OrganizationFacts(**facts)  # type: ignore[arg-type]  # the tests name the fields


@pytest.fixture
def submitted(hana: Standing) -> Organization:
    """A company for which hana has applied."""
    return services.apply_organization(actor=hana, facts=company())


@pytest.fixture
def approved(submitted: Organization, operator: Standing) -> Organization:
    """The same company, approved."""
    return services.review_organization(actor=operator, organization_uid=submitted.uid, decision="approve")


@pytest.fixture
def announced() -> Announced:
    """Return the announced events of a name, oldest first."""

    def found(event: type) -> list[OutboxEvent]:
        return list(OutboxEvent.objects.filter(name=event.name).order_by("id"))  # type: ignore[attr-defined]

    return found


def again(standing: Standing) -> Standing:
    """Return the standing of the same member as it is now."""
    return queries.standing_of_uid(standing.member_uid)
