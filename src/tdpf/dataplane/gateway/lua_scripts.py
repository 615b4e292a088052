"""The Lua script that Envoy runs, put together from the files in ``lua/`` and the texts and numbers it needs."""

from functools import cache
from importlib.resources import files
from pathlib import Path

import orjson

from tdpf.dataplane.gateway.rate_buckets import SETS, WAYS
from tdpf.kit.errors import Problem
from tdpf.wire import problems
from tdpf.wire.rate_plans import ANONYMOUS_PLAN, RATE_PLANS, RatePlan, rate_plan

_LUA_PROBLEMS: tuple[type[Problem], ...] = (
    problems.TwoKeys,
    problems.NoKey,
    problems.KeyUnknown,
    problems.KeyExpired,
    problems.NotGranted,
    problems.NotInForce,
    problems.NotFound,
    problems.MethodNotAllowed,
    problems.UpgradeNeeded,
    problems.AddressTooLong,
    problems.TooFast,
    problems.QuotaSpent,
    problems.NotReady,
    problems.Closed,
    problems.NotDecided,
)


def problem_text(problem: type[Problem], language: str, instance: str) -> str:
    """Return the problem document as JSON text, ``instance`` as its instance."""
    return orjson.dumps(problem().as_dict(language, instance)).decode()


def lua_string(text: str) -> str:
    """Return a Lua string literal; bytes outside printable ASCII are written as decimal escapes."""
    plain = "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}" for byte in text.encode())
    return f'"{plain}"'


def _problems_table() -> str:
    lines = ["local PROBLEMS = {"]
    for problem in _LUA_PROBLEMS:
        japanese, english = (lua_string(problem_text(problem, language, "@instance@")) for language in ("ja", "en"))
        lines.append(f'["{problem.code}"] = {{ status = "{problem.status}", ja = {japanese}, en = {english} }},')
    lines.append("}")
    return "\n".join(lines)


# Read once: an installation renewed under a running agent must not mix new scripts with an older filter chain.
@cache
def _source(name: str) -> str:
    return files("tdpf.dataplane.gateway").joinpath("lua", name).read_text(encoding="utf-8")


_PARTS = ("sha256", "grant_table", "rates", "connected", "answers", "admit")


def admit_script(table: Path, rates: Path, connected: Path, mark: Path) -> str:
    """Return the script: who calls, what for, is there a grant in force, is the call in its speed and its budget."""
    plans = ", ".join(f"[{plan.number}] = {_plan(plan)}" for plan in RATE_PLANS)
    head = [
        f"local TABLE_PATH = {lua_string(str(table))}",
        f"local RATES_PATH = {lua_string(str(rates))}",
        f"local CONNECTED_PATH, MARK_PATH = {lua_string(str(connected))}, {lua_string(str(mark))}",
        f"local RATE_SETS, RATE_WAYS = {SETS}, {WAYS}",
        f"local PLANS = {{ {plans} }}",
        f"local ANONYMOUS_PLAN = PLANS[{rate_plan(ANONYMOUS_PLAN).number}]",
        _problems_table(),
    ]
    return "\n".join((*head, *(_source(f"{part}.lua") for part in _PARTS)))


def _plan(plan: RatePlan) -> str:
    policy = lua_string(f'"second";q={plan.per_second};w=1')
    return f"{{ number = {plan.number}, policy = {policy}, gap = 1 / {plan.per_second}, ahead = {plan.burst - 1} / {plan.per_second} }}"
