"""Clock, identifiers, hashing, codes, problems: the ground holds."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.kit import clock, codes, hashing, ids
from tdpf.kit.errors import Problem, problem_classes
from tdpf.kit.pages import Page
from tdpf.kit.text import Text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def test_a_day_begins_at_midnight_in_japan() -> None:
    """14:59:59 UTC is still the same day in Japan, 15:00 is the next."""
    before, after = datetime(2026, 11, 21, 14, 59, 59, tzinfo=UTC), datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
    assert clock.jst_day_number(after) == clock.jst_day_number(before) + 1
    assert clock.jst_midnight(clock.jst_date(after)) == after
    assert clock.jst_month_number(datetime(2026, 11, 30, 15, 0, tzinfo=UTC)) == 2026 * 12 + 11


def test_identifiers_are_unique_and_sort_by_time() -> None:
    """A later identifier is greater, but for those of the same millisecond."""
    made = [ids.new_uid() for _ in range(2000)]
    assert len(set(made)) == len(made)
    assert [uid[:9] for uid in made] == sorted(uid[:9] for uid in made)
    assert all(ids.is_uid(uid) for uid in made)
    assert not ids.is_uid("../../etc/passwd0000000000")


@given(JSON)
def test_canonical_json_does_not_depend_on_order(value: object) -> None:
    """Turning every mapping around gives the same bytes."""

    def turned(item: object) -> object:
        if isinstance(item, dict):
            return {key: turned(item[key]) for key in reversed(list(item))}
        return [turned(part) for part in item] if isinstance(item, list) else item

    assert hashing.canonical_json(value) == hashing.canonical_json(turned(value))


@pytest.mark.parametrize("code", ["130001", "131016", "131041", "011002", "372013"])
def test_real_municipality_codes(code: str) -> None:
    """Published codes carry the right check digit."""
    assert codes.is_municipality_code(code)


@given(st.from_regex(r"[0-9]{12}", fullmatch=True), st.integers(0, 12), st.integers(1, 9))
def test_a_wrong_digit_in_a_corporate_number_is_seen(twelve: str, place: int, change: int) -> None:
    """The check digit catches a single wrong digit (but for 0 ⇄ 9, which modulus 9 cannot tell apart)."""
    number = codes.corporate_number_check_digit(twelve) + twelve
    assert codes.is_corporate_number(number)
    digit = (int(number[place]) + change) % 10
    if {digit, int(number[place])} != {0, 9}:
        assert not codes.is_corporate_number(number[:place] + str(digit) + number[place + 1 :])


def test_a_problem_is_a_document_in_both_languages() -> None:
    """RFC 9457 members, data as extensions, and the cure."""

    class BoxTooFull(Problem):
        code = "testroom/box-too-full"
        status = 409
        title = Text("箱がいっぱいです", "The box is full")
        detail = Text("{box} には {count} 個しか入りません。", "{box} holds only {count}.")
        cure = Text("箱を増やしてください。", "Take another box.")

    try:
        problem = BoxTooFull(box="A", count=3)
        assert problem.as_dict("en", instance="/boxes/A") == {
            "type": "/problems/testroom/box-too-full",
            "title": "The box is full",
            "status": 409,
            "detail": "A holds only 3.",
            "cure": "Take another box.",
            "instance": "/boxes/A",
            "box": "A",
            "count": 3,
        }
        assert problem.as_dict("ja")["detail"] == "A には 3 個しか入りません。"
        assert "{box}" in BoxTooFull(count=1).detail_in("ja")
        odd = BoxTooFull(box="A\ud800", count=10**30, rows=[{"n": -(2**70), "ok": True, "of": (1, None)}])
        told = orjson.loads(orjson.dumps(odd.as_dict("ja")))
        assert (told["box"], told["count"]) == ("A?", str(10**30))
        assert told["detail"] == f"A? には {10**30} 個しか入りません。"
        assert told["rows"] == [{"n": str(-(2**70)), "ok": True, "of": [1, None]}]
        with pytest.raises(TypeError):
            type("Other", (Problem,), {"code": "testroom/box-too-full", "title": Text("", "")})
    finally:
        from tdpf.kit import errors

        errors._REGISTRY.pop("testroom/box-too-full", None)
    assert "testroom/box-too-full" not in problem_classes()


def test_pages_know_their_neighbours() -> None:
    """The last page has no next one, the first none before."""
    page = Page(items=[1, 2], total=5, offset=2, limit=2)
    assert (page.previous_offset, page.next_offset) == (0, 4)
    assert Page(items=[5], total=5, offset=4, limit=2).next_offset is None
    assert Page(items=[], total=0, offset=0, limit=2).previous_offset is None
