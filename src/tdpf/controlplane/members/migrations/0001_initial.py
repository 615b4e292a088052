import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("members", "0002_publishers"), ("members", "0003_publisher_contact_confirmed")]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Party",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(max_length=26, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("person", "個人"), ("organization", "団体"), ("publisher", "掲載機関")], max_length=12
                    ),
                ),
                ("name_ja", models.CharField(max_length=200)),
                ("name_en", models.CharField(blank=True, default="", max_length=200)),
                ("slug", models.SlugField(max_length=63, unique=True)),
                ("suspended", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["name_ja", "id"],
                "indexes": [models.Index(fields=["kind", "suspended"], name="members_party_kind")],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("uid", models.CharField(max_length=26, unique=True)),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("display_name", models.CharField(max_length=100)),
                (
                    "language",
                    models.CharField(choices=[("ja", "日本語"), ("en", "English")], default="ja", max_length=5),
                ),
                (
                    "party",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.party"
                    ),
                ),
                ("is_operator", models.BooleanField(default=False)),
                ("is_active", models.BooleanField(default=True)),
                ("affiliation", models.CharField(blank=True, default="", max_length=200)),
                ("introduction", models.TextField(blank=True, default="")),
                ("website", models.URLField(blank=True, default="", max_length=500)),
                ("joined_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"), name="members_member_email_any_case"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Publisher",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "party",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.party"
                    ),
                ),
                ("key", models.CharField(max_length=220, unique=True)),
                ("municipality_code", models.CharField(blank=True, default="", max_length=6)),
                ("website", models.URLField(blank=True, default="", max_length=500)),
                ("contact_email", models.EmailField(blank=True, default="", max_length=254)),
                ("contact_confirmed", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Organization",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(max_length=26, unique=True)),
                (
                    "party",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.party"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("municipality", "地方公共団体"),
                            ("national_body", "国の機関"),
                            ("company", "企業"),
                            ("university", "大学"),
                            ("npo", "NPO"),
                        ],
                        max_length=14,
                    ),
                ),
                ("corporate_number", models.CharField(blank=True, default="", max_length=13)),
                ("municipality_code", models.CharField(blank=True, default="", max_length=6)),
                ("address", models.CharField(blank=True, default="", max_length=300)),
                ("website", models.URLField(blank=True, default="", max_length=500)),
                ("contact_email", models.EmailField(blank=True, default="", max_length=254)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("submitted", "審査待ち"),
                            ("asked_back", "確認のお願い中"),
                            ("approved", "承認"),
                            ("rejected", "不承認"),
                            ("withdrawn", "取下げ"),
                        ],
                        max_length=10,
                    ),
                ),
                ("state_reason", models.TextField(blank=True, default="")),
                (
                    "applied_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("applied_at", models.DateTimeField()),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("reviewed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["applied_at", "id"],
                "indexes": [models.Index(fields=["state", "applied_at"], name="members_organization_queue")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "approved"), models.Q(("corporate_number", ""), _negated=True)),
                        fields=("corporate_number",),
                        name="members_one_corporate_number",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "approved"), models.Q(("municipality_code", ""), _negated=True)),
                        fields=("municipality_code",),
                        name="members_one_municipality_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("corporate_number", ""), _negated=True),
                            models.Q(("municipality_code", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="members_organization_has_code",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.organization"
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("submitted", "申請"),
                            ("resubmitted", "再申請"),
                            ("approved", "承認"),
                            ("asked_back", "確認のお願い"),
                            ("rejected", "不承認"),
                            ("withdrawn", "取下げ"),
                        ],
                        max_length=12,
                    ),
                ),
                ("text", models.TextField(blank=True, default="")),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(max_length=26, unique=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.organization"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("administrator", "管理者"), ("editor", "編集者"), ("viewer", "閲覧者")], max_length=13
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("given_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["id"],
                "constraints": [models.UniqueConstraint(fields=("organization", "member"), name="members_one_role")],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(max_length=26, unique=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.organization"
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                (
                    "role",
                    models.CharField(
                        choices=[("administrator", "管理者"), ("editor", "編集者"), ("viewer", "閲覧者")], max_length=13
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "回答待ち"),
                            ("accepted", "承諾"),
                            ("declined", "辞退"),
                            ("withdrawn", "取消"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("invited_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["email", "state"], name="members_invitation_email")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("organization", "email"),
                        name="members_one_open_invitation",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Suspension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(max_length=26, unique=True)),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.party"
                    ),
                ),
                ("stops_keys", models.BooleanField(default=False)),
                ("stops_offers", models.JSONField(default=list)),
                ("stops_sign_in", models.BooleanField(default=False)),
                ("continues", models.TextField(blank=True, default="")),
                ("reason", models.TextField()),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("from_at", models.DateTimeField()),
                ("until_at", models.DateTimeField(blank=True, null=True)),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("lift_reason", models.TextField(blank=True, default="")),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["lifted_at", "until_at"], name="members_suspension_live")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_at__isnull", True), ("until_at__gt", models.F("from_at")), _connector="OR"
                        ),
                        name="members_suspension_ends_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="members_suspension_has_reason"
                    ),
                ],
            },
        ),
    ]
