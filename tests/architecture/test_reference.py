"""The reference pages say what the code does: generated pages are current, every variable and public type is told."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import inspect
import re
from pathlib import Path

import pytest

from tdpf.processes import reference
from tdpf.processes.variables import INTERNAL, VARIABLES

REPOSITORY = Path(__file__).resolve().parents[2]
ROOMS = ("members", "catalog", "community", "preparation", "exchange", "access", "metering", "operations")


@pytest.mark.parametrize("name", ["settings.md", "problems.md", "events.md", "commands.md"])
def test_a_generated_page_is_current(name: str) -> None:
    """Run `python -m tdpf.processes.reference` when this fails."""
    assert (reference.FOLDER / name).read_text() == reference.pages()[name]


def test_every_variable_is_told() -> None:
    """No TDPF_* variable is read that the settings page does not name, and none is named that nobody reads."""
    files = [*(REPOSITORY / "src").rglob("*.py"), *(REPOSITORY / "tests").rglob("*.py"), REPOSITORY / "bootstrap.py"]
    told = {variable.name for variable in VARIABLES}
    read = set()
    for path in files:
        if path.name not in ("variables.py", "test_reference.py"):  # these hold the names as text
            read |= set(re.findall(r"[\"'](TDPF_[A-Z_]+)[\"']", path.read_text()))
    read -= {"TDPF_KEY", "TDPF_WRITE_GOLDEN"}  # a consumer's own variable in examples; a switch of the golden tests
    assert read - INTERNAL <= told, read - INTERNAL - told
    assert told <= read, told - read


def test_every_public_word_is_in_the_glossary() -> None:
    """Each type that crosses the door of a room stands in the glossary with its Japanese word."""
    glossary = (REPOSITORY / "docs/reference/glossary.md").read_text()
    known = set(re.findall(r"`([A-Za-z]+)`", glossary))
    missing = []
    for room in ROOMS:
        module = importlib.import_module(f"tdpf.controlplane.{room}.types")
        for name, item in inspect.getmembers(module, inspect.isclass):
            ours = item.__module__ == module.__name__ and not name.startswith("_")
            if ours and (dataclasses.is_dataclass(item) or issubclass(item, enum.Enum)) and name not in known:
                missing.append(f"{room}.{name}")
    assert not missing, missing


def test_the_repository_speaks_only_of_the_project() -> None:
    """No absolute path of somebody's machine, no address of a package registry, no mention of how it was built."""
    forbidden = re.compile(
        r"(?<![\w}])/(?:work|root)/[a-z]|/home/(?:\w+)/|pypi\.org|registry\.npmjs|files\.pythonhosted|deb\.debian\.org"
    )
    suffixes = {".py", ".md", ".toml", ".txt", ".lock", ".json", ".html", ".css", ".js", ".lua", ".yaml", ".tsv"}
    for path in REPOSITORY.rglob("*"):
        inside = path.relative_to(REPOSITORY).parts
        if (
            inside[0] in ("var", ".venv", "node_modules", ".git")
            or inside[0].startswith(".")
            or path.suffix not in suffixes
        ):
            continue
        found = forbidden.search(path.read_text(errors="replace"))
        assert found is None or path.name == "test_reference.py", f"{path}: {found}"
