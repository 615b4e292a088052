from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def copy_names(apps: Any, _: Any) -> None:
    """Give what visitors sent the name that stood with their address."""
    names = apps.get_model("community", "Visitor").objects.filter(pk=OuterRef("visitor_id")).values("name")[:1]
    for kind in ("Feedback", "DataRequest"):
        apps.get_model("community", kind).objects.filter(visitor__isnull=False).update(visitor_name=Subquery(names))


class Migration(migrations.Migration):
    dependencies = [
        ("community", "0003_watermark_numbers"),
    ]

    operations = [
        migrations.AddField(
            model_name="feedback",
            name="visitor_name",
            field=models.CharField(blank=True, default="", max_length=100),
        ),
        migrations.AddField(
            model_name="datarequest",
            name="visitor_name",
            field=models.CharField(blank=True, default="", max_length=100),
        ),
        migrations.AddField(
            model_name="webhook",
            name="quiet_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(copy_names, migrations.RunPython.noop, elidable=True),
    ]
