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
            name="Offer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(max_length=26, unique=True)),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.dataset"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.party"
                    ),
                ),
                (
                    "access",
                    models.CharField(choices=[("open", "オープン"), ("conditional", "条件付き")], max_length=12),
                ),
                ("terms", models.JSONField()),
                ("terms_sha256", models.CharField(max_length=64)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "下書き"),
                            ("published", "提供中"),
                            ("withdrawing", "提供停止の予告中"),
                            ("suspended", "運営者により停止中"),
                            ("ended", "終了"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("withdraw_on", models.DateField(blank=True, null=True)),
                ("suspended_at", models.DateTimeField(blank=True, null=True)),
                ("suspension_reason", models.TextField(blank=True, default="")),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["state", "withdraw_on"], name="exchange_offer_due")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("access", "open"), ("state__in", ["published", "withdrawing", "suspended"])
                        ),
                        fields=("dataset",),
                        name="exchange_one_open_offer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "withdrawing"), _negated=True),
                            ("withdraw_on__isnull", False),
                            _connector="OR",
                        ),
                        name="exchange_withdrawing_has_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "draft"), ("published_at__isnull", False), _connector="OR"),
                        name="exchange_offer_published_at",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OfferRevision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.offer"
                    ),
                ),
                ("revision", models.PositiveIntegerField()),
                ("terms", models.TextField()),
                ("terms_sha256", models.CharField(max_length=64)),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["offer", "revision"],
                "constraints": [models.UniqueConstraint(fields=("offer", "revision"), name="exchange_revision_number")],
            },
        ),
        migrations.CreateModel(
            name="WarrantyText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.CharField(max_length=20, unique=True)),
                ("text_ja", models.TextField()),
                ("text_en", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Warranty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(max_length=26, unique=True)),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.offer"
                    ),
                ),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.dataset"
                    ),
                ),
                ("version_identity", models.CharField(max_length=64)),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.warrantytext"
                    ),
                ),
                ("text_sha256", models.CharField(max_length=64)),
                (
                    "signer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.party"
                    ),
                ),
                ("signed_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("dataset", "version_identity"), name="exchange_warranty_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(max_length=26, unique=True)),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.offer"
                    ),
                ),
                ("offer_revision", models.PositiveIntegerField()),
                ("terms_sha256", models.CharField(max_length=64)),
                ("application_uid", models.CharField(max_length=26)),
                (
                    "consumer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.party"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("any", "any"),
                            ("public", "public"),
                            ("research", "research"),
                            ("education", "education"),
                            ("commercial", "commercial"),
                            ("medical", "medical"),
                            ("disaster", "disaster"),
                            ("consult", "consult"),
                            ("other", "other"),
                        ],
                        max_length=12,
                    ),
                ),
                ("purpose_statement", models.TextField()),
                ("information_management", models.TextField(blank=True, default="")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("submitted", "回答待ち"),
                            ("asked", "質問中"),
                            ("accepted", "承諾"),
                            ("declined", "見送り"),
                            ("withdrawn", "取り下げ"),
                        ],
                        default="submitted",
                        max_length=12,
                    ),
                ),
                ("messages", models.JSONField(default=list)),
                ("submitted_at", models.DateTimeField()),
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
                ("reason", models.TextField(blank=True, default="")),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["submitted", "asked"])),
                        fields=("offer", "application_uid"),
                        name="exchange_one_open_request",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("uid", models.CharField(max_length=26, unique=True)),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.request"
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.offer"
                    ),
                ),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.dataset"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.party"
                    ),
                ),
                (
                    "consumer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.party"
                    ),
                ),
                ("application_uid", models.CharField(max_length=26)),
                ("sealed", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("columns", models.JSONField()),
                ("quota_day", models.PositiveBigIntegerField()),
                ("quota_month", models.PositiveBigIntegerField()),
                (
                    "rate_plan",
                    models.CharField(
                        choices=[("r1", "r1"), ("r5", "r5"), ("r10", "r10"), ("r50", "r50"), ("r100", "r100")],
                        max_length=8,
                    ),
                ),
                ("notice_days", models.PositiveIntegerField()),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("sealed_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "有効"), ("suspended", "停止中"), ("ended", "終了")],
                        default="active",
                        max_length=12,
                    ),
                ),
                ("suspended_at", models.DateTimeField(blank=True, null=True)),
                ("suspension_reason", models.TextField(blank=True, default="")),
                ("breach_reported_at", models.DateTimeField(blank=True, null=True)),
                ("breach_text", models.TextField(blank=True, default="")),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "end_cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("consumer", "consumer"),
                            ("period", "period"),
                            ("withdrawal", "withdrawal"),
                            ("breach", "breach"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("ended_reason", models.TextField(blank=True, default="")),
            ],
            options={
                "ordering": ["number"],
                "indexes": [models.Index(fields=["state", "ends_on"], name="exchange_agreement_due")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["active", "suspended"])),
                        fields=("offer", "application_uid"),
                        name="exchange_one_agreement",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ended"), _negated=True), ("ended_at__isnull", False), _connector="OR"
                        ),
                        name="exchange_ended_at",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WithdrawalNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(max_length=26, unique=True)),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.offer"
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("noticed_at", models.DateTimeField()),
                ("effective_on", models.DateField()),
                ("reason", models.TextField()),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("taken_back_at__isnull", True)),
                        fields=("offer",),
                        name="exchange_one_notice",
                    )
                ],
            },
        ),
    ]
