"""Tables of exchange: offers and their revisions, warranties, requests, agreements, withdrawal notices."""

from __future__ import annotations

from django.db import models

from tdpf.controlplane.exchange.types import (
    Access,
    AgreementState,
    EndCause,
    OfferState,
    Purpose,
    QuotaPeriod,
    RatePlan,
    RequestState,
)

ACCESSES = [(Access.OPEN.value, "オープン"), (Access.CONDITIONAL.value, "条件付き")]
OFFER_STATES = [
    (OfferState.DRAFT.value, "下書き"),
    (OfferState.PUBLISHED.value, "提供中"),
    (OfferState.WITHDRAWING.value, "提供停止の予告中"),
    (OfferState.SUSPENDED.value, "運営者により停止中"),
    (OfferState.ENDED.value, "終了"),
]
REQUEST_STATES = [
    (RequestState.SUBMITTED.value, "回答待ち"),
    (RequestState.ASKED.value, "質問中"),
    (RequestState.ACCEPTED.value, "承諾"),
    (RequestState.DECLINED.value, "見送り"),
    (RequestState.WITHDRAWN.value, "取り下げ"),
]
AGREEMENT_STATES = [
    (AgreementState.ACTIVE.value, "有効"),
    (AgreementState.SUSPENDED.value, "停止中"),
    (AgreementState.ENDED.value, "終了"),
]
END_CAUSES = [(cause.value, cause.value) for cause in EndCause]
PURPOSES = [(purpose.value, purpose.value) for purpose in Purpose]
QUOTA_PERIODS = [(QuotaPeriod.DAY.value, "日"), (QuotaPeriod.MONTH.value, "月")]
RATE_PLANS = [(plan.value, plan.value) for plan in RatePlan]
STANDING_STATES = [OfferState.PUBLISHED.value, OfferState.WITHDRAWING.value, OfferState.SUSPENDED.value]


class Offer(models.Model):
    """A dataset offered by its provider under terms; a dataset may have one open offer and several conditional ones."""

    uid = models.CharField(max_length=26, unique=True)
    dataset = models.ForeignKey("catalog.Dataset", on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey("members.Party", on_delete=models.PROTECT, related_name="+")
    access = models.CharField(max_length=12, choices=ACCESSES)
    terms = models.JSONField()
    terms_sha256 = models.CharField(max_length=64)
    revision = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=12, choices=OFFER_STATES, default=OfferState.DRAFT.value)
    created_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    withdraw_on = models.DateField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspension_reason = models.TextField(blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One standing open offer per dataset; withdrawing offers know their day."""

        ordering = ["id"]
        indexes = [models.Index(fields=["state", "withdraw_on"], name="exchange_offer_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset"],
                condition=models.Q(access="open", state__in=STANDING_STATES),
                name="exchange_one_open_offer",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="withdrawing") | models.Q(withdraw_on__isnull=False),
                name="exchange_withdrawing_has_day",
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft") | models.Q(published_at__isnull=False),
                name="exchange_offer_published_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.state}"


class OfferRevision(models.Model):
    """The exact terms an offer had from one moment on; never changed."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField()
    terms = models.TextField()
    terms_sha256 = models.CharField(max_length=64)
    changed_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        """Revisions of an offer are numbered 1, 2, 3 …"""

        ordering = ["offer", "revision"]
        constraints = [models.UniqueConstraint(fields=["offer", "revision"], name="exchange_revision_number")]

    def __str__(self) -> str:
        return f"{self.offer_id} r{self.revision}"


class WarrantyText(models.Model):
    """One version of the warranty (表明保証) that providers sign, word for word."""

    version = models.CharField(max_length=20, unique=True)
    text_ja = models.TextField()
    text_en = models.TextField()
    sha256 = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.version


class Warranty(models.Model):
    """A provider's signed word for one version of the data."""

    uid = models.CharField(max_length=26, unique=True)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    dataset = models.ForeignKey("catalog.Dataset", on_delete=models.PROTECT, related_name="+")
    version_identity = models.CharField(max_length=64)
    text = models.ForeignKey(WarrantyText, on_delete=models.PROTECT, related_name="+")
    text_sha256 = models.CharField(max_length=64)
    signer = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey("members.Party", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        """Signed once per dataset and version of its data."""

        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["dataset", "version_identity"], name="exchange_warranty_once")]

    def __str__(self) -> str:
        return f"{self.uid} {self.version_identity[:8]}"


class Request(models.Model):
    """A consumer's application asks for an offer (申込), on the terms it was shown."""

    uid = models.CharField(max_length=26, unique=True)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    offer_revision = models.PositiveIntegerField()
    terms_sha256 = models.CharField(max_length=64)
    application_uid = models.CharField(max_length=26)
    consumer = models.ForeignKey("members.Party", on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=12, choices=PURPOSES)
    purpose_statement = models.TextField()
    information_management = models.TextField(blank=True, default="")
    state = models.CharField(max_length=12, choices=REQUEST_STATES, default=RequestState.SUBMITTED.value)
    messages = models.JSONField(default=list)
    submitted_at = models.DateTimeField()
    decided_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        """One open request per offer and application."""

        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "application_uid"],
                condition=models.Q(state__in=["submitted", "asked"]),
                name="exchange_one_open_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.state}"


class Agreement(models.Model):
    """What both sides agreed (約定): sealed once, its words never changed; only its life goes on."""

    number = models.BigAutoField(primary_key=True)
    uid = models.CharField(max_length=26, unique=True)
    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="+")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    dataset = models.ForeignKey("catalog.Dataset", on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey("members.Party", on_delete=models.PROTECT, related_name="+")
    consumer = models.ForeignKey("members.Party", on_delete=models.PROTECT, related_name="+")
    application_uid = models.CharField(max_length=26)
    sealed = models.TextField()
    sha256 = models.CharField(max_length=64)
    columns = models.JSONField()
    areas = models.JSONField(default=list)
    quota_day = models.PositiveBigIntegerField()
    quota_month = models.PositiveBigIntegerField()
    rate_plan = models.CharField(max_length=8, choices=RATE_PLANS)
    notice_days = models.PositiveIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    sealed_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=AGREEMENT_STATES, default=AgreementState.ACTIVE.value)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspension_reason = models.TextField(blank=True, default="")
    breach_reported_at = models.DateTimeField(null=True, blank=True)
    breach_text = models.TextField(blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_cause = models.CharField(max_length=12, choices=END_CAUSES, blank=True, default="")
    ended_reason = models.TextField(blank=True, default="")

    class Meta:
        """One agreement in force per offer and application; an ended one says when."""

        ordering = ["number"]
        indexes = [models.Index(fields=["state", "ends_on"], name="exchange_agreement_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "application_uid"],
                condition=models.Q(state__in=["active", "suspended"]),
                name="exchange_one_agreement",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="ended") | models.Q(ended_at__isnull=False), name="exchange_ended_at"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.state}"


class WithdrawalNotice(models.Model):
    """A provider's word that an offer ends at the first moment (JST) of a day (提供停止の予告)."""

    uid = models.CharField(max_length=26, unique=True)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    given_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    noticed_at = models.DateTimeField()
    effective_on = models.DateField()
    reason = models.TextField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One running notice per offer."""

        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["offer"], condition=models.Q(taken_back_at__isnull=True), name="exchange_one_notice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.effective_on}"


class QuotaTold(models.Model):
    """How far the use of a quota was last told to its consumer: of which day or month, and which mark."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=5, choices=QUOTA_PERIODS)
    number = models.IntegerField(help_text="JST days since 1970-01-01, or year * 12 + month - 1")
    mark = models.PositiveSmallIntegerField(help_text="per cent")

    class Meta:
        """One row per agreement and kind of period."""

        constraints = [models.UniqueConstraint(fields=["agreement", "period"], name="exchange_quota_told")]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.period} {self.number}: {self.mark}%"
