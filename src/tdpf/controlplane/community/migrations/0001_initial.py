import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tdpf.kit.clock
import tdpf.kit.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_initial"),
        ("members", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Visitor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("language", models.CharField(default="ja", max_length=5)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="Knock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("trace", models.CharField(max_length=64)),
                ("at", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
            options={
                "indexes": [models.Index(fields=["trace", "at"], name="community_knock_trace")],
            },
        ),
        migrations.CreateModel(
            name="Feedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.dataset"
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "visitor",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="community.visitor"
                    ),
                ),
                ("visitor_name", models.CharField(blank=True, default="", max_length=100)),
                ("title", models.CharField(blank=True, max_length=200)),
                ("text", models.TextField()),
                ("target", models.JSONField(default=dict)),
                ("url", models.CharField(blank=True, max_length=1000)),
                ("reuse_kind", models.CharField(blank=True, max_length=14)),
                ("state", models.CharField(max_length=11)),
                ("visibility", models.CharField(max_length=6)),
                ("hidden_reason", models.TextField(blank=True)),
                ("said_at", models.DateTimeField(default=tdpf.kit.clock.now)),
                ("changed_at", models.DateTimeField(default=tdpf.kit.clock.now)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["dataset", "visibility", "-id"], name="community_feedback_dataset"),
                    models.Index(fields=["state", "visibility", "id"], name="community_feedback_queue"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("member__isnull", True), ("visitor__isnull", True), _connector="XOR"),
                        name="community_feedback_one_author",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("visibility", "hidden"), _negated=True),
                            models.Q(("hidden_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="community_hidden_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FeedbackReply",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "feedback",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="replies", to="community.feedback"
                    ),
                ),
                ("side", models.CharField(max_length=8)),
                ("name", models.CharField(max_length=200)),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("state", models.CharField(blank=True, max_length=11)),
                ("text", models.TextField(blank=True)),
                ("at", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Rating",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.dataset"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("points", models.PositiveSmallIntegerField()),
                ("word", models.CharField(blank=True, max_length=200)),
                ("hidden_reason", models.TextField(blank=True)),
                ("at", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("dataset", "member"), name="community_rating_once"),
                    models.CheckConstraint(
                        condition=models.Q(("points__gte", 1), ("points__lte", 5)), name="community_rating_one_to_five"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DataRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                ("kind", models.CharField(max_length=8)),
                ("title", models.CharField(max_length=200)),
                ("text", models.TextField()),
                ("use", models.TextField(blank=True)),
                ("holder_name", models.CharField(blank=True, max_length=200)),
                ("wanted_format", models.CharField(blank=True, max_length=40)),
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
                ("distribution_name", models.CharField(blank=True, max_length=63)),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "visitor",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="community.visitor"
                    ),
                ),
                ("visitor_name", models.CharField(blank=True, default="", max_length=100)),
                ("state", models.CharField(max_length=12)),
                ("visibility", models.CharField(max_length=6)),
                ("hidden_reason", models.TextField(blank=True)),
                ("reason", models.TextField(blank=True)),
                ("published_url", models.CharField(blank=True, max_length=1000)),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="community.datarequest",
                    ),
                ),
                ("made_at", models.DateTimeField(default=tdpf.kit.clock.now)),
                ("changed_at", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
            options={
                "indexes": [models.Index(fields=["visibility", "state", "-id"], name="community_request_listed")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("member__isnull", True), ("visitor__isnull", True), _connector="XOR"),
                        name="community_request_one_author",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("merged_into__isnull", False), ("state", "merged")),
                            models.Q(models.Q(("state", "merged"), _negated=True), ("merged_into__isnull", True)),
                            _connector="OR",
                        ),
                        name="community_merged_says_where",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "format"), _negated=True), ("dataset__isnull", False), _connector="OR"
                        ),
                        name="community_format_has_dataset",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DataRequestStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="community.datarequest"
                    ),
                ),
                ("state", models.CharField(max_length=12)),
                ("text", models.TextField(blank=True)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="votes", to="community.datarequest"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "visitor",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="community.visitor"
                    ),
                ),
                ("confirmed", models.BooleanField(default=True)),
                ("at", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("member__isnull", True), ("visitor__isnull", True), _connector="XOR"),
                        name="community_vote_one_voter",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("member__isnull", False)),
                        fields=("request", "member"),
                        name="community_member_votes_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("visitor__isnull", False)),
                        fields=("request", "visitor"),
                        name="community_visitor_votes_once",
                    ),
                ],
            },
        ),
    ]
