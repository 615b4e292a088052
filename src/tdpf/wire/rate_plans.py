"""Rate plans: how fast one application may call one gateway, whatever it calls. Quotas per day and month are another thing."""

from dataclasses import dataclass

from tdpf.kit.text import Text


@dataclass(frozen=True, slots=True)
class RatePlan:
    """``per_second`` calls are refilled each second, up to ``burst`` saved. ``number`` stands in the grant table."""

    code: str
    number: int
    per_second: int
    burst: int
    title: Text


def _plan(number: int, per_second: int, burst: int) -> RatePlan:
    title = Text(f"毎秒{per_second}回（瞬間最大{burst}回）", f"{per_second} calls per second (bursts of {burst})")
    return RatePlan(f"r{per_second}", number, per_second, burst, title)


RATE_PLANS: tuple[RatePlan, ...] = (
    _plan(1, 1, 10),
    _plan(2, 5, 50),
    _plan(3, 10, 100),
    _plan(4, 50, 500),
    _plan(5, 100, 1000),
)
ANONYMOUS_PLAN = "r10"
"""The plan of calls without a key, per client address (IPv6: per /64)."""

_BY_CODE = {plan.code: plan for plan in RATE_PLANS}


def rate_plan(code: str) -> RatePlan:
    """Return the plan of this code; an unknown code gets the slowest plan, so that no mistake opens the gate wider."""
    return _BY_CODE.get(code, RATE_PLANS[0])
