"""What cannot be read this time is still listed: a bad record is not a deleted one."""

from __future__ import annotations

import pytest
from federation_runs import run, shown, site_at
from federation_sites import Site, as_json

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_record_that_became_unreadable_is_not_taken_for_deleted() -> None:
    """It stays as it was; one that really left is gone."""
    good = [{"identifier": f"d{n}", "title": f"データセット{n}", "description": "説明"} for n in range(6)]
    with Site({"/data.json": as_json({"dataset": good})}) as web:
        site = site_at(f"{web.url}/data.json", kind="data_json")
        run(site)
        assert len(shown()) == 6
        bad = [{"identifier": "d0"}, *good[1:5]]
        web.answers["/data.json"] = as_json({"dataset": bad})
        done = run(site)
    assert done.left_out == 1
    assert sorted(shown().values()) == [f"データセット{n}" for n in range(5)]
