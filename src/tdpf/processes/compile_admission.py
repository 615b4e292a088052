"""Compile the module in which Envoy admits calls: ``python -m tdpf.processes.compile_admission ZIG``, ``--where`` says where it will lie."""

import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from tdpf.dataplane.gateway.admission_module import module_path, sources

_OLDEST_GLIBC = "2.28"


def compile_module(zig: Path, target: Path) -> None:
    """Compile to a file put in place whole; raises CalledProcessError, and the compiler says why."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        folder = Path(scratch)
        for name, text in sources():
            (folder / name).write_bytes(text)
        made = folder / target.name
        command = [
            *(
                zig,
                "cc",
                "-target",
                f"{platform.machine()}-linux-gnu.{_OLDEST_GLIBC}",
                "-std=c11",
                "-D_GNU_SOURCE",
                "-O2",
            ),
            *("-Wall", "-Wextra", "-Werror", "-fstack-protector-strong", "-shared", "-fPIC", "-Wl,-Bsymbolic", "-s"),
            *("-o", made, *sorted(path for path in folder.iterdir() if path.suffix == ".c")),
        ]
        # What the compiler keeps for the next time goes with the folder.
        caches = {"ZIG_GLOBAL_CACHE_DIR": f"{scratch}/cache", "ZIG_LOCAL_CACHE_DIR": f"{scratch}/cache"}
        subprocess.run([str(word) for word in command], env={**os.environ, **caches}, check=True)
        made.replace(target)


def main(words: list[str]) -> int:
    """Say where the module lies, or compile it."""
    if words == ["--where"]:
        print(module_path())
        return 0
    compile_module(Path(words[0]), module_path())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
