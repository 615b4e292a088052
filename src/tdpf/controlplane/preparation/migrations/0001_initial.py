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
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.party"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("upload", "アップロード"), ("url", "URL"), ("api", "API")],
                        default="upload",
                        max_length=8,
                    ),
                ),
                ("url", models.URLField(blank=True, max_length=2000)),
                ("file_name", models.CharField(max_length=300)),
                ("media_type", models.CharField(blank=True, max_length=150)),
                ("size", models.BigIntegerField()),
                ("received_bytes", models.BigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, db_index=True, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("receiving", "受信中"),
                            ("received", "受信済み"),
                            ("reading", "読み取り中"),
                            ("choosing", "表の選択待ち"),
                            ("read", "読み取り済み"),
                            ("failed", "読み取り不可"),
                            ("used", "公開済み"),
                            ("discarded", "破棄"),
                        ],
                        default="receiving",
                        max_length=12,
                    ),
                ),
                ("choice", models.CharField(blank=True, max_length=400)),
                ("problem", models.JSONField(blank=True, null=True)),
                ("dictionary", models.JSONField(default=list)),
                ("key_columns", models.JSONField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=tdpf.kit.clock.now)),
                ("touched_at", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["party", "state"], name="preparation_upload_party"),
                    models.Index(fields=["state", "touched_at"], name="preparation_upload_touched"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("size__gte", 0)), name="preparation_size_not_negative"),
                    models.CheckConstraint(
                        condition=models.Q(("received_bytes__gte", 0), ("received_bytes__lte", models.F("size"))),
                        name="preparation_received_within_size",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["receiving", "discarded"]),
                            models.Q(("sha256", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="preparation_whole_has_hash",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Screening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(default=tdpf.kit.ids.new_uid, editable=False, max_length=26, unique=True)),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="screenings", to="preparation.upload"
                    ),
                ),
                ("original_sha256", models.CharField(db_index=True, max_length=64)),
                ("table_id", models.CharField(blank=True, max_length=400)),
                ("findings", models.JSONField(default=list)),
                (
                    "outcome",
                    models.CharField(
                        choices=[("clear", "問題なし"), ("doubtful", "要確認"), ("confirmed", "個人情報あり")],
                        max_length=10,
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[("waiting", "確認待ち"), ("accepted", "公開可"), ("refused", "公開不可")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(blank=True)),
                ("screened_at", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["outcome", "decision"], name="preparation_screening_open")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decision", "waiting"),
                            models.Q(
                                ("decided_by__isnull", False),
                                ("decided_at__isnull", False),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="preparation_decision_is_whole",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ScreenedVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("identity", models.CharField(max_length=64, unique=True)),
                (
                    "screening",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="preparation.screening"
                    ),
                ),
                ("made_at", models.DateTimeField(default=tdpf.kit.clock.now)),
            ],
        ),
    ]
