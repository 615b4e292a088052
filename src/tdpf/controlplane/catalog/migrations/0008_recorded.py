from django.db import migrations, models


def catch_up(apps, _schema_editor):
    """Until now a member's dataset moved only the one of its two moments."""
    rows = apps.get_model("catalog", "Dataset").objects.filter(origin="registered")
    rows.filter(modified_at__gt=models.F("recorded_at")).update(recorded_at=models.F("modified_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0007_link_asked_at"),
    ]

    operations = [
        migrations.RunPython(catch_up, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="dataset",
            index=models.Index(fields=["state", "-recorded_at"], name="catalog_dataset_recorded"),
        ),
    ]
