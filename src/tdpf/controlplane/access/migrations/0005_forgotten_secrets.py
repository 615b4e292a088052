"""Secrets of what was taken out, withdrawn or purged before they were forgotten with it: nothing is asked with them any more."""

from datetime import UTC, datetime
from typing import Any

from django.db import migrations
from django.db.models import Q


def forget_secrets(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  Django hands it over
    """Forget sealed secrets and revoke devices' tokens; gathered tables were cleared when it happened."""
    gone = Q(distribution__state="removed") | Q(distribution__dataset__state__in=("withdrawn", "purged"))
    rows = apps.get_model("access", "SourceConnection").objects.filter(gone)
    tokens = apps.get_model("access", "DeviceToken").objects
    tokens.filter(source__in=rows, revoked_at__isnull=True).update(revoked_at=datetime.now(UTC))
    rows.exclude(secret="").update(secret="")


class Migration(migrations.Migration):
    """Reading and writing rows only."""

    dependencies = [("access", "0004_columns_of_parts"), ("catalog", "0009_mending_asked_at")]

    operations = [migrations.RunPython(forget_secrets, migrations.RunPython.noop, elidable=True)]
