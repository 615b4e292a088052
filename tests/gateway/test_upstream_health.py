"""What Envoy says of providers' servers, and what is told of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tdpf.dataplane.gateway.upstream_health import UpstreamsTold
from tdpf.wire.messages import UpstreamHealth


def _cluster(name: str, *hosts: tuple[str, bool, int, int]) -> str:
    lines = [f"{name}::outlier::success_rate_average::-1", f"{name}::default_priority::max_connections::32"]
    for address, rests, total, bad in hosts:
        at = f"{name}::{address}"
        flags = "/failed_outlier_check" if rests else "healthy"
        lines += [f"{at}::cx_active::1", f"{at}::cx_connect_fail::0", f"{at}::rq_active::0", f"{at}::rq_error::{bad}"]
        lines += [f"{at}::rq_total::{total}", f"{at}::hostname::", f"{at}::health_flags::{flags}", f"{at}::weight::1"]
    return "".join(f"{line}\n" for line in lines)


LINES = "".join(
    (
        _cluster("delivery", ("/run/delivery.sock", False, 9, 9)),
        _cluster("api|quiet.api", ("192.0.2.1:443", False, 0, 0)),
        _cluster("source|https|example.jp|443", ("[2001:db8::1]:443", False, 7, 0)),
        _cluster("source|http|::1|80", ("[::1]:80", False, 0, 0)),
        _cluster("token|late.api", ("192.0.2.1:443", False, 1, 0)),
        _cluster("api|late.api", ("192.0.2.2:443", True, 5, 5), ("192.0.2.3:443", False, 6, 0)),
    )
).encode()
TOLD = (
    UpstreamHealth("late.api", "api", 2, 1, 0, 11, 5, 0),
    UpstreamHealth("https://example.jp:443", "file", 1, 0, 0, 7, 0, 0),
    UpstreamHealth("http://::1:80", "file", 1, 0, 0, 0, 0, 0),
    UpstreamHealth("quiet.api", "api", 1, 0, 0, 0, 0, 0),
)


@given(st.lists(st.integers(0, len(LINES)), max_size=12).map(sorted))
def test_servers_are_told_those_with_trouble_first(cuts: list[int]) -> None:
    """In whatever pieces the answer comes."""
    answer = UpstreamsTold()
    for begin, end in zip([0, *cuts], [*cuts, len(LINES)], strict=True):
        answer.take(LINES[begin:end])
    assert answer.told() == TOLD


def test_of_nothing_nothing_is_told() -> None:
    assert UpstreamsTold().told() == ()
