"""The pages that explain."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from importlib import import_module
from pkgutil import walk_packages

import pytest
from django.test import Client
from portal_cast import Person, approved_organization, publish
from portal_reading import page_of

import tdpf
from tdpf.kit.errors import problem_classes
from tdpf.processes.wiring import PROBLEMS_OF_OTHER_PARTS

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
_NOT_IN_THE_PORTAL = ("tdpf.wire.", "tdpf.dataplane.", "tdpf.faces.api.internal.", "tdpf.djangokit.forgery")


def test_every_problem_has_a_page_with_its_cure(client: Client) -> None:
    listed = page_of(client.get("/problems"))
    assert listed.heading == "エラーの意味"
    assert "platform/not-found" in listed.links
    explained = page_of(client.get("/problems/platform/not-found"))
    assert explained.heading == "ページが見つかりません"
    assert "URLを確かめるか、検索からお探しください。" in explained.text


def test_whoever_comes_new_does_not_choose_the_first_example(client: Client, someone: Callable[..., Person]) -> None:
    newcomer, provider = someone("n@example.jp", "個人"), someone("p@example.jp", "職員")
    approved_organization(provider, someone("o@example.jp", "運営", operator=True))
    publish(newcomer, "earliest")
    assert "/data/collections/earliest/" in client.get("/developers").content.decode()
    party = next(number for number in provider.standing.roles if number != provider.standing.person_party_id)
    publish(provider, "of-the-city", party=party)
    publish(newcomer, "newest")
    page = client.get("/developers").content.decode()
    assert "/data/collections/of-the-city/" in page
    assert "newest" not in page


def test_every_problem_of_the_tree_is_explained_in_both_languages(client: Client) -> None:
    """The portal's own process knows what the other parts answer, though it loads none of them: the wiring names it."""
    named = {module.__name__ for module in PROBLEMS_OF_OTHER_PARTS}
    for module in walk_packages(tdpf.__path__, "tdpf."):
        if not module.name.startswith("tdpf.processes.") and ".migrations" not in module.name:
            import_module(module.name)
    for code, problem in problem_classes().items():
        if not problem.__module__.startswith("tdpf."):
            continue
        assert problem.__module__ in named or not problem.__module__.startswith(_NOT_IN_THE_PORTAL)
        for page, title in ((f"/problems/{code}", problem.title.ja), (f"/en/problems/{code}", problem.title.en)):
            shown = client.get(page).content.decode()
            assert f"<h1>{escape(title)}</h1>" in shown
            assert f'  "title": "{escape(title)}"' in shown


@pytest.mark.parametrize("path", ["/home", "/en/home/profile", "/accounts/login/", "/accounts/2fa/recovery-codes/"])
def test_pages_about_ones_own_account_are_kept_by_nobody(client: Client, path: str) -> None:
    assert "no-store" in client.get(path).headers["Cache-Control"]
    assert "no-store" not in client.get("/help").headers.get("Cache-Control", "")


def test_an_unknown_problem_is_a_calm_404_page(client: Client) -> None:
    response = client.get("/problems/nobody/knows")
    assert response.status_code == 404
    assert page_of(response).heading == "ページが見つかりません"


def test_english_stands_under_en_and_nothing_is_redirected(client: Client) -> None:
    japanese = client.get("/help", headers={"accept-language": "en"})
    assert japanese.status_code == 200
    assert page_of(japanese).language == "ja"
    english = page_of(client.get("/en/help"))
    assert english.language == "en"
    assert english.heading == "Help"
    assert english.links["日本語"] == "/help"
    assert english.links["Terms and policies"] == "/en/policies"


@pytest.mark.parametrize("path", ["/help", "/policies", "/policies/terms", "/policies/privacy", "/policies/data",
                                  "/policies/security", "/accessibility", "/problems"])  # fmt: skip
def test_pages_begin_with_skip_link_one_heading_and_what_they_are(client: Client, path: str) -> None:
    page = page_of(client.get(path))
    assert page.links["本文へ移動"] == "#main"
    assert page.headings == 1
    assert page.lead
    assert page.inline_scripts == 0
    assert page.inline_styles == 0
