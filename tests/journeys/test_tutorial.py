"""The tutorial is followed word by word: its files saved, its commands typed, its pages clicked, its promises seen."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import BrowserContext, Locator, Page
from playwright.sync_api import Error as BrowserError
from tutorial_text import Act, expected, read_acts

if TYPE_CHECKING:
    from conftest import Platform

REPOSITORY = Path(__file__).resolve().parents[2]
TUTORIAL = REPOSITORY / "docs/tutorial/first-agreement.md"
BY_PROGRAM = REPOSITORY / "docs/how-to/provide-by-api.md"
TOLD_ADDRESS = "http://localhost:8080"
TOLD_KEY = "tdpf_ここに控えたキー"
SECONDS_TO_SEE = 60
SECONDS_TO_ACT = 5


@pytest.fixture(scope="module")
def platform(fresh_platform: Platform) -> Platform:
    """A newcomer begins with nothing."""
    return fresh_platform


@dataclass
class Newcomer:
    """Somebody with a terminal in `folder` and a browser, who does what the text says."""

    platform: Platform
    page: Page
    folder: Path
    text: Path = TUTORIAL
    said: str = ""
    names: set[str] = field(default_factory=set)
    key: str = ""
    asked: str = ""

    def do(self, act: Act) -> None:
        """Do one thing; what goes wrong names the line of the tutorial."""
        try:
            getattr(self, f"_{act.kind}")(act)
        except (AssertionError, BrowserError) as fault:
            seen = self.page.locator("main").inner_text()[:3000] if self.page.url.startswith("http") else ""
            raise AssertionError(
                f"{self.text.name}:{act.line} {act.kind} {act.words}: {fault}\n{self.page.url}\n{seen}"
            ) from fault

    def _here(self, text: str) -> str:
        return text.replace(TOLD_ADDRESS, self.platform.url)

    def _csv(self, act: Act) -> None:
        (self.folder / act.words[0]).write_text(act.words[1])

    def _sh(self, act: Act) -> None:
        command = act.words[0]
        if command.startswith("make "):
            target = command.split()[1]
            assert f"\n{target}:" in (REPOSITORY / "Makefile").read_text(), f"no such target: {target}"
            return
        command = self._here(command).replace(TOLD_KEY, self.key)
        # One terminal: what a block sets or defines is there in the next one.
        self.names |= set(re.findall(r"^(?:export )?([A-Z_]+)=", command, re.MULTILINE))
        self.asked = command
        self._run(command)

    def _run(self, command: str) -> None:
        keep = f"trap 'declare -p {' '.join(sorted(self.names))} >.terminal 2>/dev/null; declare -f >>.terminal' EXIT\n"
        done = subprocess.run(
            ["bash", "-c", f"[ ! -f .terminal ] || . ./.terminal\n{keep}{command}"],
            cwd=self.folder, env=self.platform.environment(), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        self.said = done.stdout

    def _text(self, act: Act) -> None:
        # Nobody types the next command within the moment in which a decision reaches the gate.
        until = time.monotonic() + SECONDS_TO_ACT
        while not expected(act.words[0]).fullmatch(self.said.replace("\r", "").strip()):
            asks_only = self.asked.startswith("curl -s http") and "\n" not in self.asked.strip()
            assert asks_only, f"the answer was: {self.said}"
            assert time.monotonic() < until, f"the answer was: {self.said}"
            time.sleep(0.5)
            self._run(self.asked)

    def _open(self, act: Act) -> None:
        self.page.goto(self._here(act.words[0]))

    def _password(self, act: Act) -> None:
        self._field(act.words[0]).fill(self.platform.account(act.words[1]).password)

    def _code(self, act: Act) -> None:
        secret = self.platform.account(act.words[1]).totp_secret
        self._field(act.words[0]).fill(self.platform.code(secret))

    def _file(self, act: Act) -> None:
        self._field(act.words[0]).set_input_files(self.folder / act.words[1])

    def _type(self, act: Act) -> None:
        self._field(act.words[0]).fill(act.words[1])

    def _choose(self, act: Act) -> None:
        box = self._field(act.words[0])
        if box.evaluate("control => control.tagName") == "SELECT":
            box.select_option(label=act.words[1])
        else:
            self._field(act.words[1]).check()

    def _tick(self, act: Act) -> None:
        self._field(act.words[0]).check()

    def _press(self, act: Act) -> None:
        self._pressable(act.words[0]).click()
        self.page.wait_for_load_state()

    def _see(self, act: Act) -> None:
        wanted = act.words[0]
        deadline = time.monotonic() + SECONDS_TO_SEE
        while wanted not in self.page.locator("main").inner_text():
            assert time.monotonic() < deadline, "it is not on the page"
            time.sleep(0.3)
            if act.patient:
                time.sleep(1)
                self.page.reload()
        shown = self.page.locator("#new-key")
        if shown.count():
            self.key = shown.inner_text().strip()

    def _field(self, label: str) -> Locator:
        """Return the control with this label; "※必須" and "任意" may follow it."""
        name = re.compile(rf"^\s*{re.escape(label)}\s*(※必須|任意)?\s*$")
        control = self.page.locator("main").get_by_label(name).first
        control.wait_for()
        return control

    def _pressable(self, name: str) -> Locator:
        """Return the button, link or fold of this name: exactly so named first, in the page's body first."""
        deadline = time.monotonic() + SECONDS_TO_SEE
        while time.monotonic() < deadline:
            for place in (self.page.locator("main"), self.page.locator("body")):
                for exact in (True, False):
                    for role in ("button", "link"):
                        found = place.get_by_role(role, name=name, exact=exact)
                        if found.count():
                            return found.first
                    fold = place.locator("summary").filter(has_text=name)
                    if fold.count():
                        return fold.first
            time.sleep(0.3)
        raise AssertionError("there is nothing of this name to press")


def follow(text: Path, platform: Platform, context: BrowserContext, folder: Path) -> Newcomer:
    """Do all that a text asks for, in a folder like a fresh clone's."""
    (folder / ".venv").symlink_to(REPOSITORY / ".venv")
    newcomer = Newcomer(platform, context.new_page(), folder, text)
    acts = read_acts(text)
    assert {"csv", "sh", "text", "press", "see"} <= {act.kind for act in acts}
    for act in acts:
        newcomer.do(act)
    return newcomer


@pytest.mark.journey
def test_the_tutorial_can_be_followed(platform: Platform, context: BrowserContext, tmp_path: Path) -> None:
    """A newcomer with the text alone gets from the sample platform to an ended agreement."""
    newcomer = follow(TUTORIAL, platform, context, tmp_path)
    assert newcomer.key.startswith("tdpf_")


@pytest.mark.journey
def test_data_can_be_provided_as_the_page_says(platform: Platform, context: BrowserContext, tmp_path: Path) -> None:
    """From a key to an offer, its next version and its end, by the commands of the page."""
    follow(BY_PROGRAM, platform, context, tmp_path)


@pytest.mark.journey
@pytest.mark.parametrize(
    ("page", "language", "command"),
    [
        ("use-from-python.md", "python", [sys.executable, "-"]),
        ("use-from-javascript.md", "js", ["node", "--input-type=module"]),
    ],
)
def test_the_programs_of_the_pages_run(platform: Platform, page: str, language: str, command: list[str]) -> None:
    """Every row of a sample comes, page by page."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    text = (REPOSITORY / "docs/how-to" / page).read_text()
    program = text.split(f"```{language}\n")[1].split("```")[0].replace(TOLD_ADDRESS, platform.url)
    done = subprocess.run(command, input=program, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "青葉台公園公衆トイレ" in done.stdout
    assert "71" in done.stdout


def test_an_unknown_sentence_is_a_fault(tmp_path: Path) -> None:
    """The text cannot ask for what nobody checks."""
    page = tmp_path / "tutorial.md"
    page.write_text("1. 「だす」を押します。\n2. 「どこか」をそっと眺めます。\n")
    with pytest.raises(ValueError, match="line 2"):
        read_acts(page)


def test_what_the_text_shows_must_come() -> None:
    """… stands for anything; the rest must be there in order."""
    assert expected("…b…\n").fullmatch("abc")
    assert not expected("a\n…c\n").fullmatch("a\nb")
    assert not expected("b").fullmatch("abc")
