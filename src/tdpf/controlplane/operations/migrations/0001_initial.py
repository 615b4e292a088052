from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("sequence", models.BigIntegerField(primary_key=True, serialize=False)),
                ("event_uid", models.CharField(max_length=26, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("actor", models.CharField(max_length=80)),
                ("subject", models.CharField(max_length=120)),
                ("reason", models.TextField(blank=True)),
                ("occurred_at", models.DateTimeField()),
                ("sealed_at", models.DateTimeField()),
                ("content", models.TextField()),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64, unique=True)),
            ],
            options={
                "ordering": ["sequence"],
                "indexes": [
                    models.Index(fields=["actor", "sequence"], name="operations_audit_actor"),
                    models.Index(fields=["subject", "sequence"], name="operations_audit_subject"),
                    models.Index(fields=["name", "sequence"], name="operations_audit_name"),
                    models.Index(fields=["occurred_at"], name="operations_audit_when"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChainHead",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("sequence", models.BigIntegerField()),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="operations_one_head")],
            },
        ),
    ]
