"""Secrets, databases, codes of sample accounts: the small parts of a start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.mail import get_connection

from tdpf.kit.home import Home
from tdpf.processes.databases import databases
from tdpf.processes.demo_accounts import DemoAccount, load_accounts, store_accounts, told_accounts, totp_code
from tdpf.processes.secrets import secret


def test_a_secret_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    """The same every time, mode 0600, long."""
    home = Home(tmp_path)
    first = secret(home, "django.key")
    assert secret(home, "django.key") == first
    assert len(first) >= 60
    assert (tmp_path / "secrets" / "django.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in (tmp_path / "secrets").iterdir()) == ["django.key"]


def test_one_setting_moves_everything_to_postgresql(tmp_path: Path) -> None:
    """The ledger goes to a schema of the same server, or to a URL of its own."""
    made = databases(Home(tmp_path), "postgresql://tdpf:p%40ss@db.example:5433/city", None)
    assert made["default"]["PASSWORD"] == "p@ss"
    assert (made["default"]["HOST"], made["default"]["PORT"], made["default"]["NAME"]) == ("db.example", "5433", "city")
    assert made["ledger"]["OPTIONS"]["options"] == "-c search_path=ledger"
    own = databases(Home(tmp_path), "postgresql://a@/x?host=/run/pg", "postgresql://b@other/ledger")
    assert own["default"]["HOST"] == "/run/pg"
    assert own["ledger"]["HOST"] == "other"
    assert "options" not in own["ledger"]["OPTIONS"]
    with pytest.raises(ValueError, match="postgresql://"):
        databases(Home(tmp_path), "mysql://nope", None)


def test_an_installation_in_a_folder_of_its_own_has_the_pages_of_the_set_up(tmp_path: Path) -> None:
    """The set-up fills `var/` beside the source; pages are not left without style because TDPF_HOME is elsewhere."""
    look = "import django; django.setup(); from django.contrib.staticfiles import finders; print(finders.find(PLACE))"
    place = "vendor/design-tokens/tokens.css"
    environment = {name: value for name, value in os.environ.items() if name != "TDPF_ASSETS"}
    environment |= {"TDPF_HOME": str(tmp_path / "own"), "DJANGO_SETTINGS_MODULE": "tdpf.processes.settings"}
    done = subprocess.run(
        [sys.executable, "-c", look.replace("PLACE", repr(place))],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip().endswith(place)


def test_codes_are_those_of_rfc_6238() -> None:
    """The appendix's vectors for SHA-1, last six digits."""
    key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp_code(key, at=59) == "287082"
    assert totp_code(key, at=1111111109) == "081804"
    assert totp_code(key, at=20000000000) == "353130"


def test_sample_accounts_are_kept_closed_and_told(tmp_path: Path) -> None:
    """Password, secret and the way to a code are all said."""
    home = Home(tmp_path).prepare()
    account = DemoAccount("provider", "provider@example.jp", "pass-word", "GEZDGNBV", "提供者", "provider")
    path = store_accounts(home, [account])
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_accounts(home) == [account]
    told = "\n".join(told_accounts(home))
    assert all(word in told for word in ("provider@example.jp", "pass-word", "GEZDGNBV", "tdpf demo code provider"))


def test_other_accounts_of_the_machine_see_nothing_of_an_installation(tmp_path: Path) -> None:
    """Sessions lie in the database, letters in a folder; what a group may do is left to the operator."""
    root = tmp_path / "home"
    root.mkdir(mode=0o755)
    for name in ("db.sqlite3", "db.sqlite3-wal"):
        (root / name).touch()
        (root / name).chmod(0o664)
    (root / "mail").mkdir()
    (root / "mail").chmod(0o755)
    (root / "assets").mkdir()
    Home(root).prepare()
    modes = {path.name: path.stat().st_mode & 0o777 for path in (root, *root.iterdir())}
    assert (modes["home"], modes["db.sqlite3"], modes["db.sqlite3-wal"], modes["mail"]) == (0o751, 0o660, 0o660, 0o750)
    assert {name for name, mode in modes.items() if mode & 0o006} == {"assets"}


def test_the_command_is_fast_to_say_what_it_can_do() -> None:
    """`tdpf --help` starts without Django."""
    code = (
        "import sys\nfrom tdpf.processes.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as done:\n    assert done.code == 0\n"
        "assert 'django' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "run" in done.stdout
    assert "search" in done.stdout


def test_a_silent_mail_server_is_waited_for_a_moment_only() -> None:
    """A letter is sent inside a transaction; without a limit it would hold every other writer up for good."""
    connection = get_connection("django.core.mail.backends.smtp.EmailBackend")
    assert 0 < connection.timeout <= 15  # type: ignore[attr-defined]  # of the SMTP backend
