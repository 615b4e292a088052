from django.db import migrations, models

import tdpf.kit.clock
import tdpf.kit.ids


class Migration(migrations.Migration):
    replaces = [
        ("catalog", "0002_harvested"),
        ("catalog", "0003_publisher_area"),
        ("catalog", "0004_synonyms"),
        ("catalog", "0005_recorded"),
    ]

    dependencies = [
        ("catalog", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="SynonymGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                ("wide", models.CharField(blank=True, max_length=60)),
                ("words", models.JSONField(default=list)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("changed_by", models.CharField(max_length=26)),
                ("changed_at", models.DateTimeField(db_index=True, default=tdpf.kit.clock.now)),
            ],
        ),
    ]
