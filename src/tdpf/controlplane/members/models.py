"""Tables of members: people, organisations, roles, invitations, reviews and suspensions."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

PARTY_KINDS = [("person", "個人"), ("organization", "団体"), ("publisher", "掲載機関")]
ORGANIZATION_KINDS = [
    ("municipality", "地方公共団体"),
    ("national_body", "国の機関"),
    ("company", "企業"),
    ("university", "大学"),
    ("npo", "NPO"),
]
ORGANIZATION_STATES = [
    ("submitted", "審査待ち"),
    ("asked_back", "確認のお願い中"),
    ("approved", "承認"),
    ("rejected", "不承認"),
    ("withdrawn", "取下げ"),
]
REVIEW_STEPS = [
    ("submitted", "申請"),
    ("resubmitted", "再申請"),
    ("approved", "承認"),
    ("asked_back", "確認のお願い"),
    ("rejected", "不承認"),
    ("withdrawn", "取下げ"),
]
ROLES = [("administrator", "管理者"), ("editor", "編集者"), ("viewer", "閲覧者")]
INVITATION_STATES = [("open", "回答待ち"), ("accepted", "承諾"), ("declined", "辞退"), ("withdrawn", "取消")]
LANGUAGES = [("ja", "日本語"), ("en", "English")]


class Party(models.Model):
    """One side of an offer or an agreement, a person or an organisation; or a publisher, who takes no part yet."""

    uid = models.CharField(max_length=26, unique=True)
    kind = models.CharField(max_length=12, choices=PARTY_KINDS)
    name_ja = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True, default="")
    slug = models.SlugField(max_length=63, unique=True)
    suspended = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        """Parties are listed by name."""

        ordering = ["name_ja", "id"]
        indexes = [models.Index(fields=["kind", "suspended"], name="members_party_kind")]

    def __str__(self) -> str:
        return self.name_ja

    def name_in(self, language: str) -> str:
        """Return the English name for `en…` where there is one, else the Japanese name."""
        return self.name_en if language.lower().startswith("en") and self.name_en else self.name_ja


class Member(AbstractBaseUser):
    """A person with an account. `is_active` is false while a suspension stops signing in."""

    uid = models.CharField(max_length=26, unique=True)
    email = models.EmailField(max_length=254, unique=True)
    display_name = models.CharField(max_length=100)
    language = models.CharField(max_length=5, choices=LANGUAGES, default="ja")
    party = models.OneToOneField(Party, on_delete=models.PROTECT, related_name="+")
    is_operator = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    affiliation = models.CharField(max_length=200, blank=True, default="")
    introduction = models.TextField(blank=True, default="")
    website = models.URLField(max_length=500, blank=True, default="")
    joined_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = BaseUserManager["Member"]()

    class Meta:
        """An address belongs to one member, however its letters are written."""

        ordering = ["id"]
        constraints = [models.UniqueConstraint(Lower("email"), name="members_member_email_any_case")]

    def __str__(self) -> str:
        return self.display_name


class Publisher(models.Model):
    """A body whose open data are listed here without an account of its own; `key` makes it one across all sites.

    `contact_confirmed` says that an operator gave its mail address: one that a site merely states gets no letters.
    """

    party = models.OneToOneField(Party, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=220, unique=True)
    municipality_code = models.CharField(max_length=6, blank=True, default="")
    website = models.URLField(max_length=500, blank=True, default="")
    contact_email = models.EmailField(max_length=254, blank=True, default="")
    contact_confirmed = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.key


class Organization(models.Model):
    """An organisation and where its application stands."""

    uid = models.CharField(max_length=26, unique=True)
    party = models.OneToOneField(Party, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=14, choices=ORGANIZATION_KINDS)
    corporate_number = models.CharField(max_length=13, blank=True, default="")
    municipality_code = models.CharField(max_length=6, blank=True, default="")
    address = models.CharField(max_length=300, blank=True, default="")
    website = models.URLField(max_length=500, blank=True, default="")
    contact_email = models.EmailField(max_length=254, blank=True, default="")
    state = models.CharField(max_length=10, choices=ORGANIZATION_STATES)
    state_reason = models.TextField(blank=True, default="")
    applied_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A code number stands for one approved organisation; applications may overlap until one is approved."""

        ordering = ["applied_at", "id"]
        indexes = [models.Index(fields=["state", "applied_at"], name="members_organization_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["corporate_number"],
                condition=Q(state="approved") & ~Q(corporate_number=""),
                name="members_one_corporate_number",
            ),
            models.UniqueConstraint(
                fields=["municipality_code"],
                condition=Q(state="approved") & ~Q(municipality_code=""),
                name="members_one_municipality_code",
            ),
            models.CheckConstraint(
                condition=~Q(corporate_number="") | ~Q(municipality_code=""), name="members_organization_has_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.state}"


class ReviewStep(models.Model):
    """One step in the review of an organisation: what was said, by whom, when. Never changed."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=12, choices=REVIEW_STEPS)
    text = models.TextField(blank=True, default="")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        """Steps are read in the order they were taken."""

        ordering = ["id"]

    def __str__(self) -> str:
        return self.step


class Membership(models.Model):
    """A member's role in an organisation."""

    uid = models.CharField(max_length=26, unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=13, choices=ROLES)
    given_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        """One role per member and organisation."""

        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "member"], name="members_one_role"),
        ]

    def __str__(self) -> str:
        return self.role


class Invitation(models.Model):
    """An organisation asks the holder of a mail address to take a role; it is taken by that member only."""

    uid = models.CharField(max_length=26, unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=13, choices=ROLES)
    state = models.CharField(max_length=9, choices=INVITATION_STATES, default="open")
    invited_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One open invitation per organisation and address."""

        ordering = ["id"]
        indexes = [models.Index(fields=["email", "state"], name="members_invitation_email")]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"], condition=Q(state="open"), name="members_one_open_invitation"
            ),
        ]

    def __str__(self) -> str:
        return self.uid


class Suspension(models.Model):
    """The operator's judged act against a party: what stops, what continues, why, until when.

    It is in force from `from_at` until `lifted_at`; one with `until_at` ends by itself (`lifted_by` empty).
    """

    uid = models.CharField(max_length=26, unique=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    stops_keys = models.BooleanField(default=False)
    stops_offers = models.JSONField(default=list)
    stops_sign_in = models.BooleanField(default=False)
    continues = models.TextField(blank=True, default="")
    reason = models.TextField()
    decided_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    lift_reason = models.TextField(blank=True, default="")

    class Meta:
        """Suspensions in force are found by party and by their end."""

        ordering = ["-id"]
        indexes = [models.Index(fields=["lifted_at", "until_at"], name="members_suspension_live")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gt=models.F("from_at")),
                name="members_suspension_ends_later",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="members_suspension_has_reason"),
        ]

    def __str__(self) -> str:
        return self.uid
