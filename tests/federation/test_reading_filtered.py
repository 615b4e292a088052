"""A part of a CKAN only: what leaves the filter is gone like what is deleted, and nothing is lost because of a doubt."""

from __future__ import annotations

from typing import Any

import pytest
from federation_runs import run, shown, site_at
from federation_sites import Asked, FakeCkan, Reply, as_json, made_up_package

pytestmark = pytest.mark.django_db(transaction=True)


def _packages(count: int) -> list[dict[str, Any]]:
    made = [made_up_package(n, "2025-01-01T00:00:00.000000", title=f"題名{chr(0x4E00 + n)}") for n in range(count)]
    for package in made:
        package["organization"] = {**package["organization"], "name": "minato"}
    return made


@pytest.mark.parametrize("options", [{"organization": "minato"}, {"fq": 'organization:"minato"'}])
def test_what_leaves_the_filter_is_gone(options: dict[str, str]) -> None:
    """Found by an incremental run already, though the site's list of names still has it."""
    packages = _packages(6)
    packages[5]["organization"]["name"] = "kita"
    with FakeCkan(packages=packages) as ckan:
        site = site_at(ckan.url, options=options)
        assert run(site).added == 5
        packages[0]["organization"]["name"] = "kita"
        packages[1].update(title="変わった題名", metadata_modified="2026-01-01T00:00:00.000000")
        again = run(site)
        assert (again.is_full, again.changed, again.gone) == (False, 1, 1)
        packages[0]["organization"]["name"] = "minato"
        back = run(site, is_full=True)
    assert (back.seen, back.gone) == (5, 0)
    assert len(shown()) == 5


def test_a_list_that_moves_takes_nothing_down() -> None:
    """The count changes while the pages of the list are read: what is missing may only have moved from page to page."""
    packages = _packages(4)
    with FakeCkan(packages=packages) as ckan:
        site = site_at(ckan.url, options={"organization": "minato"})
        run(site)

        def unsteady(asked: Asked) -> Reply:
            if "fl" in asked.query:
                found = [{"id": packages[0]["id"], "name": packages[0]["name"]}]
                return as_json({"success": True, "result": {"count": 4, "results": found[int(asked.query["start"]) :]}})
            return ckan._search(asked)

        ckan.answers["/api/3/action/package_search"] = unsteady
        again = run(site)
    assert (again.state, again.gone) == ("done", 0)
    assert any("確かめていません" in line[1] for line in again.log)
    assert len(shown()) == 4


def test_without_a_search_a_filter_is_not_passed_over() -> None:
    """An organisation is told from each package; of what only a search knows, nothing is taken."""
    packages = _packages(3)
    packages[2]["organization"]["name"] = "kita"
    with FakeCkan(packages=packages) as ckan:
        ckan.without_search = True
        assert run(site_at(ckan.url, slug="one", options={"organization": "minato"})).added == 2
        assert run(site_at(ckan.url, slug="two", options={"fq": "tags:防災"})).state == "failed"
    assert len(shown()) == 2
