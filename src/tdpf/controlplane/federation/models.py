"""Tables of federation: sites, their runs, the records found there, pairs that look alike, and looks at links."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tdpf.kit.clock import now
from tdpf.kit.ids import new_uid


class Site(models.Model):
    """A place whose catalogue is read again and again (収集元).

    It is read every `every_hours`, or once a day at `daily_hour` in Japan. `mark` is where its reader goes on next time;
    `full_days` is how often everything is read anew, so that deletions show.
    """

    class State(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"

    class Standing(models.TextChoices):
        OWN = "own"
        GATHERED = "gathered"

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    slug = models.CharField(max_length=63, unique=True)
    name_ja = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=32)
    url = models.CharField(max_length=2000)
    options = models.JSONField(default=dict)
    standing = models.CharField(max_length=8, choices=Standing.choices, default=Standing.OWN)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)

    every_hours = models.PositiveIntegerField(null=True, blank=True)
    daily_hour = models.PositiveSmallIntegerField(null=True, blank=True)
    full_days = models.PositiveSmallIntegerField(default=7)
    next_run_at = models.DateTimeField(null=True, blank=True)
    last_full_at = models.DateTimeField(null=True, blank=True)
    mark = models.JSONField(default=dict)

    publisher_name = models.CharField(max_length=200, blank=True)
    publisher_area = models.CharField(max_length=6, blank=True)
    contact_email = models.EmailField(blank=True)
    pause_seconds = models.FloatField(default=1.0)
    run_hours = models.PositiveSmallIntegerField(default=6)
    robots_permission = models.CharField(max_length=500, blank=True)
    allow_private = models.BooleanField(default=False)

    created_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=now)

    class Meta:
        indexes = (models.Index(fields=["state", "next_run_at"], name="federation_site_due"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(every_hours__isnull=False, daily_hour__isnull=True)
                | Q(every_hours__isnull=True, daily_hour__isnull=False),
                name="federation_site_has_one_schedule",
            ),
            models.CheckConstraint(
                condition=Q(daily_hour__isnull=True) | Q(daily_hour__lte=23), name="federation_hour_of_a_day"
            ),
            models.CheckConstraint(condition=Q(pause_seconds__gte=0), name="federation_pause_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.slug} ({self.kind})"


class Run(models.Model):
    """One reading of a site. Whoever holds `lease` works on it; a heartbeat that stops shows that nobody does.

    `reads_since` is when this reading began, runs that broke off before this one included: what was not seen since is gone.
    `place` is a digest of what is read (`rules.place_of`): a cursor is good there only. With `believes_losses` what is not
    there any more is taken down, however much it is.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        STOPPED = "stopped"
        FAILED = "failed"

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    is_full = models.BooleanField(default=True)
    asked_by = models.CharField(max_length=80, default="system")
    asked_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    lease = models.CharField(max_length=26, blank=True)
    stop_asked = models.BooleanField(default=False)
    restarts = models.PositiveSmallIntegerField(default=0)
    cursor = models.JSONField(default=dict)
    reads_since = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=64, blank=True)
    believes_losses = models.BooleanField(default=False)

    announced = models.PositiveIntegerField(null=True, blank=True)
    seen = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    trimmed = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    requests = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    losses_held = models.PositiveIntegerField(default=0)
    log = models.JSONField(default=list)
    problem = models.JSONField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["state", "heartbeat_at"], name="federation_run_state"),)
        constraints = (
            models.UniqueConstraint(
                fields=["site"], condition=Q(state__in=["waiting", "running"]), name="federation_one_run_per_site"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | (~Q(lease="") & Q(heartbeat_at__isnull=False)),
                name="federation_running_has_lease",
            ),
        )

    def __str__(self) -> str:
        return f"{self.site_id}: {self.state} since {self.asked_at:%Y-%m-%d %H:%M}"


class RunFault(models.Model):
    """Something that a run left out: which record, where it stood, why, and a piece of it."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="faults")
    record_id = models.CharField(max_length=500, blank=True)
    where = models.CharField(max_length=2000, blank=True)
    code = models.CharField(max_length=32)
    part = models.CharField(max_length=100, blank=True)
    why_ja = models.CharField(max_length=1000)
    why_en = models.CharField(max_length=1000)
    piece = models.TextField(blank=True)
    at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"{self.code} {self.record_id}"


class Record(models.Model):
    """A record of a site: what is stated there, its original (both packed in `kept`), and the dataset that shows it.

    `likeness` is what tells whether another site's record is about the same data. With `registered` that dataset is one
    that a member provides here: the record is a further place of it and changes none of its words. `last_run` saw it last,
    `changed_run` is the one that made of it what it is. `missing_since` is when a reading by pages did not see it, with
    `show_again` the next one that does has the dataset written anew, though nothing changed at its site.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="records")
    record_id = models.CharField(max_length=500)
    alias = models.CharField(max_length=500, blank=True)
    dataset_uid = models.CharField(max_length=26, db_index=True)
    registered = models.BooleanField(default=False)
    publisher = models.ForeignKey("members.Party", on_delete=models.PROTECT, related_name="+")
    url = models.CharField(max_length=2000, blank=True)
    digest = models.CharField(max_length=64)
    original_digest = models.CharField(max_length=64)
    kept = models.BinaryField()
    likeness = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    last_run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    changed_run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="+")
    missing_since = models.DateTimeField(null=True, blank=True)
    show_again = models.BooleanField(default=False)
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["site", "gone_at", "last_seen_at"], name="federation_record_seen"),)
        constraints = (models.UniqueConstraint(fields=["site", "record_id"], name="federation_record_once"),)

    def __str__(self) -> str:
        return f"{self.site_id}: {self.record_id}"


class RecordChange(models.Model):
    """One thing that happened to a record after it was first seen; never changed, never deleted."""

    class What(models.TextChoices):
        CHANGED = "changed"
        MOVED = "moved"
        GONE = "gone"
        BACK = "back"
        JOINED = "joined"
        PARTED = "parted"

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="changes")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="+")
    what = models.CharField(max_length=8, choices=What.choices)
    dataset_uid = models.CharField(max_length=26, db_index=True)
    by = models.CharField(max_length=80, default="system")
    note_ja = models.CharField(max_length=1000, blank=True)
    note_en = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"{self.what} {self.record_id}"


class MatchKey(models.Model):
    """A digest under which records about the same data meet: an identifier, an address, or title and publisher."""

    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="match_keys")
    digest = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.digest} of {self.record_id}"


class Pair(models.Model):
    """Two records of different sites that may be about the same data, and what the operator decided; kept for ever."""

    class State(models.TextChoices):
        WAITING = "waiting"
        MERGED = "merged"
        APART = "apart"

    first = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    why_ja = models.CharField(max_length=500)
    why_en = models.CharField(max_length=500)
    found_at = models.DateTimeField(default=now)
    decided_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=["state", "id"], name="federation_pair_state"),)
        constraints = (
            models.UniqueConstraint(fields=["first", "second"], name="federation_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=models.F("second")), name="federation_pair_in_order"),
            models.CheckConstraint(
                condition=Q(state="waiting") | (Q(decided_by__isnull=False) & Q(decided_at__isnull=False)),
                name="federation_pair_decided_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.first_id} ~ {self.second_id}: {self.state}"


class LinkLook(models.Model):
    """What was seen at a link from one instant to another; the latest entries of each link are kept.

    `failed_days` counts the days in Japan on which nothing usable answered, without a good look between. `etag` and
    `last_modified` are the file's validators: with them an unchanged file need not be sent again.
    """

    distribution_uid = models.CharField(max_length=26)
    dataset_uid = models.CharField(max_length=26, db_index=True)
    url = models.CharField(max_length=2000)
    state = models.CharField(max_length=8)
    status = models.PositiveSmallIntegerField(null=True)
    note_ja = models.CharField(max_length=500, blank=True)
    note_en = models.CharField(max_length=500, blank=True)
    final_url = models.CharField(max_length=2000, blank=True)
    etag = models.CharField(max_length=200, blank=True, default="")
    last_modified = models.CharField(max_length=64, blank=True, default="")
    size = models.BigIntegerField(null=True)
    failed_days = models.PositiveSmallIntegerField(default=0)
    times = models.PositiveIntegerField(default=1)
    columns_tried = models.BooleanField(default=False)
    rating_tried = models.BooleanField(default=False)
    # When the file was last asked for in vain: its server was busy or silent.
    put_off_at = models.DateTimeField(null=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["distribution_uid", "-id"], name="federation_look_of_link"),)

    def __str__(self) -> str:
        return f"{self.url}: {self.state}"


class Proposal(models.Model):
    """A body and its catalogue, as a table of such bodies names them, that an operator may have collected."""

    digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    area_code = models.CharField(max_length=12, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    licence = models.CharField(max_length=200, blank=True)
    evidence_ja = models.CharField(max_length=500)
    evidence_en = models.CharField(max_length=500)
    found_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"{self.name}: {self.url}"


class DigestSent(models.Model):
    """When an owner was last told of dead links, and of how many."""

    address = models.EmailField(unique=True)
    sent_at = models.DateTimeField(null=True)
    links = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.address} at {self.sent_at}"
