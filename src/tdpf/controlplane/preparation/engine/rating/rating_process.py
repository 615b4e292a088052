"""The rating process: takes a list of files on standard input, bounds itself, and answers with one JSON line per file."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from typing import Any

import orjson

from tdpf.controlplane.preparation.engine.bounds import bound
from tdpf.controlplane.preparation.engine.types import Limits


def main() -> int:
    """Rate the files of one order."""
    order = orjson.loads(sys.stdin.buffer.read())
    limits = Limits(**order["limits"])
    # What a parser prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    bound(limits, parent=int(order["parent"]))
    from tdpf.controlplane.preparation.engine.rating.rate import rate_path

    for entry in order["files"]:
        _more_time(limits)
        rating = rate_path(
            Path(entry["path"]), shown=entry["shown"], name=entry["name"], limits=limits, facts=_facts(entry["facts"])
        )
        answers.write(orjson.dumps(rating.as_dict(), option=orjson.OPT_APPEND_NEWLINE))
        answers.flush()
    return 0


def _more_time(limits: Limits) -> None:
    """Give the next file its own processor time: the soft limit counts from what is used already."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = int(used.ru_utime + used.ru_stime) + limits.cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _facts(plain: dict[str, Any] | None) -> Any:
    if plain is None:
        return None
    from tdpf.controlplane.preparation.engine.rating.types import facts_from_dict

    return facts_from_dict(plain)


if __name__ == "__main__":
    sys.exit(main())
