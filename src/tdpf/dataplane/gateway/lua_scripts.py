"""The two Lua scripts that Envoy runs, put together from the files in ``lua/`` and the texts and numbers they need."""

from functools import cache
from importlib.resources import files
from pathlib import Path

import orjson

from tdpf.kit.errors import Problem
from tdpf.wire import problems
from tdpf.wire.rate_plans import ANONYMOUS_PLAN, RATE_PLANS

_LUA_PROBLEMS: tuple[type[Problem], ...] = (
    problems.TwoKeys,
    problems.NoKey,
    problems.KeyUnknown,
    problems.KeyExpired,
    problems.NotGranted,
    problems.NotInForce,
    problems.NotFound,
    problems.MethodNotAllowed,
    problems.AddressTooLong,
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


def identify_script(table: Path) -> str:
    """Return the first script: who calls, what for, is there a grant in force."""
    plans = ", ".join(f'[{plan.number}] = "{plan.code}"' for plan in RATE_PLANS)
    head = [
        f"local TABLE_PATH = {lua_string(str(table))}",
        f"local PLANS = {{ {plans} }}",
        f'local ANONYMOUS_PLAN = "{ANONYMOUS_PLAN}"',
        _problems_table(),
    ]
    return "\n".join((*head, *(_source(f"{part}.lua") for part in ("sha256", "grant_table", "answers", "identify"))))


def spend_script(table: Path) -> str:
    """Return the second script: take one call from the budget and mark the request as admitted."""
    policies = ", ".join(f'["{plan.code}"] = \'"second";q={plan.per_second};w=1\'' for plan in RATE_PLANS)
    head = [
        f"local TABLE_PATH = {lua_string(str(table))}",
        f"local PLAN_POLICIES = {{ {policies} }}",
        _problems_table(),
    ]
    return "\n".join((*head, *(_source(f"{part}.lua") for part in ("grant_table", "answers", "spend"))))
