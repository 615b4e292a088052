import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("metering", "0002_interest")]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("gateway", models.CharField(max_length=100)),
                ("name", models.CharField(max_length=100)),
                ("offset", models.BigIntegerField(default=0)),
                ("lines", models.BigIntegerField(default=0)),
                ("malformed", models.BigIntegerField(default=0)),
                ("chain", models.CharField(default="", max_length=64)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["gateway", "name"],
                "constraints": [models.UniqueConstraint(fields=("gateway", "name"), name="metering_segment_name")],
            },
        ),
        migrations.CreateModel(
            name="HourlyUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.IntegerField(help_text="JST days since 1970-01-01")),
                ("hour", models.SmallIntegerField(help_text="0-23, JST")),
                ("gateway", models.CharField(max_length=100)),
                ("dataset", models.BigIntegerField()),
                ("application", models.BigIntegerField()),
                ("agreement", models.BigIntegerField()),
                ("status_class", models.CharField(max_length=3)),
                ("path_class", models.CharField(max_length=20)),
                ("requests", models.BigIntegerField(default=0)),
                ("calls", models.BigIntegerField(default=0)),
                ("bytes", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["dataset", "day"], name="metering_use_dataset"),
                    models.Index(fields=["application", "day"], name="metering_use_application"),
                    models.Index(fields=["agreement", "day"], name="metering_use_agreement"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "day",
                            "hour",
                            "gateway",
                            "dataset",
                            "application",
                            "agreement",
                            "status_class",
                            "path_class",
                        ),
                        name="metering_hourly_use",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CounterDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("gateway", models.CharField(max_length=100)),
                ("agreement", models.BigIntegerField()),
                ("application", models.BigIntegerField()),
                ("dataset", models.BigIntegerField()),
                ("day", models.IntegerField(help_text="JST days since 1970-01-01")),
                ("used", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["day"], name="metering_counter_by_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("gateway", "agreement", "application", "dataset", "day"), name="metering_counter_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.IntegerField(help_text="JST days since 1970-01-01", unique=True)),
                ("checked_at", models.DateTimeField()),
                ("pairs", models.IntegerField(default=0)),
                ("logged_calls", models.BigIntegerField(default=0)),
                ("counted_calls", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Difference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reconciliation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="metering.reconciliation"
                    ),
                ),
                ("gateway", models.CharField(max_length=100)),
                ("agreement", models.BigIntegerField()),
                ("application", models.BigIntegerField()),
                ("dataset", models.BigIntegerField()),
                ("logged", models.BigIntegerField()),
                ("counted", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="InterestDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.IntegerField(help_text="JST days since 1970-01-01")),
                ("kind", models.CharField(max_length=16)),
                ("dataset", models.BigIntegerField(default=0)),
                ("words", models.CharField(default="", max_length=100)),
                ("times", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["dataset", "kind", "day"], name="metering_interest_dataset")],
                "constraints": [
                    models.UniqueConstraint(fields=("day", "kind", "dataset", "words"), name="metering_interest_day")
                ],
            },
        ),
    ]
