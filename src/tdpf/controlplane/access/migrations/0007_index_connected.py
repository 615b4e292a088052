"""What was told of connected tables that were there before (0006) reaches the search index: the worker reads them anew."""

from typing import Any

from django.db import migrations

from tdpf.kit.clock import now

_AT_ONCE = 200


def ask_to_index(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  Django hands it over
    """Leave the worker batches of the datasets that have connected tables; on a new installation there are none."""
    sources = apps.get_model("access", "SourceConnection").objects.exclude(distribution__place_mark="")
    uids = sorted(set(sources.values_list("distribution__dataset__uid", flat=True)))
    jobs, instant = apps.get_model("djangokit", "Job").objects, now()
    for at in range(0, len(uids), _AT_ONCE):
        jobs.create(
            handler="catalog.tasks.index_batch",
            payload={"dataset_uids": uids[at : at + _AT_ONCE]},
            run_at=instant,
            created_at=instant,
        )


class Migration(migrations.Migration):
    """Writing jobs only."""

    dependencies = [("access", "0006_told_of_connected"), ("djangokit", "0001_initial")]

    operations = [migrations.RunPython(ask_to_index, migrations.RunPython.noop, elidable=True)]
