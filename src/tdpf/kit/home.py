"""Where an installation keeps its files."""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one installation; every attribute is a path inside it, made on first use by `prepare`."""

    root: Path

    @property
    def secrets(self) -> Path:
        """Keys made at first run, readable by the owner only."""
        return self.root / "secrets"

    @property
    def run(self) -> Path:
        """Sockets and process ids."""
        return self.root / "run"

    @property
    def tables(self) -> Path:
        """Published tables, one folder per identity."""
        return self.root / "tables"

    @property
    def originals(self) -> Path:
        """Files as they were handed in, named by their SHA-256."""
        return self.root / "originals"

    @property
    def uploads(self) -> Path:
        """Files on their way in."""
        return self.root / "uploads"

    @property
    def workpieces(self) -> Path:
        """Files being prepared, one folder per workpiece."""
        return self.root / "workpieces"

    @property
    def kept_merges(self) -> Path:
        """The last results of tables that renew themselves, one folder each."""
        return self.root / "kept-merges"

    @property
    def index(self) -> Path:
        """The search index."""
        return self.root / "index"

    @property
    def snapshots(self) -> Path:
        """Shards of the gate snapshot, named by their SHA-256."""
        return self.root / "snapshots"

    @property
    def gateway(self) -> Path:
        """One folder per gateway: Envoy's configuration, grant table, spool, last good snapshot."""
        return self.root / "gateway"

    @property
    def delivery(self) -> Path:
        """Delivery's last good snapshot and files made on demand."""
        return self.root / "delivery"

    @property
    def evidence(self) -> Path:
        """Usage segments as the gateways wrote them."""
        return self.root / "evidence"

    @property
    def mail(self) -> Path:
        """Mails of demo mode, shown on the outbox page."""
        return self.root / "mail"

    @property
    def log(self) -> Path:
        """Logs of the parts."""
        return self.root / "log"

    @property
    def assets(self) -> Path:
        """Third-party scripts, styles and fonts brought by the npm lock file at set-up."""
        return self.root / "assets"

    @property
    def gazetteer(self) -> Path:
        """The gazetteer that `tdpf gazetteer build` makes; absent at first."""
        return self.root / "gazetteer"

    def portal_sockets(self, processes: int) -> tuple[Path, ...]:
        """One socket for each of the portal's processes: behind a common one the kernel shares calls out unevenly."""
        return tuple(
            self.run / f"portal{f'-{number}' if number > 1 else ''}.sock" for number in range(1, processes + 1)
        )

    def prepare(self) -> Home:
        """Make the folders; other accounts of the machine see nothing in them, and the group not those with secrets and sockets."""
        self.root.mkdir(parents=True, exist_ok=True)
        own = (self.secrets, self.run, self.uploads, self.workpieces)
        shared = (
            self.tables,
            self.originals,
            self.index,
            self.snapshots,
            self.gateway,
            self.delivery,
            self.evidence,
            self.mail,
            self.log,
        )
        for folder in (*own, *shared):
            folder.mkdir(exist_ok=True)
        for folder in own:
            folder.chmod(0o700)
        _close(self.root, but=0o001)
        for path in (*shared, *self.root.glob("*.sqlite3*")):
            _close(path)
        return self


def _close(path: Path, *, but: int = 0) -> None:
    """Take from other accounts what they may do here, except `but`; what belongs to another account is its owner's to close."""
    with contextlib.suppress(PermissionError, FileNotFoundError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o007 & ~but:
            path.chmod(mode & ~0o007 | mode & but)


def home() -> Home:
    """Return the installation named by `TDPF_HOME`, else `var/` beside the source tree."""
    return _home(os.environ.get("TDPF_HOME"))


def assets() -> Path:
    """Return where set-up put third-party files: `TDPF_ASSETS`, else the installation's, else those beside the source tree."""
    return _assets(os.environ.get("TDPF_ASSETS"), os.environ.get("TDPF_HOME"))


# Both are asked for several times in every search, and looking through the folders above took a tenth of a small one.
@lru_cache(maxsize=64)
def _home(named: str | None) -> Home:
    return Home(Path(named).resolve() if named else Path(__file__).resolve().parents[3] / "var")


@lru_cache(maxsize=64)
def _assets(named: str | None, home_named: str | None) -> Path:
    if named:
        return Path(named).resolve()
    own, beside = _home(home_named).assets, _home(None).assets
    return own if own.is_dir() or not beside.is_dir() else beside
