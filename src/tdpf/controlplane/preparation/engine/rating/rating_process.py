"""The rating process: rates the files of one order, one JSON line each."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tdpf.controlplane.preparation.engine.answering import answer_files
from tdpf.controlplane.preparation.engine.types import Limits


def _rating(limits: Limits) -> Callable[[dict[str, Any]], dict[str, Any]]:
    from tdpf.controlplane.preparation.engine.rating.rate import rate_path

    def rated(entry: dict[str, Any]) -> dict[str, Any]:
        path, facts = Path(entry["path"]), _facts(entry["facts"])
        return rate_path(path, shown=entry["shown"], name=entry["name"], limits=limits, facts=facts).as_dict()

    return rated


def _facts(plain: dict[str, Any] | None) -> Any:
    if plain is None:
        return None
    from tdpf.controlplane.preparation.engine.rating.types import facts_from_dict

    return facts_from_dict(plain)


if __name__ == "__main__":
    sys.exit(answer_files(_rating))
