import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tdpf.kit.clock
import tdpf.kit.ids


class Migration(migrations.Migration):
    replaces = [
        ("community", "0002_listening"),
        ("community", "0003_watermark_numbers"),
        ("community", "0004_names_and_quiet_webhooks"),
        ("community", "0005_visitors_without_names"),
    ]

    dependencies = [
        ("catalog", "0001_initial"),
        ("community", "0001_initial"),
        ("members", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("visitor", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="community.visitor")),
                (
                    "feedback",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="community.feedback"
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="community.datarequest"
                    ),
                ),
                (
                    "vote",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="community.vote"
                    ),
                ),
                ("made_at", models.DateTimeField(default=tdpf.kit.clock.now)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Errand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                (
                    "feedback",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="community.feedback"
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="community.datarequest"
                    ),
                ),
                ("recipient_name", models.CharField(max_length=200)),
                ("email", models.EmailField(max_length=254)),
                ("language", models.CharField(default="ja", max_length=5)),
                ("message", models.TextField(blank=True)),
                ("round", models.PositiveIntegerField(default=1)),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("state", models.CharField(max_length=8)),
                (
                    "sent_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("sent_at", models.DateTimeField(default=tdpf.kit.clock.now)),
                ("expires_at", models.DateTimeField()),
                ("reminders", models.PositiveIntegerField(default=0)),
                ("remind_at", models.DateTimeField(blank=True, null=True)),
                ("answer", models.CharField(blank=True, max_length=12)),
                ("answer_text", models.TextField(blank=True)),
                ("answer_url", models.CharField(blank=True, max_length=1000)),
                ("answered_by", models.CharField(blank=True, max_length=200)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["state", "remind_at"], name="community_errand_due")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("feedback__isnull", True), ("request__isnull", True), _connector="XOR"),
                        name="community_errand_one_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "answered"), _negated=True),
                            ("answered_at__isnull", False),
                            _connector="OR",
                        ),
                        name="community_answered_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlannedChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.dataset"
                    ),
                ),
                ("effective_on", models.DateField()),
                ("columns_added", models.JSONField(default=list)),
                ("columns_removed", models.JSONField(default=list)),
                ("text", models.TextField(blank=True)),
                (
                    "announced_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("announced_at", models.DateTimeField(default=tdpf.kit.clock.now)),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Follow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("kind", models.CharField(default="dataset", max_length=9)),
                ("key", models.CharField(max_length=80)),
                (
                    "dataset",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.dataset",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.party",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="community.datarequest"
                    ),
                ),
                ("theme", models.CharField(blank=True, max_length=32)),
                ("query", models.CharField(blank=True, max_length=1000)),
                ("pace", models.CharField(default="once", max_length=6)),
                ("since", models.DateTimeField(default=tdpf.kit.clock.now)),
                ("told_until", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
            options={
                "indexes": [models.Index(fields=["key", "pace"], name="community_follow_key")],
                "constraints": [models.UniqueConstraint(fields=("member", "key"), name="community_follow_once")],
            },
        ),
        migrations.CreateModel(
            name="News",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                ("once", models.CharField(max_length=120, unique=True)),
                ("key", models.CharField(max_length=80)),
                ("kind", models.CharField(max_length=16)),
                ("title", models.JSONField()),
                ("summary", models.JSONField()),
                ("path", models.CharField(max_length=300)),
                ("entries", models.JSONField(default=list)),
                ("count", models.PositiveIntegerField(default=1)),
                ("at", models.DateTimeField(default=tdpf.kit.clock.now)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["key", "at"], name="community_news_key"),
                    models.Index(fields=["told_at", "id"], name="community_news_untold"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Watermark",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(default=0)),
                ("at", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("url", models.CharField(max_length=1000)),
                ("round", models.PositiveIntegerField(default=1)),
                ("state", models.CharField(max_length=8)),
                ("given_up", models.PositiveIntegerField(default=0)),
                ("quiet_until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=tdpf.kit.clock.now)),
                ("disabled_at", models.DateTimeField(blank=True, null=True)),
                ("last_good_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                (
                    "webhook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="community.webhook"
                    ),
                ),
                ("kind", models.CharField(max_length=16)),
                ("body", models.TextField()),
                ("state", models.CharField(max_length=9)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("made_at", models.DateTimeField(default=tdpf.kit.clock.now)),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["webhook", "-id"], name="community_delivery_log")],
            },
        ),
    ]
