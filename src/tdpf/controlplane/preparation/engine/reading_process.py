"""The reading process: takes an order on standard input, bounds itself, reads, and leaves its answer in a file."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from tdpf.controlplane.preparation.engine.bounds import bound
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.kit.writing import write_whole


def main() -> int:
    """Do one order; the exit status is 0 whenever an answer (a result or a Problem) was written."""
    order = orjson.loads(sys.stdin.buffer.read())
    limits = Limits(**order["limits"])
    bound(limits, parent=int(order["parent"]))
    folder = Path(order["folder"])
    path, name, choice = Path(order["path"]), order["name"], order["choice"]
    read = table_in if order["table_only"] else answer_to
    answer = read(path, name, folder=folder, limits=limits, choice=choice)
    write_whole(folder / "result.json", orjson.dumps(answer))
    return 0


def answer_to(path: Path, name: str, *, folder: Path, limits: Limits, choice: str | None) -> dict[str, Any]:
    """Read and rate the file; return JSON values: result, dictionary, metadata, findings, or a problem, and the rating."""
    from tdpf.controlplane.preparation.engine.dictionary import propose_dictionary
    from tdpf.controlplane.preparation.engine.errors import NotReadable
    from tdpf.controlplane.preparation.engine.personal.screening import screen
    from tdpf.controlplane.preparation.engine.proposals import propose_metadata
    from tdpf.controlplane.preparation.engine.rating.rate import rate_path
    from tdpf.controlplane.preparation.engine.reading import read_file

    rating = rate_path(path, shown=name, name=name, limits=limits).as_dict()
    try:
        result = read_file(path, name, limits=limits, choice=choice, spill=folder)
    except NotReadable as problem:
        return {"problem": {"code": problem.code, "data": problem.data}, "rating": rating}
    table = result.table
    return {
        "result": result.as_dict(),
        "dictionary": propose_dictionary(table),
        "metadata": propose_metadata(result, name),
        "findings": [asdict(finding) for finding in screen(table, name)],
        "rating": rating,
    }


def table_in(path: Path, name: str, *, folder: Path, limits: Limits, choice: str | None) -> dict[str, Any]:
    """Read the file's table alone, as `answer_to` does; nothing is proposed, screened or rated."""
    from tdpf.controlplane.preparation.engine.errors import NotReadable
    from tdpf.controlplane.preparation.engine.reading import read_file

    try:
        result = read_file(path, name, limits=limits, choice=choice, spill=folder)
    except NotReadable as problem:
        return {"problem": {"code": problem.code, "data": problem.data}}
    return {"result": result.as_dict(), "dictionary": [], "metadata": {}, "findings": []}


if __name__ == "__main__":
    sys.exit(main())
