import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tdpf.kit.clock
import tdpf.kit.ids


class Migration(migrations.Migration):
    replaces = [
        ("federation", "0002_links"),
        ("federation", "0003_columns_tried"),
        ("federation", "0004_run_place_and_permission"),
    ]

    initial = True

    dependencies = [
        ("members", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Site",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                ("slug", models.CharField(max_length=63, unique=True)),
                ("name_ja", models.CharField(max_length=200)),
                ("name_en", models.CharField(blank=True, max_length=200)),
                ("kind", models.CharField(max_length=32)),
                ("url", models.CharField(max_length=2000)),
                ("options", models.JSONField(default=dict)),
                (
                    "standing",
                    models.CharField(choices=[("own", "Own"), ("gathered", "Gathered")], default="own", max_length=8),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Active"), ("paused", "Paused")], default="active", max_length=8
                    ),
                ),
                ("every_hours", models.PositiveIntegerField(blank=True, null=True)),
                ("daily_hour", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("full_days", models.PositiveSmallIntegerField(default=7)),
                ("next_run_at", models.DateTimeField(blank=True, null=True)),
                ("last_full_at", models.DateTimeField(blank=True, null=True)),
                ("mark", models.JSONField(default=dict)),
                ("publisher_name", models.CharField(blank=True, max_length=200)),
                ("publisher_area", models.CharField(blank=True, max_length=6)),
                ("contact_email", models.EmailField(blank=True, max_length=254)),
                ("pause_seconds", models.FloatField(default=1.0)),
                ("run_hours", models.PositiveSmallIntegerField(default=6)),
                ("robots_permission", models.CharField(blank=True, max_length=500)),
                ("allow_private", models.BooleanField(default=False)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
            options={
                "indexes": [models.Index(fields=["state", "next_run_at"], name="federation_site_due")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("daily_hour__isnull", True), ("every_hours__isnull", False)),
                            models.Q(("daily_hour__isnull", False), ("every_hours__isnull", True)),
                            _connector="OR",
                        ),
                        name="federation_site_has_one_schedule",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("daily_hour__isnull", True), ("daily_hour__lte", 23), _connector="OR"),
                        name="federation_hour_of_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("pause_seconds__gte", 0)), name="federation_pause_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="federation.site"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("stopped", "Stopped"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("is_full", models.BooleanField(default=True)),
                ("asked_by", models.CharField(default="system", max_length=80)),
                ("asked_at", models.DateTimeField(default=tdpf.kit.clock.now)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("heartbeat_at", models.DateTimeField(blank=True, null=True)),
                ("lease", models.CharField(blank=True, max_length=26)),
                ("stop_asked", models.BooleanField(default=False)),
                ("restarts", models.PositiveSmallIntegerField(default=0)),
                ("cursor", models.JSONField(default=dict)),
                ("reads_since", models.DateTimeField(blank=True, null=True)),
                ("place", models.CharField(blank=True, max_length=64)),
                ("believes_losses", models.BooleanField(default=False)),
                ("announced", models.PositiveIntegerField(blank=True, null=True)),
                ("seen", models.PositiveIntegerField(default=0)),
                ("added", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("unchanged", models.PositiveIntegerField(default=0)),
                ("gone", models.PositiveIntegerField(default=0)),
                ("left_out", models.PositiveIntegerField(default=0)),
                ("trimmed", models.PositiveIntegerField(default=0)),
                ("duplicates", models.PositiveIntegerField(default=0)),
                ("requests", models.PositiveIntegerField(default=0)),
                ("bytes", models.BigIntegerField(default=0)),
                ("losses_held", models.PositiveIntegerField(default=0)),
                ("log", models.JSONField(default=list)),
                ("problem", models.JSONField(blank=True, null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["state", "heartbeat_at"], name="federation_run_state")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=("site",),
                        name="federation_one_run_per_site",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "running"), _negated=True),
                            models.Q(models.Q(("lease", ""), _negated=True), ("heartbeat_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="federation_running_has_lease",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RunFault",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="faults", to="federation.run"
                    ),
                ),
                ("record_id", models.CharField(blank=True, max_length=500)),
                ("where", models.CharField(blank=True, max_length=2000)),
                ("code", models.CharField(max_length=32)),
                ("part", models.CharField(blank=True, max_length=100)),
                ("why_ja", models.CharField(max_length=1000)),
                ("why_en", models.CharField(max_length=1000)),
                ("piece", models.TextField(blank=True)),
                ("at", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="Record",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="records", to="federation.site"
                    ),
                ),
                ("record_id", models.CharField(max_length=500)),
                ("alias", models.CharField(blank=True, max_length=500)),
                ("dataset_uid", models.CharField(db_index=True, max_length=26)),
                ("registered", models.BooleanField(default=False)),
                (
                    "publisher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.party"
                    ),
                ),
                ("url", models.CharField(blank=True, max_length=2000)),
                ("digest", models.CharField(max_length=64)),
                ("original_digest", models.CharField(max_length=64)),
                ("kept", models.BinaryField()),
                ("likeness", models.JSONField(default=dict)),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "last_run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="federation.run"
                    ),
                ),
                ("gone_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["site", "gone_at", "last_seen_at"], name="federation_record_seen")],
                "constraints": [models.UniqueConstraint(fields=("site", "record_id"), name="federation_record_once")],
            },
        ),
        migrations.CreateModel(
            name="RecordChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="federation.record"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="federation.run"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("changed", "Changed"),
                            ("moved", "Moved"),
                            ("gone", "Gone"),
                            ("back", "Back"),
                            ("joined", "Joined"),
                            ("parted", "Parted"),
                        ],
                        max_length=8,
                    ),
                ),
                ("dataset_uid", models.CharField(db_index=True, max_length=26)),
                ("by", models.CharField(default="system", max_length=80)),
                ("note_ja", models.CharField(blank=True, max_length=1000)),
                ("note_en", models.CharField(blank=True, max_length=1000)),
                ("at", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="MatchKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="match_keys", to="federation.record"
                    ),
                ),
                ("digest", models.BigIntegerField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Pair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="federation.record"
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="federation.record"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("merged", "Merged"), ("apart", "Apart")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("why_ja", models.CharField(max_length=500)),
                ("why_en", models.CharField(max_length=500)),
                ("found_at", models.DateTimeField(default=tdpf.kit.clock.now)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(blank=True)),
            ],
            options={
                "indexes": [models.Index(fields=["state", "id"], name="federation_pair_state")],
                "constraints": [
                    models.UniqueConstraint(fields=("first", "second"), name="federation_pair_once"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="federation_pair_in_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "waiting"),
                            models.Q(("decided_by__isnull", False), ("decided_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="federation_pair_decided_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LinkLook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("distribution_uid", models.CharField(max_length=26)),
                ("dataset_uid", models.CharField(db_index=True, max_length=26)),
                ("url", models.CharField(max_length=2000)),
                ("state", models.CharField(max_length=8)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("note_ja", models.CharField(blank=True, max_length=500)),
                ("note_en", models.CharField(blank=True, max_length=500)),
                ("final_url", models.CharField(blank=True, max_length=2000)),
                ("failed_days", models.PositiveSmallIntegerField(default=0)),
                ("times", models.PositiveIntegerField(default=1)),
                ("columns_tried", models.BooleanField(default=False)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["distribution_uid", "-id"], name="federation_look_of_link")],
            },
        ),
        migrations.CreateModel(
            name="DigestSent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.EmailField(max_length=254, unique=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("links", models.PositiveIntegerField(default=0)),
            ],
        ),
    ]
