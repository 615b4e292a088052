"""The usage log's line, rate plans and the gateway's problems."""

from __future__ import annotations

import pytest

from tdpf.kit.errors import problem_classes
from tdpf.wire import problems
from tdpf.wire.codec import MalformedMessage
from tdpf.wire.rate_plans import ANONYMOUS_PLAN, RATE_PLANS, rate_plan
from tdpf.wire.usage_log import LOG_FORMAT, parse_line, parse_lines

LINE = "2026-11-21T12:34:56.789Z\tid-1\t1001,55,7,key,items\t1\tGET\t200\t-\t300\t0\t12\t/data/collections/x/items\n"


def test_a_line() -> None:
    line = parse_line(LINE)
    assert line.time == 1795264496789
    assert (line.application, line.agreement, line.dataset) == (1001, 55, 7)
    assert (line.principal, line.path_class, line.method) == ("key", "items", "GET")
    assert (line.status, line.flags, line.bytes_sent, line.bytes_received, line.duration_ms) == (200, "", 300, 0, 12)
    assert (line.path, line.counted, line.request_id) == ("/data/collections/x/items", True, "id-1")
    assert list(parse_lines((LINE * 3).encode())) == [line] * 3


def test_a_call_that_was_never_identified() -> None:
    line = parse_line("2026-11-21T12:34:56.789Z\t-\t-\t-\tGET\t503\tUF,URX\t1\t-\t-\t/data\n")
    assert (line.application, line.principal, line.path_class, line.counted) == (0, "none", "other", False)
    assert line.flags == "UF,URX"
    assert parse_line("2026-11-21T12:34:56.789Z\t-\t-\tGET\t503\tUF,URX\t1\t-\t-\t/data\n") == line


@pytest.mark.parametrize(
    "line",
    [
        "",
        "\n",
        LINE[:40],
        LINE.replace("2026-11-21T", "today "),
        LINE.replace("1001,55,7,key,items", "1001,55,7,key"),
        LINE.replace("1001,55,7,key,items", "1001,55,7,root,items"),
        LINE.replace("1001,55,7,key,items", "x,55,7,key,items"),
        LINE.replace("\t200\t", "\tOK\t"),
        LINE.replace("\t/data/collections/x/items", ""),
    ],
)
def test_torn_and_foreign_lines_are_refused(line: str) -> None:
    with pytest.raises(MalformedMessage):
        parse_line(line)


def test_the_format_has_the_lines_fields_and_no_secret() -> None:
    # The module says two of them with the tab between.
    assert LOG_FORMAT.count("\t") == LINE.count("\t") - 1
    assert "REQ(AUTHORIZATION" not in LOG_FORMAT.upper()
    assert "%PATH(NQ" in LOG_FORMAT


def test_rate_plans() -> None:
    assert [plan.code for plan in RATE_PLANS] == ["r1", "r5", "r10", "r50", "r100"]
    assert rate_plan("r50").per_second == 50
    assert rate_plan("unheard-of").per_second == 1
    assert rate_plan(ANONYMOUS_PLAN).code == ANONYMOUS_PLAN
    assert len({plan.number for plan in RATE_PLANS}) == len(RATE_PLANS)


def test_every_problem_is_complete_in_both_languages() -> None:
    own = [known for code, known in problem_classes().items() if known.__module__ == problems.__name__]
    assert len(own) >= 20
    for known in own:
        if known is problems.GatewayProblem:
            continue
        assert known.code.startswith("gateway/")
        assert 400 <= known.status < 600
        for text in (known.title, known.detail, known.cure):
            assert text.ja
            assert not text.ja.isascii()
            assert text.en.isascii()
            assert "{" not in text.ja + text.en
