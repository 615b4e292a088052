"""Setting up again when nothing changed does next to nothing, also where the dictionary cannot be had."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tdpf.controlplane.catalog.search import lexicon
from tdpf.kit.home import home

REPOSITORY = Path(__file__).resolve().parents[2]
STEPS = ("make_environment", "install_packages", "compile_admission", "collect_assets")


class Machine:
    """The script on a machine where every command it calls fails; what it does is written down."""

    def __init__(self, script: ModuleType) -> None:
        self.script = script
        self.done: list[str] = []
        self.commands: list[list[str]] = []

    def works(self, *command: object) -> bool:
        """Fail as a machine does to which nothing can be brought."""
        self.commands.append([str(word) for word in command])
        return False

    def set_up(self) -> tuple[list[str], list[list[str]]]:
        """Set up; return the large steps and what was to be downloaded."""
        self.done, self.commands = [], []
        self.script.set_up()
        return self.done, [words for words in self.commands if "download" in words]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    described = importlib.util.spec_from_file_location("set_up_here", REPOSITORY / "bootstrap.py")
    assert described is not None
    assert described.loader is not None
    script = importlib.util.module_from_spec(described)
    described.loader.exec_module(script)
    made = Machine(script)
    monkeypatch.setenv("TDPF_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "assets").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    monkeypatch.setattr(script, "VENV", tmp_path)
    monkeypatch.setattr(script, "PYTHON", tmp_path / "bin" / "python")
    monkeypatch.setattr(script, "works", made.works)
    for step in STEPS:
        monkeypatch.setattr(script, step, lambda step=step: made.done.append(step))
    return made


def test_without_the_dictionary_only_its_file_is_tried_again_and_nothing_is_said(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert machine.set_up()[0] == list(STEPS)
    assert "searches in English find less" in capsys.readouterr().out
    steps, downloads = machine.set_up()
    assert (steps, len(downloads), capsys.readouterr().out) == ([], 1, "")
    assert " --retries 0 --timeout " in " ".join(downloads[0]), "it is given up at once"


def test_nothing_without_a_hash_comes_with_the_dictionary(machine: Machine) -> None:
    (download,) = machine.set_up()[1]
    assert {"--require-hashes", "--no-deps", "--no-build-isolation"} <= set(download)


def test_a_raised_number_makes_the_file_anew(machine: Machine) -> None:
    place = machine.script.word_file()
    assert place == home().assets / lexicon.FILE
    place.parent.mkdir()
    place.touch()
    machine.set_up()
    assert machine.set_up() == ([], [])
    place.rename(place.with_name("words-0.tsv"))
    steps, downloads = machine.set_up()
    assert (steps, len(downloads)) == ([], 1)
