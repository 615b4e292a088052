"""The catalog's tables: datasets, every slug they ever had, distributions, versions, tombstones."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tdpf.kit.clock import now
from tdpf.kit.ids import new_uid


class Dataset(models.Model):
    """A dataset in DCAT's sense; the row stays for ever, so its number and slugs are never given away again."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"
        PURGED = "purged"

    class Access(models.TextChoices):
        OPEN = "open"
        CONDITIONAL = "conditional"
        PAID = "paid"

    class Origin(models.TextChoices):
        REGISTERED = "registered"
        HARVESTED = "harvested"

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    slug = models.CharField(max_length=63, unique=True)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.REGISTERED)
    provider = models.ForeignKey("members.Party", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    access = models.CharField(max_length=12, choices=Access.choices, default=Access.OPEN)
    terms_badges = models.JSONField(default=list)

    title_ja = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300, blank=True)
    description_ja = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    themes = models.JSONField(default=list)
    keywords = models.JSONField(default=list)
    licence = models.CharField(max_length=32)
    licence_name = models.CharField(max_length=200, blank=True)
    licence_url = models.URLField(max_length=1000, blank=True)
    licence_text = models.TextField(blank=True)
    attribution = models.CharField(max_length=300, blank=True)
    area_codes = models.JSONField(default=list)
    period_start = models.DateField(null=True, blank=True)
    period_end = models.DateField(null=True, blank=True)
    update_frequency = models.CharField(max_length=16, default="UNKNOWN")
    languages = models.JSONField(default=list)
    contact_name = models.CharField(max_length=200, blank=True)
    contact_email = models.EmailField(blank=True)
    contact_url = models.URLField(max_length=1000, blank=True)
    landing_url = models.URLField(max_length=1000, blank=True)
    data_class = models.CharField(max_length=24, default="non_personal")
    retention_days = models.PositiveIntegerField(null=True, blank=True, default=30)
    originals_days = models.PositiveIntegerField(null=True, blank=True)

    stated = models.JSONField(default=dict)
    publisher_area = models.CharField(max_length=6, blank=True)
    inferred = models.JSONField(default=dict)
    corrected = models.JSONField(default=dict)
    not_understood = models.JSONField(default=list)
    source_issued_at = models.DateTimeField(null=True, blank=True)
    mqa_points = models.PositiveSmallIntegerField(default=0)
    stars = models.PositiveSmallIntegerField(default=0)

    created_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=now)
    modified_at = models.DateTimeField(default=now)
    # When the entry last changed here, by this platform's clock; a source may date its change in any year, past or to come.
    recorded_at = models.DateTimeField(default=now)
    published_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["state", "-modified_at"], name="catalog_dataset_state"),
            models.Index(fields=["state", "-recorded_at"], name="catalog_dataset_recorded"),
            models.Index(fields=["state", "uid"], name="catalog_dataset_in_order"),
            models.Index(fields=["provider", "state"], name="catalog_dataset_provider"),
        )
        constraints = (
            models.CheckConstraint(condition=~Q(title_ja=""), name="catalog_dataset_has_title"),
            models.CheckConstraint(
                condition=Q(origin="harvested") | Q(created_by__isnull=False), name="catalog_registered_by_somebody"
            ),
            models.CheckConstraint(condition=Q(mqa_points__lte=405) & Q(stars__lte=5), name="catalog_quality_in_range"),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False), name="catalog_published_has_time"
            ),
            models.CheckConstraint(
                condition=Q(period_start__isnull=True)
                | Q(period_end__isnull=True)
                | Q(period_start__lte=models.F("period_end")),
                name="catalog_period_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.slug} ({self.title_ja})"


class SlugAlias(models.Model):
    """Every slug ever given, the current one included: the unique column is what makes a slug never be reused."""

    slug = models.CharField(max_length=63, unique=True)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="slugs")
    given_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.slug


class Place(models.Model):
    """A site at which a harvested dataset is listed; one place is the one whose words are shown."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="places")
    site = models.CharField(max_length=63)
    site_name_ja = models.CharField(max_length=200)
    site_name_en = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    record_id = models.CharField(max_length=500)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)
    is_primary = models.BooleanField(default=False)

    class Meta:
        indexes = (models.Index(fields=["site", "gone_at"], name="catalog_place_site"),)
        constraints = (
            models.UniqueConstraint(fields=["site", "record_id"], name="catalog_place_once"),
            models.UniqueConstraint(fields=["dataset"], condition=Q(is_primary=True), name="catalog_one_primary_place"),
        )

    def __str__(self) -> str:
        return f"{self.site}: {self.record_id}"


class Distribution(models.Model):
    """One way to get the data of a dataset (dcat:Distribution)."""

    class Kind(models.TextChoices):
        TABLE = "table"
        FILE = "file"
        LINK = "link"
        API = "api"
        STREAM = "stream"

    class Holding(models.TextChoices):
        HELD = "held"
        CONNECTED = "connected"

    class State(models.TextChoices):
        ACTIVE = "active"
        REMOVED = "removed"

    class LinkState(models.TextChoices):
        UNKNOWN = "unknown"
        OK = "ok"
        MOVED = "moved"
        SUSPECT = "suspect"
        BROKEN = "broken"

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="distributions")
    name = models.CharField(max_length=63, default="main")
    title_ja = models.CharField(max_length=300, blank=True)
    title_en = models.CharField(max_length=300, blank=True)
    description_ja = models.TextField(blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    holding = models.CharField(max_length=12, choices=Holding.choices)
    holding_reason = models.TextField(blank=True)
    storage_place = models.CharField(max_length=200, blank=True)
    retention_days = models.PositiveIntegerField(null=True, blank=True)
    url = models.URLField(max_length=2000, blank=True)
    media_type = models.CharField(max_length=150, blank=True)
    format = models.CharField(max_length=32, blank=True)
    record_id = models.CharField(max_length=500, blank=True)
    access_url = models.CharField(max_length=2000, blank=True)
    size = models.BigIntegerField(null=True, blank=True)
    stated_format = models.CharField(max_length=200, blank=True)
    licence = models.CharField(max_length=32, blank=True)
    columns = models.JSONField(default=list)
    # Of a connected table: what its columns are, as a version's dictionary says it, and whether they place its rows.
    dictionary = models.JSONField(default=list)
    located = models.BooleanField(default=False, db_default=False)
    area_column = models.CharField(max_length=200, blank=True, default="")
    place_mark = models.CharField(max_length=64, blank=True, default="")
    parts = models.JSONField(default=list)
    # What its source was asked with has been forgotten.
    connect_anew = models.BooleanField(default=False, db_default=False)
    rating = models.JSONField(null=True, blank=True)
    source_modified_at = models.DateTimeField(null=True, blank=True)
    link_state = models.CharField(max_length=8, choices=LinkState.choices, default=LinkState.UNKNOWN)
    link_checked_at = models.DateTimeField(null=True, blank=True)
    # When it was last tried to look, whether anything could be seen or not.
    link_asked_at = models.DateTimeField(null=True, blank=True)
    link_status = models.PositiveSmallIntegerField(null=True, blank=True)
    link_note = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    created_at = models.DateTimeField(default=now)
    modified_at = models.DateTimeField(default=now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["dataset", "name"], name="catalog_distribution_name_once"),
            models.CheckConstraint(
                condition=~Q(kind="link") | Q(holding="connected"), name="catalog_link_is_connected"
            ),
            models.CheckConstraint(
                condition=~Q(holding="connected") | ~Q(url="") | ~Q(place_mark=""), name="catalog_connected_has_place"
            ),
            models.CheckConstraint(
                condition=~Q(holding="held") | (~Q(holding_reason="") & ~Q(storage_place="")),
                name="catalog_held_says_why_and_where",
            ),
        )

    def __str__(self) -> str:
        return f"{self.dataset.slug}.{self.name}"


class Version(models.Model):
    """One immutable published state of a held distribution."""

    class State(models.TextChoices):
        LATEST = "latest"
        OLDER = "older"
        RETIRED = "retired"
        PURGED = "purged"

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    distribution = models.ForeignKey(Distribution, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    identity = models.CharField(max_length=64, db_index=True)
    state = models.CharField(max_length=8, choices=State.choices)
    pinned = models.BooleanField(default=False)

    original_sha256 = models.CharField(max_length=64, db_index=True)
    original_name = models.CharField(max_length=300)
    original_bytes = models.BigIntegerField()
    original_media_type = models.CharField(max_length=150)
    original_removed_at = models.DateTimeField(null=True, blank=True)

    dictionary = models.JSONField(default=list)
    rows = models.BigIntegerField(default=0)
    located = models.BooleanField(default=False)
    key_columns = models.JSONField(default=list)
    files = models.JSONField(default=dict)
    read_report = models.JSONField(default=dict)
    diff = models.JSONField(default=dict)
    mending_asked_at = models.DateTimeField(null=True, blank=True)

    published_at = models.DateTimeField(default=now)
    published_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    superseded_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["state", "superseded_at"], name="catalog_version_superseded"),)
        constraints = (
            models.UniqueConstraint(fields=["distribution", "number"], name="catalog_version_number_once"),
            models.UniqueConstraint(
                fields=["distribution"], condition=Q(state="latest"), name="catalog_one_latest_version"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="catalog_version_number_from_one"),
            models.CheckConstraint(
                condition=~Q(state="older") | Q(superseded_at__isnull=False), name="catalog_older_was_superseded"
            ),
            models.CheckConstraint(
                condition=~Q(pinned=True) | Q(state__in=["latest", "older"]), name="catalog_pinned_is_kept"
            ),
        )

    def __str__(self) -> str:
        return f"{self.distribution_id} v{self.number}"


class Tombstone(models.Model):
    """What is left of a purged version: that it was there, and why it is not any more."""

    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="tombstone")
    identity = models.CharField(max_length=64, db_index=True)
    original_sha256 = models.CharField(max_length=64, db_index=True)
    purged_at = models.DateTimeField(default=now)
    purged_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(reason=""), name="catalog_purge_has_reason"),)

    def __str__(self) -> str:
        return self.identity


class SynonymGroup(models.Model):
    """Words that the operator lets stand for each other in searches; with `wide`, that word leads to the others only."""

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    wide = models.CharField(max_length=60, blank=True)
    words = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True)
    changed_by = models.CharField(max_length=26)
    changed_at = models.DateTimeField(default=now, db_index=True)

    def __str__(self) -> str:
        return f"{self.wide}>{','.join(self.words)}" if self.wide else ",".join(self.words)
