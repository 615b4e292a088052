"""The process that works on a workpiece: takes an order on standard input, bounds itself, leaves its answer in a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson

from tdpf.controlplane.preparation.engine.bounds import bound
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.kit.writing import write_whole


def main() -> int:
    """Do one order; the exit status is 0 whenever an answer (a result or a Problem) was written."""
    plain = orjson.loads(sys.stdin.buffer.read())
    bound(Limits(**plain["own_limits"]), parent=int(plain["parent"]))
    from tdpf.controlplane.preparation.engine.addresses.errors import GazetteerDamaged, GazetteerOther
    from tdpf.controlplane.preparation.engine.errors import NotReadable
    from tdpf.controlplane.preparation.engine.recipes.errors import NotPreparable
    from tdpf.controlplane.preparation.engine.schemas.errors import SchemaUnknown
    from tdpf.controlplane.preparation.engine.workpieces.work import carry_out

    folder = Path(plain["folder"])

    def tell(done: int, total: int, ja: str, en: str) -> None:
        leave(folder / "progress.json", {"done": done, "total": total, "ja": ja, "en": en})

    try:
        answer: dict[str, Any] = carry_out(_order(plain, folder), tell)
    except (NotReadable, NotPreparable, SchemaUnknown, GazetteerDamaged, GazetteerOther) as problem:
        answer = {"problem": {"code": problem.code, "data": problem.data}}
    leave(folder / f"{plain['do']}.json", answer)
    return 0


def _order(plain: dict[str, Any], folder: Path) -> Any:
    from tdpf.controlplane.preparation.engine.workpieces.work import Order

    return Order(
        do=plain["do"],
        folder=folder,
        files=tuple(Path(name) for name in plain["files"]),
        schema=plain["schema"],
        choices={int(place): str(choice) for place, choice in plain["choices"].items()},
        decisions=plain["decisions"],
        overrides=plain["overrides"],
        recipe=plain["recipe"],
        confirmed=[(str(row[0]), str(row[1]), str(row[2]), str(row[3])) for row in plain["confirmed"]],
        answered=plain["answered"],
        folds=bool(plain.get("folds")),
        unattended=bool(plain.get("unattended")),
        names=plain.get("names", {}),
        limits=Limits(**plain["limits"]),
    )


def leave(path: Path, plain: Any) -> None:
    """Write JSON whole or not at all."""
    write_whole(path, orjson.dumps(plain), durable=False)


if __name__ == "__main__":
    sys.exit(main())
