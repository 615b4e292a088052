"""Follows that were there before publishers, themes and searches could be followed are kept."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.members.types import Standing


@pytest.mark.django_db(transaction=True)
def test_older_follows_get_their_key(reader: Standing, dataset: Dataset) -> None:
    executor = MigrationExecutor(connection)
    latest = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "community"]
    executor.migrate([("community", "0001_initial")])
    old = executor.loader.project_state([("community", "0001_initial")]).apps.get_model("community", "Follow")
    old.objects.create(member_id=reader.member_id, dataset_id=dataset.pk)
    executor = MigrationExecutor(connection)
    executor.migrate(latest)
    new = executor.loader.project_state(latest).apps.get_model("community", "Follow")
    kept = new.objects.get()
    assert (kept.key, kept.kind, kept.pace) == (f"dataset:{dataset.uid}", "dataset", "once")
    assert len(kept.uid) == 26


@pytest.mark.django_db(transaction=True)
def test_what_visitors_sent_keeps_its_name(dataset: Dataset) -> None:
    executor = MigrationExecutor(connection)
    latest = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "community"]
    before = [("community", "0003_watermark_numbers")]
    executor.migrate(before)
    old = executor.loader.project_state(before).apps
    visitor = old.get_model("community", "Visitor").objects.create(email="a@example.jp", name="住民")
    old.get_model("community", "Feedback").objects.create(
        dataset_id=dataset.pk, visitor=visitor, kind="question", text="?", state="open", visibility="held"
    )
    executor = MigrationExecutor(connection)
    executor.migrate(latest)
    new = executor.loader.project_state(latest).apps.get_model("community", "Feedback")
    assert new.objects.get().visitor_name == "住民"
