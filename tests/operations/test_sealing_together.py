"""Two workers that seal at the same moment make one chain."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection, connections

from tdpf.controlplane.operations import queries, services
from tdpf.controlplane.operations.models import AuditEntry

Announce = Callable[..., None]


@pytest.fixture
def emptied_afterwards(transactional_db: None) -> Iterator[None]:
    """Take the triggers away at the end, so that the log can be emptied, and put them back."""
    yield
    lock = import_module("tdpf.controlplane.operations.migrations.0002_append_only")
    with connection.schema_editor() as editor:
        lock.open_again(apps, editor)
    AuditEntry.objects.all().delete()
    with connection.schema_editor() as editor:
        lock.close(apps, editor)


def test_two_workers_make_one_chain(emptied_afterwards: None, tell: Announce) -> None:
    """No number twice, no event twice, none left out."""
    tell(*[f"a{number}" for number in range(120)])
    start = threading.Barrier(3)
    sealed: list[int] = []
    faults: list[BaseException] = []

    def seal() -> None:
        start.wait()
        try:
            sealed.append(services.seal_audit())
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=seal) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert faults == []
    assert sum(sealed) == AuditEntry.objects.count() == 121
    assert queries.verify_chain() == []
