"""The compiled module in which Envoy admits calls: where it lies, what it is told, and how a chain of filters names it.

Its sources are in ``admission/``; ``bootstrap.py`` has them compiled when TDPF is set up. The file's name holds a hash of them: another
version is another file, so that an Envoy that runs takes it up with its next listeners, and what is mapped is never written over.
"""

import hashlib
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson

from tdpf.dataplane.browsers import CONTENT_SECURITY_POLICY
from tdpf.dataplane.gateway.rate_buckets import SETS, WAYS
from tdpf.kit.errors import Problem
from tdpf.wire import problems
from tdpf.wire.rate_plans import ANONYMOUS_PLAN, RATE_PLANS
from tdpf.wire.start_problems import ModuleMissing

_FILTER = "type.googleapis.com/envoy.extensions.filters.http.dynamic_modules.v3."
_STRING = "type.googleapis.com/google.protobuf.StringValue"

_PROBLEMS: tuple[type[Problem], ...] = (
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


def sources() -> list[tuple[str, bytes]]:
    """Return name and text of each source file, in order."""
    folder = files("tdpf.dataplane.gateway").joinpath("admission")
    return sorted((entry.name, entry.read_bytes()) for entry in folder.iterdir() if entry.name.endswith((".c", ".h")))


# Read once: an installation renewed under a running agent must not mix a new module with an older filter chain.
@cache
def module_path() -> Path:
    """Return where the module of these sources lies, whether it is there or not."""
    digest = hashlib.sha256()
    for name, text in sources():
        digest.update(f"{name} {len(text)}\n".encode() + text)
    return Path(sys.prefix) / "lib" / "tdpf" / f"admission-{digest.hexdigest()[:16]}.so"


def check_module() -> None:
    """Raise ModuleMissing when there is none."""
    if not module_path().exists():
        raise ModuleMissing(path=str(module_path()))


def problem_text(problem: type[Problem], language: str, instance: str) -> str:
    """Return the problem document as JSON text, ``instance`` as its instance."""
    return orjson.dumps(problem().as_dict(language, instance)).decode()


def _lines(lines: Iterable[Sequence[object]]) -> str:
    written = ["\t".join(str(word) for word in line) for line in lines]
    for line, text in zip(lines, written, strict=True):
        if "\n" in text or text.count("\t") != len(line) - 1 or "\0" in text:
            raise ValueError(f"not a line: {text!r}")
    return "".join(f"{text}\n" for text in written)


def admission_settings(table: Path, rates: Path, connected: Path, mark: Path) -> str:
    """Return what the module is told: its files, what a browser may do, the rate plans, the problem documents. Lines of tab-separated words."""
    return _lines(
        [
            ("table", table),
            ("rates", rates, SETS, WAYS),
            ("connected", connected, mark),
            ("policy", CONTENT_SECURITY_POLICY),
            *(
                (
                    "plan",
                    plan.number,
                    plan.per_second,
                    plan.burst,
                    "anonymous" if plan.code == ANONYMOUS_PLAN else "named",
                )
                for plan in RATE_PLANS
            ),
            *(
                (
                    "problem",
                    problem.code,
                    problem.status,
                    *(problem_text(problem, language, "@instance@") for language in ("ja", "en")),
                )
                for problem in _PROBLEMS
            ),
        ]
    )


def _module() -> dict[str, Any]:
    # Calls may still be in the module when a listener goes.
    return {"module": {"local": {"filename": str(module_path())}}, "do_not_close": True}


def admission_filter(settings: str) -> dict[str, Any]:
    """Return the filter that admits calls."""
    return {
        "@type": _FILTER + "DynamicModuleFilter",
        "dynamic_module_config": _module(),
        "filter_name": "admission",
        "filter_config": {"@type": _STRING, "value": settings},
    }


def place_of_route(*, operations: Sequence[tuple[str, str, bool]] = (), streams: str = "") -> dict[str, Any]:
    """Return the metadata by which a route tells the module what it is.

    ``operations`` of an API: path pattern, value of Allow, only by an upgrade; the first one that fits a path counts. ``streams``: what
    the agent is told of what stays open.
    """
    lines: list[Sequence[object]] = []
    if streams:
        lines.append(("streams", streams))
    lines += [("operation", path, allow, "upgrade" if upgraded else "call") for path, allow, upgraded in operations]
    return {"filter_metadata": {"admit": {"place": _lines(lines)}}}
