"""A whole platform for a journey: every process, real Envoy, real browser, its own home and port."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from deciding import Program, children
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tdpf.kit.home import Home
from tdpf.processes.demo_accounts import DemoAccount, load_accounts, totp_code

REPOSITORY = Path(__file__).resolve().parents[2]

# One line per question to a platform that is not ready yet says nothing.
logging.getLogger("httpx").setLevel(logging.WARNING)


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Platform:
    """A running `tdpf run all` and how to reach it."""

    home: Home
    port: int
    process: subprocess.Popen[bytes] | None = None
    used_codes: dict[str, str] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)
    started_in: float = 0.0

    @property
    def url(self) -> str:
        """The public address."""
        return f"http://localhost:{self.port}"

    @property
    def log(self) -> Path:
        """The common log."""
        return self.home.root / "platform.log"

    def environment(self) -> dict[str, str]:
        """What the processes are told."""
        return {
            **os.environ,
            "TDPF_HOME": str(self.home.root),
            "TDPF_PORT": str(self.port),
            "TDPF_URL": self.url,
            "TDPF_DEMO": "1",
            "TDPF_ASSETS": str(REPOSITORY / "var" / "assets"),
            "TDPF_EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            **self.more,
        }

    def start(self, *, ready_within: float = 600) -> float:
        """Start everything, wait for the first page and the worker; return the seconds to the first page."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tdpf.processes.cli", "run", "all"],
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.wait_ready(ready_within)
        seconds = self.started_in = time.monotonic() - began
        # The worker begins a little after the pages.
        deadline = time.monotonic() + 30
        while not self.part("worker") and time.monotonic() < deadline:
            time.sleep(0.1)
        return seconds

    def wait_ready(self, within: float = 60) -> None:
        """Wait until `/` and `/data` answer 200."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"the platform ended:\n{self.tail()}")
            with contextlib.suppress(httpx.HTTPError):
                if all(
                    httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=10).status_code == 200
                    for path in ("/", "/data")
                ):
                    return
            time.sleep(0.1)
        raise AssertionError(f"not ready within {within} s:\n{self.tail()}")

    def stop(self) -> None:
        """Stop as Ctrl-C does, and make sure that nothing is left."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
        for pid in self.leftovers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def leftovers(self) -> list[int]:
        """Return the processes that belong to this home and still run."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    environment = (entry / "environ").read_bytes()
                    if f"TDPF_HOME={self.home.root}\0".encode() in environment + b"\0":
                        found.append(int(entry.name))
        return found

    def part(self, name: str) -> list[int]:
        """Return the process id of one part ("portal", …), or of "envoy", without the processes that it forked."""
        found = []
        for pid in self.leftovers():
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if name == "envoy":
                    if Path(words[0].decode()).name == "envoy":
                        found.append(pid)
                elif (b"run", name.encode()) in pairwise(words):
                    found.append(pid)
        forked = {child for pid in found for child in children(pid)}
        return [pid for pid in found if pid not in forked]

    def tail(self, lines: int = 60) -> str:
        """Return the end of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def tdpf(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `tdpf` command on this home."""
        command = [sys.executable, "-m", "tdpf.processes.cli", *arguments]
        return subprocess.run(command, env=self.environment(), capture_output=True, text=True, check=False)

    def account(self, name: str) -> DemoAccount:
        """Return one of the sample accounts."""
        return next(account for account in load_accounts(self.home) if account.name == name)

    def code(self, totp_secret: str) -> str:
        """Return a code that was not used before; waits for the next one when it must."""
        while (code := totp_code(totp_secret)) == self.used_codes.get(totp_secret):
            time.sleep(0.5)
        self.used_codes[totp_secret] = code
        return code

    def sign_in(self, page: Page, name: str) -> None:
        """Sign a sample account in through the pages, with password and code."""
        account = self.account(name)
        page.goto(f"{self.url}/accounts/login/")
        page.fill("input[name=login]", account.email)
        page.fill("input[name=password]", account.password)
        page.click("main form [type=submit]")
        page.fill("input[name=code]", self.code(account.totp_secret))
        page.click("main form [type=submit]")
        page.wait_for_url("**/home")


@pytest.fixture(scope="module")
def fresh_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform begun from nothing, with sample data, stopped at the end."""
    root = _short_folder()
    running = Platform(home=Home(root), port=free_port())
    try:
        running.start()
        yield running
    finally:
        running.stop()
        kept = tmp_path_factory.mktemp("platform") / "platform.log"
        if running.log.exists():
            shutil.copyfile(running.log, kept)
        shutil.rmtree(root, ignore_errors=True)


@dataclass(frozen=True)
class SampleHome:
    """A stopped installation with sample data, to be copied; and how long its start from nothing took."""

    root: Path
    fresh_seconds: float


def _short_folder() -> Path:
    # Unix socket paths have 108 bytes at most, so the home stands in a short folder.
    return Path(subprocess.check_output(["mktemp", "-d", "-t", "tdpf-j-XXXXXX"], text=True).strip())


@pytest.fixture(scope="session")
def sample_home() -> Iterator[SampleHome]:
    """Made once: a fresh home started to its first page and stopped."""
    root = _short_folder()
    running = Platform(home=Home(root), port=free_port())
    try:
        seconds = running.start()
        running.stop()
        yield SampleHome(root, seconds)
    finally:
        running.stop()
        shutil.rmtree(root, ignore_errors=True)


@contextlib.contextmanager
def _copied(sample: SampleHome, **more: str) -> Iterator[Platform]:
    root = _short_folder()
    shutil.copytree(sample.root, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("run", "platform.log"))
    running = Platform(home=Home(root), port=free_port(), more=more)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="module")
def sample_platform(sample_home: SampleHome) -> Iterator[Platform]:
    """A running platform of its own for a module, begun from a copy of the sample home."""
    with _copied(sample_home) as running:
        yield running


@pytest.fixture(scope="module")
def platform(sample_platform: Platform) -> Platform:
    """The platform of a journey; one that must begin from nothing says so (`fresh_platform`)."""
    return sample_platform


@pytest.fixture(scope="module")
def local_platform(sample_home: SampleHome) -> Iterator[Platform]:
    """A running platform whose operator allows private addresses: what it reads stands on this machine."""
    with _copied(sample_home, TDPF_ALLOW_PRIVATE_FETCH="1") as running:
        yield running


@pytest.fixture(scope="module")
def program(sample_platform: Platform) -> Iterator[Program]:
    """A deciding program inside that platform."""
    started = Program(sample_platform.environment())
    yield started
    started.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, driven by Playwright."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.fail("Chromium is missing; `make setup-tests` installs it")
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
    ]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser window of its own: Japanese, at a desk."""
    opened = browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo", viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(20_000)
    yield opened
    opened.close()


@pytest.fixture
def browser_contexts(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Make further browser windows, for other people at the same time."""
    opened: list[BrowserContext] = []

    def another(**options: Any) -> BrowserContext:
        made = browser.new_context(
            locale="ja-JP", timezone_id="Asia/Tokyo", viewport={"width": 1280, "height": 900}, **options
        )
        made.set_default_timeout(20_000)
        opened.append(made)
        return made

    yield another
    for made in opened:
        made.close()
