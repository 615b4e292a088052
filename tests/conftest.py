"""What every test may use: a home of its own, the corpus where there is one, PostgreSQL where it is asked for."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django
import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, settings
from made_members import make_member as make_member
from near_work import work_near as work_near
from provider_broker import mqtt_broker as mqtt_broker
from provider_databases import provider_mariadb as provider_mariadb
from provider_databases import provider_postgres as provider_postgres
from provider_ngsi import context_broker as context_broker

# Settings read TDPF_HOME when Django starts, so the test home must exist before anything imports them.
_HOME = tempfile.mkdtemp(prefix="tdpf-test-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ["TDPF_HOME"] = _HOME
os.environ["DJANGO_SETTINGS_MODULE"] = "tdpf.processes.settings"
os.environ["TDPF_EMAIL_BACKEND"] = "django.core.mail.backends.locmem.EmailBackend"
os.environ.setdefault("TDPF_ALLOW_PRIVATE_FETCH", "0")

# How fast examples are made says something about the machine, nothing about what is tested.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")

# The conftests of the rooms import their models, and pytest-django would start Django only after them.
django.setup()

# A good hash of a password takes a tenth of a second on purpose, and most tests make members.
django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _count_interest_when_asked() -> None:
    """A thread that writes by itself would meet a test's database in the middle of its transaction."""
    from tdpf.controlplane.metering.interest import counter

    counter.seconds = 86_400.0
    atexit.unregister(counter.flush)


_count_interest_when_asked()


@pytest.fixture(autouse=True)
def _nobody_was_interested_before() -> None:
    """What an earlier test's pages counted and nobody wrote is not this test's."""
    from tdpf.controlplane.metering.interest import counter

    counter._sums.clear()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real municipal files: `TDPF_CORPUS`, else `../shared/data` beside the repository."""
    named = os.environ.get("TDPF_CORPUS")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the corpus of municipal files (TDPF_CORPUS)")
    return folder


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Give the ledger's test database its default schema, as it is one of its own anyway, and let no commit wait for the disk."""
    from django.conf import settings

    settings.DATABASES["ledger"].get("OPTIONS", {}).pop("options", None)
    for database in settings.DATABASES.values():
        options = database["OPTIONS"]
        if "init_command" in options:
            options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
