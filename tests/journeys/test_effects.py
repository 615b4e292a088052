"""A decision acts at the gateway within two seconds, measured from the deciding call to the first answer that shows it."""

from __future__ import annotations

import secrets
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from deciding import Door, Program, wait_until

if TYPE_CHECKING:
    from conftest import Platform

pytestmark = pytest.mark.journey

PROMISED_SECONDS = 2.0
TERMS = 'approval="automatic", notice_days=1, rate_plan="r100"'


def items(slug: str) -> str:
    return f"/data/collections/{slug}/items?limit=1"


@pytest.fixture(scope="module")
def slug(program: Program) -> str:
    """A dataset under terms, for everything that does not stop it."""
    name = f"effects-{secrets.token_hex(4)}"
    program.do(f'return offer("{name}", {TERMS})')
    return name


@pytest.fixture
def own(program: Program) -> dict[str, Any]:
    """A dataset under terms for one test, and an application that has an agreement for it."""
    name = f"effects-{secrets.token_hex(4)}"
    found = program.do(f"""
        made = offer("{name}", {TERMS})
        app = application()
        return dict(made, slug="{name}", agreement=agree(app["application"], made["offer"]).uid, **{{
            key: app[key] for key in ("application", "key", "key_uid")}})
    """)
    assert isinstance(found, dict)
    return found


def agreed(program: Program, slug: str) -> dict[str, Any]:
    """An application with an agreement of its own for the shared dataset."""
    found = program.do(f"""
        app = application()
        page = catalog_queries.dataset_page("{slug}", standing("provider"))
        return dict(app, agreement=agree(app["application"], exchange_queries.offer_of_dataset(page.uid).uid).uid)
    """)
    assert isinstance(found, dict)
    return found


def serves(platform: Platform, path: str, key: str = "", status: int = 200) -> None:
    """Wait until an earlier decision is in force."""
    door = Door(platform.port, key)
    wait_until(lambda: door.ask(path).status == status, within=20)


def measured(
    platform: Platform, program: Program, what: str, source: str, *, path: str, status: int, key: str = ""
) -> Any:
    """Decide while the gateway is asked again and again; print and judge how long the decision took to show."""
    door = Door(platform.port, key)
    before = door.ask(path)
    assert before.status != status, "the decision is in force before it was made"
    seen: list[float] = []
    last = 0

    def watch() -> None:
        nonlocal last
        deadline = time.monotonic() + 30
        while not seen and time.monotonic() < deadline:
            last = door.ask(path).status
            if last == status:
                seen.append(time.monotonic())
            time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    decision = program.decide(source)
    watcher.join()
    assert seen, f"{what}: {status} never seen at the gateway, last {last}"
    judge(what, seen[0] - decision.began, decision.ended - decision.began)
    return decision.result


def judge(what: str, seconds: float, deciding: float) -> None:
    print(f"\n{what}: {seconds:.2f} s from the deciding call (the call itself {deciding:.2f} s)")
    assert 0 < seconds < PROMISED_SECONDS


def test_an_agreement_is_sealed(sample_platform: Platform, program: Program, slug: str) -> None:
    # The first agreement loads what later ones have at hand, as in a portal that has just started.
    agreed(program, slug)
    app = program.do("return application()")
    serves(sample_platform, items(slug), app["key"], 403)
    measured(
        sample_platform, program, "agreement sealed",
        f"""
        page = catalog_queries.dataset_page("{slug}", standing("provider"))
        return agree("{app["application"]}", exchange_queries.offer_of_dataset(page.uid).uid).uid
        """,
        path=items(slug), status=200, key=app["key"],
    )  # fmt: skip


def test_a_key_is_issued_and_revoked(sample_platform: Platform, program: Program, slug: str) -> None:
    app = agreed(program, slug)
    issued = program.decide(f"""
        made = access.issue_key(actor=standing("consumer"), application_uid="{app["application"]}", name="もう一つ")
        return {{"key": made.plaintext, "uid": made.key.uid}}
    """)
    door = Door(sample_platform.port, issued.result["key"])
    wait_until(lambda: door.ask(items(slug)).status == 200, every=0.02)
    judge("key issued", time.monotonic() - issued.began, issued.ended - issued.began)
    measured(
        sample_platform, program, "key revoked",
        f'access.revoke_key(actor=standing("consumer"), key_uid="{issued.result["uid"]}")',
        path=items(slug), status=401, key=issued.result["key"],
    )  # fmt: skip
    assert Door(sample_platform.port, app["key"]).ask(items(slug)).status == 200


def test_a_token_works_at_once_and_ends_with_its_key(sample_platform: Platform, program: Program, slug: str) -> None:
    app = agreed(program, slug)
    began = time.monotonic()
    answer = Door(sample_platform.port).ask(
        "/identity/o/api/token", method="POST", headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=f"grant_type=client_credentials&client_id={app['application']}&client_secret={app['key']}".encode(),
    )  # fmt: skip
    assert answer.status == 200, answer.body
    ended = time.monotonic()
    token = answer.json()["access_token"]
    door = Door(sample_platform.port, token)
    wait_until(lambda: door.ask(items(slug)).status == 200, every=0.02)
    judge("token minted", time.monotonic() - began, ended - began)
    measured(
        sample_platform, program, "token's key revoked",
        f'access.revoke_key(actor=standing("consumer"), key_uid="{app["key_uid"]}")',
        path=items(slug), status=401, key=token,
    )  # fmt: skip


def test_an_agreement_is_suspended_lifted_and_ended(sample_platform: Platform, program: Program, slug: str) -> None:
    app = agreed(program, slug)
    serves(sample_platform, items(slug), app["key"])
    for what, verb, who, status in (
        ("agreement suspended", "suspend_agreement", "operator", 403),
        ("agreement's suspension lifted", "lift_agreement_suspension", "operator", 200),
        ("agreement ended", "end_agreement", "consumer", 403),
    ):
        measured(
            sample_platform, program, what,
            f'exchange.{verb}(actor=standing("{who}"), agreement_uid="{app["agreement"]}", reason="試験")',
            path=items(slug), status=status, key=app["key"],
        )  # fmt: skip


def test_an_offer_is_suspended_and_lifted(sample_platform: Platform, program: Program, own: dict[str, Any]) -> None:
    serves(sample_platform, items(own["slug"]), own["key"])
    for what, verb, status in (
        ("offer suspended by the operator", "suspend_offer", 404),
        ("offer's suspension lifted", "lift_offer_suspension", 200),
    ):
        measured(
            sample_platform, program, what,
            f'exchange.{verb}(actor=standing("operator"), offer_uid="{own["offer"]}", reason="試験")',
            path=items(own["slug"]), status=status, key=own["key"],
        )  # fmt: skip


def test_a_member_is_suspended_and_lifted(sample_platform: Platform, program: Program, slug: str) -> None:
    app = agreed(program, slug)
    serves(sample_platform, items(slug), app["key"])
    suspension = measured(
        sample_platform, program, "member suspended, keys stopped",
        """
        party = members_queries.standing_of(members_queries.find_member_by_email("consumer@example.jp"))
        uid = members_queries.parties_by_id([party.person_party_id])[party.person_party_id].uid
        return members.suspend(
            actor=standing("operator"), party_uid=uid, what=WhatStops(keys=True), reason="試験").uid
        """,
        path=items(slug), status=401, key=app["key"],
    )  # fmt: skip
    measured(
        sample_platform, program, "member's suspension lifted",
        f'members.lift_suspension(actor=standing("operator"), suspension_uid="{suspension}", reason="試験")',
        path=items(slug), status=200, key=app["key"],
    )  # fmt: skip


def test_an_organisation_is_suspended_with_one_of_its_offers(
    sample_platform: Platform, program: Program, slug: str, own: dict[str, Any]
) -> None:
    app = agreed(program, slug)
    serves(sample_platform, items(slug), app["key"])
    serves(sample_platform, items(own["slug"]), own["key"])
    suspension = measured(
        sample_platform, program, "organisation suspended with a named offer",
        f"""
        return members.suspend(
            actor=standing("operator"), party_uid=ward().uid, what=WhatStops(offers=("{own["offer"]}",)), reason="試験").uid
        """,
        path=items(own["slug"]), status=404, key=own["key"],
    )  # fmt: skip
    assert Door(sample_platform.port, app["key"]).ask(items(slug)).status == 200, "an offer not named must go on"
    measured(
        sample_platform, program, "organisation's suspension lifted",
        f'members.lift_suspension(actor=standing("operator"), suspension_uid="{suspension}", reason="試験")',
        path=items(own["slug"]), status=200, key=own["key"],
    )  # fmt: skip


def test_a_withdrawal_is_announced_and_ends(sample_platform: Platform, program: Program, own: dict[str, Any]) -> None:
    path = items(own["slug"])
    serves(sample_platform, path, own["key"])
    noticed = program.decide(f"""
        day = clock.jst_date(clock.now()) + timedelta(days=3)
        exchange.give_withdrawal_notice(
            actor=standing("provider"), offer_uid="{own["offer"]}", effective_on=day, reason="試験")
    """)
    door = Door(sample_platform.port, own["key"])
    wait_until(lambda: "sunset" in door.ask(path).headers, every=0.02)
    judge(
        "withdrawal noticed in Sunset and Deprecation", time.monotonic() - noticed.began, noticed.ended - noticed.began
    )
    assert door.ask(path).headers["deprecation"].startswith("@")
    measured(
        sample_platform, program, "withdrawal ended",
        "return exchange.end_due_withdrawals(now=clock.now() + timedelta(days=3))",
        path=path, status=404, key=own["key"],
    )  # fmt: skip


def test_open_data_begin_to_need_an_account(sample_platform: Platform, program: Program) -> None:
    path = items("sample-aed")
    serves(sample_platform, path)
    for what, value, status in (("open data need an account", True, 401), ("open data need none", False, 200)):
        measured(
            sample_platform, program, what,
            f'access.change_setting(actor=standing("operator"), name="open_data_needs_account", value={value})',
            path=path, status=status,
        )  # fmt: skip
