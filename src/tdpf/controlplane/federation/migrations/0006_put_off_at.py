"""When a file whose server was busy was last asked for: it waits a day and keeps no other waiting."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Only this column; it is empty for all."""

    dependencies = (("federation", "0005_link_size"),)
    operations = (migrations.AddField(model_name="linklook", name="put_off_at", field=models.DateTimeField(null=True)),)
