"""Which older versions can be asked for: those pinned, and the ten before the latest."""

from __future__ import annotations

import pytest
from catalog_cast import ROWS, add_rows
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from tdpf.controlplane.catalog import queries, services
from tdpf.controlplane.catalog.models import Dataset, Distribution
from tdpf.controlplane.catalog.reads.differences import versions_in_reach
from tdpf.controlplane.members.types import Standing

pytestmark = pytest.mark.django_db


def test_pinned_versions_and_the_newest_can_be_asked_for_and_no_others_are_read(
    published: Dataset, provider: Standing, table: Distribution, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in range(1, 14):
        add_rows(provider, table, (*ROWS, *((f"9{more}", "増設", None, None, None) for more in range(count))))
    assert queries.versions_of(table.uid)[0].number == 14
    services.pin_version(actor=provider, version_uid=queries.versions_of(table.uid)[-2].uid, pinned=True)
    with django_assert_num_queries(1) as asked:
        found = versions_in_reach(table.pk)
    assert [number for _key, _of, number, _identity in found] == [2, *range(4, 14)]
    with connection.cursor() as cursor:
        cursor.execute(asked.captured_queries[0]["sql"])
        assert len(cursor.fetchall()) == len(found), "the database chooses, not the process"
    [facts] = queries.published_tables()
    assert [number for number, _identity in facts.pinned] == [2, *range(4, 14)]
