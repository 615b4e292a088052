import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_initial"),
        ("members", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(max_length=26, unique=True)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.party",
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("description", models.TextField(blank=True, default="")),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "利用中"), ("suspended", "停止中"), ("closed", "終了")],
                        default="active",
                        max_length=10,
                    ),
                ),
                ("is_portal", models.BooleanField(default=False)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "closed"), _negated=True),
                        fields=("owner", "name"),
                        name="access_application_name",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_portal", True)), fields=("is_portal",), name="access_one_portal"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("owner__isnull", False), ("is_portal", True), _connector="OR"),
                        name="access_application_owned",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(max_length=26, unique=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.application"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("prefix", models.CharField(max_length=16)),
                (
                    "kind",
                    models.CharField(
                        choices=[("key", "APIキー"), ("token", "アクセストークン")], default="key", max_length=5
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="access.apikey",
                    ),
                ),
                ("scopes", models.JSONField(default=list)),
                ("reads_data", models.BooleanField(default=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["kind", "expires_at"], name="access_key_expiry")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "key"), ("parent__isnull", True)),
                            models.Q(("expires_at__isnull", False), ("kind", "token"), ("parent__isnull", False)),
                            _connector="OR",
                        ),
                        name="access_token_expires",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="View",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.dataset"
                    ),
                ),
                ("columns_sha256", models.CharField(max_length=64)),
                ("columns", models.JSONField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("dataset", "columns_sha256"), name="access_view_columns")
                ],
            },
        ),
        migrations.CreateModel(
            name="Stamp",
            fields=[
                ("part", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("value", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="GateNode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("kind", models.CharField(max_length=20)),
                ("applied_stamp", models.BigIntegerField(default=0)),
                ("seen_at", models.DateTimeField()),
                ("health", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="OperatorSetting",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("value", models.JSONField()),
                ("changed_by", models.CharField(max_length=26)),
                ("changed_at", models.DateTimeField()),
            ],
        ),
    ]
