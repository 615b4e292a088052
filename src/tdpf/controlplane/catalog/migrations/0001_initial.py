import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tdpf.kit.clock
import tdpf.kit.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("members", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Dataset",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                ("slug", models.CharField(max_length=63, unique=True)),
                (
                    "origin",
                    models.CharField(
                        choices=[("registered", "Registered"), ("harvested", "Harvested")],
                        default="registered",
                        max_length=10,
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.party"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("published", "Published"),
                            ("withdrawn", "Withdrawn"),
                            ("purged", "Purged"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                (
                    "access",
                    models.CharField(
                        choices=[("open", "Open"), ("conditional", "Conditional"), ("paid", "Paid")],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("terms_badges", models.JSONField(default=list)),
                ("title_ja", models.CharField(max_length=300)),
                ("title_en", models.CharField(blank=True, max_length=300)),
                ("description_ja", models.TextField(blank=True)),
                ("description_en", models.TextField(blank=True)),
                ("themes", models.JSONField(default=list)),
                ("keywords", models.JSONField(default=list)),
                ("licence", models.CharField(max_length=32)),
                ("licence_name", models.CharField(blank=True, max_length=200)),
                ("licence_url", models.URLField(blank=True, max_length=1000)),
                ("licence_text", models.TextField(blank=True)),
                ("attribution", models.CharField(blank=True, max_length=300)),
                ("area_codes", models.JSONField(default=list)),
                ("period_start", models.DateField(blank=True, null=True)),
                ("period_end", models.DateField(blank=True, null=True)),
                ("update_frequency", models.CharField(default="UNKNOWN", max_length=16)),
                ("languages", models.JSONField(default=list)),
                ("contact_name", models.CharField(blank=True, max_length=200)),
                ("contact_email", models.EmailField(blank=True, max_length=254)),
                ("contact_url", models.URLField(blank=True, max_length=1000)),
                ("landing_url", models.URLField(blank=True, max_length=1000)),
                ("data_class", models.CharField(default="non_personal", max_length=24)),
                ("retention_days", models.PositiveIntegerField(blank=True, default=30, null=True)),
                ("originals_days", models.PositiveIntegerField(blank=True, null=True)),
                ("stated", models.JSONField(default=dict)),
                ("publisher_area", models.CharField(blank=True, max_length=6)),
                ("inferred", models.JSONField(default=dict)),
                ("corrected", models.JSONField(default=dict)),
                ("not_understood", models.JSONField(default=list)),
                ("source_issued_at", models.DateTimeField(blank=True, null=True)),
                ("mqa_points", models.PositiveSmallIntegerField(default=0)),
                ("stars", models.PositiveSmallIntegerField(default=0)),
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
                ("modified_at", models.DateTimeField(default=tdpf.kit.clock.now)),
                ("recorded_at", models.DateTimeField(default=tdpf.kit.clock.now)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_reason", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "-modified_at"], name="catalog_dataset_state"),
                    models.Index(fields=["state", "uid"], name="catalog_dataset_in_order"),
                    models.Index(fields=["provider", "state"], name="catalog_dataset_provider"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("title_ja", ""), _negated=True), name="catalog_dataset_has_title"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("origin", "harvested"), ("created_by__isnull", False), _connector="OR"),
                        name="catalog_registered_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("mqa_points__lte", 405), ("stars__lte", 5)), name="catalog_quality_in_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "published"), _negated=True),
                            ("published_at__isnull", False),
                            _connector="OR",
                        ),
                        name="catalog_published_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("period_start__isnull", True),
                            ("period_end__isnull", True),
                            ("period_start__lte", models.F("period_end")),
                            _connector="OR",
                        ),
                        name="catalog_period_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SlugAlias",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.CharField(max_length=63, unique=True)),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="slugs", to="catalog.dataset"
                    ),
                ),
                ("given_at", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="places", to="catalog.dataset"
                    ),
                ),
                ("site", models.CharField(max_length=63)),
                ("site_name_ja", models.CharField(max_length=200)),
                ("site_name_en", models.CharField(blank=True, max_length=200)),
                ("url", models.CharField(blank=True, max_length=2000)),
                ("record_id", models.CharField(max_length=500)),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("gone_at", models.DateTimeField(blank=True, null=True)),
                ("is_primary", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [models.Index(fields=["site", "gone_at"], name="catalog_place_site")],
                "constraints": [
                    models.UniqueConstraint(fields=("site", "record_id"), name="catalog_place_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_primary", True)), fields=("dataset",), name="catalog_one_primary_place"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Distribution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="distributions", to="catalog.dataset"
                    ),
                ),
                ("name", models.CharField(default="main", max_length=63)),
                ("title_ja", models.CharField(blank=True, max_length=300)),
                ("title_en", models.CharField(blank=True, max_length=300)),
                ("description_ja", models.TextField(blank=True)),
                (
                    "kind",
                    models.CharField(choices=[("table", "Table"), ("file", "File"), ("link", "Link")], max_length=8),
                ),
                ("holding", models.CharField(choices=[("held", "Held"), ("connected", "Connected")], max_length=12)),
                ("holding_reason", models.TextField(blank=True)),
                ("storage_place", models.CharField(blank=True, max_length=200)),
                ("retention_days", models.PositiveIntegerField(blank=True, null=True)),
                ("url", models.URLField(blank=True, max_length=2000)),
                ("media_type", models.CharField(blank=True, max_length=150)),
                ("format", models.CharField(blank=True, max_length=32)),
                ("record_id", models.CharField(blank=True, max_length=500)),
                ("access_url", models.CharField(blank=True, max_length=2000)),
                ("size", models.BigIntegerField(blank=True, null=True)),
                ("stated_format", models.CharField(blank=True, max_length=200)),
                ("licence", models.CharField(blank=True, max_length=32)),
                ("columns", models.JSONField(default=list)),
                ("source_modified_at", models.DateTimeField(blank=True, null=True)),
                (
                    "link_state",
                    models.CharField(
                        choices=[
                            ("unknown", "Unknown"),
                            ("ok", "Ok"),
                            ("moved", "Moved"),
                            ("suspect", "Suspect"),
                            ("broken", "Broken"),
                        ],
                        default="unknown",
                        max_length=8,
                    ),
                ),
                ("link_checked_at", models.DateTimeField(blank=True, null=True)),
                ("link_status", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("link_note", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Active"), ("removed", "Removed")], default="active", max_length=8
                    ),
                ),
                ("created_at", models.DateTimeField(default=tdpf.kit.clock.now)),
                ("modified_at", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("dataset", "name"), name="catalog_distribution_name_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "link"), _negated=True), ("holding", "connected"), _connector="OR"
                        ),
                        name="catalog_link_is_connected",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("holding", "connected"), _negated=True),
                            models.Q(("url", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="catalog_connected_has_url",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("holding", "held"), _negated=True),
                            models.Q(
                                models.Q(("holding_reason", ""), _negated=True),
                                models.Q(("storage_place", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="catalog_held_says_why_and_where",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                (
                    "distribution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="catalog.distribution"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("identity", models.CharField(db_index=True, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("latest", "Latest"),
                            ("older", "Older"),
                            ("retired", "Retired"),
                            ("purged", "Purged"),
                        ],
                        max_length=8,
                    ),
                ),
                ("pinned", models.BooleanField(default=False)),
                ("original_sha256", models.CharField(db_index=True, max_length=64)),
                ("original_name", models.CharField(max_length=300)),
                ("original_bytes", models.BigIntegerField()),
                ("original_media_type", models.CharField(max_length=150)),
                ("original_removed_at", models.DateTimeField(blank=True, null=True)),
                ("dictionary", models.JSONField(default=list)),
                ("rows", models.BigIntegerField(default=0)),
                ("located", models.BooleanField(default=False)),
                ("key_columns", models.JSONField(default=list)),
                ("files", models.JSONField(default=dict)),
                ("read_report", models.JSONField(default=dict)),
                ("diff", models.JSONField(default=dict)),
                ("published_at", models.DateTimeField(default=tdpf.kit.clock.now)),
                (
                    "published_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("superseded_at", models.DateTimeField(blank=True, null=True)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["state", "superseded_at"], name="catalog_version_superseded")],
                "constraints": [
                    models.UniqueConstraint(fields=("distribution", "number"), name="catalog_version_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "latest")),
                        fields=("distribution",),
                        name="catalog_one_latest_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="catalog_version_number_from_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "older"), _negated=True),
                            ("superseded_at__isnull", False),
                            _connector="OR",
                        ),
                        name="catalog_older_was_superseded",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("pinned", True), _negated=True),
                            ("state__in", ["latest", "older"]),
                            _connector="OR",
                        ),
                        name="catalog_pinned_is_kept",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tombstone", to="catalog.version"
                    ),
                ),
                ("identity", models.CharField(db_index=True, max_length=64)),
                ("original_sha256", models.CharField(db_index=True, max_length=64)),
                ("purged_at", models.DateTimeField(default=tdpf.kit.clock.now)),
                (
                    "purged_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("reason", models.TextField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="catalog_purge_has_reason"
                    )
                ],
            },
        ),
    ]
