"""Tables of preparation: files on their way in, and what the screen for personal data found in them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tdpf.controlplane.preparation.types import (
    ScreeningDecision,
    ScreeningOutcome,
    UploadSource,
    UploadState,
    WorkpieceState,
)
from tdpf.kit.clock import now
from tdpf.kit.ids import new_uid

UPLOAD_STATES = [
    (UploadState.RECEIVING.value, "受信中"),
    (UploadState.RECEIVED.value, "受信済み"),
    (UploadState.READING.value, "読み取り中"),
    (UploadState.CHOOSING.value, "表の選択待ち"),
    (UploadState.READ.value, "読み取り済み"),
    (UploadState.FAILED.value, "読み取り不可"),
    (UploadState.USED.value, "公開済み"),
    (UploadState.DISCARDED.value, "破棄"),
]
UPLOAD_SOURCES = [
    (UploadSource.UPLOAD.value, "アップロード"),
    (UploadSource.URL.value, "URL"),
    (UploadSource.API.value, "API"),
]
OUTCOMES = [
    (ScreeningOutcome.CLEAR.value, "問題なし"),
    (ScreeningOutcome.DOUBTFUL.value, "要確認"),
    (ScreeningOutcome.CONFIRMED.value, "個人情報あり"),
]
DECISIONS = [
    (ScreeningDecision.WAITING.value, "確認待ち"),
    (ScreeningDecision.ACCEPTED.value, "公開可"),
    (ScreeningDecision.REFUSED.value, "公開不可"),
]
WORKPIECE_STATES = [
    (WorkpieceState.LOOKING.value, "読み取り中"),
    (WorkpieceState.FOUND.value, "表の種類の選択待ち"),
    (WorkpieceState.PLANNING.value, "項目の対応付け中"),
    (WorkpieceState.PLANNED.value, "項目の確認待ち"),
    (WorkpieceState.TRYING.value, "試し整備中"),
    (WorkpieceState.TRIED.value, "見比べ待ち"),
    (WorkpieceState.FINISHING.value, "仕上げ中"),
    (WorkpieceState.FINISHED.value, "できあがり"),
    (WorkpieceState.ERASED.value, "消去済み"),
]


class Upload(models.Model):
    """A file handed in for a party. Its bytes and readings lie in the uploads folder under its uid until it expires.

    `prepared` says how the file was made when preparation made it: {recipe, recipe_sha256, engine, key, schema, inputs}.
    """

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    party = models.ForeignKey("members.Party", on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=8, choices=UPLOAD_SOURCES, default=UploadSource.UPLOAD.value)
    url = models.URLField(max_length=2000, blank=True)
    file_name = models.CharField(max_length=300)
    media_type = models.CharField(max_length=150, blank=True)
    size = models.BigIntegerField()
    received_bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    state = models.CharField(max_length=12, choices=UPLOAD_STATES, default=UploadState.RECEIVING.value)
    choice = models.CharField(max_length=400, blank=True)
    problem = models.JSONField(null=True, blank=True)
    dictionary = models.JSONField(default=list)
    key_columns = models.JSONField(null=True, blank=True)
    prepared = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    touched_at = models.DateTimeField(default=now)

    class Meta:
        """Newest first."""

        ordering = ["-id"]
        indexes = [
            models.Index(fields=["party", "state"], name="preparation_upload_party"),
            models.Index(fields=["state", "touched_at"], name="preparation_upload_touched"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=0), name="preparation_size_not_negative"),
            models.CheckConstraint(
                condition=Q(received_bytes__gte=0) & Q(received_bytes__lte=models.F("size")),
                name="preparation_received_within_size",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[UploadState.RECEIVING.value, UploadState.DISCARDED.value]) | ~Q(sha256=""),
                name="preparation_whole_has_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.state})"

    @property
    def offset(self) -> int:
        """How many bytes are safe."""
        return self.received_bytes


class Screening(models.Model):
    """What the first screen found in one reading of one file, and what the operator decided about it."""

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="screenings")
    original_sha256 = models.CharField(max_length=64, db_index=True)
    table_id = models.CharField(max_length=400, blank=True)
    findings = models.JSONField(default=list)
    outcome = models.CharField(max_length=10, choices=OUTCOMES)
    decision = models.CharField(max_length=8, choices=DECISIONS, default=ScreeningDecision.WAITING.value)
    decided_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    screened_at = models.DateTimeField(default=now)

    class Meta:
        """The operator's list is oldest first; a decision always has its person, time and reason."""

        ordering = ["id"]
        indexes = [models.Index(fields=["outcome", "decision"], name="preparation_screening_open")]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision=ScreeningDecision.WAITING.value)
                | (Q(decided_by__isnull=False) & Q(decided_at__isnull=False) & ~Q(reason="")),
                name="preparation_decision_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.upload_id}: {self.outcome}"


class ScreenedVersion(models.Model):
    """Which screening stands for the data of a version's identity."""

    identity = models.CharField(max_length=64, unique=True)
    screening = models.ForeignKey(Screening, on_delete=models.PROTECT, related_name="versions")
    made_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.identity


class Workpiece(models.Model):
    """Files being prepared as one standard table, and everything that people chose so far.

    Without a party it is a visitor's: whoever has its address may go on with it until it expires. `files` are {name, size, sha256}, with
    {kind, at} in `source` when the program fetched them, and the first one {upload, dataset} in `begun_from` when it was handed in to be published;
    `choices` {place: table id}; `decisions` {input: {column: field}}; `answers` {key of what waits: {action, kind, entry}}; `folds`: rows of
    the same thing become one. A `merge` has its workpiece worked on to the end by itself.
    """

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    party = models.ForeignKey("members.Party", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    trace = models.CharField(max_length=64, blank=True, db_index=True)
    files = models.JSONField(default=list)
    size = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=WORKPIECE_STATES, default=WorkpieceState.LOOKING.value)
    reached = models.CharField(max_length=10, choices=WORKPIECE_STATES, blank=True)
    schema = models.CharField(max_length=60, blank=True)
    choices = models.JSONField(default=dict)
    decisions = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    given_recipe = models.TextField(blank=True)
    folds = models.BooleanField(default=False)
    problem = models.JSONField(null=True, blank=True)
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    merge = models.ForeignKey(
        "preparation.KeptMerge", on_delete=models.PROTECT, null=True, blank=True, related_name="workpieces"
    )
    created_at = models.DateTimeField(default=now)
    touched_at = models.DateTimeField(default=now)

    class Meta:
        """Newest first; a member's has both party and member, a visitor's has neither."""

        ordering = ["-id"]
        indexes = [
            models.Index(fields=["party", "state"], name="preparation_workpiece_party"),
            models.Index(fields=["state", "touched_at"], name="preparation_workpiece_touched"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(party__isnull=True, member__isnull=True) | Q(party__isnull=False, member__isnull=False),
                name="preparation_workpiece_is_somebodys",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uid} ({self.state})"


class StoredRecipe(models.Model):
    """A recipe that a party keeps for next year's file; `document` is its YAML, named by its hash."""

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    party = models.ForeignKey("members.Party", on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    schema = models.CharField(max_length=60)
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    files = models.JSONField(default=list)
    made_at = models.DateTimeField(default=now)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Newest first; a party keeps the same recipe once."""

        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["party", "sha256"], name="preparation_recipe_once")]

    def __str__(self) -> str:
        return self.title


class KeptMerge(models.Model):
    """A table that renews itself: a recipe and the sources it is run on again when one of them changes.

    `sources` are {kind, at, name, sha256} in the order of the recipe's files; `changes` is what the last renewal brought. A renewal
    ends in an upload that waits for the provider: it is never published by itself. The last result lies in the folder of its uid.
    """

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    party = models.ForeignKey("members.Party", on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    schema = models.CharField(max_length=60)
    document = models.TextField()
    sources = models.JSONField(default=list)
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    distribution_uid = models.CharField(max_length=26, blank=True)
    changes = models.JSONField(null=True, blank=True)
    problem = models.JSONField(null=True, blank=True)
    made_at = models.DateTimeField(default=now)
    checked_at = models.DateTimeField(default=now)
    renewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Newest first."""

        ordering = ["-id"]
        indexes = [models.Index(fields=["checked_at"], name="preparation_merge_checked")]

    def __str__(self) -> str:
        return self.title


class ConfirmedColumn(models.Model):
    """What a party confirmed a column of a name to be in a standard table; an empty field: it belongs to none."""

    party = models.ForeignKey("members.Party", on_delete=models.PROTECT, related_name="+")
    schema = models.CharField(max_length=60)
    column = models.CharField(max_length=300)
    field = models.CharField(max_length=200, blank=True)
    confirmed_at = models.DateTimeField(default=now)

    class Meta:
        """One word per party, table and column."""

        constraints = [
            models.UniqueConstraint(fields=["party", "schema", "column"], name="preparation_confirmed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.schema}: {self.column} → {self.field}"
