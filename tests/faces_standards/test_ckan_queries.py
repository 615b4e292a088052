"""What is understood of Solr's language: fields, ranges, negation, precedence; and what is refused."""

from __future__ import annotations

import contextlib
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.catalog.types import EVERYTHING, AllOf, AnyOf, Condition, FieldIs, FieldWithin, Not
from tdpf.faces.standards.ckan.identifiers import distributions_meant, resource_id
from tdpf.faces.standards.ckan.refusals import QueryInvalid
from tdpf.faces.standards.ckan.solr import NOTHING, read_order, read_query

A, B = FieldIs("theme", "a"), FieldIs("theme", "b")
OF_X, OF_Y = FieldIs("provider", "x"), FieldIs("provider", "y")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
CHANGED = FieldWithin("recorded", NEW_YEAR, None)


@pytest.mark.parametrize(
    ("written", "condition"),
    [
        ("", EVERYTHING),
        ("*:*", EVERYTHING),
        ("groups:a", A),
        ("+groups:a", A),
        ('groups:"a"', A),
        ("-groups:a", Not(A)),
        ("!groups:a", Not(A)),
        ("NOT groups:a", Not(A)),
        ("groups:a groups:b", AllOf((A, B))),
        ("groups:a AND groups:b", AllOf((A, B))),
        ("groups:a OR groups:b", AnyOf((A, B))),
        ("groups:(a OR b)", AnyOf((A, B))),
        ("groups:(a b)", AllOf((A, B))),
        ("-groups:(a OR b)", Not(AnyOf((A, B)))),
        ("(groups:a OR groups:b) -organization:x", AllOf((AnyOf((A, B)), Not(OF_X)))),
        # As CKAN's harvester writes two organisations and a moment.
        (
            "organization:x OR organization:y metadata_modified:[2026-01-01T00:00:00Z TO *]",
            AllOf((AnyOf((OF_X, OF_Y)), CHANGED)),
        ),
        ("metadata_modified:[2026-01-01T00:00:00 TO *]", CHANGED),
        ("metadata_modified:[* TO *]", EVERYTHING),
        ("name:kob*", FieldIs("slug", "kob", begins=True)),
        ("title:公園", FieldIs("title", "公園")),
        ("res_format:GeoJSON", FieldIs("format", "GeoJSON")),
        ("extras_area_codes:131041", FieldIs("area", "131041")),
        ("state:active", EVERYTHING),
        ("state:deleted", NOTHING),
        ("dataset_type:dataset", EVERYTHING),
        ("vocab_unknown:x", NOTHING),
        ("caddec_dataset_id_for_detail:abc", AnyOf((FieldIs("uid", "abc"), FieldIs("slug", "abc")))),
        ("tags:a\\:b", FieldIs("keyword", "a:b")),
    ],
)
def test_a_filter_is_read(written: str, condition: Condition) -> None:
    assert read_query("*:*", [written]).condition == condition


def test_words_go_to_the_search_and_fields_beside_them_narrow_it() -> None:
    asked = read_query("トイレ groups:a -公園", [])
    assert (asked.words, asked.condition) == ("トイレ -公園", A)
    assert read_query('"保育 園"', []).words == '"保育 園"'
    assert read_query("新宿 AND トイレ", []).words == "新宿 トイレ"
    words = read_query("トイレ OR 公園", [])
    assert words.words == ""
    assert isinstance(words.condition, AnyOf)


def test_an_order_is_read() -> None:
    assert read_order("id asc") == ["uid"]
    assert read_order("score desc, metadata_modified desc") == ["relevance", "-recorded"]
    assert read_order("metadata_created asc") == ["created"]
    assert read_order("title_string desc,name") == ["-title", "slug"]


@pytest.mark.parametrize(
    "sort", ["id;drop table", "id asc desc", "password asc", "id asc, x desc", "id  sideways", "(id) asc"]
)
def test_an_order_that_is_none_is_refused(sort: str) -> None:
    with pytest.raises(QueryInvalid):
        read_order(sort)


@pytest.mark.parametrize(
    "written",
    [
        "groups:(a", "groups:", "(((", ")", "a AND", "OR", "metadata_modified:[x TO y]", "metadata_modified:[2026]",
        "metadata_modified:2026-13-45", '"never ends', "groups:[a", "[a TO b]", "-" * 200 + "a", "(" * 60 + "a" + ")" * 60,
        "x" * 2001, " ".join("ab" * 100 for _ in range(8)), "groups:a " * 130, "\\",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_or_read_but_never_a_fault(written: str) -> None:
    with contextlib.suppress(QueryInvalid):
        read_query("*:*", [written])


@pytest.mark.parametrize(
    "written", ["groups:(a", "groups:", ")", "x" * 2001, "groups:a " * 130, "(" * 60 + "a" + ")" * 60]
)
def test_a_broken_query_is_a_search_query_error(written: str) -> None:
    with pytest.raises(QueryInvalid) as refused:
        read_query("*:*", [written])
    assert refused.value.as_error()["__type"] == "Search Query Error"
    assert refused.value.status == 400


@given(st.text(max_size=80), st.text(alphabet='()[]{}"\\:*+-!& ORANDTNabc', max_size=60))
def test_nothing_written_breaks_the_reader(query: str, tight: str) -> None:
    for one, other in ((query, tight), (tight, query)):
        with contextlib.suppress(QueryInvalid):
            read_query(one, [other])
        with contextlib.suppress(QueryInvalid):
            read_order(other)


@given(st.integers(0, 2**128 - 1), st.sampled_from(["", "CSV", "GEOJSON", "XLSX"]))
def test_a_resource_has_a_uuid_that_leads_back_to_its_distribution(number: int, code: str) -> None:
    uid = "".join("0123456789abcdefghjkmnpqrstvwxyz"[(number >> shift) & 31] for shift in range(125, -1, -5))
    written = resource_id(uid, code)
    assert str(uuid.UUID(written)) == written
    assert uid in distributions_meant(written)
    assert distributions_meant(uid) == (uid,)


@pytest.mark.parametrize("identifier", ["", "x", "\0", "../..", "zzzz" * 8, "1" * 31])
def test_what_is_no_identifier_means_nothing(identifier: str) -> None:
    assert distributions_meant(identifier) == ()
