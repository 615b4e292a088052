"""From facts to the entries of the snapshot."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.access import entries, rules
from tdpf.controlplane.catalog.types import ConnectedFacts, DistributionKind, PublishedFileFacts, PublishedTableFacts
from tdpf.controlplane.exchange.queries import one_agreement_each
from tdpf.controlplane.exchange.types import Access, GrantFact, OfferFact, RatePlan
from tdpf.kit.text import Text
from tdpf.wire.messages import ANONYMOUS, ANY_KEY, Collection

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def offer(**changes: object) -> OfferFact:
    """Return an open offer of dataset 1, changed."""
    plain: dict[str, object] = {
        "offer_uid": "o", "dataset_id": 1, "provider_party_id": 1, "access": Access.OPEN, "columns": (),
        "rate_plan": RatePlan.R10, "attribution_text": "", "noticed_at": None, "ends_at": None,
    }  # fmt: skip
    return OfferFact(**{**plain, **changes})  # type: ignore[arg-type]


def grant(**changes: object) -> GrantFact:
    """Return an agreement of application `a` for dataset 1, changed."""
    plain: dict[str, object] = {
        "agreement": 1, "agreement_uid": "g", "application_uid": "a", "provider_party_id": 1, "consumer_party_id": 2,
        "dataset_id": 1, "columns": ("名称", "住所"), "quota_day": 10, "quota_month": 0, "rate_plan": RatePlan.R5,
        "starts_at": NOW - timedelta(days=1), "ends_at": None,
    }  # fmt: skip
    return GrantFact(**{**plain, **changes})  # type: ignore[arg-type]


def table(**changes: object) -> PublishedTableFacts:
    """Return a published table of dataset 1, changed."""
    plain: dict[str, object] = {
        "dataset": 1, "dataset_uid": "d", "provider_party_id": 1, "slug": "toilets", "aliases": ("old-toilets",),
        "table": "main", "identity": "i1", "version": 3, "columns": ("番号", "名称", "住所"), "rows": 9, "located": False,
        "pinned": ((1, "i0"), (2, "unsigned")), "title": Text("トイレ", "Toilets"), "description_ja": "", "licence": "CC-BY-4.0",
        "attribution": "市", "provider_ja": "市", "published_at": NOW, "access": "open",
    }  # fmt: skip
    return PublishedTableFacts(**{**plain, **changes})  # type: ignore[arg-type]


def signed(dataset: int, identity: str) -> bool:
    """All data of dataset 1 but one version are under warranty."""
    return dataset == 1 and identity != "unsigned"


def test_open_data_are_for_everybody_or_for_every_key() -> None:
    """As the operator wants; conditional offers open nothing."""
    offers = [offer(), offer(dataset_id=2, access=Access.CONDITIONAL)]
    free = entries.open_grants(offers, needs_account=False)
    assert [(g.application, g.dataset, g.agreement, g.view) for g in free] == [(ANONYMOUS, 1, 0, 0), (ANY_KEY, 1, 0, 0)]
    assert [g.application for g in entries.open_grants(offers, needs_account=True)] == [ANY_KEY]
    # The portal asks for all its visitors at once.
    (_, own) = entries.open_grants(offers, needs_account=True, portal=1001)
    assert (own.application, own.rate_plan) == (1001, "r100")


def test_an_agreement_becomes_a_grant_with_its_limits_and_its_end() -> None:
    """Of an application that is there; the view is that of its columns."""
    end = NOW + timedelta(days=3)
    views = {(1, rules.columns_hash(["住所", "名称"])): 77}
    made = entries.agreed_grants(
        [grant(ends_at=end), grant(application_uid="closed")], applications={"a": 5}, views=views
    )
    assert len(made) == 1
    assert (made[0].application, made[0].dataset, made[0].agreement, made[0].view) == (1005, 1, 1, 77)
    assert (made[0].day_limit, made[0].month_limit, made[0].rate_plan) == (10, 0, "r5")
    assert (made[0].not_before, made[0].not_after) == (int(NOW.timestamp()) - 86400, int(end.timestamp()))


@given(
    st.lists(
        st.builds(
            lambda number, who, what, days: grant(
                agreement=number, application_uid=who, dataset_id=what, starts_at=NOW + timedelta(days=days)
            ),
            st.integers(1, 99), st.sampled_from("ab"), st.integers(1, 2), st.integers(-3, 3),
        )
    )
)  # fmt: skip
def test_one_agreement_holds_per_slot(grants: list[GrantFact]) -> None:
    """One in force before one that is to come; of these the newest."""
    chosen = one_agreement_each(grants, NOW)
    slots = [(g.application_uid, g.dataset_id) for g in chosen]
    assert sorted(slots) == sorted({(g.application_uid, g.dataset_id) for g in grants})
    for winner in chosen:
        rivals = [g for g in grants if (g.application_uid, g.dataset_id) == (winner.application_uid, winner.dataset_id)]
        in_force = [g for g in rivals if g.starts_at <= NOW]
        assert winner.agreement == max(g.agreement for g in (in_force or rivals))


def test_a_table_is_served_only_offered_and_warranted() -> None:
    """Pinned versions too; views keep the table's order and never name what it lacks."""
    views = {1: {7: frozenset({"住所", "名称", "電話"}), 8: frozenset({"電話"})}}
    made = entries.published_tables([offer(columns=("名称",))], [table(), table(dataset=2)], views, signed)
    assert len(made) == 1
    assert made[0].views == {7: ("名称", "住所"), 8: ()}
    assert made[0].open_columns == ("名称",)
    assert [(p.version, p.identity) for p in made[0].pinned] == [(1, "i0")]
    assert entries.published_tables([], [table()], {}, signed) == []
    assert entries.published_tables([offer()], [table(identity="unsigned")], {}, signed) == []


def test_without_an_open_offer_no_column_is_open() -> None:
    """And with one over all columns none is closed."""
    closed = entries.published_tables([offer(access=Access.CONDITIONAL)], [table()], {}, signed)[0]
    assert (closed.open_columns, closed.access) == ((), "conditional")
    opened = entries.published_tables([offer(), offer(access=Access.CONDITIONAL)], [table()], {}, signed)[0]
    assert (opened.open_columns, opened.access) == (None, "open")


def test_an_address_ends_when_all_offers_end() -> None:
    """The last end counts; one offer that stays keeps the address without an end."""
    first, second = datetime(2026, 12, 1, 15, tzinfo=UTC), datetime(2026, 12, 31, 15, tzinfo=UTC)
    ending = [offer(noticed_at=NOW, ends_at=first), offer(access=Access.CONDITIONAL, noticed_at=NOW, ends_at=second)]
    assert entries.collections(ending, [table()], [], []) == [
        Collection(1, "toilets", ("old-toilets",), "open", date(2027, 1, 1), int(NOW.timestamp()))
    ]
    assert entries.collections([*ending, offer()], [table()], [], [])[0].sunset is None
    assert entries.collections([], [table()], [], []) == []


def test_files_and_pass_throughs_follow_the_offers() -> None:
    """A link is only shown, an unwarranted file is not served."""
    file = PublishedFileFacts(
        dataset=1, dataset_uid="d", slug="toilets", name="原本.xlsx", path="ab/abc", media_type="x/y", size=5,
        sha256="0" * 64, access="open", identity="i1",
    )  # fmt: skip
    made = entries.published_files([offer()], [file], folder="originals", signed=signed)
    assert (made[0].path, made[0].bytes) == ("originals/ab/abc", 5)
    assert entries.published_files([offer(dataset_id=2)], [file], folder="originals", signed=signed) == []
    assert entries.published_files([offer()], [file], folder="originals", signed=lambda *_: False) == []
    kinds: tuple[DistributionKind, ...] = ("link", "file")
    places = [
        ConnectedFacts(
            dataset=1, dataset_uid="d", slug="toilets", name=kind, kind=kind, url="https://example.jp/x", access="open"
        )
        for kind in kinds
    ]

    def through(offers: list[OfferFact], identity: str = "i1") -> list[str]:
        made = entries.pass_throughs(offers, places, identity_of=lambda _url: identity, signed=signed)
        return [place.name for place in made]

    assert through([offer()]) == ["file"]
    assert through([]) == []
    assert through([offer()], "unsigned") == []
