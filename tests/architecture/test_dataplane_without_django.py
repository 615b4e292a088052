"""The data plane runs where Django is not installed: imported in an environment that holds only its own extra."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution, requires
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"


def needed(extra: str) -> set[str]:
    """Return the names of all packages that `tdpf[extra]` brings, theirs included."""
    found: set[str] = set()
    waiting = [
        line
        for line in requires("tdpf") or []
        if "extra ==" not in line or f"'{extra}'" in line or f'"{extra}"' in line
    ]
    while waiting:
        name = re.split(r"[ \[<>=!~;(]", waiting.pop(), maxsplit=1)[0].lower()
        if name in found or name == "tdpf":
            continue
        try:
            lines = requires(name) or []
        except PackageNotFoundError:
            continue
        found.add(name)
        waiting += [line for line in lines if "extra ==" not in line]
    return found


def linked(package: Distribution, into: Path) -> None:
    """Link the top-level files of an installed package into a folder."""
    for file in package.files or []:
        top = file.parts[0]
        if top in ("..", "__pycache__") or (into / top).exists():
            continue
        (into / top).symlink_to(Path(str(package.locate_file(top))))


def test_gateway_and_delivery_import_without_django(tmp_path: Path) -> None:
    """Every module of the data plane, tables and wire loads; Django cannot even be found."""
    names = needed("dataplane")
    assert {"granian", "duckdb", "cryptography"} <= names
    assert "django" not in names
    for name in names:
        linked(distribution(name), tmp_path)
    code = (
        "import sys, importlib, importlib.util, pkgutil\n"
        f"sys.path[:0] = [{str(tmp_path)!r}, {str(SOURCE)!r}]\n"
        "assert importlib.util.find_spec('django') is None\n"
        "count = 0\n"
        "for room in ('tdpf.dataplane', 'tdpf.tables', 'tdpf.wire', 'tdpf.kit'):\n"
        "    package = importlib.import_module(room)\n"
        "    for module in pkgutil.walk_packages(package.__path__, room + '.'):\n"
        "        importlib.import_module(module.name); count += 1\n"
        "import tdpf.processes.cli, tdpf.processes.dataplane\n"
        "assert not any(name.split('.')[0] in ('django', 'psycopg', 'ninja') for name in sys.modules)\n"
        "print(count)\n"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout) > 15
