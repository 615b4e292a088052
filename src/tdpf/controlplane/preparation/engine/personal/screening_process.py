"""The screening process: screens the files of one order for personal data, one JSON line each."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tdpf.controlplane.preparation.engine.answering import answer_files
from tdpf.controlplane.preparation.engine.types import Limits


def _screening(limits: Limits) -> Callable[[dict[str, Any]], dict[str, Any]]:
    from tdpf.controlplane.preparation.engine.personal.files import screen_path

    def screened(entry: dict[str, Any]) -> dict[str, Any]:
        path, folder = Path(entry["path"]), Path(entry["folder"])
        return screen_path(path, shown=entry["shown"], name=entry["name"], limits=limits, folder=folder).as_dict()

    return screened


if __name__ == "__main__":
    sys.exit(answer_files(_screening))
