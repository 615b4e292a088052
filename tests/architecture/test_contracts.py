"""The import contracts hold, and each of them catches the violation it was written for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

# contract's name, module that sins, the line it adds
VIOLATIONS = [
    ("Rooms in order", "kit/clock.py", "import tdpf.wire.messages"),
    ("Rooms in order", "djangokit/outbox.py", "import tdpf.controlplane.members.queries"),
    ("Rooms in order", "helpers.py", ""),
    ("The two planes do not know each other", "dataplane/snapshots.py", "import tdpf.controlplane.members.types"),
    ("The two planes do not know each other", "controlplane/access/queries.py", "import tdpf.dataplane.snapshots"),
    (
        "The story's order is the import order",
        "controlplane/members/queries.py",
        "import tdpf.controlplane.catalog.queries",
    ),
    (
        "The story's order is the import order",
        "controlplane/exchange/queries.py",
        "import tdpf.controlplane.access.queries",
    ),
    ("The story's order is the import order", "controlplane/gossip/__init__.py", ""),
    ("Inside a room", "controlplane/exchange/rules.py", "import tdpf.controlplane.exchange.models"),
    (
        "Inside a room",
        "controlplane/catalog/queries.py",
        "def f() -> None:\n    import tdpf.controlplane.catalog.services",
    ),
    ("A room is entered by its doors", "controlplane/exchange/queries.py", "import tdpf.controlplane.catalog.models"),
    ("A room is entered by its doors", "faces/portal/context.py", "import tdpf.controlplane.members.rules"),
    ("never reach Django", "dataplane/delivery/serve.py", "import django"),
    ("never reach Django", "controlplane/preparation/engine/reading.py", "import tdpf.djangokit.jobs"),
    ("never reach Django", "tables/build.py", "def f() -> None:\n    import django.db"),
    ("Faces do not touch each other", "faces/portal/context.py", "import tdpf.faces.api.urls"),
    ("Faces do not touch the data plane", "faces/api/urls.py", "import tdpf.dataplane.snapshots"),
    ("django-ninja is used in faces/api only", "controlplane/catalog/queries.py", "import ninja"),
    ("No asyncio in the control plane", "controlplane/metering/services.py", "import asyncio"),
    ("speak wire", "controlplane/catalog/queries.py", "import tdpf.wire.messages"),
    ("Gateway and delivery do not meet", "dataplane/delivery/serve.py", "import tdpf.dataplane.gateway"),
    ("No circles among siblings", "kit/hashing.py", "import tdpf.kit.fetching\nimport tdpf.kit.circle"),
]


def lint(source: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter with the project's contracts on a copy of the tree."""
    command = "import sys; sys.path[:0] = sys.argv[1:3]; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    return subprocess.run(
        [sys.executable, "-c", command, str(source), str(REPOSITORY)],
        cwd=source.parent,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(source), "COLUMNS": "300", "NO_COLOR": "1"},
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the source tree and its contracts."""
    shutil.copytree(
        REPOSITORY / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "static", "locale")
    )
    shutil.copyfile(REPOSITORY / ".importlinter", tmp_path / ".importlinter")
    return tmp_path / "src"


def test_every_contract_holds(house: Path) -> None:
    """No import goes against the story; nothing is ignored."""
    result = lint(house)
    assert result.returncode == 0, result.stdout[-3000:]
    assert "0 broken" in result.stdout
    contracts = (REPOSITORY / ".importlinter").read_text()
    assert "ignore_imports" not in contracts


@pytest.mark.parametrize(("contract", "module", "line"), VIOLATIONS, ids=lambda value: str(value)[:48])
def test_a_planted_violation_is_caught(house: Path, contract: str, module: str, line: str) -> None:
    """A fence nobody kicked is a picture of a fence."""
    sinner = house / "tdpf" / module
    if "circle" in line:
        (house / "tdpf/kit/circle.py").write_text('"""Circle."""\nimport tdpf.kit.hashing\n')
    sinner.parent.mkdir(exist_ok=True)
    with sinner.open("a") as stream:
        stream.write(f"\n{line}\n")
    result = lint(house)
    assert result.returncode != 0, f"nobody saw {line!r} in {module}"
    broken = [text for text in result.stdout.splitlines() if "BROKEN" in text]
    assert any(contract in text for text in broken), broken
