"""Decisions about keys and tokens."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.access import rules
from tdpf.controlplane.access.errors import ApplicationInvalid, KeyInvalid, OAuthRefused, UnknownSetting
from tdpf.controlplane.access.types import SCOPES

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
instants = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC))


@given(st.none() | instants, st.none() | instants, instants)
def test_a_key_is_live_only_before_its_ends(
    expires_at: datetime | None, revoked_at: datetime | None, now: datetime
) -> None:
    """Live means: before the expiry and before the revocation, and nothing else."""
    state = rules.key_state(expires_at=expires_at, revoked_at=revoked_at, now=now)
    ends = [end for end in (expires_at, revoked_at) if end is not None]
    assert (state == "live") == all(now < end for end in ends)
    if revoked_at is not None and revoked_at <= now:
        assert state == "revoked"


@given(st.none() | instants, st.timedeltas(timedelta(0), rules.LONGEST_OVERLAP), instants)
def test_rotation_never_lengthens_a_key(expires_at: datetime | None, overlap: timedelta, now: datetime) -> None:
    """The old key ends after the overlap or at its own end, whichever comes first."""
    end = rules.end_of_rotated(expires_at=expires_at, overlap=overlap, now=now)
    assert end <= now + overlap
    assert expires_at is None or end <= expires_at


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=90, seconds=1)])
def test_an_overlap_has_limits(overlap: timedelta) -> None:
    """At most 90 days."""
    with pytest.raises(KeyInvalid):
        rules.end_of_rotated(expires_at=None, overlap=overlap, now=NOW)


def test_a_key_has_a_shape() -> None:
    """The prefix and 43 characters of base64url."""
    assert rules.has_key_shape("tdpf_" + secrets.token_urlsafe(32))
    for wrong in ("", "tdpf_", "tdpf_" + "a" * 42, "tdpf_" + "a" * 44, "TDPF_" + "a" * 43, "tdpf_" + "あ" * 43,
                  "tdpf_" + "a" * 43 + "\n"):  # fmt: skip
        assert not rules.has_key_shape(wrong)


@given(st.lists(st.sampled_from(SCOPES), min_size=1, unique=True), st.lists(st.sampled_from(SCOPES), unique=True))
def test_a_token_never_has_more_than_its_key(of_key: list[str], asked: list[str]) -> None:
    """What is asked beyond the key's scopes is refused; nothing asked is all of the key's."""
    if set(asked) <= set(of_key):
        assert set(rules.granted_scopes(" ".join(asked), of_key)) == set(asked or of_key)
    else:
        with pytest.raises(OAuthRefused) as refusal:
            rules.granted_scopes(" ".join(asked), of_key)
        assert refusal.value.data["error"] == "invalid_scope"


@pytest.mark.parametrize(
    ("name", "scopes", "expires_at", "live_keys", "field"),
    [
        ("", ["data:read"], None, 0, "name"),
        ("x" * 121, ["data:read"], None, 0, "name"),
        ("a\x00b", ["data:read"], None, 0, "name"),
        ("a", [], None, 0, "scopes"),
        ("a", ["root"], None, 0, "scopes"),
        ("a", ["data:read"], NOW, 0, "expires_at"),
        ("a", ["data:read"], datetime(2030, 1, 1), 0, "expires_at"),
        ("a", ["data:read"], None, rules.MOST_LIVE_KEYS, "name"),
    ],
)
def test_a_wrong_wish_for_a_key_names_the_field(
    name: str, scopes: list[str], expires_at: datetime | None, live_keys: int, field: str
) -> None:
    """Each mistake is told where it stands."""
    with pytest.raises(KeyInvalid) as refusal:
        rules.check_key(name=name, scopes=scopes, expires_at=expires_at, live_keys=live_keys, now=NOW)
    errors = refusal.value.data["errors"]
    assert isinstance(errors, list)
    assert [error["field"] for error in errors] == [field]


def test_names_of_applications() -> None:
    """1-120 printable characters, unique per owner."""
    rules.check_application(name="地図", description="", names_in_use=["別の"])
    for name in ("", "x" * 121, "地図"):
        with pytest.raises(ApplicationInvalid):
            rules.check_application(name=name, description="", names_in_use=["地図"])


@pytest.mark.parametrize(("name", "value"), [("no_such", True), ("open_data_needs_account", "yes")])
def test_settings_have_names_and_kinds(name: str, value: object) -> None:
    """Nothing else is kept."""
    with pytest.raises(UnknownSetting):
        rules.check_setting(name, value)


@given(st.lists(st.text(max_size=5), max_size=6), st.randoms(use_true_random=False))
def test_a_view_is_a_set_of_columns(columns: list[str], chance: object) -> None:
    """Neither order nor repetition makes another view."""
    shuffled = [*columns, *columns]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rules.columns_hash(columns) == rules.columns_hash(shuffled)
    assert rules.columns_hash(columns) != rules.columns_hash([*columns, "another"])


@given(st.integers(1, 10**9))
def test_numbers_on_the_wire_come_back(row: int) -> None:
    """Applications begin at 1001."""
    assert rules.application_row(rules.application_number(row)) == row
    assert rules.application_number(row) > 1000
